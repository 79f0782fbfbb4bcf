"""The conditions of queries as SQL: never a filter in Python, and nothing of any rule.

SQLAlchemy keeps every statement that differs, as it was built. So the statements carry no values,
only parameters: few statements differ, and none of those that are kept holds an address. What they
carry are the names of extended fields, for which a database finds no index if they are parameters.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from consent_core.adapters.sqlalchemy import mysql
from consent_core.adapters.sqlalchemy.schema import COLUMNS, RECORDS
from consent_core.application.query import Query
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter
from consent_core.domain.query_fields import KEYS, ExtendedField, Operator, QueryField

_LAST: Final = "\U0010ffff"
"""Sorts behind every character that a key can have: the end of the range with a prefix."""

_COMPARISONS: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.IN: lambda column, listed: column.in_(listed),
    Operator.GT: gt,
    Operator.LT: lt,
    Operator.GTE: ge,
    Operator.LTE: le,
}


Parameter: TypeAlias = Callable[[sa.ColumnElement[Any], Any], sa.BindParameter[Any]]
"""Makes a parameter for a value that is compared with a column.

A tuple becomes as many parameters as it has values.
"""


class Values(dict[str, Any]):
    """The values of a statement by the names of its parameters."""

    def parameter(self, column: sa.ColumnElement[Any], value: Any) -> sa.BindParameter[Any]:
        """A parameter whose value is kept here, and no part of the statement."""
        name = f"value{len(self)}"
        self[name] = value
        return sa.bindparam(name, type_=column.type, expanding=isinstance(value, tuple))


def bound(column: sa.ColumnElement[Any], value: Any) -> sa.BindParameter[Any]:
    """A parameter with its value, for a statement that somebody else runs.

    Its name is made by SQLAlchemy, so that it is no other parameter of that statement. The values
    are those of the policy, the site and the moment: what SQLAlchemy keeps holds no address.
    """
    return sa.bindparam(None, value, type_=column.type, expanding=isinstance(value, tuple))


def where(query: Query, values: Values) -> Iterator[sa.ColumnElement[bool]]:
    """What a record must satisfy to be on the page of a query.

    Args:
        query: its conditions and its position.
        values: takes the values of the parameters.
    """
    # In one order whatever the caller's, for another order would be another statement.
    for condition in sorted(query.where, key=_shape):
        yield as_clause(condition, values.parameter)
    if query.position is not None:
        beyond: Callable[[Any, Any], sa.ColumnElement[bool]] = lt if query.downward else gt
        last = values.parameter(RECORDS.c.id, query.position.id)
        if query.sort is QueryField.ID:
            yield beyond(RECORDS.c.id, last)
        else:
            column = COLUMNS[query.sort]
            at = values.parameter(column, query.position.value)
            # The first of them follows from the second, which MySQL does not begin an index with.
            yield column <= at if query.downward else column >= at
            yield beyond(sa.tuple_(column, RECORDS.c.id), sa.tuple_(at, last))


def _shape(condition: Condition) -> str:
    """What a condition is like, its values left out."""
    if isinstance(condition, Filter):
        return f"{condition.field} {condition.operator}"
    return f"{type(condition).__name__}({', '.join(map(_shape, condition.conditions))})"


Columns: TypeAlias = Callable[[QueryField | ExtendedField], sa.ColumnElement[Any]]
"""Tells what holds a field: of an extended field, the JSON text of its value, or NULL."""


def of_records(field: QueryField | ExtendedField) -> sa.ColumnElement[Any]:
    """What holds a field in ``RECORDS``: its column, or a part of the document."""
    if isinstance(field, ExtendedField):
        return json_text(RECORDS.c.document, field)
    return COLUMNS[field]


def as_clause(
    condition: Condition, parameter: Parameter, column_of: Columns = of_records
) -> sa.ColumnElement[bool]:
    """A condition in SQLAlchemy's terms.

    Args:
        condition: it.
        parameter: makes its parameters.
        column_of: tells what holds a field; those of ``RECORDS`` without it.
    """
    if isinstance(condition, AllOf | AnyOf):
        parts = [as_clause(each, parameter, column_of) for each in condition.conditions]
        every = isinstance(condition, AllOf)
        return sa.and_(sa.true(), *parts) if every else sa.or_(sa.false(), *parts)
    field, operator, value = condition.field, condition.operator, condition.value
    column = column_of(field)
    if isinstance(field, ExtendedField):
        return _on_json(column, operator, value, parameter)
    channel = column_of(QueryField.CHANNEL)
    present = channel == KEYS[field] if field in KEYS else column.is_not(None)
    if operator is Operator.EXISTS:
        return present if value else ~present
    if operator is Operator.STARTS_WITH:
        compared = sa.and_(
            column >= parameter(column, value), column < parameter(column, value + _LAST)
        )
    elif operator in (Operator.CONTAINS, Operator.LACKS):
        text = sa.type_coerce(column, sa.Text())
        # Between spaces, as the column has it, so that no name is found inside another.
        pattern = parameter(text, _pattern(value))
        like = text.like if operator is Operator.CONTAINS else text.not_like
        compared = like(pattern, escape=_ESCAPE)
    else:
        compared = _COMPARISONS[operator](column, parameter(column, value))
    if operator is Operator.NE:
        # What is absent differs from every value, and in SQL from none.
        return sa.or_(~present, compared)
    # A column that is NULL fails every comparison by itself; a key of the other channel does not.
    return sa.and_(present, compared) if field in KEYS else compared


_ESCAPE: Final = "/"
"""Stands before a wildcard that is a part of a name; no name has one."""


def _pattern(name: str) -> str:
    return f"% {name.replace('_', f'{_ESCAPE}_')} %"


def unescaped(pattern: str) -> str:
    """What a pattern of ``as_clause`` looks for: a name between spaces."""
    return pattern.strip("%").replace(f"{_ESCAPE}_", "_")


class _JsonText(GenericFunction[Any]):
    """The value of an extended field as JSON text; NULL where it is absent.

    Path and names are clauses of the function. Put together inside its compilation, they would be
    frozen into the statement that SQLAlchemy keeps, and the next rule would be asked for the field
    of the first.
    """

    type = sa.Text()
    inherit_cache = True


@compiles(_JsonText)
def _compile_json_text(element: Any, compiler: Any, **how: Any) -> str:
    document, path, _, __ = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({document} -> {path})"


@compiles(_JsonText, "postgresql")
def _compile_json_text_on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    document, _, namespace, name = (compiler.process(clause, **how) for clause in element.clauses)
    names = f"CAST({namespace} AS TEXT), CAST({name} AS TEXT)"
    path = f"ARRAY['extendedFields', 'namespaces', {names}]"
    return f"(CAST(CAST({document} AS JSON) #> {path} AS TEXT))"


@compiles(_JsonText, *mysql.NAMES)
def _compile_json_text_on_mysql(element: Any, compiler: Any, **how: Any) -> str:
    document, path, _, __ = (compiler.process(clause, **how) for clause in element.clauses)
    # Without a collation of its own, the text would be compared without regard to case.
    text = f"CAST(JSON_EXTRACT({document}, {path}) AS CHAR CHARACTER SET utf8mb4)"
    return f"({text} COLLATE utf8mb4_bin)"


def _literal(text: str) -> sa.ColumnElement[str]:
    """Text without backslashes, written into the statement."""
    quoted = text.replace("'", "''")
    return sa.literal_column(f"'{quoted}'", sa.Text())


def json_text(document: sa.ColumnElement[Any], field: ExtendedField) -> sa.ColumnElement[str]:
    """The JSON text of an extended field in a document; NULL where it is absent.

    JSON texts tell ``true`` from ``1`` and ``1`` from ``1.0`` in every database.
    """
    path = f'$.extendedFields.namespaces."{field.namespace}"."{field.name}"'
    return _JsonText(document, *map(_literal, (path, field.namespace, field.name)))


def beginning(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The beginning of a JSON text, which an index can hold however long the text is."""
    return sa.func.substr(text, sa.literal_column("1"), sa.literal_column(str(_BEGINNING)))


