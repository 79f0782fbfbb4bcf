"""Evidence that a record holds already, and slots that are ahead of a clock (contract, law 9 and
section 4.2).
"""

from datetime import timedelta

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    KeptReason,
    Ordering,
    Reconsent,
    Result,
)
from tests.domain.builders import CONFIRMED, NOW, REVOKED, ask, at, no, one, record, yes


def test_a_record_out_of_order_is_sent_back_unchanged() -> None:
    """Law 9.

    What ``LAST_WRITE`` left out of order is neither judged nor moved by the default policy.
    """
    before = record(CONFIRMED, 3, 5)
    decision = one(before, ask(CONFIRMED, yes(3), no(5)))
    assert (decision.result, decision.kept, decision.consent) == (Result.UNCHANGED, None, before)


def test_undated_evidence_of_one_moment_is_the_same_evidence() -> None:
    """Section 4.3: "Evidence that says what the slot already says, date included, is no reason"."""
    before = one(None, ask(CONFIRMED, yes())).consent
    decision = one(before, ask(CONFIRMED, yes()))
    assert (decision.result, decision.kept) == (Result.UNCHANGED, None)


def test_an_undated_companion_is_never_before_the_confirmation_slot() -> None:
    """Section 4.2.

    An undated revocation is dated "at receipt or at the confirmation slot, whichever is later".
    """
    before = record(CONFIRMED, 60)
    decision = one(
        before, ask(REVOKED, yes(60), no()), now=at(30), policy=Policy(ordering=Ordering.LAST_WRITE)
    )
    assert at(30) < NOW
    assert decision.consent.revoked_date == at(60)


@pytest.mark.parametrize(("entered", "released"), [(12, False), (15, False), (16, True)])
def test_an_answer_releases_only_what_is_clearly_after_the_revocation(
    entered: int, released: bool
) -> None:
    """Section 7, rule 5: a CONFIRMED is compared "by the newer of its own date and the confirmation
    slot", and section 4.2: it "must be later than the revocation by more than" the margin.
    """
    policy = Policy(reconsent=Reconsent.BY_SUBJECT, evidence_margin=timedelta(minutes=5))
    by_staff = ConfirmationActivity(updated_date=at(entered))
    revoked = RevokeActivity(updated_date=at(10), actor=Actor.OPERATOR)
    click = ConfirmationActivity(source=ConfirmationSource.LINK_CONFIRMATION, updated_date=at(9))
    late = one(record(REVOKED, by_staff, revoked), ask(CONFIRMED, click), policy=policy)
    assert late.kept is (None if released else KeptReason.STALE_EVIDENCE)
    assert late.consent.confirmed_date == at(entered)


@pytest.mark.parametrize(("answered", "held"), [(12, True), (15, True), (16, False)])
def test_a_hold_ends_by_an_answer_that_is_clearly_later(answered: int, held: bool) -> None:
    """Section 7, rule 1: a later CONFIRMED by the person "by more than the margin"."""
    policy = Policy(reconsent=Reconsent.BY_SUBJECT, evidence_margin=timedelta(minutes=5))
    before = record(REVOKED, 3, no(10), subject_confirmed_date=at(answered))
    by_staff = ConfirmationActivity(updated_date=at(20))
    outcome = one(before, ask(CONFIRMED, by_staff), policy=policy)
    assert outcome.kept is (KeptReason.RECONSENT_NEEDS_SUBJECT if held else None)


@pytest.mark.parametrize(("minute", "kept"), [(3, True), (5, True), (6, False)])
def test_a_hold_compares_dates_where_the_last_write_stands(minute: int, kept: bool) -> None:
    """Section 4.2: under ``LAST_WRITE``, "topics, holds and tombstones compare dates, too"."""
    policy = Policy(reconsent=Reconsent.BY_SUBJECT, ordering=Ordering.LAST_WRITE)
    hers = RevokeActivity(updated_date=at(5), actor=Actor.SUBJECT)
    before = one(None, ask(REVOKED, None, hers), policy=policy).consent
    again = ConfirmationActivity(updated_date=at(minute), actor=Actor.SUBJECT)
    outcome = one(before, ask(CONFIRMED, again), policy=policy)
    assert outcome.kept is (KeptReason.STALE_EVIDENCE if kept else None)
    assert outcome.consent.state is (REVOKED if kept else CONFIRMED)
