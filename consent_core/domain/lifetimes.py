"""Conditions about the passage of time (contract, sections 5, 9 and 13)."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from consent_core.domain.checks import Problem
from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.query_fields import Operator, QueryField, value_of
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ViolationCode

Lifetime: TypeAlias = timedelta | int
"""A span of time, or a number of calendar months."""


def wrong_lifetime(value: object) -> Problem:
    """What is wrong with a lifetime, or with None for no end."""
    if value is None or (type(value) is int and value >= 0):
        return None
    if isinstance(value, timedelta) and value >= timedelta(0):
        return None
    description = "must be a timedelta or a number of months, not negative, or None"
    return ViolationCode.INVALID_NUMBER, description


_DAY = timedelta(days=1)


def end_of(start: datetime, lifetime: Lifetime) -> datetime:
    """When a period ends; the last moment that exists where it would end later.

    Args:
        start: when it began, in UTC.
        lifetime: months are counted in UTC, the day clamped to the month's last.
    """
    try:
        if isinstance(lifetime, timedelta):
            return start + lifetime
        year, month = _months_later(start, lifetime)
        return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


class Unexpired(NamedTuple):
    """The condition that a period has not ended; it also holds where its date is absent.

    A store is asked for the condition at a moment, ``at(now)``. For a single record, ``holds`` adds
    the lifetime to its date, which is ten times faster.

    Args:
        field: of the date at which the period begins.
        lifetime: how long it lasts.
    """

    field: QueryField
    lifetime: Lifetime

    def holds(self, consent: MarketingConsent, now: datetime) -> bool:
        """Whether it holds for a record at a moment."""
        start: datetime | None = value_of(consent, self.field)
        return start is None or end_of(start, self.lifetime) > now

    def at(self, now: datetime) -> Condition:
        """The condition at a moment, in UTC, as a comparison of the date."""
        absent = Filter(self.field, Operator.EXISTS, value=False)
        try:
            if isinstance(self.lifetime, timedelta):
                return any_of(absent, Filter(self.field, Operator.GT, now - self.lifetime))
            return any_of(absent, *_months_unexpired(self.field, self.lifetime, now))
        except (OverflowError, ValueError):
            # The period would have begun before the first date that exists: none has ended.
            return any_of(absent, Filter(self.field, Operator.EXISTS, value=True))


class Reachable(NamedTuple):
    """The condition that an address can be reached, or that its last bounce is long ago.

    Args:
        lapse: how long an address stays unreachable after transient bounces.
    """

    lapse: timedelta

    def holds(self, consent: MarketingConsent, now: datetime) -> bool:
        """Whether it holds for a record at a moment."""
        if consent.delivery is None or not consent.unreachable:
            return True
        bounced = consent.last_bounce_date
        return bounced is not None and end_of(bounced, self.lapse) <= now

    def at(self, now: datetime) -> Condition:
        """The condition at a moment, in UTC, as comparisons of fields."""
        reachable = Filter(QueryField.UNREACHABLE, Operator.EQ, value=False)
        try:
            lapsed = Filter(QueryField.LAST_BOUNCE_DATE, Operator.LTE, now - self.lapse)
        except OverflowError:
            # It would have bounced before the first date that exists.
            return any_of(reachable)
        return any_of(reachable, lapsed)


def _months_unexpired(field: QueryField, months: int, now: datetime) -> list[Condition]:
    """The dates at which a period began that has not ended by now.

    Because the day is clamped, several days end on one: periods that began on 28, 29, 30 or 31
    January end on 28 February, each at its own time of day. So on the last day of a month, each of
    those days has a part that has ended and a part that has not.
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
