"""What a request leaves in the two slots: taken, late, or kept out (contract, section 4.2)."""

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import ConsentState, KeptReason, Result
from tests.domain.builders import (
    ADA,
    ANY_LEVEL,
    CONFIRMED,
    DOUBLE,
    DOUBLE_OPT_IN,
    LAST_WRITE,
    LINE,
    NEVER,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    confirmed,
    no,
    one,
    pending,
    record,
    revoked,
    yes,
)

STALE = KeptReason.STALE_EVIDENCE


def after(
    before: MarketingConsent | None, command: Upsert
) -> tuple[object, object, object, object]:
    """State, slots and reason after a request."""
    decision = one(before, command)
    consent = decision.consent
    return (
        consent.state,
        consent.last_confirmation_activity,
        consent.last_revoke_activity,
        decision.kept,
    )


@pytest.mark.parametrize("stored", [UNKNOWN, NEVER])
def test_evidence_beats_no_evidence(stored: ConsentState) -> None:
    """Section 4.2.

    "PENDING, CONFIRMED and REVOKED move a record out of UNKNOWN_STATE and NEVER_CONFIRMED".
    """
    assert after(record(stored), pending(1)) == (PENDING, yes(1), None, None)
    assert after(record(stored), confirmed(1)) == (CONFIRMED, yes(1), None, None)
    assert after(record(stored), revoked(1)) == (REVOKED, None, no(1), None)


@pytest.mark.parametrize("stored", [UNKNOWN, NEVER])
def test_filled_slots_bind_also_where_the_state_says_nothing(stored: ConsentState) -> None:
    """Section 4.2: "if one is filled, whatever the state".

    Late evidence still fills its own older slot.
    """
    assert after(record(stored, None, 5), confirmed(5)) == (stored, yes(5), no(5), STALE)
    assert after(record(stored, None, 5), confirmed(6)) == (CONFIRMED, yes(6), no(5), None)
    assert after(record(stored, None, 5), pending(5)) == (stored, None, no(5), STALE)
    assert after(record(stored, 5), revoked(4)) == (stored, yes(5), no(4), STALE)
    assert after(record(stored, 5), revoked(5)) == (REVOKED, yes(5), no(5), None)
    assert after(record(stored, 9), confirmed(6)) == (CONFIRMED, yes(6), None, None)


def test_a_taken_grant_fills_the_confirmation_slot_and_keeps_the_revocation() -> None:
    """Section 4.2: "a taken grant fills the confirmation slot"."""
    assert after(record(PENDING, 5, 1), confirmed(3)) == (CONFIRMED, yes(3), no(1), None)
    assert after(record(CONFIRMED, 5, 1), confirmed(6)) == (CONFIRMED, yes(6), no(1), None)
    assert after(record(REVOKED, 5, 6), confirmed(7)) == (CONFIRMED, yes(7), no(6), None)
    assert after(record(REVOKED, 5, 6), pending(7)) == (PENDING, yes(7), no(6), None)
    assert after(record(PENDING, 5), pending(6)) == (PENDING, yes(6), None, None)


def test_a_taken_revocation_keeps_the_confirmation() -> None:
    """Section 4.2.

    A revocation at or after the confirmation is taken, and the proof of the yes stays.
    """
    assert after(record(CONFIRMED, 5, 1), revoked(5)) == (REVOKED, yes(5), no(5), None)
    assert after(record(PENDING, 5), revoked(6)) == (REVOKED, yes(5), no(6), None)
    assert after(record(REVOKED, 5, 6), revoked(7)) == (REVOKED, yes(5), no(7), None)


def test_the_revocation_slot_takes_the_newer_of_what_it_holds_and_what_comes() -> None:
    """Section 4.2: also when an older revocation is taken, as from a state without evidence."""
    assert after(record(UNKNOWN, None, 7), revoked(5)) == (REVOKED, None, no(7), None)
    assert after(record(NEVER, None, 5), ask(REVOKED, None, no(5, "other"))) == (
        REVOKED,
        None,
        no(5),
        None,
    )


