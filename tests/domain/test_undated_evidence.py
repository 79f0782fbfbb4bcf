"""What a confirmation without a date can prove, and what it cannot (contract, section 4.2, undated
evidence).
"""

from datetime import timedelta

import pytest

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.decision import confirm_by_link
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    Reconsent,
    Result,
)
from tests.domain.builders import (
    CONFIRMED,
    DOUBLE,
    LAST_WRITE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    at,
    confirmed,
    no,
    one,
    pending,
    record,
    revoked,
    yes,
)

ACTING = [
    ConfirmationSource.FORM,
    ConfirmationSource.IN_PERSON,
    ConfirmationSource.LINK_CONFIRMATION,
]
OTHERS = [source for source in ConfirmationSource if source not in ACTING]
UNDATED = KeptReason.UNDATED_EVIDENCE


def sync(source: ConfirmationSource = ConfirmationSource.OTHER) -> Upsert:
    """What a nightly synchronisation says of everybody whom it holds for confirmed."""
    return ask(CONFIRMED, ConfirmationActivity(source=source, opt_in_level=SINGLE))


@pytest.mark.parametrize("source", ACTING)
def test_where_a_person_acts_it_is_evidence_of_now(source: ConfirmationSource) -> None:
    """Section 4.2.

    "An undated CONFIRMED from a source where a person acts is evidence of the moment of receipt".
    """
    decision = one(record(REVOKED, None, 9), sync(source))
    assert (decision.consent.state, decision.kept, decision.consent.confirmed_date) == (
        CONFIRMED,
        None,
        NOW,
    )


@pytest.mark.parametrize("source", OTHERS)
def test_from_elsewhere_it_lifts_no_revocation(source: ConfirmationSource) -> None:
    """Section 4.2.

    "it lifts no revocation (where the revocation slot is filled it is kept as UNDATED_EVIDENCE)".
    """
    for state in (UNKNOWN, NEVER, PENDING, CONFIRMED, REVOKED):
        before = record(state, 3, 2 if state is not REVOKED else 4)
        decision = one(before, sync(source))
        assert (decision.result, decision.kept, decision.consent) == (
            Result.UNCHANGED,
            UNDATED,
            before,
        )


@pytest.mark.parametrize("source", OTHERS)
def test_it_fills_an_empty_slot(source: ConfirmationSource) -> None:
    """Section 4.2: "it fills an empty confirmation slot, dated at receipt"."""
    for before in (None, record(UNKNOWN), record(NEVER)):
        decision = one(before, sync(source))
        assert (decision.consent.state, decision.kept, decision.consent.confirmed_date) == (
            CONFIRMED,
            None,
            NOW,
        )


def test_it_answers_a_question_at_the_date_of_the_question() -> None:
    """Section 4.2: "and answers a question; it never moves a filled slot".

    A later opt-out still counts.
    """
    decision = one(record(PENDING, 3), sync())
    assert (decision.consent.state, decision.kept, decision.consent.confirmed_date) == (
        CONFIRMED,
        None,
        at(3),
    )
    activity = decision.consent.last_confirmation_activity
    assert activity is not None
    assert (activity.source, activity.opt_in_level) == (ConfirmationSource.OTHER, SINGLE)
    assert one(decision.consent, revoked(4)).consent.state is REVOKED


def test_a_nightly_sync_renews_nothing() -> None:
    """Section 4.2.

    "So a nightly sync that says CONFIRMED re-subscribes nobody and renews nothing".
    """
    first = one(None, sync()).consent
    for day in (1, 2, 3):
        again = one(first, sync(), now=NOW + timedelta(days=day))
        assert (again.result, again.kept, again.consent) == (Result.UNCHANGED, None, first)
    other = one(record(CONFIRMED, 3), sync())
    assert (other.result, other.kept) == (Result.UNCHANGED, UNDATED)


