"""No state without its evidence.

Requests and records refuse to be built without it (section 3, rules 5 and 6).
"""

from typing import Any

import pytest

from consent_core.domain.activities import (
    PROOF,
    ConfirmationActivity,
    RevokeActivity,
    evidence_problems,
)
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import ConsentState, OptInLevel, ViolationCode
from tests.domain.builders import (  # fmt: skip
    ANY_LEVEL,
    CONFIRMED,
    DOUBLE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    no,
    record,
    violations_of,
    yes,
)

CONFIRMATION = "lastConfirmationActivity"
REVOCATION = "lastRevokeActivity"


def built(state: ConsentState, confirmation: Any, revocation: Any) -> MarketingConsent:
    """A record built from its parts."""
    return record(state, confirmation, revocation)


MAKERS = [ask, built]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("state", "confirmation", "revocation", "path"),
    [
        (PENDING, None, None, CONFIRMATION),
        (PENDING, None, no(1), CONFIRMATION),
        (CONFIRMED, None, None, CONFIRMATION),
        (CONFIRMED, None, no(1), CONFIRMATION),
        (REVOKED, None, None, REVOCATION),
        (REVOKED, yes(1), None, REVOCATION),
    ],
)
def test_a_state_needs_its_evidence(
    make: Any, state: ConsentState, confirmation: Any, revocation: Any, path: str
) -> None:
    """Rule 5: PENDING and CONFIRMED need a confirmation, REVOKED a revocation.

    Law 7 for records.
    """
    with pytest.raises(
        InvalidConsent, match=rf": is required: it is the evidence for {state} \["
    ) as error:
        make(state, confirmation, revocation)
    assert violations_of(error) == [(path, ViolationCode.EVIDENCE_REQUIRED)]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("state", "confirmation", "revocation"),
    [
        (UNKNOWN, None, None),
        (UNKNOWN, yes(1), no(1)),
        (NEVER, None, None),
        (NEVER, yes(1, SINGLE), None),
        (PENDING, yes(1), None),
        (PENDING, yes(1), no(0)),
        (CONFIRMED, yes(1, SINGLE), None),
        (CONFIRMED, yes(1, ANY_LEVEL), no(0)),
        (REVOKED, None, no(1)),
        (REVOKED, yes(0, SINGLE), no(1)),
    ],
)
def test_a_state_with_its_evidence_is_taken(
    make: Any, state: ConsentState, confirmation: Any, revocation: Any
) -> None:
    """Rule 5: further evidence than the state needs may be there."""
    value = make(state, confirmation, revocation)
    assert (value.state, value.last_confirmation_activity) == (state, confirmation)
    assert value.last_revoke_activity == revocation


@pytest.mark.parametrize("make", MAKERS)
def test_pending_is_no_single_confirmation(make: Any) -> None:
    """Rule 6: "PENDING with SINGLE_CONFIRMATION is a violation"."""
    saying = "must be DOUBLE_CONFIRMATION: PENDING waits for the second confirmation"
    with pytest.raises(InvalidConsent, match=rf": {saying} \[") as error:
        make(PENDING, yes(1, SINGLE), None)
    assert violations_of(error) == [(f"{CONFIRMATION}.optInLevel", ViolationCode.NOT_ALLOWED)]


@pytest.mark.parametrize("make", [built])
def test_a_stored_pending_has_its_level(make: Any) -> None:
    """Rule 6: what a request means is stored, so a record without the level does not exist."""
    with pytest.raises(InvalidConsent) as error:
        make(PENDING, yes(1, ANY_LEVEL), None)
    assert violations_of(error) == [(f"{CONFIRMATION}.optInLevel", ViolationCode.NOT_ALLOWED)]


@pytest.mark.parametrize("make", [built])
@pytest.mark.parametrize("state", [UNKNOWN, NEVER, PENDING, CONFIRMED, REVOKED])
def test_stored_evidence_is_dated(make: Any, state: ConsentState) -> None:
    """Section 4.2: a slot has a date; all missing ones are told."""
    with pytest.raises(
        InvalidConsent, match=r": is required: evidence that is stored has a date \["
    ) as error:
        make(state, yes(), no())
    assert violations_of(error) == [
        (f"{CONFIRMATION}.updatedDate", ViolationCode.REQUIRED),
        (f"{REVOCATION}.updatedDate", ViolationCode.REQUIRED),
    ]


def test_each_slot_is_dated_by_itself() -> None:
    """Section 4.2: one that is missing is told also where the other one is there."""
    for confirmation, revocation, path in (
        (yes(), no(1), CONFIRMATION),
        (yes(), None, CONFIRMATION),
        (yes(2), no(), REVOCATION),
    ):
        with pytest.raises(InvalidConsent) as error:
            built(CONFIRMED, confirmation, revocation)
        assert violations_of(error) == [(f"{path}.updatedDate", ViolationCode.REQUIRED)]


def test_missing_and_undated_evidence_are_told_together() -> None:
    """Section 3: all violations of one record."""
    with pytest.raises(InvalidConsent) as error:
        built(REVOKED, yes(), None)
    assert violations_of(error) == [
        (REVOCATION, ViolationCode.EVIDENCE_REQUIRED),
        (f"{CONFIRMATION}.updatedDate", ViolationCode.REQUIRED),
    ]


def test_the_dates_of_the_slots() -> None:
    """Empty slots have no date."""
    assert record(NEVER).confirmed_date is None
    assert record(NEVER).revoked_date is None
    assert record(NEVER, NOW.minute, 7).revoked_date == no(7).updated_date


def test_the_proof_of_every_state() -> None:
    """Rule 5, as data for the other floors."""
    assert dict(PROOF) == {
        UNKNOWN: None,
        NEVER: None,
        PENDING: ConfirmationActivity,
        CONFIRMED: ConfirmationActivity,
        REVOKED: RevokeActivity,
    }
    assert evidence_problems(PENDING, confirmed=True, revoked=False, level=DOUBLE) == {}
    for level in (None, ANY_LEVEL, SINGLE, OptInLevel.DOUBLE_CONFIRMATION):
        assert evidence_problems(CONFIRMED, confirmed=True, revoked=False, level=level) == {}


def test_all_wrong_types_of_a_request_are_told() -> None:
    """Section 3, rule 8: a wrong type each, together, by wire name."""
    wrong: Any = {"details": "ada@example.org", "state": "PENDING"}
    wrong |= {"last_confirmation_activity": no(1), "last_revoke_activity": yes(1)}
    with pytest.raises(InvalidConsent) as error:
        Upsert(**wrong)
    assert violations_of(error) == [
        ("details", ViolationCode.WRONG_TYPE),
        ("state", ViolationCode.UNKNOWN_VALUE),
        (CONFIRMATION, ViolationCode.WRONG_TYPE),
        (REVOCATION, ViolationCode.WRONG_TYPE),
    ]
