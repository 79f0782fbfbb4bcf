"""What is written: records and their events, only where those that are stored are as expected."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from consent_core.adapters.sql import ChangeLost, batches
from consent_core.adapters.sqlalchemy import tombstones
from consent_core.adapters.sqlalchemy.arrays import given_rows, parameters_of
from consent_core.adapters.sqlalchemy.reading import KINDS, find
from consent_core.adapters.sqlalchemy.rows import (
    ROWS_AT_ONCE,
    Row,
    compare_and_set,
    counted,
    insert,
    insert_where_absent,
)
from consent_core.adapters.sqlalchemy.schema import EVENTS, FIELD_COLUMNS, RECORDS
from consent_core.adapters.sqlalchemy.transactions import leave_snapshot
from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.ids import shard_of
from consent_core.domain.query_fields import FIELDS
from consent_core.domain.records import MarketingConsent
from consent_core.porting import conflict_among, keys_of
from consent_core.wire.documents import dump_record

_READERS: Final = tuple(FIELDS[field].read for field in FIELD_COLUMNS)
_IDENTITY: Final = ("site", "channel", "key", "shard", "id")
"""The first columns of a record, which never change."""
_CONTENT: Final = tuple(RECORDS.c.keys()[len(_IDENTITY) :])

_AS_EXPECTED: Final = sa.and_(
    *(RECORDS.c[name] == sa.bindparam(f"at_{name}") for name in _IDENTITY),
    RECORDS.c.revision == sa.bindparam("at_revision"),
)
"""Compare-and-set: the row of an identifier, if it is still that record in that revision."""

_ITS_EVENTS: Final = sa.and_(
    EVENTS.c.site == sa.bindparam("at_site"),
    EVENTS.c.shard == sa.bindparam("at_shard"),
    EVENTS.c.consent_id == sa.bindparam("at_id"),
)
"""The history of that record, which is on the same shard."""

_GIVEN: Final = given_rows(
    {**{column.name: column.type for column in RECORDS.c}, "expected": sa.BigInteger()}
)


def _replace_given() -> Any:
    """Compare-and-set of many rows in one statement of PostgreSQL.

    Each row is looked up by its whole key and locked, in the order in which they are given; what is
    not as expected is not among those that the INSERT then meets. An UPDATE that is joined with the
    given rows would leave it to the planner in which order it takes them, and whether it looks
    through the whole table for them.
    """
    stored = RECORDS.alias("stored")
    locked = (
        sa.select(sa.literal_column("1"))
        .where(
            *(stored.c[name] == _GIVEN.c[name] for name in _IDENTITY),
            stored.c.revision == _GIVEN.c.expected,
        )
        .limit(1)
        .with_for_update()
        .lateral("locked")
    )
    names = [*_IDENTITY, *_CONTENT]
    rows = sa.select(*(_GIVEN.c[name] for name in names))
    statement = postgresql.insert(RECORDS).from_select(
        names, rows.select_from(_GIVEN.join(locked, sa.true()))
    )
    return statement.on_conflict_do_update(
        index_elements=[*RECORDS.primary_key],
        set_={name: statement.excluded[name] for name in _CONTENT},
    )


_REPLACE_GIVEN: Final = _replace_given()


def commit(connection: sa.Connection, site: str, changes: Sequence[Change]) -> None:
    """As ``Repository.commit``, in the connection's transaction.

    Raises:
        ChangeLost: a change did not hold.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    # Every writer takes rows in the same order, so that two of them wait for each other instead of
    # deadlocking.
    changes = sorted(changes, key=lambda each: (each.identifier.channel, each.identifier.key))
    if of_records := [change for change in changes if change.events]:
        _commit_records(connection, site, of_records)
    # Behind the records: a creation that has waited for an erasure then meets its tombstone.
    tombstones.commit(connection, site, [each for c in changes for each in c.tombstones])