def test_the_sources_are_a_choice() -> None:
    """Policy ``undated_is_now``; the preset ``wix`` names all, the preset ``strict`` none."""
    before = record(REVOKED, None, 9)
    assert one(before, sync(), policy=Policy.wix()).consent.state is CONFIRMED
    assert one(before, confirmed(), policy=Policy(undated_is_now=frozenset())).kept is UNDATED
    only = Policy(undated_is_now=frozenset({ConfirmationSource.OTHER}))
    assert one(before, sync(), policy=only).consent.state is CONFIRMED


def test_a_question_needs_no_date() -> None:
    """Only a CONFIRMED must prove its order: a question harms nobody."""
    decision = one(record(REVOKED, None, 9), pending(), policy=Policy.strict())
    assert (decision.consent.state, decision.consent.confirmed_date) == (PENDING, NOW)


def test_the_last_write_needs_no_date() -> None:
    """Section 4.2: "LAST_WRITE .

    Turns the comparison of dates off and takes requests as they arrive".
    """
    decision = one(record(REVOKED, 3, 9), sync(), policy=LAST_WRITE)
    assert (decision.consent.state, decision.consent.confirmed_date) == (CONFIRMED, NOW)


def test_beside_a_revocation_it_proves_no_order_either() -> None:
    """A revocation that comes with it fills the slot first, so that it lifts nothing."""
    decision = one(None, ask(CONFIRMED, ConfirmationActivity(), no(9)))
    assert (decision.consent.state, decision.kept) == (REVOKED, UNDATED)


def test_a_retry_of_a_dated_request_lifts_no_opt_out() -> None:
    """Section 4.2, retries.

    "whoever may retry dates it before the first attempt (``dated_at``)".
    """
    request = confirmed().dated_at(at(10))
    first = one(None, request, now=at(11)).consent
    left = one(first, revoked(), now=at(12)).consent
    assert one(left, request, now=at(13)).consent.state is REVOKED
    careless = one(one(None, confirmed(), now=at(11)).consent, revoked(), now=at(12)).consent
    assert one(careless, confirmed(), now=at(13)).consent.state is CONFIRMED


def test_dating_a_request_keeps_its_dates_and_all_else() -> None:
    """Only what is undated is dated; the moment must have an offset."""
    for request in (ask(CONFIRMED, yes(5)), ask(REVOKED, None, no(5)), ask(NEVER)):
        assert request.dated_at(at(10)) == request
    assert pending().dated_at(at(10)) == pending(10)
    assert revoked().dated_at(at(10)) == revoked(10)
    with pytest.raises(InvalidConsent):
        pending().dated_at(at(10).replace(tzinfo=None))


@pytest.mark.parametrize("state", [CONFIRMED, PENDING])
def test_the_stronger_proof_is_not_taken_away(state: ConsentState) -> None:
    """Section 4.2: "A newer single confirmation does not take it away".

    What was only asked proves nothing.
    """
    before = record(state, yes(3, DOUBLE))
    after = one(before, ask(CONFIRMED, yes(9, SINGLE))).consent
    assert after.double_confirmed_date == (at(3) if state is CONFIRMED else None)
    assert after.confirmed_date == at(9)


def test_the_stronger_proof_only_grows() -> None:
    """Section 4.2: "it only grows", and only by a CONFIRMED that was taken."""
    proven = record(CONFIRMED, yes(3, DOUBLE))
    left = one(proven, revoked(10)).consent
    assert left.double_confirmed_date == at(3)
    assert not left.doubly_confirmed
    late = one(left, ask(CONFIRMED, yes(9, DOUBLE)))
    assert (late.kept, late.consent.double_confirmed_date) == (KeptReason.STALE_EVIDENCE, at(3))
    asked = one(left, pending(20)).consent
    assert asked.double_confirmed_date == at(3)
    back = one(asked, ask(CONFIRMED, yes(15, DOUBLE))).consent
    assert (back.state, back.double_confirmed_date, back.doubly_confirmed) == (
        CONFIRMED,
        at(15),
        True,
    )


