"""Rows are stored only where those that are there are as expected.

Else the writer is told that it lost.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Dialect, and_, bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS

Row = dict[str, Any]

_THIS: Final = and_(
    RECORDS.c.site == bindparam("at_site"),
    RECORDS.c.channel == bindparam("at_channel"),
    RECORDS.c.key == bindparam("at_key"),
    RECORDS.c.shard == bindparam("at_shard"),
    RECORDS.c.id == bindparam("at_id"),
    RECORDS.c.revision == bindparam("at_revision"),
)
"""Compare-and-set.

The row of an identifier, if it is still that record in the expected revision.
"""

_ITS_EVENTS: Final = and_(
    EVENTS.c.site == bindparam("at_site"),
    EVENTS.c.shard == bindparam("at_shard"),
    EVENTS.c.consent_id == bindparam("at_id"),
)
"""The history of that record, which is on the same shard."""

_UNLESS_THERE: Final[Mapping[str, Any]] = {
    name: insert_of(RECORDS).on_conflict_do_nothing(index_elements=[*RECORDS.primary_key])
    for name, insert_of in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
"""By dialect.

How to insert records where the identifiers have none, without an error where one has.

PostgreSQL writes an error to its log with the values of the key, and so with an address. Only the
key of identifiers is named, for nobody races for a random id: whoever meets a stored id has made a
mistake, and is to hear of it.
"""


class Lost(Exception):
    """A change did not hold.

    The transaction must be rolled back, then ``Store.conflicts`` tells which.
    """


def insert_records(connection: Connection, rows: list[Row]) -> None:
    """Insert records of identifiers that must have none yet.

    Raises:
        Lost: an identifier has one.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    if not rows:
        return
    _leave_out_unfilled(rows)
    statement = _UNLESS_THERE.get(connection.dialect.name)
    if statement is None:
        connection.execute(insert(RECORDS), rows)
    elif _counts_inserts(connection.dialect):
        _insist(
            connection.execute(
                statement, rows, execution_options={"preserve_rowcount": True}
            ).rowcount,
            rows,
        )
    else:
        _insist(len(connection.execute(statement.returning(RECORDS.c.shard), rows).all()), rows)


def insert_events(connection: Connection, rows: list[Row]) -> None:
    """Insert events, at least one.

    Their writer was the one to change their record, so nobody else races to them.
    """
    _leave_out_unfilled(rows)
    connection.execute(insert(EVENTS), rows)


def update_records(connection: Connection, rows: list[Row]) -> None:
    """Replace records.

    Args:
        connection: in a transaction.
        rows: what to store, and what must be stored as the parameters of ``at_...``.

    Raises:
        Lost: another revision is stored.
    """
    _compare_and_set(connection, update(RECORDS).where(_THIS), rows)


def delete_records(connection: Connection, rows: list[Row]) -> None:
    """Erase records; as ``update_records``, with nothing to store."""
    _compare_and_set(connection, delete(RECORDS).where(_THIS), rows)


def delete_events(connection: Connection, rows: list[Row]) -> None:
    """Erase the histories of records, which ``rows`` name as for ``delete_records``."""
    if rows:
        connection.execute(delete(EVENTS).where(_ITS_EVENTS), rows)


def _counts_inserts(dialect: Dialect) -> bool:
    # For what it sends as one statement with many VALUES, SQLAlchemy counts the rows it sent, not
    # those inserted. Returning a row for each would be right with every driver, but takes three
    # times as long on psycopg.
    return dialect.supports_sane_multi_rowcount and not dialect.use_insertmanyvalues_wo_returning


def _leave_out_unfilled(rows: list[Row]) -> None:
    """Leave out the columns that no row fills, for each costs as much as one with values."""
    for name in [name for name in rows[0] if all(row[name] is None for row in rows)]:
        for row in rows:
            del row[name]


def _compare_and_set(connection: Connection, statement: Any, rows: list[Row]) -> None:
    """Run a statement for each row, and insist that each found its row."""
    if not rows:
        return
    if connection.dialect.supports_sane_multi_rowcount:
        _insist(connection.execute(statement, rows).rowcount, rows)
    else:
        _insist(sum(connection.execute(statement, row).rowcount for row in rows), rows)


def _insist(found: int, rows: list[Row]) -> None:
    if found != len(rows):
        raise Lost
