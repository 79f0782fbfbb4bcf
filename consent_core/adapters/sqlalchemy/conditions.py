"""The conditions of queries as SQL: never a filter in Python, and nothing of any rule.

SQLAlchemy keeps every statement that differs, as it was built. So the statements carry no values,
only parameters: few statements differ, and none of those that are kept holds an address.
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


def as_clause(condition: Condition, parameter: Parameter) -> sa.ColumnElement[bool]:
    """A condition in SQLAlchemy's terms, on the columns of ``RECORDS``."""
    if isinstance(condition, AllOf):
        return sa.and_(sa.true(), *(as_clause(each, parameter) for each in condition.conditions))
    if isinstance(condition, AnyOf):
        return sa.or_(sa.false(), *(as_clause(each, parameter) for each in condition.conditions))
    field, operator, value = condition.field, condition.operator, condition.value
    if isinstance(field, ExtendedField):
        return _extended_field_condition(field, operator, value, parameter)
    column = COLUMNS[field]
    present = RECORDS.c.channel == KEYS[field] if field in KEYS else column.is_not(None)
    if operator is Operator.EXISTS:
        return present if value else ~present
    if operator is Operator.STARTS_WITH:
        compared = sa.and_(
            column >= parameter(column, value),
            column < parameter(column, value + _LAST),
        )
    elif operator in (Operator.CONTAINS, Operator.LACKS):
        text = sa.type_coerce(column, sa.Text())
        # Between spaces, as the column has it, so that no name is found inside another.
        pattern = parameter(text, f"% {_escaped(value)} %")
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


def _escaped(name: str) -> str:
    return name.replace("_", f"{_ESCAPE}_")


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


def _extended_field_condition(
    field: ExtendedField, operator: Operator, value: Any, parameter: Parameter
) -> sa.ColumnElement[bool]:
    """Compares JSON texts.

    They tell ``true`` from ``1`` and ``1`` from ``1.0`` in every database. Where the field is
    absent the text is NULL, and so is the comparison, which selects nothing. Each mention of the
    text is a search through the document, so that it is mentioned as rarely as can be.
    """
    document = RECORDS.c.document
    path = f'$.extendedFields.namespaces."{field.namespace}"."{field.name}"'
    names = (path, field.namespace, field.name)
    text: sa.ColumnElement[Any] = _JsonText(
        document, *(parameter(document, name) for name in names)
    )
    if operator is Operator.EXISTS:
        return text != _NULL if value else sa.or_(text.is_(None), text == _NULL)
    written = tuple(map(_json, value)) if isinstance(value, tuple) else _json(value)
    compared: sa.ColumnElement[bool] = _COMPARISONS[operator](text, parameter(document, written))
    if operator is not Operator.NE:
        return compared
    # A field of another JSON type than the value is as good as absent.
    if isinstance(value, bool):
        return sa.and_(text.in_([_TRUE, _FALSE]), compared)
    first = sa.func.substr(text, sa.literal_column("1"), sa.literal_column("1"))
    if isinstance(value, str):
        return sa.and_(first == _QUOTE, compared)
    # A number, and without a fraction or an exponent: an integer.
    digits = text
    for mark in _FRACTIONS:
        digits = sa.func.replace(digits, mark, _NOTHING)
    return sa.and_(first.not_in(_NOT_NUMBERS), digits == text, compared)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _constant(text: str) -> sa.ColumnElement[str]:
    # Written into the statement, which is the same for every value that is asked for.
    return sa.literal_column(f"'{text}'", sa.Text())


_NULL, _TRUE, _FALSE, _NOTHING, _QUOTE = map(_constant, ("null", "true", "false", "", '"'))
_NOT_NUMBERS: Final = tuple(map(_constant, ('"', "t", "f", "n", "[", "{")))
_FRACTIONS: Final = tuple(map(_constant, (".", "e", "E")))
