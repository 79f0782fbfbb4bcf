"""What an erasure remembers of topics (contract, sections 8 and 10)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

import consent_core as cc
from consent_core.domain.tombstones import newest, tombstone_of
from tests.domain.builders import NOW

ADA = cc.Email("ada@example.org")
IN, OUT = cc.TopicChoice.IN, cc.TopicChoice.OUT
POLICY = cc.Policy(topics={"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_OUT})
DAY = timedelta(days=1)
LATER = NOW + DAY


def yes(**topics: cc.TopicChoice) -> cc.Upsert:
    """A CONFIRMED of Ada's, with these choices."""
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.FORM, actor=cc.Actor.SUBJECT)
    return cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=activity,
        topics=topics,
    )


def choice(actor: cc.Actor = cc.Actor.SUBJECT, **topics: cc.TopicChoice) -> cc.Upsert:
    """Choices of Ada's alone."""
    return choices(topics, actor)


def choices(topics: Mapping[str, cc.TopicChoice], actor: cc.Actor = cc.Actor.SUBJECT) -> cc.Upsert:
    """As ``choice``, whatever the topics are called."""
    chosen = {name: cc.TopicActivity(word, actor=actor) for name, word in topics.items()}
    return cc.Upsert(details=ADA, topics=chosen)


def erased(*requests: cc.Upsert, suppress: bool = True) -> cc.Tombstone | None:
    """What the erasure of Ada leaves, after these requests."""
    record: cc.MarketingConsent | None = None
    for request in requests:
        record = cc.decide(record, request, now=NOW, policy=POLICY).consent
    assert record is not None
    return tombstone_of(record, now=NOW, policy=POLICY, suppress=suppress)


def left(tombstone: cc.Tombstone | None) -> dict[str, datetime]:
    """The topics that a tombstone remembers, with the dates."""
    assert tombstone is not None
    return {name: each.updated_date for name, each in tombstone.topics.items()}


def met(tombstone: cc.Tombstone | None, request: cc.Upsert) -> cc.Outcome:
    """What becomes of a request a day later."""
    return cc.decide(None, request, now=LATER, policy=POLICY, tombstone=tombstone)


def test_an_erasure_remembers_the_topics_that_were_left() -> None:
    """Name and date of each; what was chosen is forgotten."""
    tombstone = erased(yes(events=IN, offers=OUT))
    assert left(tombstone) == {"offers": NOW}
    assert tombstone is not None
    assert tombstone.revoked_date == NOW


def test_a_record_made_by_mistake_leaves_the_topics_alone() -> None:
    """``suppress=False``: it leaves a tombstone if it had left a topic, and no opt-out."""
    tombstone = erased(yes(offers=OUT), suppress=False)
    assert tombstone == cc.Tombstone(topics=tombstone.topics if tombstone else cc.Topics())
    assert left(tombstone) == {"offers": NOW}
    assert erased(yes(events=IN), suppress=False) is None
    answer = cc.eligibility(None, now=LATER, policy=POLICY, topic="offers", tombstone=tombstone)
    assert answer.reasons == (cc.Reason.NO_CONSENT,)


def test_who_comes_back_has_left_what_they_left() -> None:
    """What is taken founds a record that begins with the tombstone's topics."""
    for suppress in (True, False):
        record = met(erased(yes(offers=OUT), suppress=suppress), yes()).consent
        assert record.left_topics == {"offers"}
        granted = cc.eligibility(record, now=LATER, policy=POLICY, topic="events")
        assert granted.granted
        assert cc.eligibility(record, now=LATER, policy=POLICY, topic="offers").reasons == (
            cc.Reason.TOPIC_LEFT,
        )


def test_an_out_moves_the_tombstone_on() -> None:
    """And founds no record; so does one that comes with a kept state."""
    for suppress in (True, False):
        tombstone = erased(yes(offers=OUT), suppress=suppress)
        outcome = met(tombstone, choice(offers=OUT, events=OUT))
        assert outcome.record is None
        assert left(outcome.tombstone) == {"offers": LATER, "events": LATER}
    never = cc.Upsert(
        details=ADA, state=cc.ConsentState.NEVER_CONFIRMED, topics={"events": cc.TopicChoice.OUT}
    )
    outcome = met(erased(yes()), never)
    assert outcome.kept is cc.KeptReason.REVOKED_NEEDS_EVIDENCE
    assert left(outcome.tombstone) == {"events": LATER}


def test_an_in_alone_stores_nothing_while_the_opt_out_stands() -> None:
    """It is no consent; what was left stays left."""
    tombstone = erased(yes(offers=OUT))
    outcome = met(tombstone, choice(offers=IN, events=IN))
    assert outcome.record is None
    assert outcome.tombstone == tombstone


def test_an_in_alone_founds_a_record_where_no_opt_out_stands() -> None:
    """As it does where there was never a record."""
    tombstone = erased(yes(offers=OUT), suppress=False)
    record = met(tombstone, choice(events=IN)).consent
    assert record.state is cc.ConsentState.UNKNOWN_STATE
    assert record.left_topics == {"offers"}
    assert record.chosen_topics == {"events"}
    stranger = met(tombstone, choice(cc.Actor.OPERATOR, offers=IN)).consent
    assert stranger.left_topics == {"offers"}


def test_tombstones_of_two_secrets_are_one() -> None:
    """With the later date of each topic."""
    earlier, later = erased(yes(offers=OUT)), met(erased(yes()), choice(offers=OUT)).tombstone
    assert left(newest([earlier, later])) == {"offers": LATER}
    assert left(newest([later, earlier])) == {"offers": LATER}
    assert left(newest([erased(yes(events=OUT)), erased(yes(offers=OUT))])) == {
        "events": NOW,
        "offers": NOW,
    }


def test_a_synchronisation_brings_nobody_back_to_a_topic() -> None:
    """An undated CONFIRMED of no person proves no order, nor does the IN beside it."""
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.OTHER)
    back = {"offers": cc.TopicActivity(IN, actor=cc.Actor.SUBJECT)}
    sync = cc.Upsert(
        details=ADA,
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=activity,
        topics=back,
    )
    tombstone = erased(yes(offers=OUT), suppress=False)
    assert met(tombstone, sync).consent.left_topics == {"offers"}


def test_a_tombstone_holds_as_many_topics_as_a_record() -> None:
    """A bound of hostile input, as for records: one OUT too many of a topic nobody declares."""
    tombstone = erased(yes())
    many = [f"gone-{number}" for number in range(300)]
    for start in (0, 100):
        tombstone = met(tombstone, choices(dict.fromkeys(many[start : start + 100], OUT))).tombstone
    with pytest.raises(cc.InvalidConsent, match="TOO_LARGE"):
        met(tombstone, choices(dict.fromkeys(many[200:], OUT)))
    assert left(met(tombstone, choice(offers=OUT)).tombstone)["offers"] == LATER
