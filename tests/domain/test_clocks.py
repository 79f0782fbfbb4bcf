"""Two clocks never cost a person their opt-out.

Undated evidence, clock skew, clocks that run backwards.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.tombstones import erase
from consent_core.domain.vocabulary import ConsentState, KeptReason, Result, ViolationCode
from tests.domain.builders import (
    CONFIRMED,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    START,
    UNKNOWN,
    ask,
    at,
    confirmed,
    no,
    one,
    pending,
    record,
    revoked,
    violations_of,
    yes,
)

SKEW = timedelta(minutes=5)
TICK = timedelta(microseconds=1)


def test_undated_evidence_is_dated_at_receipt() -> None:
    """Section 3, rule 7: "updatedDate absent or null means the moment of receipt"."""
    assert one(None, confirmed()).consent.confirmed_date == NOW
    assert one(None, pending()).consent.confirmed_date == NOW
    assert one(None, revoked()).consent.revoked_date == NOW
    bare = one(None, ask(NEVER, yes(), no())).consent
    assert (bare.confirmed_date, bare.revoked_date) == (NOW, NOW)


def test_dating_keeps_everything_else() -> None:
    """Only the date is filled in."""
    assert one(None, ask(CONFIRMED, yes(text="form"))).consent.last_confirmation_activity == yes(
        1000, text="form"
    )
    assert one(None, ask(REVOKED, None, no(text="link"))).consent.last_revoke_activity == no(
        1000, text="link"
    )


def test_an_undated_revocation_is_never_before_the_confirmation_slot() -> None:
    """Section 4.2: "dated at receipt or at the confirmation slot, whichever is later"."""
    slow = at(990)
    later = one(record(CONFIRMED, 995), revoked(), now=slow)
    assert (later.consent.state, later.consent.revoked_date) == (REVOKED, at(995))
    earlier = one(record(CONFIRMED, 985), revoked(), now=slow)
    assert (earlier.consent.state, earlier.consent.revoked_date) == (REVOKED, slow)
    unproven = one(None, ask(UNKNOWN, yes(992), no()), now=slow).consent
    assert (unproven.confirmed_date, unproven.revoked_date) == (at(987), slow)


def test_an_undated_grant_is_not_lifted_over_the_revocation_slot() -> None:
    """Only opt-outs are protected: a grant received by a slow clock stays behind the revocation."""
    decision = one(record(REVOKED, None, 995), confirmed(), now=at(990))
    assert (decision.consent.state, decision.kept) == (REVOKED, KeptReason.STALE_EVIDENCE)
    assert decision.consent.confirmed_date == at(990)


@pytest.mark.parametrize("ahead", [TICK, timedelta(minutes=1), SKEW])
def test_a_grant_ahead_of_receipt_counts_its_skew_earlier(ahead: timedelta) -> None:
    """Section 4.2: "comes from a clock that is fast by up to that.

    It counts, and is stored, as its own date minus".
    """
    grant = ConfirmationActivity(updated_date=NOW + ahead)
    for state in (CONFIRMED, PENDING, UNKNOWN):
        asked = grant.doubly() if state is PENDING else grant
        assert one(None, ask(state, asked)).consent.confirmed_date == NOW + ahead - SKEW
    assert (
        one(
            record(REVOKED, None, RevokeActivity(updated_date=NOW + ahead - SKEW)),
            ask(CONFIRMED, grant),
        ).kept
        is KeptReason.STALE_EVIDENCE
    )
    assert (
        one(
            record(REVOKED, None, RevokeActivity(updated_date=NOW + ahead - SKEW - TICK)),
            ask(CONFIRMED, grant),
        ).kept
        is None
    )


@pytest.mark.parametrize("ahead", [TICK, SKEW, timedelta(days=400)])
@pytest.mark.parametrize("state", [REVOKED, UNKNOWN])
def test_an_opt_out_ahead_of_receipt_happened_now(ahead: timedelta, state: ConsentState) -> None:
    """Section 3, rule 7: "An opt-out is never refused for its date.

    Ahead of receipt, it happened now".
    """
    assert (
        one(None, ask(state, None, RevokeActivity(updated_date=NOW + ahead))).consent.revoked_date
        == NOW
    )
    fast = record(CONFIRMED, 1002)
    assert one(
        fast, ask(REVOKED, None, RevokeActivity(updated_date=NOW + ahead))
    ).consent.revoked_date == at(1002)


def test_the_same_grant_again_is_the_same_evidence() -> None:
    """Section 4.2.

    "Delivered again, at once or later, it is the same evidence", also after an opt-out came
    between.
    """
    command = confirmed(1004)
    first = one(None, command)
    assert first.consent.confirmed_date == at(999)
    assert one(first.consent, command, now=at(1001)).result is Result.UNCHANGED
    assert one(first.consent, command, now=at(1010)).result is Result.UNCHANGED
    left = one(first.consent, revoked(1002), now=at(1002)).consent
    for minute in (1003, 1010):
        again = one(left, command, now=at(minute))
        assert (again.consent.state, again.kept) == (REVOKED, KeptReason.STALE_EVIDENCE)
    other = one(left, ask(CONFIRMED, yes(1004, text="another form")), now=at(1010))
    assert other.consent.state is CONFIRMED


@pytest.mark.parametrize(
    ("before_receipt", "taken"), [(TICK, True), (SKEW, True), (SKEW + TICK, False)]
)
def test_a_fast_server_does_not_cost_the_opt_out(before_receipt: timedelta, taken: bool) -> None:
    """Section 4.2.

    Where the slot is ahead of receipt, a revocation within the skew before "counts at" the slot.
    """
    decision = one(
        record(CONFIRMED, 1003),
        ask(REVOKED, None, RevokeActivity(updated_date=NOW - before_receipt)),
    )
    assert (decision.consent.state is REVOKED) is taken
    assert decision.consent.revoked_date == (at(1003) if taken else NOW - before_receipt)
    right = one(
        record(CONFIRMED, 1000), ask(REVOKED, None, RevokeActivity(updated_date=NOW - TICK))
    )
    assert right.kept is KeptReason.STALE_EVIDENCE


def test_dates_up_to_receipt_stay_as_they_are() -> None:
    """Only dates ahead of receipt are touched."""
    for dated in (NOW, NOW - TICK, START):
        assert (
            one(
                None, ask(CONFIRMED, ConfirmationActivity(updated_date=dated))
            ).consent.confirmed_date
            == dated
        )
        assert (
            one(None, ask(REVOKED, None, RevokeActivity(updated_date=dated))).consent.revoked_date
            == dated
        )


def test_a_date_beyond_the_skew_is_refused() -> None:
    """Section 3, rule 7: "it would outrank everything after it".

    That of a revocation is never a reason.
    """
    command = ask(
        CONFIRMED,
        ConfirmationActivity(updated_date=NOW + SKEW + 2 * TICK),
        RevokeActivity(updated_date=NOW + SKEW + TICK),
    )
    with pytest.raises(InvalidConsent) as error:
        one(None, command)
    assert violations_of(error) == [
        ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE)
    ]
    expected = "must not be more than 0:05:00 ahead of now"
    assert error.value.violations[0].description == expected


def test_the_skew_is_a_choice_of_the_policy() -> None:
    """Section 3, rule 7: "further in the future than the policy's clock skew"."""
    none = Policy(clock_skew=timedelta(0))
    command = ask(CONFIRMED, ConfirmationActivity(updated_date=NOW + TICK))
    with pytest.raises(InvalidConsent):
        one(None, command, policy=none)
    assert one(None, confirmed(1000), policy=none).result is Result.CREATED
    day = Policy(clock_skew=timedelta(days=1))
    assert one(None, confirmed(2000), policy=day).consent.confirmed_date == at(2000) - timedelta(
        days=1
    )


def test_the_earliest_and_latest_dates_do_not_overflow() -> None:
    """Any date that Python can hold is judged, not stumbled over."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    ancient = ask(CONFIRMED, ConfirmationActivity(updated_date=first))
    assert one(None, ancient, now=first).consent.confirmed_date == first
    assert one(None, ancient, now=last).consent.confirmed_date == first
    ahead = ask(CONFIRMED, ConfirmationActivity(updated_date=first + TICK))
    assert one(None, ahead, now=first).consent.confirmed_date == first
    with pytest.raises(InvalidConsent):
        one(None, ask(CONFIRMED, ConfirmationActivity(updated_date=last)), now=first)


