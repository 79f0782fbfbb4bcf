"""What is written: records and their events, only where those that are stored are as expected."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from consent_core.adapters.sql import batches
from consent_core.adapters.sqlalchemy import postgresql, tombstones
from consent_core.adapters.sqlalchemy.reading import KINDS, find
from consent_core.adapters.sqlalchemy.rows import (
    Row,
    compare_and_set,
    insert,
    insert_where_absent,
)
from consent_core.adapters.sqlalchemy.schema import (
    CONTENT,
    EVENTS,
    FIELD_COLUMNS,
    IDENTITY,
    RECORDS,
)
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

_AS_EXPECTED: Final = sa.and_(
    *(RECORDS.c[name] == sa.bindparam(f"at_{name}") for name in IDENTITY),
    RECORDS.c.revision == sa.bindparam("at_revision"),
)
"""Compare-and-set: the row of an identifier, if it is still that record in that revision."""

_EXPECTED: Final = (*(f"at_{name}" for name in IDENTITY), "at_revision")
_REPLACE: Final = (
    sa.update(RECORDS)
    .where(_AS_EXPECTED)
    .values({name: sa.bindparam(f"new_{name}", type_=RECORDS.c[name].type) for name in CONTENT})
)
_DELETE: Final = sa.delete(RECORDS).where(_AS_EXPECTED)

_ITS_EVENTS: Final = sa.and_(
    EVENTS.c.site == sa.bindparam("at_site"),
    EVENTS.c.shard == sa.bindparam("at_shard"),
    EVENTS.c.consent_id == sa.bindparam("at_id"),
)
"""The history of that record, which is on the same shard."""


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
    created: list[_Written] = []
    replaced: list[_Written] = []
    erased: list[Row] = []
    events: list[Row] = []
    for change in changes:
        consent, happened, shard = change.consent, [*change.remaining], shard_of(change.identifier)
        if consent is None:
            who = change.identifier
            identity = (site, who.channel, who.key, shard, change.consent_id)
            erased.append((*identity, change.expected))
        else:
            document = dump_record(consent)
            row = record_row(consent, site, shard, document)
            # The last event has the record itself, whose text is there already.
            last = happened.pop()
            same = not isinstance(last, ConsentDeleted) and last.consent is consent
            event = event_row(last, site, shard, document if same else None)
            written = _Written(row, event, change.expected)
            (replaced if change.expected else created).append(written)
        events += [event_row(event, site, shard) for event in happened]
    if created:
        events += _create(connection, created)
    if replaced:
        events += _replace(connection, replaced)
    if erased:
        compare_and_set(connection, _DELETE, _EXPECTED, erased)
        parameters = [dict(zip(_EXPECTED, each, strict=True)) for each in erased]
        connection.execute(sa.delete(EVENTS).where(_ITS_EVENTS), parameters)
    if events:
        insert(connection, EVENTS, events)


class _Written(NamedTuple):
    """What is stored of a record.

    Args:
        record: its row.
        event: the row of its last event.
        expected: the revision that must be stored; 0 where there must be none.
    """

    record: Row
    event: Row
    expected: int


def _create(connection: sa.Connection, records: Sequence[_Written]) -> list[Row]:
    """Insert records that must not be stored, and return those of their events that are left."""
    if connection.dialect.name == "postgresql" and len(records) > 1:
        postgresql.store(connection, postgresql.CREATE, records)
        return []
    insert_where_absent(connection, RECORDS, [each.record for each in records])
    return [each.event for each in records]


def _replace(connection: sa.Connection, records: Sequence[_Written]) -> list[Row]:
    """Replace records, each in the revision that must be stored, and return as ``_create``."""
    if connection.dialect.name == "postgresql" and len(records) > 1:
        postgresql.store(connection, postgresql.REPLACE, records)
        return []
    names = [*(f"new_{name}" for name in CONTENT), *_EXPECTED]
    rows = [
        (*row[len(IDENTITY) :], *row[: len(IDENTITY)], revision) for row, _, revision in records
    ]
    compare_and_set(connection, _REPLACE, names, rows)
    return [each.event for each in records]


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