def test_a_margin_lets_only_clear_evidence_lift_a_revocation() -> None:
    """Section 4.2: "a CONFIRMED must be later than the revocation by more than this"."""
    policy = Policy(evidence_margin=timedelta(minutes=5))
    before = record(REVOKED, None, 10)
    assert one(before, confirmed(15), policy=policy).kept is KeptReason.STALE_EVIDENCE
    assert one(before, confirmed(16), policy=policy).kept is None
    assert one(before, pending(11), policy=policy).kept is None
    assert one(record(CONFIRMED, 10), revoked(5), policy=policy).consent.state is REVOKED
    assert one(record(CONFIRMED, 10), revoked(4), policy=policy).consent.state is CONFIRMED


def test_a_link_adds_no_margin_and_survives_the_opt_out_that_it_lifted() -> None:
    """Section 6: its order "is proven by revisions".

    A margin on top would outrank opt-outs after the click.
    """
    policy = Policy(evidence_margin=timedelta(minutes=5), reconsent=Reconsent.DOUBLE_OPT_IN)
    asked = record(PENDING, 11, 10)
    back = confirm_by_link(asked, now=at(8), policy=policy).consent
    assert (back.state, back.confirmed_date) == (CONFIRMED, at(11))
    repeated = one(back, revoked(10), now=at(12), policy=policy)
    assert (repeated.result, repeated.kept) == (Result.UNCHANGED, KeptReason.STALE_EVIDENCE)
    for minute in (7, 10.5, 11):
        assert one(back, revoked(minute), now=at(12), policy=policy).consent.state is REVOKED
    later = confirm_by_link(record(PENDING, 11, 10), now=at(20), policy=policy).consent
    assert (later.confirmed_date, later.double_confirmed_date) == (at(20), at(20))


@pytest.mark.parametrize(
    ("before", "minute", "dated"),
    [
        (record(PENDING, 5), 8, 8),  # at receipt
        (record(PENDING, 9), 8, 9),  # at the question, which a fast clock dated
        # What is in the slot is no question, and newer.
        (record(CONFIRMED, 9, subject_confirmed_date=at(9)), 8, None),
        (record(CONFIRMED, 5), 8, 8),
    ],
)
def test_a_link_counts_at_receipt_or_at_its_question(
    before: MarketingConsent, minute: int, dated: int | None
) -> None:
    """Section 6: a confirmation link confirms a second time, by the person."""
    outcome = confirm_by_link(before, now=at(minute))
    if dated is None:
        assert outcome == Outcome(Result.UNCHANGED, KeptReason.STALE_EVIDENCE, before, ())
        return
    proof = outcome.consent.last_confirmation_activity
    assert (outcome.result, outcome.kept, outcome.consent.state) == (
        Result.UPDATED,
        None,
        CONFIRMED,
    )
    assert proof is not None
    assert (proof.source, proof.opt_in_level, proof.updated_date) == (
        ConfirmationSource.LINK_CONFIRMATION,
        DOUBLE,
        at(dated),
    )


def test_a_link_counts_just_after_the_revocation_that_it_follows() -> None:
    """Its order is proven by revisions, so a fast clock that dated the opt-out does not outrank
    it.
    """
    asked = record(PENDING, 5, 9)
    assert confirm_by_link(asked, now=at(8)).consent.confirmed_date == at(9) + timedelta.resolution


def test_undated_evidence_proves_no_double_opt_in_of_an_older_date() -> None:
    """Section 4.2.

    It cannot prove any order, so of the date of a slot it proves no more than the slot does.
    """
    double = ask(
        CONFIRMED, ConfirmationActivity(source=ConfirmationSource.OTHER, opt_in_level=DOUBLE)
    )
    for before in (record(NEVER, yes(3, SINGLE)), record(PENDING, 3)):
        consent = one(before, double).consent
        assert (consent.state, consent.confirmed_date, consent.double_confirmed_date) == (
            CONFIRMED,
            at(3),
            None,
        )
        again = one(consent, double)
        assert (again.result, again.kept) == (Result.UNCHANGED, None)
    assert one(None, double).consent.double_confirmed_date == NOW