_BEGINNING: Final = 200
"""Characters; PostgreSQL refuses a row for which an index would need more than 2,704 bytes."""


def _on_json(
    text: sa.ColumnElement[Any], operator: Operator, value: Any, parameter: Parameter
) -> sa.ColumnElement[bool]:
    """Compares JSON texts.

    Where the field is absent the text is NULL, and so is the comparison, which selects nothing.
    Each mention of the text may be a search through the document, so that it is mentioned as rarely
    as can be.
    """
    if operator is Operator.EXISTS:
        there: sa.ColumnElement[bool] = text != _NULL
        return there if value else sa.case((there, sa.false()), else_=sa.true())
    written = tuple(map(_json, value)) if isinstance(value, tuple) else _json(value)
    if operator is not Operator.NE:
        texts = written if isinstance(written, tuple) else (written,)
        # A text that is equal to a short one is as short.
        short = all(len(each) < _BEGINNING for each in texts)
        compared = beginning(text) if short else text
        found: sa.ColumnElement[bool] = _COMPARISONS[operator](compared, parameter(text, written))
        return found
    # A field of another JSON type than the value is as good as absent. In one CASE, for PostgreSQL
    # takes comparisons of what it has no statistics of for rare, and then sorts the whole site for
    # every page.
    differs = text != parameter(text, written)
    return sa.case((_is_like(text, value), differs), else_=sa.false())


def _is_like(text: sa.ColumnElement[Any], value: Any) -> sa.ColumnElement[bool]:
    """Whether a JSON text is of the type of a value."""
    if isinstance(value, bool):
        return text.in_([_TRUE, _FALSE])
    first = sa.func.substr(text, sa.literal_column("1"), sa.literal_column("1"))
    if isinstance(value, str):
        return first == _QUOTE
    # A number, and without a fraction or an exponent: an integer.
    digits = text
    for mark in _FRACTIONS:
        digits = sa.func.replace(digits, mark, _NOTHING)
    return sa.and_(first.not_in(_NOT_NUMBERS), digits == text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_NULL, _TRUE, _FALSE, _NOTHING, _QUOTE = map(_literal, ("null", "true", "false", "", '"'))
_NOT_NUMBERS: Final = tuple(map(_literal, ('"', "t", "f", "n", "[", "{")))
_FRACTIONS: Final = tuple(map(_literal, (".", "e", "E")))
