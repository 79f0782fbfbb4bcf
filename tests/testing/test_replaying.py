"""The helpers for tests of one's own rules."""

from datetime import UTC, datetime, timedelta

import pytest

import consent_core as cc
from consent_core.testing import Clock, replay

ADA, GRACE = cc.Email("ada@example.org"), cc.Email("grace@example.org")


def yes(who: cc.Identifier = ADA, day: int | None = None) -> cc.Upsert:
    """A CONFIRMED, dated in May 2026 or not."""
    dated = None if day is None else datetime(2026, 5, day, tzinfo=UTC)
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.FORM, updated_date=dated)
    return cc.Upsert(
        details=who, state=cc.ConsentState.CONFIRMED, last_confirmation_activity=activity
    )


def no(day: int) -> cc.Upsert:
    """A REVOKED of Ada's, dated in May 2026."""
    activity = cc.RevokeActivity(updated_date=datetime(2026, 5, day, tzinfo=UTC))
    return cc.Upsert(details=ADA, state=cc.ConsentState.REVOKED, last_revoke_activity=activity)


def test_each_step_is_given() -> None:
    """Each request meets the record that those before it left, of its own identifier."""
    steps = replay([yes(day=1), no(3), yes(day=2), yes(GRACE, day=2), yes(day=4)])
    assert [step.consent.state for step in steps] == [
        "CONFIRMED",
        "REVOKED",
        "REVOKED",
        "CONFIRMED",
        "CONFIRMED",
    ]
    assert [step.kept for step in steps] == [None, None, "STALE_EVIDENCE", None, None]
    assert [step.consent.revision for step in steps] == [1, 2, 3, 1, 4]


def test_the_policy_decides() -> None:
    """The same requests under another policy."""
    policy = cc.Policy(reconsent=cc.Reconsent.DOUBLE_OPT_IN)
    steps = replay([yes(day=1), no(3), yes(day=4)], policy=policy)
    assert steps[-1].kept is cc.KeptReason.RECONSENT_NEEDS_CONFIRMATION


def test_requests_arrive_with_their_evidence_or_by_a_clock() -> None:
    """Time does not go back; an undated request arrives with the one before it."""
    third = datetime(2026, 5, 3, tzinfo=UTC)
    steps = replay([no(3), yes(day=1), yes()])
    assert [step.consent.updated_date for step in steps] == [third, third, third]
    clock = Clock(third)
    (step,) = replay([yes()], clock=clock)
    assert step.consent.confirmed_date == third
    with pytest.raises(cc.InvalidConsent):
        replay([yes(day=9)], clock=clock)


def test_a_clock_is_set_by_hand() -> None:
    """No patching: the service takes the clock."""
    clock = Clock()
    consents = cc.ConsentService(
        policy=cc.Policy(confirmation_lifetime=timedelta(days=10)), clock=clock
    )
    consents.opt_in("ada@example.org")
    assert consents.may_contact("ada@example.org")
    clock.advance(timedelta(days=10))
    assert not consents.may_contact("ada@example.org")
    clock.now = datetime(2024, 1, 2, tzinfo=UTC)
    assert consents.may_contact("ada@example.org")
