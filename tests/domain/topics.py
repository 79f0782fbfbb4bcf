"""Short words for choices of topics, shared by the tests of section 8."""

from itertools import product
from typing import Any

from hypothesis import strategies as st

from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicChoice, TopicDefault, TopicQuestion
from consent_core.domain.topics import TopicActivity, TopicEvidence, Topics
from consent_core.domain.vocabulary import Actor, ConsentState
from tests.domain.builders import ADA, NOW, at, minutes, no, one, yes

IN, OUT = TopicChoice.IN, TopicChoice.OUT
OPT_IN, OPT_OUT = TopicDefault.OPT_IN, TopicDefault.OPT_OUT
SUBJECT = Actor.SUBJECT
DECLARED = {"offers": OPT_OUT, "events": OPT_IN}
TOPICS = Policy(topics=DECLARED)
QUESTIONS = ("offers", "events", *TopicQuestion)


def choice(
    what: TopicChoice, minute: float | None = None, actor: Actor = Actor.UNKNOWN_ACTOR
) -> TopicActivity:
    """A choice of that minute."""
    return TopicActivity(what, None if minute is None else at(minute), actor)


def choose(topics: dict[str, TopicActivity], state: ConsentState | None = None) -> Upsert:
    """A request with choices, by itself or with a state of minute 100."""
    if state is None:
        return Upsert(details=ADA, topics=topics)
    confirmation = yes(100) if state in (ConsentState.PENDING, ConsentState.CONFIRMED) else None
    revocation = no(100) if state is ConsentState.REVOKED else None
    return Upsert(
        details=ADA,
        state=state,
        last_confirmation_activity=confirmation,
        last_revoke_activity=revocation,
        topics=topics,
    )


def after(
    before: MarketingConsent | None, *requests: Upsert, policy: Policy = TOPICS, now: Any = NOW
) -> MarketingConsent:
    """The record after requests."""
    for request in requests:
        before = one(before, request, policy=policy, now=now).consent
    assert before is not None
    return before


def dates_of(consent: MarketingConsent, name: str) -> tuple[Any, Any, Any]:
    """The minutes of the three dates of a topic: OUT, IN by the person, IN by others."""
    topic = consent.topics[name]
    dates = (topic.out_date, topic.subject_in_date, topic.other_in_date)
    return tuple(date and (date - at(0)).total_seconds() / 60 for date in dates)  # type: ignore[return-value]


choices = st.builds(choice, st.sampled_from(TopicChoice), minutes, st.sampled_from(Actor))
dated_choices = st.dictionaries(st.sampled_from(sorted(DECLARED)), choices, min_size=1)

remembered = st.dictionaries(
    st.sampled_from([*sorted(DECLARED), "gone"]),
    st.builds(
        TopicEvidence,
        choice=st.sampled_from(TopicChoice),
        updated_date=minutes.map(at),
        actor=st.sampled_from(Actor),
        out_date=st.none() | minutes.map(at),
        subject_in_date=st.none() | minutes.map(at),
        other_in_date=st.none() | minutes.map(at),
    ),
).map(Topics)
"""What a record may remember of topics."""

policies_with_topics = st.sampled_from(
    [
        Policy(topics={"offers": offers, "events": events})
        for offers, events in product(TopicDefault, TopicDefault)
    ]
)