@pytest.mark.parametrize(
    ("before", "command", "confirmation", "revocation"),
    [
        (record(REVOKED, None, 6), confirmed(5), yes(5), no(6)),
        (record(REVOKED, 4, 6), confirmed(5), yes(5), no(6)),
        (record(REVOKED, 4, 6), confirmed(6), yes(6), no(6)),
        (record(REVOKED, 5, 6), confirmed(4), yes(5), no(6)),
        (record(REVOKED, 5, 6), ask(CONFIRMED, yes(5, SINGLE)), yes(5), no(6)),
        (record(CONFIRMED, 6), revoked(5), yes(6), no(5)),
        (record(CONFIRMED, 6, 4), revoked(5), yes(6), no(5)),
        (record(CONFIRMED, 6, 5), revoked(4), yes(6), no(5)),
        (record(CONFIRMED, 6, 5), ask(REVOKED, None, no(5, "other")), yes(6), no(5)),
        (record(PENDING, 6), revoked(5), yes(6), no(5)),
        (record(PENDING, 6, 4), confirmed(4), yes(6), no(4)),
        (record(CONFIRMED, 6, 4), confirmed(5), yes(6), no(4)),
        (record(REVOKED, None, 6), revoked(5), None, no(6)),
    ],
)
def test_late_evidence_fills_its_own_slot_where_that_is_empty_or_older(
    before: MarketingConsent,
    command: Upsert,
    confirmation: ConfirmationActivity | None,
    revocation: RevokeActivity | None,
) -> None:
    """Section 4.2: "the evidence is true, only late"; the state is kept as STALE_EVIDENCE."""
    assert after(before, command) == (before.state, confirmation, revocation, STALE)


def test_late_evidence_that_fills_a_slot_is_a_change() -> None:
    """Law 5: what is stored has a revision and an event, although the state is kept."""
    decision = one(record(CONFIRMED, 6), revoked(5))
    assert (decision.result, decision.kept) == (Result.UPDATED, STALE)
    assert (decision.consent.revision, len(decision.events)) == (4, 1)
    decision = one(record(CONFIRMED, 6, 5), revoked(5))
    assert (decision.result, decision.kept, decision.events) == (Result.UNCHANGED, STALE, ())


@pytest.mark.parametrize(
    ("before", "minute", "reason"),
    [
        (record(CONFIRMED, 6), 9, KeptReason.ALREADY_CONFIRMED),
        (record(CONFIRMED, 6), 3, KeptReason.ALREADY_CONFIRMED),
        (record(CONFIRMED, 6), 6, KeptReason.ALREADY_CONFIRMED),
        (record(PENDING, 6), 5, STALE),
        (record(REVOKED, None, 6), 5, STALE),
        (record(REVOKED, 3, 6), 6, STALE),
        (record(UNKNOWN, None, 6), 6, STALE),
    ],
)
def test_a_kept_pending_fills_nothing(
    before: MarketingConsent, minute: int, reason: KeptReason
) -> None:
    """Section 4.2: "it must not replace the proof of a confirmation"."""
    decision = one(before, pending(minute))
    assert (decision.result, decision.kept) == (Result.UNCHANGED, reason)
    assert decision.consent is before


def test_late_evidence_never_makes_a_record_that_cannot_be() -> None:
    """Section 4.2.

    "A request that loses is not an error", also for a record that LAST_WRITE left out of order.
    """
    before = record(PENDING, 3, 5)
    decision = one(before, ask(CONFIRMED, yes(4, SINGLE)))
    assert (decision.consent.state, decision.kept) == (PENDING, STALE)
    assert decision.consent.last_confirmation_activity == yes(3)


@pytest.mark.parametrize("state", [UNKNOWN, NEVER])
def test_states_without_evidence_take_effect_on_arrival_and_leave_the_slots(
    state: ConsentState,
) -> None:
    """Section 4.2.

    "never on a REVOKED record, nor on a PENDING one whose revocation slot is filled".
    """
    asked, answered = record(PENDING, 6, details=LINE), record(CONFIRMED, 6, 5, details=LINE)
    assert after(asked, ask(state, details=LINE)) == (state, yes(6), None, None)
    assert after(answered, ask(state, details=LINE)) == (state, yes(6), no(5), None)
    kept = KeptReason.REVOKED_NEEDS_EVIDENCE
    for before in (record(REVOKED, 5, 6, details=LINE), record(PENDING, 6, 5, details=LINE)):
        assert after(before, ask(state, details=LINE)) == (
            before.state,
            before.last_confirmation_activity,
            before.last_revoke_activity,
            kept,
        )


