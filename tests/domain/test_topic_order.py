"""Choices of topics where no order is proven, and where clocks disagree (contract, 4.2 and 8)."""

from datetime import timedelta

import consent_core as cc
from tests.domain.builders import NOW

ADA = cc.Email("ada@example.org")
IN, OUT = cc.TopicChoice.IN, cc.TopicChoice.OUT
POLICY = cc.Policy(topics={"deals": cc.TopicDefault.OPT_IN})
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def sync() -> cc.Upsert:
    """A nightly CONFIRMED without dates, with an IN."""
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.OTHER)
    return cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=activity,
        topics={"deals": IN},
    )


def alone(word: cc.TopicChoice) -> cc.Upsert:
    """A choice by the person, undated."""
    return cc.Upsert(details=ADA, topics={"deals": cc.TopicActivity(word, actor=cc.Actor.SUBJECT)})


def test_a_synchronisation_chooses_nothing_that_was_revoked() -> None:
    """Opt-in topics have to be chosen anew, by evidence that proves its order."""
    left = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.REVOKED,
        last_revoke_activity=cc.RevokeActivity(source=cc.RevokeSource.FORM),
    )
    record = cc.decide(None, left, now=NOW, policy=POLICY).consent
    kept = cc.decide(record, sync(), now=NOW + DAY, policy=POLICY)
    assert kept.kept is cc.KeptReason.UNDATED_EVIDENCE
    back = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=cc.ConfirmationActivity(source=cc.ConfirmationSource.FORM),
    )
    record = cc.decide(kept.consent, back, now=NOW + 2 * DAY, policy=POLICY).consent
    assert record.state is cc.ConsentState.CONFIRMED
    assert record.chosen_topics == frozenset()


def test_a_synchronisation_chooses_where_nothing_was_taken_back() -> None:
    """As its CONFIRMED fills an empty slot."""
    record = cc.decide(None, sync(), now=NOW, policy=POLICY).consent
    assert record.chosen_topics == {"deals"}


def test_an_out_by_a_slower_clock_is_a_change() -> None:
    """A link that was made in between sees it, and joins nothing."""
    record = cc.decide(None, alone(OUT), now=NOW, policy=POLICY).consent
    outcome = cc.decide(record, alone(OUT), now=NOW - MINUTE, policy=POLICY)
    assert outcome.result is cc.Result.UPDATED
    out_date = outcome.consent.topics["deals"].out_date
    assert out_date == NOW + timedelta.resolution
    again = cc.decide(record, alone(OUT), now=NOW, policy=POLICY)
    assert again.result is cc.Result.UNCHANGED
