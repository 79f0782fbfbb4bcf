"""Rows that are written only where those that are stored are as expected.

A row is a tuple in the order of its table's columns.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from consent_core.adapters.sql import ChangeLost, batches
from consent_core.adapters.sqlalchemy.arrays import given_rows, parameters_of
from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS, TOMBSTONES

Row: TypeAlias = tuple[Any, ...]

ROWS_AT_ONCE: Final = 1_000
"""Rows in one statement of PostgreSQL, each of which may have a document of many kilobytes."""

_COUNTED: Final = {"preserve_rowcount": True}

Statements: TypeAlias = Mapping[tuple[str, sa.Table], Any]
"""Statements by the dialect's name and the table."""

_TABLES: Final = (RECORDS, EVENTS, TOMBSTONES)
_FROM_ARRAYS: Final = "postgresql, many rows"


def _insert_given(table: sa.Table) -> Any:
    given = given_rows({column.name: column.type for column in table.c})
    return postgresql.insert(table).from_select(table.c.keys(), sa.select(*given.c))


_INSERT: Final[Statements] = {
    (dialect, table): insert_into(table)
    for dialect, insert_into in (
        ("postgresql", postgresql.insert),
        (_FROM_ARRAYS, _insert_given),
        ("sqlite", sqlite.insert),
    )
    for table in _TABLES
}
_INSERT_WHERE_ABSENT: Final[Statements] = {
    (dialect, table): statement.on_conflict_do_nothing(index_elements=[*table.primary_key])
    for (dialect, table), statement in _INSERT.items()
}
"""The same without an error where there is a row of the same key.

PostgreSQL writes an error to its log with the values of the key, and so with an address. Only the
primary key is named, for nobody races for a random id: whoever meets a stored id has made a
mistake, and is to hear of it.
"""


def insert(connection: sa.Connection, table: sa.Table, rows: Collection[Row]) -> None:
    """Insert rows."""
    _insert(connection, table, rows, _INSERT)


def insert_where_absent(connection: sa.Connection, table: sa.Table, rows: Collection[Row]) -> None:
    """Insert rows, none of whose primary keys may be stored.

    Raises:
        ChangeLost: one is.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    if _insert(connection, table, rows, _INSERT_WHERE_ABSENT) != len(rows):
        raise ChangeLost


def _insert(
    connection: sa.Connection, table: sa.Table, rows: Collection[Row], statements: Statements
) -> int:
    """Insert rows the fastest way that the database has, and say how many were inserted."""
    dialect = connection.dialect
    if dialect.name == "postgresql" and len(rows) > 1:
        statement = statements[_FROM_ARRAYS, table]
        return sum(
            _counted(connection, statement, parameters_of(table, some))
            for some in batches(rows, ROWS_AT_ONCE)
        )
    statement = statements.get((dialect.name, table))
    if statement is None:
        connection.execute(sa.insert(table), [_named(table, row) for row in rows])
        return len(rows)
    if len(rows) > 1 and not dialect.supports_sane_multi_rowcount:
        given_back = statement.returning(table.c.site)
        return len(connection.execute(given_back, [_named(table, row) for row in rows]).all())
    # SQLAlchemy takes as long to pass parameters on as SQLite takes to store them. It has to where
    # it replaces the names of schemas in each statement.
    is_plain = "schema_translate_map" not in connection.get_execution_options()
    if dialect.name == "sqlite" and dialect.positional and is_plain:
        sql, bind = _of_driver(dialect, table, statement)
        bound = [bind(row) for row in rows]
        return connection.exec_driver_sql(sql, bound, execution_options=_COUNTED).rowcount
    return _counted(connection, statement, [_named(table, row) for row in rows])


def _counted(connection: sa.Connection, statement: Any, parameters: Any) -> int:
    """Run a statement, and say how many rows it has inserted or updated."""
    return connection.execute(statement, parameters, execution_options=_COUNTED).rowcount


def _named(table: sa.Table, row: Row) -> dict[str, Any]:
    """The values of a row by the names of its columns."""
    return dict(zip(table.c.keys(), row, strict=True))


_of_drivers: Final[WeakKeyDictionary[sa.Dialect, dict[Any, Any]]] = WeakKeyDictionary()


def _of_driver(
    dialect: sa.Dialect, table: sa.Table, statement: Any
) -> tuple[str, Callable[[Row], Row]]:
    """A statement as the driver takes it, and what makes its parameters of a row."""
    known = _of_drivers.setdefault(dialect, {})
    if statement not in known:
        processors = [each.type.dialect_impl(dialect).bind_processor(dialect) for each in table.c]

        def bind(row: Row) -> Row:
            pairs = zip(processors, row, strict=True)
            return tuple([value if bind is None else bind(value) for bind, value in pairs])

        known[statement] = str(statement.compile(dialect=dialect)), bind
    found: tuple[str, Callable[[Row], Row]] = known[statement]
    return found


def compare_and_set(connection: sa.Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Run a statement for each row, every one of which must find what it expects.

    Args:
        connection: to the database.
        statement: an UPDATE or a DELETE.
        rows: its parameters for each row.

    Raises:
        ChangeLost: one does not.
    """
    if connection.dialect.supports_sane_multi_rowcount:
        found = connection.execute(statement, rows).rowcount
    else:
        found = sum(connection.execute(statement, row).rowcount for row in rows)
    if found != len(rows):
        raise ChangeLost
