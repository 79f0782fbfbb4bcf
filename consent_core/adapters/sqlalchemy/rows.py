"""Rows that are written only where those that are stored are as expected."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from consent_core.adapters.sql import ChangeLost
from consent_core.adapters.sqlalchemy.schema import RECORDS, TOMBSTONES

Row = dict[str, Any]

_INSERT_WHERE_ABSENT: Final[Mapping[tuple[str, str], Any]] = {
    (dialect, table.name): insert_of(table).on_conflict_do_nothing(
        index_elements=[*table.primary_key]
    )
    for dialect, insert_of in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
    for table in (RECORDS, TOMBSTONES)
}
"""How to insert rows without an error where there is one of the same key.

PostgreSQL writes an error to its log with the values of the key, and so with an address. Only the
primary key is named, for nobody races for a random id: whoever meets a stored id has made a
mistake, and is to hear of it.
"""


def insert_where_absent(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    """Insert rows, none of whose primary keys may be stored.

    Raises:
        ChangeLost: one is.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    statement = _INSERT_WHERE_ABSENT.get((connection.dialect.name, table.name))
    if statement is None:
        connection.execute(sa.insert(table), rows)
        return
    if _counts_inserts(connection.dialect):
        options = {"preserve_rowcount": True}
        inserted = connection.execute(statement, rows, execution_options=options).rowcount
    else:
        inserted = len(connection.execute(statement.returning(table.c.site), rows).all())
    if inserted != len(rows):
        raise ChangeLost


def _counts_inserts(dialect: sa.Dialect) -> bool:
    # For what it sends as one statement with many VALUES, SQLAlchemy counts the rows it sent, not
    # those inserted. Returning a row for each would be right with every driver, but takes three
    # times as long on psycopg.
    return dialect.supports_sane_multi_rowcount and not dialect.use_insertmanyvalues_wo_returning


def compare_and_set(connection: sa.Connection, statement: Any, rows: list[Row]) -> None:
    """Run a statement for each row, every one of which must find what it expects.

    Raises:
        ChangeLost: one does not.
    """
    if connection.dialect.supports_sane_multi_rowcount:
        found = connection.execute(statement, rows).rowcount
    else:
        found = sum(connection.execute(statement, row).rowcount for row in rows)
    if found != len(rows):
        raise ChangeLost
