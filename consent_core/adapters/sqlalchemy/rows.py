"""Rows that are written only where those that are stored are as expected.

A row that is inserted is a tuple in the order of its table's columns.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from consent_core.adapters.sql import ChangeLost
from consent_core.adapters.sqlalchemy.arrays import given_rows, parameters_of
from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS, TOMBSTONES

Row: TypeAlias = tuple[Any, ...]

_TEXT_AT_ONCE: Final = 1_000_000
"""Characters in the rows of one statement of PostgreSQL.

Of many more, the server would write copies to its disk; and it takes no parameter of a gigabyte.
"""

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
    dialect, names = connection.dialect, table.c.keys()
    if dialect.name == "postgresql" and len(rows) > 1:
        statement = statements[_FROM_ARRAYS, table]
        return sum(
            _counted(connection, statement, parameters_of(table, some)) for some in portions(rows)
        )
    statement = statements.get((dialect.name, table))
    if statement is not None:
        return _run_for_each(connection, statement, names, rows)
    connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    return len(rows)


def portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in lists that are short enough for one statement of PostgreSQL."""
    some: list[Row] = []
    length = 0
    for row in rows:
        some.append(row)
        length += sum([len(value) for value in row if isinstance(value, str)])
        if length >= _TEXT_AT_ONCE:
            yield some
            some, length = [], 0
    if some:
        yield some


def compare_and_set(
    connection: sa.Connection, statement: Any, names: Sequence[str], rows: Collection[Row]
) -> None:
    """Run a statement for each row, every one of which must find what it expects.

    Args:
        connection: to the database.
        statement: an UPDATE or a DELETE.
        names: those of its parameters.
        rows: their values.

    Raises:
        ChangeLost: one does not.
    """
    if _run_for_each(connection, statement, names, rows) != len(rows):
        raise ChangeLost


def _run_for_each(
    connection: sa.Connection, statement: Any, names: Sequence[str], rows: Collection[Row]
) -> int:
    """Run a statement for each row, and say how many rows of the table it has changed."""
    dialect = connection.dialect
    is_counted = len(rows) == 1 or dialect.supports_sane_multi_rowcount
    # SQLAlchemy takes as long to pass parameters on as SQLite takes to store them. It has to where
    # it replaces the names of schemas in each statement.
    is_plain = "schema_translate_map" not in connection.get_execution_options()
    if is_counted and is_plain and dialect.name == "sqlite" and dialect.positional:
        sql, bound = _for_driver(dialect, statement, names, rows)
        return connection.exec_driver_sql(sql, bound, execution_options=_COUNTED).rowcount
    parameters = [dict(zip(names, row, strict=True)) for row in rows]
    if is_counted:
        return _counted(connection, statement, parameters)
    return sum(_counted(connection, statement, each) for each in parameters)


def _counted(connection: sa.Connection, statement: Any, parameters: Any) -> int:
    return connection.execute(statement, parameters, execution_options=_COUNTED).rowcount


class _Compiled(NamedTuple):
    """A statement as the driver takes it.

    Args:
        sql: its text.
        in_order: takes the values of a row in the order of the parameters.
        types: those of the parameters.
    """

    sql: str
    in_order: Callable[[Row], Row]
    types: Sequence[TypeEngine[Any]]


_compiled: Final[WeakKeyDictionary[sa.Dialect, dict[Any, _Compiled]]] = WeakKeyDictionary()


def _for_driver(
    dialect: sa.Dialect, statement: Any, names: Sequence[str], rows: Collection[Row]
) -> tuple[str, list[Row]]:
    """A statement and its parameters for each row, as the driver takes them."""
    known = _compiled.setdefault(dialect, {})
    if statement not in known:
        compiled = statement.compile(dialect=dialect)
        of_parameters = compiled.positiontup
        known[statement] = _Compiled(
            str(compiled),
            itemgetter(*map(names.index, of_parameters)),
            [compiled.binds[name].type.dialect_impl(dialect) for name in of_parameters],
        )
    sql, in_order, types = known[statement]
    # Not kept, for they hold the dialect, which would then never be let go of.
    processors = [type_.bind_processor(dialect) for type_ in types]

    def bound(row: Row) -> Row:
        pairs = zip(processors, in_order(row), strict=True)
        return tuple([value if bind is None else bind(value) for bind, value in pairs])

    return sql, [bound(row) for row in rows]
