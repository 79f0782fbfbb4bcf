"""How long a confirmation lasts.

A span of time, or a number of calendar months (contract, section 13).
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.query_fields import Operator, QueryField

Lifetime: TypeAlias = timedelta | int
"""A span of time, or a number of calendar months."""

_DAY = timedelta(days=1)


def end_of(start: datetime, lifetime: Lifetime) -> datetime:
    """When what began at a moment ends; the last moment that exists where it would end later.

    Args:
        start: in UTC.
        lifetime: months are counted in UTC, the day clamped to the month's last.
    """
    try:
        if isinstance(lifetime, timedelta):
            return start + lifetime
        year, month = _months_later(start, lifetime)
        return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def unexpired(field: QueryField, lifetime: Lifetime, now: datetime) -> Condition:
    """The condition that what began at the date in a field has not ended by now, or that there is no date.

    Args:
        field: of a date that may be absent.
        lifetime: how long it lasts.
        now: in UTC.
    """
    absent = Filter(field, Operator.EXISTS, value=False)
    try:
        if isinstance(lifetime, timedelta):
            return any_of(absent, Filter(field, Operator.GT, now - lifetime))
        return any_of(absent, *_months_unexpired(field, lifetime, now))
    except (OverflowError, ValueError):
        # It would have begun before the first date that exists: nothing that is stored has ended.
        return any_of(absent, Filter(field, Operator.EXISTS, value=True))


def _months_unexpired(field: QueryField, months: int, now: datetime) -> list[Condition]:
    """The dates whose end by months is after now.

    Clamping makes several days end on one: what began on 28, 29, 30 or 31 January ends on 28
    February, each at its own time of day. So on the last day of a month, each of those days has a
    part that has ended and one that has not.
    """
    year, month = _months_later(now, -months)
    midnight = now.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
    length, time = (
        monthrange(year, month)[1],
        now - now.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    next_month = midnight + length * _DAY
    if now.day > length:
        return [Filter(field, Operator.GTE, next_month)]
    if now.day < monthrange(now.year, now.month)[1]:
        return [Filter(field, Operator.GT, midnight + (now.day - 1) * _DAY + time)]
    clamped = [midnight + (day - 1) * _DAY for day in range(now.day, length + 1)]
    return [
        *(
            all_of(Filter(field, Operator.GT, day + time), Filter(field, Operator.LT, day + _DAY))
            for day in clamped
        ),
        Filter(field, Operator.GTE, next_month),
    ]


def _months_later(moment: datetime, months: int) -> tuple[int, int]:
    """Year and month so many months later."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return year, month + 1
