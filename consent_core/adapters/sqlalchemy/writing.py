"""What is written: records and their events, only where those that are stored are as expected."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from consent_core.adapters.sqlalchemy.reading import KINDS, batches, find
from consent_core.adapters.sqlalchemy.schema import EVENTS, FIELD_COLUMNS, RECORDS
from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.ids import shard_of
from consent_core.domain.query_fields import FIELDS
from consent_core.wire.documents import dump_record

Row = dict[str, Any]

_FIELDS: Final = [(column.name, FIELDS[field].read) for field, column in FIELD_COLUMNS.items()]

_AS_EXPECTED: Final = sa.and_(
    RECORDS.c.site == sa.bindparam("at_site"),
    RECORDS.c.channel == sa.bindparam("at_channel"),
    RECORDS.c.key == sa.bindparam("at_key"),
    RECORDS.c.shard == sa.bindparam("at_shard"),
    RECORDS.c.id == sa.bindparam("at_id"),
    RECORDS.c.revision == sa.bindparam("at_revision"),
)
"""Compare-and-set: the row of an identifier, if it is still that record in that revision."""

_ITS_EVENTS: Final = sa.and_(
    EVENTS.c.site == sa.bindparam("at_site"),
    EVENTS.c.shard == sa.bindparam("at_shard"),
    EVENTS.c.consent_id == sa.bindparam("at_id"),
)
"""The history of that record, which is on the same shard."""

_INSERT_WHERE_ABSENT: Final[Mapping[str, Any]] = {
    name: insert_of(RECORDS).on_conflict_do_nothing(index_elements=[*RECORDS.primary_key])
    for name, insert_of in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
"""By dialect: how to insert records without an error where an identifier has one.

PostgreSQL writes an error to its log with the values of the key, and so with an address. Only the
key of identifiers is named, for nobody races for a random id: whoever meets a stored id has made a
mistake, and is to hear of it.
"""


class ChangeLost(Exception):
    """A change did not hold.

    The transaction must be rolled back, then ``conflicts`` tells which.
    """


def commit(connection: sa.Connection, site: str, changes: Sequence[Change]) -> None:
    """As ``Repository.commit``, in the connection's transaction.

    Raises:
        ChangeLost: a change did not hold.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    created: list[Row] = []
    replaced: list[Row] = []
    erased: list[Row] = []
    events: list[Row] = []
    # Every writer takes rows in the same order, so that two of them wait for each other instead of
    # deadlocking.
    for change in sorted(changes, key=lambda each: (each.identifier.channel, each.identifier.key)):
        consent, document, shard = change.consent, None, shard_of(change.identifier)
        if consent is None:
            erased.append(_expected(change, site, shard))
        else:
            document = dump_record(consent)
            values = {name: read(consent) for name, read in _FIELDS}
            values["revision"] = consent.revision
            values["document"] = document
            if change.expected:
                replaced.append(_expected(change, site, shard) | values)
            else:
                values["site"] = site
                values["channel"] = consent.details.channel
                values["key"] = consent.details.key
                values["shard"] = shard
                values["id"] = consent.id
                created.append(values)
        for event in change.events:
            # The last event has the record itself, whose text is there already.
            same = not isinstance(event, ConsentDeleted) and event.consent is consent
            events.append(_event_row(event, site, shard, document if same else None))
    if created:
        _insert_records(connection, created)
    if replaced:
        _compare_and_set(connection, sa.update(RECORDS).where(_AS_EXPECTED), replaced)
    if erased:
        _compare_and_set(connection, sa.delete(RECORDS).where(_AS_EXPECTED), erased)
        connection.execute(sa.delete(EVENTS).where(_ITS_EVENTS), erased)
    connection.execute(sa.insert(EVENTS), events)


def _expected(change: Change, site: str, shard: int) -> Row:
    """The parameters of ``_AS_EXPECTED`` and ``_ITS_EVENTS``."""
    return {
        "at_site": site,
        "at_channel": change.identifier.channel,
        "at_key": change.identifier.key,
        "at_shard": shard,
        "at_id": change.consent_id,
        "at_revision": change.expected,
    }


def _event_row(event: ConsentEvent, site: str, shard: int, document: str | None) -> Row:
    if document is None and not isinstance(event, ConsentDeleted):
        document = dump_record(event.consent)
    return {
        "site": site,
        "shard": shard,
        "id": event.id,
        "consent_id": event.consent_id,
        "sequence": event.sequence,
        "kind": KINDS[type(event)],
        "occurred_at": event.occurred_at,
        "published": False,
        "document": document,
    }


def conflicts(connection: sa.Connection, site: str, changes: Sequence[Change]) -> Conflict | None:
    """Which changes do not hold any more; None where all would hold now."""
    stored = find(connection, site, [change.identifier for change in changes])
    lost = []
    for change in changes:
        there = stored.get(change.identifier)
        holds = (
            change.expected == 0
            if there is None
            else (there.id, there.revision) == (change.consent_id, change.expected)
        )
        if not holds:
            lost.append(change)
    return Conflict(lost) if lost else None


def mark_published(connection: sa.Connection, site: str, ids: Collection[UUID]) -> None:
    """Take events out of ``unpublished``."""
    for some in batches(ids):
        mine = sa.and_(EVENTS.c.site == site, EVENTS.c.id.in_(some))
        connection.execute(sa.update(EVENTS).where(mine).values(published=True))


def _insert_records(connection: sa.Connection, rows: list[Row]) -> None:
    statement = _INSERT_WHERE_ABSENT.get(connection.dialect.name)
    if statement is None:
        connection.execute(sa.insert(RECORDS), rows)
        return
    if _counts_inserts(connection.dialect):
        options = {"preserve_rowcount": True}
        inserted = connection.execute(statement, rows, execution_options=options).rowcount
    else:
        inserted = len(connection.execute(statement.returning(RECORDS.c.shard), rows).all())
    if inserted != len(rows):
        raise ChangeLost


def _counts_inserts(dialect: sa.Dialect) -> bool:
    # For what it sends as one statement with many VALUES, SQLAlchemy counts the rows it sent, not
    # those inserted. Returning a row for each would be right with every driver, but takes three
    # times as long on psycopg.
    return dialect.supports_sane_multi_rowcount and not dialect.use_insertmanyvalues_wo_returning


def _compare_and_set(connection: sa.Connection, statement: Any, rows: list[Row]) -> None:
    """Run a statement for each row, every one of which must find its record as expected."""
    if connection.dialect.supports_sane_multi_rowcount:
        found = connection.execute(statement, rows).rowcount
    else:
        found = sum(connection.execute(statement, row).rowcount for row in rows)
    if found != len(rows):
        raise ChangeLost
