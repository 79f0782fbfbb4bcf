"""Dates of evidence: rule 7 of the contract's section 3, and the forms of RFC 3339."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.policy import Policy
from consent_core.wire import read_upsert
from tests.wire.bodies import NOW, Body, body, confirmed, found, pending, revoked, told

PATH = "lastConfirmationActivity.updatedDate"


def read(text: Any) -> datetime | None:
    """The moment that a date of evidence is read as."""
    activity = read_upsert(confirmed(updatedDate=text)).last_confirmation_activity
    assert activity is not None
    return activity.updated_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("2000-02-29T00:00:00Z", datetime(2000, 2, 29, tzinfo=UTC)),
        ("2024-01-01t00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01t00:00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01 00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00+00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00-00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00+05:30", datetime(2023, 12, 31, 18, 30, tzinfo=UTC)),
        ("2024-01-01T00:00:00-08:00", datetime(2024, 1, 1, 8, tzinfo=UTC)),
        ("2024-01-01T00:00:00+23:59", datetime(2023, 12, 31, 0, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00-23:59", datetime(2024, 1, 1, 23, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00-01:00", datetime(1, 1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59+01:00", datetime(9999, 12, 31, 22, 59, 59, tzinfo=UTC)),
    ],
)
def test_forms_of_rfc_3339(text: str, moment: datetime) -> None:
    """Section 1.

    UpdatedDate is an RFC 3339 date-time, which allows lower case, a space and any offset.
    """
    assert read(text) == moment


@given(
    st.integers(1, 39).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)),
    st.sampled_from(["Z", "+01:00"]),
)
def test_fractions_of_any_length(digits: str, offset: str) -> None:
    """RFC 3339 allows any number of digits.

    What is finer than a microsecond is cut off, never rounded up.
    """
    moment = read(f"2024-01-01T12:00:00.{digits}{offset}")
    assert moment is not None
    assert moment.microsecond == int(digits[:6].ljust(6, "0"))


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T24:00:00Z",
        "2024-01-01T25:00:00Z",
        "2024-01-01T12:60:00Z",
        "2016-12-31T23:59:60Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "10000-01-01T00:00:00Z",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+02:60",
        "2024-01-01T00:00:00-02:99",
        "2024-01-01",
        "2024-01-01Z",
        "12:00:00Z",
        "20240101T000000Z",
        "2024-W01-1T00:00:00Z",
        "2024-001T00:00:00Z",
        "2024-01-01T00:00Z",
        "2024-01-01T00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00,5Z",
        "2024-01-01T00:00:00+02",
        "2024-01-01T00:00:00+0200",
        "2024-01-01T00:00:00+02:00:30",
        " 2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z\n",
        "2024-01-01_00:00:00Z",
        "202\N{ARABIC-INDIC DIGIT FOUR}-01-01T00:00:00Z",
        "-2024-01-01T00:00:00Z",
        "+2024-01-01T00:00:00Z",
        "01/02/2024",
        "now",
        "",
        "2024-01-01T00:00:00\N{MINUS SIGN}02:00",
        "2024-01-01T00:00:00.0" + "0" * 10_000 + "Z",
    ],
)
def test_what_is_no_date_time(text: str) -> None:
    """Rule 7 and RFC 3339.

    A date alone, another notation, or a moment that does not exist is a violation.
    """
    assert found(confirmed(updatedDate=text)) == {(PATH, "INVALID_DATE")}
    assert "2023-05-01T00:00:00Z" in told(confirmed(updatedDate=text), PATH)


@pytest.mark.parametrize(
    "text", ["2024-01-01T00:00:00", "2024-01-01 00:00:00.123", "2024-02-30T00:00:00"]
)
def test_a_date_without_an_offset(text: str) -> None:
    """Rule 7.

    "a date-time without an offset is a violation", and the description says what to add.
    """
    assert found(confirmed(updatedDate=text)) == {(PATH, "DATE_WITHOUT_OFFSET")}
    assert "+02:00" in told(confirmed(updatedDate=text), PATH)


@pytest.mark.parametrize(
    "value", [0, 1704067200, 1704067200.5, True, [], {}, ["2024-01-01T00:00:00Z"]]
)
def test_a_date_is_a_string(value: Any) -> None:
    """Rule 8: a date of a wrong JSON type is a violation, also where it looks like a Unix time."""
    assert found(confirmed(updatedDate=value)) == {(PATH, "WRONG_TYPE")}


@pytest.mark.parametrize("skew", [timedelta(minutes=5), timedelta(0), timedelta(days=1)])
@pytest.mark.parametrize(
    ("over", "future"), [(timedelta(0), False), (timedelta(microseconds=1), True)]
)
@pytest.mark.parametrize("request_of", [confirmed, pending])
def test_further_ahead_than_the_skew(
    skew: timedelta, over: timedelta, future: bool, request_of: Any
) -> None:
    """Rule 7.

    "a grant dated further in the future than the policy's clock skew is a violation", exactly.
    """
    sent = request_of(updatedDate=(NOW + skew + over).isoformat())
    (activity,) = set(sent) - {"details", "state"}
    expected = {(f"{activity}.updatedDate", "DATE_IN_FUTURE")} if future else set()
    assert found(sent, now=NOW, policy=Policy(clock_skew=skew)) == expected


def test_without_a_moment_of_receipt_no_date_is_future() -> None:
    """Section 3.

    Whether a date is in the future is told on applying, if it was read without ``now``.
    """
    assert found(confirmed(updatedDate="9999-12-31T23:59:59.999999Z")) == set()


@pytest.mark.parametrize("state", ["UNKNOWN_STATE", "NEVER_CONFIRMED", "PENDING", "CONFIRMED"])
def test_future_dates_are_judged_whatever_the_state(state: str) -> None:
    """Rule 7 holds for a confirmation that is sent with any state but REVOKED, in the caller's own
    spelling.
    """
    sent = body(state, last_confirmation_activity={"updated_date": "2999-01-01T00:00:00Z"})
    assert found(sent, now=NOW) == {("last_confirmation_activity.updated_date", "DATE_IN_FUTURE")}


@pytest.mark.parametrize(
    "dated", [(NOW + timedelta(minutes=6)).isoformat(), "9999-12-31T23:59:59.999999Z"]
)
@pytest.mark.parametrize(
    "confirmation", [{}, {"lastConfirmationActivity": {"updatedDate": "2999-01-01T00:00:00Z"}}]
)
def test_an_opt_out_is_never_refused_for_its_date(dated: str, confirmation: Body) -> None:
    """Rule 7.

    "an opt-out is never refused for its date", nor for that of a confirmation beside it.
    """
    assert found(revoked(updatedDate=dated) | confirmation, now=NOW) == set()
    for state in ("UNKNOWN_STATE", "NEVER_CONFIRMED"):
        assert (
            found(body(state, lastRevokeActivity={"updatedDate": dated}) | confirmation, now=NOW)
            == set()
        )


@pytest.mark.parametrize("far", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    "now", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), NOW]
)
def test_the_ends_of_time_are_compared_safely(far: str, now: datetime) -> None:
    """Rule 7 is judged without overflow at both ends of the calendar."""
    assert found(confirmed(updatedDate=far), now=now) <= {(PATH, "DATE_IN_FUTURE")}
