"""Queries as SQL: conditions, order and position, never a filter in Python."""

from collections.abc import Callable, Iterator
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_

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


def page(query: Query, site: str) -> Select[Any]:
    """One page of a query, and one record more to tell whether others follow; in the direction of the query."""
    column = _COLUMNS[query.sort]
    downward = query.descending != query.backward
    keys = [RECORDS.c.id] if query.sort is QueryField.ID else [column, RECORDS.c.id]
    return (
        select(*RECORD_COLUMNS)
        .where(RECORDS.c.site == site, *_conditions(query, downward=downward))
        .order_by(*(key.desc() if downward else key for key in keys))
        .limit(query.page_size + 1)
    )


def _conditions(query: Query, *, downward: bool) -> Iterator[ColumnElement[bool]]:
    for condition in query.where:
        yield _condition(condition)
    if query.audience is not None:
        yield _in_audience(query.audience)
    if query.position is not None:
        yield _beyond(query.sort, query.position, downward=downward)


def _condition(condition: Filter) -> ColumnElement[bool]:
    if condition.field in _CHANNELS:
        return _key_condition(condition)
    column = _COLUMNS[condition.field]
    if condition.operator is Operator.EXISTS:
        return column.is_not(None) if condition.value else column.is_(None)
    return _compared(column, condition.operator, _stored(condition.value))


def _key_condition(condition: Filter) -> ColumnElement[bool]:
    """A record of the other channel lacks the field: it fails all but ``NE`` and ``EXISTS`` false."""
    same_channel = RECORDS.c.channel == _CHANNELS[condition.field]
    if condition.operator is Operator.EXISTS:
        return same_channel if condition.value else ~same_channel
    compared = _compared(RECORDS.c.key, condition.operator, condition.value)
    return or_(~same_channel, compared) if condition.operator is Operator.NE else and_(same_channel, compared)


def _compared(column: ColumnElement[Any], operator: Operator, value: Any) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = _COMPARISONS[operator](column, value)
    return compared


_COMPARISONS: Final[dict[Operator, Callable[[Any, Any], Any]]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.IN: lambda column, values: column.in_(values),
    Operator.GT: gt,
    Operator.LT: lt,
    Operator.GTE: ge,
    Operator.LTE: le,
    Operator.STARTS_WITH: lambda column, prefix: and_(column >= prefix, column < prefix + _LAST),
}


def _in_audience(audience: Audience) -> ColumnElement[bool]:
    wanted = [
        RECORDS.c.channel == audience.channel.value,
        RECORDS.c.state.in_([state.value for state in audience.states]),
    ]
    if ConsentState.NEVER_CONFIRMED in audience.states:
        never = RECORDS.c.state != ConsentState.NEVER_CONFIRMED.value
        wanted.append(or_(never, RECORDS.c.revocation_date.is_(None)))
    if audience.doubly_confirmed:
        proven, revoked = RECORDS.c.double_confirmed_date, RECORDS.c.revocation_date
        wanted.append(or_(proven > revoked, and_(proven.is_not(None), revoked.is_(None))))
    if audience.confirmed_after is not None:
        confirmed = RECORDS.c.confirmation_date
        wanted.append(or_(confirmed.is_(None), confirmed > to_micros(audience.confirmed_after)))
    return and_(*wanted)


def _beyond(sort: QueryField, position: Position, *, downward: bool) -> ColumnElement[bool]:
    if sort is QueryField.ID:
        return RECORDS.c.id < position.id if downward else RECORDS.c.id > position.id
    here = tuple_(_COLUMNS[sort], RECORDS.c.id)
    there = tuple_(_stored(position.value), position.id)
    return here < there if downward else here > there


def _stored(value: Any) -> Any:
    """A value of a filter as it stands in a column."""
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value.value if isinstance(value, ConsentState) else value
