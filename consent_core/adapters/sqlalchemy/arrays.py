"""Many rows as one parameter for each column: how PostgreSQL takes them in one statement.

Each parameter is the text of an array. A driver converts a list value by value, which takes it
longer than PostgreSQL takes to store the rows; a text it passes on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeEngine, UserDefinedType

from consent_core.porting import moment_key


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Texts(dict[type, Callable[[Any], str]]):
    """How a value is written in an array, by the type of what the driver would get."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        # Ids, moments and texts may be of a class of the application or of another package.
        return next(text for base, text in self.items() if issubclass(kind, base))


_TEXTS: Final = _Texts(
    {
        NoneType: lambda _: "NULL",
        bool: lambda value: "t" if value else "f",
        int: str,
        str: _quoted,
        UUID: str,
        datetime: moment_key,
    }
)


_PREFIX: Final = "given_"
"""Tells the parameters from those that SQLAlchemy names after columns of an UPDATE."""


class _ArrayText(UserDefinedType[Sequence[Any]]):
    """The values of a column as the text of an array.

    Args:
        element: the type of the column.
    """

    cache_ok = True

    def __init__(self, element: TypeEngine[Any]) -> None:
        self.element = element

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Sequence[Any] | None], str | None]:
        """As ``TypeEngine.bind_processor``."""
        bind = self.element.dialect_impl(dialect).bind_processor(dialect)

        def process(values: Sequence[Any] | None) -> str | None:
            bound = (values or ()) if bind is None else map(bind, values or ())
            return f"{{{','.join([_TEXTS[type(value)](value) for value in bound])}}}"

        return process


def given_rows(types: Mapping[str, TypeEngine[Any]]) -> Any:
    """A table of the rows that are given as parameters, in their order.

    Args:
        types: the type of each column, by its name.
    """
    arrays = [_array(name, type_) for name, type_ in types.items()]
    return sa.func.unnest(*arrays).table_valued(*types).render_derived(name="given")


def parameters_of(given: sa.FromClause, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """The parameters of a statement with given rows.

    Args:
        given: a table with the columns of ``given_rows``.
        rows: tuples in the order of its columns.
    """
    columns = zip(*rows, strict=True)
    return {_PREFIX + name: values for name, values in zip(given.c.keys(), columns, strict=True)}


def found_for_each(given: sa.FromClause, among: sa.Select[Any]) -> sa.Select[Any]:
    """Select, for each given row, the one row that has its key.

    Each is looked up by its whole key: while a table has no statistics, as in its first import,
    PostgreSQL holds a list of keys for more work than a look through the whole site, and would read
    all that is stored already for every chunk. This leaves it no choice.

    Args:
        given: the rows, as ``given_rows`` makes them.
        among: selects the rows that have the whole unique key of a given one.
    """
    found = among.limit(1).lateral("found")
    return sa.select(*found.c).join_from(given, found, sa.true())


class _Given(GenericFunction[str]):
    """A parameter with the text of an array."""

    type = sa.Text()
    inherit_cache = True


@compiles(_Given)
def _compile_given(element: Any, compiler: Any, **how: Any) -> str:
    (parameter,) = element.clauses
    text: str = compiler.process(parameter, **how)
    # A driver that asks the database for the types of parameters must be told text, or it wants a
    # list. To make an array of text takes the database a fifth of the time of the statement.
    return text if compiler.dialect.driver.startswith("psycopg") else f"CAST({text} AS TEXT)"


def _array(name: str, type_: TypeEngine[Any]) -> sa.ColumnElement[Any]:
    parameter: sa.BindParameter[Any] = sa.bindparam(_PREFIX + name, type_=_ArrayText(type_))
    # The collation of a column is no part of the type of an array.
    element = sa.Text() if isinstance(type_, sa.String) else type_
    return sa.cast(_Given(parameter), sa.ARRAY(element))