def test_a_clock_set_back_does_not_make_a_record_older() -> None:
    """A record's history is read by date: its updated date never decreases."""
    before = record(CONFIRMED, 100, updated_date=at(900))
    assert one(before, revoked(), now=at(500)).consent.updated_date == at(900)
    assert one(before, revoked(), now=at(901)).consent.updated_date == at(901)
    assert one(None, confirmed(1)).consent.updated_date == NOW
    assert one(None, confirmed(1)).consent.created_date == NOW


def test_moments_with_another_offset_are_the_same_moments() -> None:
    """Dates are compared and stored in UTC, from wherever they come."""
    india = timezone(timedelta(hours=5, minutes=30))
    decision = one(
        None, ask(CONFIRMED, ConfirmationActivity(updated_date=at(1).astimezone(india))), now=NOW
    )
    assert decision.consent.confirmed_date == at(1)
    assert decision.consent.confirmed_date.tzinfo is UTC
    received = one(None, confirmed(), now=NOW.astimezone(india)).consent
    assert received.updated_date.tzinfo is UTC
    assert received.created_date == NOW


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (datetime(2026, 1, 1), ViolationCode.DATE_WITHOUT_OFFSET),  # noqa: DTZ001 - that is what is refused
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), ViolationCode.INVALID_DATE),
        ("2026-01-01T00:00:00Z", ViolationCode.WRONG_TYPE),
        (None, ViolationCode.WRONG_TYPE),
    ],
)
def test_the_moment_of_receipt_must_be_a_moment(now: Any, code: ViolationCode) -> None:
    """Section 3, rule 7.

    "A date-time without an offset is a violation", for the clock as for the evidence.
    """
    for call in (
        lambda: one(None, confirmed(1), now=now),
        lambda: erase(record(CONFIRMED, 1), now=now),
    ):
        with pytest.raises(InvalidConsent) as error:
            call()
        assert violations_of(error) == [("now", code)]


@pytest.mark.parametrize("state", [PENDING, CONFIRMED, REVOKED])
def test_undated_evidence_received_later_is_newer(state: ConsentState) -> None:
    """Undated evidence counts from its receipt: received again later, it refreshes the slot."""
    command = {PENDING: pending(), CONFIRMED: confirmed(), REVOKED: revoked()}[state]
    first = one(None, command, now=at(1)).consent
    again = one(first, command, now=at(2))
    assert (again.result, again.kept, again.consent.updated_date) == (Result.UPDATED, None, at(2))
    assert at(2) in (again.consent.confirmed_date, again.consent.revoked_date)
