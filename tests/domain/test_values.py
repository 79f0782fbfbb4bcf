"""Illegal values cannot be built.

Activities, links and records judge their parts (design, principle 4).
"""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.records import MAX_REVISION, Link, MarketingConsent
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    LinkType,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)
from tests.domain.builders import (  # fmt: skip
    ANY_LEVEL,
    CONFIRMED,
    DOUBLE,
    NEVER,
    NOW,
    SINGLE,
    at,
    no,
    record,
    records,
    violations_of,
    yes,
)


class Floating(tzinfo):
    """A time zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> timedelta | None:
        """None: not known."""
        return None

    def dst(self, _: datetime | None) -> timedelta | None:
        """None: not known."""
        return None

    def tzname(self, _: datetime | None) -> str | None:
        """None: not known."""
        return None


ACTIVITIES: list[tuple[Callable[..., Any], str]] = [
    (ConfirmationActivity, "lastConfirmationActivity"),
    (RevokeActivity, "lastRevokeActivity"),
]
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is refused
NO_OFFSET = "must have an offset from UTC, such as Z or +02:00"


def test_an_empty_activity_says_nothing() -> None:
    """Section 3, rule 7: absent is UNKNOWN_SOURCE, undated, of an unknown level."""
    assert ConfirmationActivity() == ConfirmationActivity(
        source=ConfirmationSource.UNKNOWN_SOURCE,
        description=None,
        updated_date=None,
        opt_in_level=ANY_LEVEL,
    )
    assert RevokeActivity() == RevokeActivity(
        source=RevokeSource.UNKNOWN_SOURCE, description=None, updated_date=None
    )


@pytest.mark.parametrize(("activity", "path"), ACTIVITIES)
@pytest.mark.parametrize(
    ("field", "name", "value", "code", "sentence"),
    [
        ("source", "source", "FORM", ViolationCode.UNKNOWN_VALUE, None),
        ("source", "source", None, ViolationCode.UNKNOWN_VALUE, None),
        ("source", "source", OptInLevel.SINGLE_CONFIRMATION, ViolationCode.UNKNOWN_VALUE, None),
        ("description", "description", 7, ViolationCode.WRONG_TYPE, "must be a string or absent"),
        (
            "description",
            "description",
            b"x",
            ViolationCode.WRONG_TYPE,
            "must be a string or absent",
        ),
        (
            "description",
            "description",
            "a\0b",
            ViolationCode.INVALID_TEXT,
            "must be text without NUL and without half surrogate pairs",
        ),
        ("description", "description", "ü\0", ViolationCode.INVALID_TEXT, None),
        ("description", "description", "\ud83d", ViolationCode.INVALID_TEXT, None),
        (
            "updated_date",
            "updatedDate",
            "2026-01-01T00:00:00Z",
            ViolationCode.WRONG_TYPE,
            "must be a datetime",
        ),
        ("updated_date", "updatedDate", NOW.date(), ViolationCode.WRONG_TYPE, "must be a datetime"),
        ("updated_date", "updatedDate", NAIVE, ViolationCode.DATE_WITHOUT_OFFSET, NO_OFFSET),
        (
            "updated_date",
            "updatedDate",
            NAIVE.replace(tzinfo=Floating()),
            ViolationCode.DATE_WITHOUT_OFFSET,
            NO_OFFSET,
        ),
        (
            "updated_date",
            "updatedDate",
            datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
            ViolationCode.INVALID_DATE,
            "must be a date that exists in UTC",
        ),
        (
            "updated_date",
            "updatedDate",
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
            ViolationCode.INVALID_DATE,
            None,
        ),
    ],
)
def test_activities_refuse_what_is_none_of_their_values(
    activity: Callable[..., Any],
    path: str,
    field: str,
    name: str,
    value: Any,
    code: ViolationCode,
    sentence: str | None,
) -> None:
    """Section 3, rules 7 and 8.

    Wrong types and words, dates without an offset, text that no store can hold.
    """
    with pytest.raises(InvalidConsent) as error:
        activity(**{field: value})
    assert violations_of(error) == [(f"{path}.{name}", code)]
    assert sentence is None or error.value.violations[0].description == sentence


def test_an_unknown_word_is_told_the_known_ones() -> None:
    """Section 3, rule 8: a violation names the words that are known."""
    with pytest.raises(InvalidConsent) as error:
        ConfirmationActivity(opt_in_level="TWICE")  # type: ignore[arg-type]
    assert violations_of(error) == [
        ("lastConfirmationActivity.optInLevel", ViolationCode.UNKNOWN_VALUE)
    ]
    known = "UNKNOWN_OPT_IN_LEVEL, SINGLE_CONFIRMATION, DOUBLE_CONFIRMATION"
    expected = f"must be an OptInLevel; known are {known}"
    assert error.value.violations[0].description == expected


def test_all_that_is_wrong_with_an_activity_is_told() -> None:
    """Section 3: all violations together, in the order of the fields."""
    with pytest.raises(InvalidConsent) as error:
        ConfirmationActivity(source=1, description=2, updated_date=3, opt_in_level=4)  # type: ignore[arg-type]
    names = ("source", "description", "updatedDate", "optInLevel")
    assert [path for path, _ in violations_of(error)] == [
        f"lastConfirmationActivity.{name}" for name in names
    ]
    with pytest.raises(InvalidConsent) as error:
        RevokeActivity(source=1, description=2, updated_date=3)  # type: ignore[arg-type]
    assert [path for path, _ in violations_of(error)] == [
        f"lastRevokeActivity.{name}" for name in names[:3]
    ]


@pytest.mark.parametrize("text", ["", "ascii", "ünïcode", "😀", "a\nb"])
def test_ordinary_text_is_taken(text: str) -> None:
    """Everything that UTF-8 can say, but NUL."""
    assert yes(1, text=text).description == text
    assert no(1, text).description == text


@given(st.datetimes(timezones=st.timezones()))
def test_dates_are_kept_in_utc(moment: datetime) -> None:
    """The same moment, whatever offset it came with."""
    for activity in (
        ConfirmationActivity(updated_date=moment),
        RevokeActivity(updated_date=moment),
    ):
        assert activity.updated_date is not None
        assert activity.updated_date.tzinfo is UTC
        assert activity.updated_date == moment.astimezone(UTC)


def test_dating_and_doubling_keep_the_rest() -> None:
    """The same evidence, but for what was asked."""
    assert yes(1, SINGLE, "form").at(at(2)) == yes(2, SINGLE, "form")
    assert no(1, "link").at(at(2)) == no(2, "link")
    assert yes(1, SINGLE, "form").doubly() == yes(1, DOUBLE, "form")


def test_evidence_is_dated_with_an_offset() -> None:
    """Section 3, rule 7: "A date-time without an offset is a violation", and it names the field."""
    moment = at(1).replace(tzinfo=None)
    with pytest.raises(InvalidConsent) as error:
        yes(1).at(moment)
    assert violations_of(error) == [
        ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_WITHOUT_OFFSET)
    ]
    with pytest.raises(InvalidConsent) as error:
        no(1).at(moment)
    assert violations_of(error) == [
        ("lastRevokeActivity.updatedDate", ViolationCode.DATE_WITHOUT_OFFSET)
    ]


def test_personal_data_stays_out_of_reprs() -> None:
    """Design, principle 7: reprs end up in logs.

    Descriptions, links and addresses may be personal.
    """
    consent = record(CONFIRMED, yes(1, text="Ada's form"), no(0, "Ada's link"))
    shown = (
        repr(consent)
        + str(consent)
        + repr(Link(LinkType.CONFIRMATION, "https://example.org/token"))
    )
    assert "Ada's" not in shown
    assert "ada@" not in shown
    assert "token" not in shown
    assert "CONFIRMATION" in shown


def test_values_are_frozen() -> None:
    """What is stored does not change under the reader."""
    for value in (yes(1), no(1), record(CONFIRMED, 1), Link(LinkType.CONFIRMATION, "x")):
        with pytest.raises(FrozenInstanceError):
            value.anything = 1  # type: ignore[union-attr]


@given(records())
def test_records_are_compared_by_content_and_picklable(consent: MarketingConsent) -> None:
    """A record survives the way through another process."""
    again = pickle.loads(pickle.dumps(consent))  # noqa: S301 - our own bytes
    assert again == consent
    assert hash(again) == hash(consent)


@pytest.mark.parametrize("revision", [1, 2, MAX_REVISION])
def test_revisions(revision: int) -> None:
    """Section 1: a revision is an int64 and starts at 1."""
    assert MAX_REVISION == 9_223_372_036_854_775_807
    elsewhere = at(1).astimezone(timezone(timedelta(hours=5)))
    for date in (at(1), elsewhere):
        assert record(NEVER, revision=revision, created_date=date).revision == revision


@pytest.mark.parametrize("revision", [0, -1, MAX_REVISION + 1, "1", 1.0, None])
def test_other_revisions_are_refused(revision: Any) -> None:
    """Section 1: not below 1, not beyond an int64."""
    with pytest.raises(
        InvalidConsent, match=r": must be an integer from 1 to 9223372036854775807 \["
    ) as error:
        record(NEVER, revision=revision)
    assert violations_of(error) == [("revision", ViolationCode.INVALID_NUMBER)]


def test_all_that_is_wrong_with_a_record_is_told() -> None:
    """Section 3: all violations together, by wire name."""
    wrong: dict[str, Any] = dict.fromkeys(
        ("details", "id", "created_date", "updated_date", "extended_fields")
    )
    wrong |= {
        "last_confirmation_activity": 1,
        "last_revoke_activity": 2,
        "revision": 0,
        "state": "CONFIRMED",
    }
    with pytest.raises(InvalidConsent) as error:
        MarketingConsent(**wrong)
    assert violations_of(error) == [
        ("id", ViolationCode.WRONG_TYPE),
        ("revision", ViolationCode.INVALID_NUMBER),
        ("details", ViolationCode.WRONG_TYPE),
        ("state", ViolationCode.UNKNOWN_VALUE),
        ("createdDate", ViolationCode.WRONG_TYPE),
        ("updatedDate", ViolationCode.WRONG_TYPE),
        ("lastConfirmationActivity", ViolationCode.WRONG_TYPE),
        ("lastRevokeActivity", ViolationCode.WRONG_TYPE),
        ("extendedFields", ViolationCode.WRONG_TYPE),
    ]
    said = [violation.description for violation in error.value.violations]
    assert said[0] == "must be a UUID"
    assert said[2] == "must be an Identifier"
    assert said[6] == "must be a ConfirmationActivity or None"
