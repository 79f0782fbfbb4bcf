"""How requests from a public form are decided (contract, sections 4.2 and 12)."""

from datetime import timedelta

import pytest

import consent_core as cc
from tests.domain.builders import NOW

ADA = cc.Email("ada@example.org")
FORM = cc.ConfirmationActivity(
    source=cc.ConfirmationSource.FORM, opt_in_level=cc.OptInLevel.SINGLE_CONFIRMATION
)
SINGLE = cc.Upsert(
    details=ADA,
    state=cc.ConsentState.CONFIRMED,
    last_confirmation_activity=FORM,
    dated_at_receipt=True,
    asks_who_left=True,
)
LEFT = cc.Upsert(
    details=ADA,
    state=cc.ConsentState.REVOKED,
    last_revoke_activity=cc.RevokeActivity(source=cc.RevokeSource.REVOKE_LINK),
)
LATER = NOW + timedelta(days=1)


def test_a_single_opt_in_form_confirms_who_never_left() -> None:
    """Section 12: its entry is the consent."""
    outcome = cc.decide(None, SINGLE, now=NOW)
    assert outcome.consent.state is cc.ConsentState.CONFIRMED
    assert outcome.consent.confirmed_date == NOW


@pytest.mark.parametrize("policy", [cc.Policy(), cc.Policy.wix()])
def test_a_single_opt_in_form_asks_who_left(policy: cc.Policy) -> None:
    """Who left comes back by answering, not by being typed into a form."""
    left = cc.decide(None, LEFT, now=NOW, policy=policy).consent
    outcome = cc.decide(left, SINGLE, now=LATER, policy=policy)
    assert outcome.kept is None
    assert outcome.consent.state is cc.ConsentState.PENDING
    asked = outcome.consent.last_confirmation_activity
    assert asked is not None
    assert asked.opt_in_level is cc.OptInLevel.DOUBLE_CONFIRMATION
    assert not cc.eligibility(outcome.consent, now=LATER, policy=policy)


def test_a_single_opt_in_form_leaves_who_came_back_as_they_are() -> None:
    """A revocation slot that is filled asks again, and a question never disturbs an answer."""
    left = cc.decide(None, LEFT, now=NOW).consent
    back = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=FORM.doubly(),
        dated_at_receipt=True,
    )
    returned = cc.decide(left, back, now=LATER).consent
    outcome = cc.decide(returned, SINGLE, now=LATER + timedelta(days=1))
    assert outcome.kept is cc.KeptReason.ALREADY_CONFIRMED
    assert outcome.consent is returned


def test_only_a_yes_is_asked_again() -> None:
    """A request for another state is decided as it is."""
    left = cc.decide(None, LEFT, now=NOW).consent
    again = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.REVOKED,
        last_confirmation_activity=FORM,
        last_revoke_activity=cc.RevokeActivity(source=cc.RevokeSource.FORM),
        asks_who_left=True,
    )
    outcome = cc.decide(left, again, now=LATER)
    assert (outcome.kept, outcome.consent.state) == (None, cc.ConsentState.REVOKED)
    assert outcome.consent.revoked_date == LATER


def test_evidence_of_receipt_proves_its_order_under_every_policy() -> None:
    """Section 4.2: what was read with claims is dated by the library at receipt."""
    policy = cc.Policy(undated_is_now=frozenset())
    left = cc.decide(None, LEFT, now=NOW, policy=policy).consent
    undated = cc.Upsert(
        details=ADA, state=cc.ConsentState.CONFIRMED, last_confirmation_activity=FORM
    )
    kept = cc.decide(left, undated, now=LATER, policy=policy)
    assert kept.kept is cc.KeptReason.UNDATED_EVIDENCE
    dated = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=FORM,
        dated_at_receipt=True,
    )
    outcome = cc.decide(left, dated, now=LATER, policy=policy)
    assert outcome.consent.state is cc.ConsentState.CONFIRMED
    assert outcome.consent.confirmed_date == LATER


def test_a_form_that_may_date_its_evidence_proves_no_order_without_a_date() -> None:
    """Section 4.2: only what is dated by the library at receipt is of that moment."""
    policy = cc.Policy(undated_is_now=frozenset())
    undated = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=FORM,
        asks_who_left=True,
    )
    first = cc.decide(None, SINGLE, now=NOW, policy=policy).consent
    assert cc.decide(first, undated, now=LATER, policy=policy).consent is first
