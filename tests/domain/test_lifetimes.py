"""How long a confirmation lasts: spans, and calendar months (contract, section 13)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.lifetimes import Lifetime, Unexpired, end_of
from consent_core.domain.query_fields import QueryField
from tests.domain.builders import CONFIRMED, NEVER, NOW, record, yes

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


# Around the ends of months, where clamping makes several days end on one.
moments = st.integers(0, 500 * 24).map(lambda hours: NOW + timedelta(hours=hours)) | st.builds(
    lambda month, day, hour: datetime(2024, month, 1, tzinfo=UTC) + timedelta(days=day, hours=hour),
    st.integers(1, 12),
    st.integers(-3, 2),
    st.sampled_from([0, 9, 12, 23]),
)
lifetimes: st.SearchStrategy[Lifetime] = st.integers(0, 14) | st.timedeltas(
    timedelta(0), timedelta(days=400)
)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-15T09", 1, "2024-02-15T09"),
        ("2024-01-31T09", 1, "2024-02-29T09"),
        ("2023-01-31T09", 1, "2023-02-28T09"),
        ("2024-02-29T09", 12, "2025-02-28T09"),
        ("2024-12-31T09", 2, "2025-02-28T09"),
        ("2024-05-05T09", 0, "2024-05-05T09"),
    ],
)
def test_months_are_those_of_the_calendar(start: str, months: int, end: str) -> None:
    """Section 13: "counted in UTC, the day clamped to the month's last"."""
    assert end_of(utc(start), months) == utc(end)


def test_what_would_never_end_ends_with_the_calendar() -> None:
    """No lifetime overflows."""
    for lifetime in (timedelta.max, 12 * 9999, 10**9):
        assert end_of(NOW, lifetime) == LAST
        for consent in (record(CONFIRMED, 5), record(CONFIRMED, yes(0).at(FIRST)), record(NEVER)):
            assert Unexpired(QueryField.CONFIRMED_DATE, lifetime).at(NOW).matches(consent)


@given(moments, lifetimes, moments | st.none())
def test_the_condition_for_stores_is_the_end_of_each_record(
    start: datetime, lifetime: Lifetime, now: datetime | None
) -> None:
    """Section 5.

    "An audience query returns exactly the records it grants", on the last day of a month too.
    """
    end = end_of(start, lifetime)
    for moment in (end, end - MICROSECOND, end + MICROSECOND) if now is None else (now,):
        condition = Unexpired(QueryField.CONFIRMED_DATE, lifetime).at(moment)
        assert condition.matches(record(CONFIRMED, yes(0).at(start))) is (end > moment)


def test_a_day_that_an_earlier_month_lacks_ends_all_of_that_month() -> None:
    """On 31 March everything has ended that began in February, and nothing that began since."""
    condition = Unexpired(QueryField.CONFIRMED_DATE, 1).at(utc("2024-03-31T09"))
    for start, holds in (("2024-02-29T23", False), ("2024-03-01T00", True)):
        assert condition.matches(record(CONFIRMED, yes(0).at(utc(start)))) is holds


@pytest.mark.parametrize(("year", "months"), [(2023, 1), (2024, 1), (2024, 13), (2023, 12)])
def test_days_that_are_clamped_to_one_end_on_it_each_at_its_own_time(
    year: int, months: int
) -> None:
    """Section 13, "the day clamped to the month's last", for stores as for records."""
    starts = [
        datetime(year, 1, 28, 0, 30, 20, 10, tzinfo=UTC) + timedelta(days=day, hours=hour)
        for day in range(5)
        for hour in (0, 9, 23)
    ]
    for start in starts:
        end = end_of(start, months)
        for now in (end - MICROSECOND, end, end + timedelta(hours=1)):
            condition = Unexpired(QueryField.CONFIRMED_DATE, months).at(now)
            for other in starts:
                matches = condition.matches(record(CONFIRMED, yes(0).at(other)))
                assert matches is (end_of(other, months) > now)


@given(st.integers(0, 14), moments)
def test_without_a_date_nothing_ends(months: int, now: datetime) -> None:
    """Who never confirmed has nothing that ends."""
    for lifetime in (months, timedelta(days=months)):
        assert Unexpired(QueryField.CONFIRMED_DATE, lifetime).at(now).matches(record(NEVER))
