"""The state and the evidence it needs: rules 4 to 6 of the contract's section 3."""

from datetime import timedelta
from typing import Any

import pytest

from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import OptInLevel, Ordering
from consent_core.wire import read_upsert
from tests.wire.bodies import NOW, Body, body, confirmed, found, pending, revoked, told

EARLY, LATE = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"
CONFIRMATION, REVOCATION = "lastConfirmationActivity", "lastRevokeActivity"


def both(state: str, confirmation: str | None, revocation: str | None) -> Body:
    """A request with both activities, dated so."""
    return body(
        state,
        lastConfirmationActivity={"updatedDate": confirmation},
        lastRevokeActivity={"updatedDate": revocation},
    )


@pytest.mark.parametrize("state", ["UNKNOWN_STATE", "NEVER_CONFIRMED"])
def test_states_without_evidence(state: str) -> None:
    """Rule 4.

    UNKNOWN_STATE and NEVER_CONFIRMED are known states, and rule 5 asks no evidence of them.
    """
    assert read_upsert(body(state)).state == state


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("SUBSCRIBED", "UNKNOWN_VALUE"),
        ("", "UNKNOWN_VALUE"),
        ("confirmed ", "UNKNOWN_VALUE"),
        (3, "WRONG_TYPE"),
    ],
)
def test_the_state_is_known(state: Any, code: str) -> None:
    """Rule 4: "state present and known"."""
    assert found(body(state)) == {("state", code)}


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("CONFIRMD", "CONFIRMED"),
        ("confirmed", "CONFIRMED"),
        ("revoke", "REVOKED"),
        ("Neverconfirmed", "NEVER_CONFIRMED"),
    ],
)
def test_a_typo_names_the_nearest_state(word: str, nearest: str) -> None:
    """Rule 8: an unknown enum word is a violation "naming the nearest known word"."""
    assert told(body(word), "state").endswith(f"did you mean {nearest}?")


@pytest.mark.parametrize("word", ["SUBSCRIBED", "X" * 5_000, "", "\ud800"])
def test_a_word_like_none_names_all(word: str) -> None:
    """Rule 8: where no known word is near, all are named, and never the unknown one."""
    description = told(body(word), "state")
    assert description.endswith(
        "known are UNKNOWN_STATE, NEVER_CONFIRMED, PENDING, CONFIRMED, REVOKED"
    )
    assert not word or word not in description


@pytest.mark.parametrize(
    ("state", "activity"),
    [("PENDING", CONFIRMATION), ("CONFIRMED", CONFIRMATION), ("REVOKED", REVOCATION)],
)
@pytest.mark.parametrize("other", [False, True])
def test_evidence_is_required(state: str, activity: str, other: bool) -> None:
    """Rule 5: PENDING or CONFIRMED need lastConfirmationActivity, REVOKED lastRevokeActivity.

    The other does not do.
    """
    sent = body(state)
    if other:
        sent[REVOCATION if activity == CONFIRMATION else CONFIRMATION] = {"updatedDate": EARLY}
    assert found(sent) == {(activity, "EVIDENCE_REQUIRED")}
    assert state in told(sent, activity)


@pytest.mark.parametrize("request_of", [confirmed, pending, revoked])
def test_an_empty_activity_is_evidence(request_of: Any) -> None:
    """Rule 7.

    An activity of which all is absent has an unknown source and the moment of receipt.
    """
    request = read_upsert(request_of())
    activity = request.last_confirmation_activity or request.last_revoke_activity
    assert activity is not None
    assert (activity.source, activity.updated_date) == ("UNKNOWN_SOURCE", None)


@pytest.mark.parametrize("state", ["CONFIRMED", "PENDING"])
@pytest.mark.parametrize(
    ("confirmation", "revocation", "code"),
    [
        (LATE, EARLY, None),
        (EARLY, EARLY, "CONTRADICTORY_EVIDENCE"),
        (EARLY, LATE, "CONTRADICTORY_EVIDENCE"),
        (None, EARLY, None),
        (EARLY, None, "REQUIRED"),
        (None, None, "REQUIRED"),
    ],
)
@pytest.mark.parametrize("now", [None, NOW])
def test_a_grant_is_later_than_its_revocation(
    state: str, confirmation: str | None, revocation: str | None, code: str | None, now: Any
) -> None:
    """Rule 5: a grant "whose revocation is dated at or after its confirmation contradicts itself".

    "A revocation beside a CONFIRMED needs a date, for it is asked when they left."
    """
    expected = {(f"{REVOCATION}.updatedDate", code)} if code else set()
    assert found(both(state, confirmation, revocation), now=now) == expected


@pytest.mark.parametrize("confirmation", [None, EARLY, LATE])
@pytest.mark.parametrize("revocation", [None, EARLY, LATE])
@pytest.mark.parametrize("now", [None, NOW])
def test_an_opt_out_never_contradicts_itself(
    confirmation: str | None, revocation: str | None, now: Any
) -> None:
    """Rule 5: "a REVOKED request is never refused for that".

    An opt-out is not lost because its dates are odd.
    """
    assert found(both("REVOKED", confirmation, revocation), now=now) == set()


@pytest.mark.parametrize("state", ["UNKNOWN_STATE", "NEVER_CONFIRMED"])
@pytest.mark.parametrize(
    ("confirmation", "revocation"), [(EARLY, LATE), (LATE, EARLY), (EARLY, EARLY)]
)
def test_states_without_evidence_take_any_order(
    state: str, confirmation: str, revocation: str
) -> None:
    """Rule 5.

    With UNKNOWN_STATE or NEVER_CONFIRMED both activities are taken, whatever their order.
    """
    assert found(both(state, confirmation, revocation)) == set()


def test_last_write_does_not_compare_dates() -> None:
    """Section 4.2: Ordering.LAST_WRITE "turns these rules off"."""
    assert (
        found(both("CONFIRMED", EARLY, LATE), policy=Policy(ordering=Ordering.LAST_WRITE)) == set()
    )


def test_a_fast_clock_never_costs_an_opt_out() -> None:
    """Section 4.2: "two clocks must never cost a person their opt-out".

    Within the skew none is contradictory.
    """
    ahead = (NOW + timedelta(minutes=3)).isoformat()
    assert found(both("REVOKED", ahead, None), now=NOW) == set()


def test_pending_with_a_single_confirmation() -> None:
    """Rule 6.

    "PENDING with SINGLE_CONFIRMATION is a violation", at the level, in the caller's own spelling.
    """
    sent = body("PENDING", last_confirmation_activity={"opt_in_level": "SINGLE_CONFIRMATION"})
    path = "marketingConsent.last_confirmation_activity.opt_in_level"
    assert found({"marketingConsent": sent}) == {(path, "NOT_ALLOWED")}


@pytest.mark.parametrize(
    "level", [{}, {"optInLevel": None}, {"optInLevel": "UNKNOWN_OPT_IN_LEVEL"}]
)
def test_pending_of_an_unknown_level_is_double(level: Body) -> None:
    """Rule 6: "with the level absent or unknown it is taken as DOUBLE_CONFIRMATION".

    CONFIRMED stays unknown.
    """
    taken, other = read_upsert(pending(**level)), read_upsert(confirmed(**level))
    assert taken.last_confirmation_activity is not None
    assert taken.last_confirmation_activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    assert other.last_confirmation_activity is not None
    assert other.last_confirmation_activity.opt_in_level is OptInLevel.UNKNOWN_OPT_IN_LEVEL
