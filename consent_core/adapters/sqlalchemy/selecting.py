"""Queries as SQL: conditions, order and position, never a filter in Python.

The statements carry no values, and order their conditions: SQLAlchemy keeps every statement that
differs, so that few must differ, and keeps it as it was built.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Text,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from consent_core.adapters.sqlalchemy.finding import Finding
from consent_core.adapters.sqlalchemy.rows import RECORD_COLUMNS, to_micros
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.application.query import Position, Query
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter
from consent_core.domain.query_fields import KEYS, ExtendedField, Operator, QueryField

_LAST: Final = "\U0010ffff"
"""Sorts behind every character that a key can have.

The end of the range that begins with a prefix.
"""

_PROVEN, _REVOKED = RECORDS.c.double_confirmed_date, RECORDS.c.revocation_date

_COLUMNS: Final[dict[QueryField, ColumnElement[Any]]] = {
    QueryField.ID: RECORDS.c.id,
    QueryField.CREATED_DATE: RECORDS.c.created_date,
    QueryField.UPDATED_DATE: RECORDS.c.updated_date,
    QueryField.EMAIL: RECORDS.c.key,
    QueryField.PHONE: RECORDS.c.key,
    QueryField.CHANNEL: RECORDS.c.channel,
    QueryField.STATE: RECORDS.c.state,
    QueryField.CONFIRMED_DATE: RECORDS.c.confirmation_date,
    QueryField.REVOKED_DATE: _REVOKED,
    # True or false for every row, never unknown: it may be asked for either.
    QueryField.DOUBLY_CONFIRMED: and_(
        _PROVEN.is_not(None), or_(_REVOKED.is_(None), _PROVEN > _REVOKED)
    ),
}


class _Values(dict[str, Any]):
    """The values of a query by the names of its parameters."""

    def of(self, column: ColumnElement[Any], value: Any) -> BindParameter[Any]:
        """A parameter for a value that is compared with a column.

        A list becomes as many as it has values.
        """
        name = f"value{len(self)}"
        self[name] = value
        return bindparam(name, type_=column.type, expanding=isinstance(value, list))


def page(query: Query, site: str) -> Finding:
    """One page of a query, and one record more to tell whether others follow.

    In the direction of the query.
    """
    values = _Values()
    column = _COLUMNS[query.sort]
    downward = query.descending != query.backward
    keys = [RECORDS.c.id] if query.sort is QueryField.ID else [column, RECORDS.c.id]
    statement = (
        select(*RECORD_COLUMNS)
        .where(RECORDS.c.site == site, *_conditions(query, values, downward=downward))
        .order_by(*(key.desc() if downward else key for key in keys))
        .limit(query.page_size + 1)
    )
    return Finding(statement, values)


def _conditions(query: Query, values: _Values, *, downward: bool) -> Iterator[ColumnElement[bool]]:
    for condition in sorted(query.where, key=_shape):
        yield _condition(condition, values)
    if query.position is not None:
        yield _beyond(query.sort, query.position, values, downward=downward)


def _shape(condition: Condition) -> str:
    """What a condition is like, its values left out."""
    if isinstance(condition, Filter):
        return f"{condition.field} {condition.operator}"
    return f"{type(condition).__name__}({', '.join(map(_shape, condition.conditions))})"


def _condition(condition: Condition, values: _Values) -> ColumnElement[bool]:
    if isinstance(condition, AllOf):
        return and_(true(), *(_condition(each, values) for each in condition.conditions))
    if isinstance(condition, AnyOf):
        return or_(false(), *(_condition(each, values) for each in condition.conditions))
    field, operator = condition.field, condition.operator
    if isinstance(field, ExtendedField):
        return _json_condition(field, operator, condition.value, values)
    if field in KEYS:
        return _key_condition(field, operator, condition.value, values)
    if field is QueryField.DOUBLY_CONFIRMED:
        return _COLUMNS[field] if condition.value else ~_COLUMNS[field]
    compared = _compared(_COLUMNS[field], operator, condition.value, values)
    # What is absent differs from every value, and in SQL from none.
    return or_(_COLUMNS[field].is_(None), compared) if operator is Operator.NE else compared


def _key_condition(
    field: QueryField, operator: Operator, value: Any, values: _Values
) -> ColumnElement[bool]:
    """A record of the other channel lacks the field.

    It fails all but ``NE`` and ``EXISTS`` false.
    """
    same_channel = RECORDS.c.channel == KEYS[field].value
    if operator is Operator.EXISTS:
        return same_channel if value else ~same_channel
    compared = _compared(RECORDS.c.key, operator, value, values)
    return or_(~same_channel, compared) if operator is Operator.NE else and_(same_channel, compared)


def _compared(
    column: ColumnElement[Any], operator: Operator, value: Any, values: _Values
) -> ColumnElement[bool]:
    if operator is Operator.EXISTS:
        return column.is_not(None) if value else column.is_(None)
    if operator is Operator.STARTS_WITH:
        return and_(column >= values.of(column, value), column < values.of(column, value + _LAST))
    compared: ColumnElement[bool] = _COMPARISONS[operator](
        column, values.of(column, _stored(value))
    )
    return compared


class _JsonText(GenericFunction[Any]):
    """The value of an extended field as JSON text; NULL where it is absent.

    The names are clauses of the function. Put together inside its compilation, they would be frozen
    into the statement that SQLAlchemy keeps, and the next rule would be asked for the field of the
    first.
    """

    type = Text()
    inherit_cache = True


@compiles(_JsonText)
def _compile_json_text(element: Any, compiler: Any, **how: Any) -> str:
    column, path, _, __ = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({column} -> {path})"


@compiles(_JsonText, "postgresql")
def _compile_json_text_on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    column, _, namespace, name = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(CAST(CAST({column} AS JSON) #> ARRAY[CAST({namespace} AS TEXT), CAST({name} AS TEXT)] AS TEXT))"


def _json_condition(
    field: ExtendedField, operator: Operator, value: Any, values: _Values
) -> ColumnElement[bool]:
    """Compared as JSON text, which tells ``true`` from ``1`` and ``1`` from ``1.0`` in every database."""
    names = (f'$."{field.namespace}"."{field.name}"', field.namespace, field.name)
    text = _JsonText(
        RECORDS.c.extended_fields, *(values.of(RECORDS.c.extended_fields, name) for name in names)
    )
    present = and_(text.is_not(None), text != _NULL)
    if operator is Operator.EXISTS:
        return present if value else ~present
    written = [_json(each) for each in value] if isinstance(value, tuple) else _json(value)
    compared: ColumnElement[bool] = _COMPARISONS[operator](
        text, values.of(RECORDS.c.extended_fields, written)
    )
    return and_(present, compared, *(_of_type(text, value) if operator is Operator.NE else ()))


def _of_type(text: ColumnElement[Any], value: Any) -> Iterator[ColumnElement[bool]]:
    """A field of another JSON type than the value is as good as absent."""
    first = func.substr(text, _ONE, _ONE)
    if isinstance(value, bool):
        yield or_(text == _TRUE, text == _FALSE)
    elif isinstance(value, str):
        yield first == _QUOTE
    else:
        # What is neither text, truth, array nor object is a number; one with a fraction or an
        # exponent is no integer.
        yield from (first != other for other in _OTHERS)
        for mark in _FRACTIONS:
            yield func.replace(text, mark, _NOTHING) == text


def _constant(text: str) -> ColumnElement[str]:
    # Written into the statement, which is the same for every value that is asked for.
    return literal_column(f"'{text}'", Text())


_NULL, _TRUE, _FALSE, _NOTHING, _QUOTE = (
    _constant(text) for text in ("null", "true", "false", "", '"')
)
_ONE: Final[ColumnElement[int]] = literal_column("1")
_OTHERS: Final = tuple(_constant(text) for text in ('"', "t", "f", "n", "[", "{"))
_FRACTIONS: Final = tuple(_constant(text) for text in (".", "e", "E"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_COMPARISONS: Final[dict[Operator, Callable[[Any, Any], Any]]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.IN: lambda column, listed: column.in_(listed),
    Operator.GT: gt,
    Operator.LT: lt,
    Operator.GTE: ge,
    Operator.LTE: le,
}


def _beyond(
    sort: QueryField, position: Position, values: _Values, *, downward: bool
) -> ColumnElement[bool]:
    beyond: Callable[[Any, Any], ColumnElement[bool]] = lt if downward else gt
    column, last = _COLUMNS[sort], values.of(RECORDS.c.id, position.id)
    if sort is QueryField.ID:
        return beyond(RECORDS.c.id, last)
    return beyond(
        tuple_(column, RECORDS.c.id), tuple_(values.of(column, _stored(position.value)), last)
    )


def _stored(value: Any) -> Any:
    """A value of a filter as it stands in a column."""
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value