@pytest.mark.parametrize("state", [UNKNOWN, NEVER])
def test_activities_without_proof_are_stored_with_a_new_record_only(state: ConsentState) -> None:
    """Section 3, rule 5: "stored with a new record.

    For an existing one the confirmation is ignored".
    """
    command = ask(state, yes(3, SINGLE), no(7))
    assert after(None, command) == (state, yes(3, SINGLE), no(7), None)
    assert after(None, ask(state, None, no(7))) == (state, None, no(7), None)
    assert after(None, ask(state, yes(3))) == (state, yes(3), None, None)
    other = record(NEVER if state is UNKNOWN else UNKNOWN, 1, details=LINE)
    moved = after(other, ask(state, yes(3), details=LINE))
    assert moved == (state, yes(1), None, None)
    same = record(state, 1)
    decision = one(same, ask(state, yes(3)))
    assert (decision.result, decision.kept, decision.consent) == (Result.UNCHANGED, None, same)


@pytest.mark.parametrize("state", [UNKNOWN, NEVER])
@pytest.mark.parametrize("stored", [UNKNOWN, NEVER, PENDING, CONFIRMED])
def test_a_revocation_counts_whatever_it_comes_with(
    state: ConsentState, stored: ConsentState
) -> None:
    """Section 3, rule 5: "a revocation never is [ignored].

    It is decided first, as a REVOKED request of its own".
    """
    consent = one(record(stored, 3, details=LINE), ask(state, yes(9), no(7), details=LINE)).consent
    assert (consent.state, consent.last_confirmation_activity) == (REVOKED, yes(3))
    assert consent.last_revoke_activity == no(7)
    late = one(record(CONFIRMED, 8, details=ADA), ask(NEVER, None, no(7))).consent
    assert (late.state, late.last_revoke_activity) == (NEVER, no(7))


@pytest.mark.parametrize(
    ("before", "command", "confirmation", "revocation"),
    [
        (record(CONFIRMED, 6), pending(3), yes(3), None),
        (record(CONFIRMED, 6), revoked(3), yes(6), no(3)),
        (record(REVOKED, 2, 6), confirmed(3), yes(3), no(6)),
        (record(REVOKED, 2, 6), revoked(3), yes(2), no(3)),
        (record(PENDING, 6), pending(3), yes(3), None),
        (record(CONFIRMED, 6), ask(CONFIRMED, yes(6, SINGLE)), yes(6, SINGLE), None),
        (record(REVOKED, 2, 6), ask(NEVER), yes(2), no(6)),
    ],
)
def test_last_write_takes_requests_as_they_arrive(
    before: MarketingConsent,
    command: Upsert,
    confirmation: ConfirmationActivity | None,
    revocation: RevokeActivity | None,
) -> None:
    """Section 4.2.

    LAST_WRITE "turns these rules off", for the state and for the slot of the state.
    """
    decision = one(before, command, policy=LAST_WRITE)
    assert (decision.result, decision.kept) == (Result.UPDATED, None)
    consent = decision.consent
    assert (consent.state, consent.last_confirmation_activity) == (command.state, confirmation)
    assert consent.last_revoke_activity == revocation


def test_double_opt_in_lifts_a_revocation_through_pending_only() -> None:
    """Section 4.5: "confirming then goes PENDING to CONFIRMED"."""
    before = record(REVOKED, 2, 5)
    direct = one(before, confirmed(6), policy=DOUBLE_OPT_IN)
    assert (direct.result, direct.kept) == (
        Result.UNCHANGED,
        KeptReason.RECONSENT_NEEDS_CONFIRMATION,
    )
    assert direct.consent is before
    asked = one(before, pending(6), policy=DOUBLE_OPT_IN)
    assert (asked.consent.state, asked.kept) == (PENDING, None)
    answered = one(asked.consent, confirmed(7), policy=DOUBLE_OPT_IN)
    assert (answered.consent.state, answered.kept) == (CONFIRMED, None)
    assert one(before, confirmed(5), policy=DOUBLE_OPT_IN).kept is STALE


def test_pending_of_an_unknown_level_is_half_of_a_double_opt_in() -> None:
    """Section 3, rule 6: "with the level absent or unknown it is taken as DOUBLE_CONFIRMATION".

    Others keep theirs.
    """
    command = ask(PENDING, yes(1, ANY_LEVEL, "form"))
    assert command.last_confirmation_activity == yes(1, DOUBLE, "form")
    assert after(None, command) == (PENDING, yes(1, DOUBLE, "form"), None, None)
    assert ask(CONFIRMED, yes(1, ANY_LEVEL)).last_confirmation_activity == yes(1, ANY_LEVEL)
    assert ask(CONFIRMED, yes(1, SINGLE)).last_confirmation_activity == yes(1, SINGLE)
    assert ask(REVOKED, yes(1, ANY_LEVEL), no(2)).last_confirmation_activity == yes(1, ANY_LEVEL)
