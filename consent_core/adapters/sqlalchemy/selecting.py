"""Queries as SQL: conditions, order and position, never a filter in Python.

The statements carry no values, and order their conditions: SQLAlchemy keeps every statement that differs, so that few
must differ, and keeps it as it was built.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, select, tuple_

from consent_core.adapters.sqlalchemy.finding import Finding
from consent_core.adapters.sqlalchemy.rows import RECORD_COLUMNS, to_micros
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.application.filters import Filter, Operator, QueryField
from consent_core.application.query import Position, Query
from consent_core.domain.eligibility import Audience
from consent_core.domain.vocabulary import Channel, ConsentState

_LAST: Final = "\U0010ffff"
"""Sorts behind every character that a key can have: the end of the range that begins with a prefix."""

_CHANNELS: Final = {QueryField.EMAIL: Channel.EMAIL.value, QueryField.PHONE: Channel.PHONE.value}

_COLUMNS: Final[dict[QueryField, ColumnElement[Any]]] = {
    QueryField.ID: RECORDS.c.id,
    QueryField.CREATED_DATE: RECORDS.c.created_date,
    QueryField.UPDATED_DATE: RECORDS.c.updated_date,
    QueryField.STATE: RECORDS.c.state,
}


class _Values(dict[str, Any]):
    """The values of a query by the names of its parameters."""

    def of(self, column: ColumnElement[Any], value: Any) -> BindParameter[Any]:
        """A parameter for a value that is compared with a column; a list becomes as many as it has values."""
        name = f"value{len(self)}"
        self[name] = value
        return bindparam(name, type_=column.type, expanding=isinstance(value, list))


def page(query: Query, site: str) -> Finding:
    """One page of a query, and one record more to tell whether others follow; in the direction of the query."""
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
    for condition in sorted(query.where, key=lambda condition: (condition.field, condition.operator)):
        yield _condition(condition, values)
    if query.audience is not None:
        yield _in_audience(query.audience, values)
    if query.position is not None:
        yield _beyond(query.sort, query.position, values, downward=downward)


def _condition(condition: Filter, values: _Values) -> ColumnElement[bool]:
    if condition.field in _CHANNELS:
        return _key_condition(condition, values)
    column = _COLUMNS[condition.field]
    if condition.operator is Operator.EXISTS:
        return column.is_not(None) if condition.value else column.is_(None)
    return _compared(column, condition.operator, _stored(condition.value), values)


def _key_condition(condition: Filter, values: _Values) -> ColumnElement[bool]:
    """A record of the other channel lacks the field: it fails all but ``NE`` and ``EXISTS`` false."""
    same_channel = RECORDS.c.channel == _CHANNELS[condition.field]
    if condition.operator is Operator.EXISTS:
        return same_channel if condition.value else ~same_channel
    compared = _compared(RECORDS.c.key, condition.operator, _stored(condition.value), values)
    return or_(~same_channel, compared) if condition.operator is Operator.NE else and_(same_channel, compared)


def _compared(column: ColumnElement[Any], operator: Operator, value: Any, values: _Values) -> ColumnElement[bool]:
    if operator is Operator.STARTS_WITH:
        return and_(column >= values.of(column, value), column < values.of(column, value + _LAST))
    compared: ColumnElement[bool] = _COMPARISONS[operator](column, values.of(column, value))
    return compared


_COMPARISONS: Final[dict[Operator, Callable[[Any, Any], Any]]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.IN: lambda column, listed: column.in_(listed),
    Operator.GT: gt,
    Operator.LT: lt,
    Operator.GTE: ge,
    Operator.LTE: le,
}


def _in_audience(audience: Audience, values: _Values) -> ColumnElement[bool]:
    names = ("channel", "state", "confirmation_date", "revocation_date", "double_confirmed_date")
    channel, state, confirmed, revoked, proven = (RECORDS.c[name] for name in names)
    wanted = [
        channel == values.of(channel, audience.channel.value),
        state.in_(values.of(state, sorted(each.value for each in audience.states))),
    ]
    if ConsentState.NEVER_CONFIRMED in audience.states:
        never = state != values.of(state, ConsentState.NEVER_CONFIRMED.value)
        wanted.append(or_(never, revoked.is_(None)))
    if audience.doubly_confirmed:
        wanted.append(or_(proven > revoked, and_(proven.is_not(None), revoked.is_(None))))
    if audience.confirmed_after is not None:
        after = values.of(confirmed, to_micros(audience.confirmed_after))
        wanted.append(or_(confirmed.is_(None), confirmed > after))
    return and_(*wanted)


def _beyond(sort: QueryField, position: Position, values: _Values, *, downward: bool) -> ColumnElement[bool]:
    beyond: Callable[[Any, Any], ColumnElement[bool]] = lt if downward else gt
    column, last = _COLUMNS[sort], values.of(RECORDS.c.id, position.id)
    if sort is QueryField.ID:
        return beyond(RECORDS.c.id, last)
    return beyond(tuple_(column, RECORDS.c.id), tuple_(values.of(column, _stored(position.value)), last))


def _stored(value: Any) -> Any:
    """A value of a filter as it stands in a column."""
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value.value if isinstance(value, ConsentState) else value