def _commit_records(connection: sa.Connection, site: str, changes: Sequence[Change]) -> None:
    created: list[Row] = []
    replaced: list[tuple[Row, int]] = []
    erased: list[dict[str, Any]] = []
    events: list[Row] = []
    for change in changes:
        consent, document, shard = change.consent, None, shard_of(change.identifier)
        if consent is None:
            who = change.identifier
            identity = (site, who.channel, who.key, shard, change.consent_id)
            erased.append(_expected(identity, change.expected))
        else:
            document = dump_record(consent)
            row = record_row(consent, site, shard, document)
            if change.expected:
                replaced.append((row, change.expected))
            else:
                created.append(row)
        for event in change.remaining:
            # The last event has the record itself, whose text is there already.
            same = not isinstance(event, ConsentDeleted) and event.consent is consent
            events.append(event_row(event, site, shard, document if same else None))
    if created:
        insert_where_absent(connection, RECORDS, created)
    if replaced:
        _replace(connection, replaced)
    if erased:
        compare_and_set(connection, sa.delete(RECORDS).where(_AS_EXPECTED), erased)
        connection.execute(sa.delete(EVENTS).where(_ITS_EVENTS), erased)
    insert(connection, EVENTS, events)


def _replace(connection: sa.Connection, rows: Sequence[tuple[Row, int]]) -> None:
    """Replace records, each of which must be stored in the revision beside it.

    Raises:
        ChangeLost: one is not.
    """
    if connection.dialect.name == "postgresql" and len(rows) > 1:
        for some in batches(rows, ROWS_AT_ONCE):
            given = parameters_of(_GIVEN, [(*row, expected) for row, expected in some])
            if counted(connection, _REPLACE_GIVEN, given) != len(some):
                raise ChangeLost
        return
    statement = sa.update(RECORDS).where(_AS_EXPECTED)
    parameters = [
        _expected(row, expected) | dict(zip(_CONTENT, row[len(_IDENTITY) :], strict=True))
        for row, expected in rows
    ]
    compare_and_set(connection, statement, parameters)


def _expected(row: Row, revision: int) -> dict[str, Any]:
    """The parameters of ``_AS_EXPECTED`` and ``_ITS_EVENTS``.

    Args:
        row: its first columns are those of a record's identity.
        revision: the one that must be stored.
    """
    at = {f"at_{name}": value for name, value in zip(_IDENTITY, row, strict=False)}
    return {**at, "at_revision": revision}


def record_row(consent: MarketingConsent, site: str, shard: int, document: str) -> Row:
    """The row of a record."""
    who = consent.details
    values = [read(consent) for read in _READERS]
    return (site, who.channel, who.key, shard, consent.id, consent.revision, *values, document)


def event_row(
    event: ConsentEvent,
    site: str,
    shard: int,
    document: str | None = None,
    *,
    is_published: bool = False,
) -> Row:
    """The row of an event.

    Args:
        event: what happened.
        site: the tenant.
        shard: of the record.
        document: of the record after the event, if it was made already.
        is_published: whether a relay has marked it.
    """
    if document is None and not isinstance(event, ConsentDeleted):
        document = dump_record(event.consent)
    return (
        site,
        shard,
        event.id,
        event.consent_id,
        event.sequence,
        KINDS[type(event)],
        event.occurred_at,
        is_published,
        document,
    )


def conflicts(connection: sa.Connection, site: str, changes: Sequence[Change]) -> Conflict | None:
    """Which changes do not hold any more; None where all would hold now."""
    leave_snapshot(connection)
    return conflict_among(changes, find(connection, site, keys_of(changes)))


def mark_published(connection: sa.Connection, site: str, ids: Collection[UUID]) -> None:
    """Take events out of ``unpublished``."""
    for some in batches(ids):
        mine = sa.and_(EVENTS.c.site == site, EVENTS.c.id.in_(some))
        connection.execute(sa.update(EVENTS).where(mine).values(published=True))
