"""May a person be contacted about a topic (contract, section 8)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.conditions import Filter
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.explanation import explain
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_questions import wanted_topics
from consent_core.domain.topic_words import ANY_TOPIC, TopicQuestion
from consent_core.domain.topics import NO_TOPICS, Topics
from consent_core.domain.vocabulary import Channel, ConsentState, Reason, ViolationCode
from tests.domain.builders import (
    CONFIRMED,
    NOW,
    PENDING,
    REVOKED,
    policies,
    record,
    records,
    revoked,
    violations_of,
)
from tests.domain.topics import (
    IN,
    OPT_IN,
    OPT_OUT,
    OUT,
    SUBJECT,
    TOPICS,
    after,
    choice,
    choose,
    policies_with_topics,
    remembered,
)

LEFT, NOT_CHOSEN = Reason.TOPIC_LEFT, Reason.TOPIC_NOT_CHOSEN
ADA = record(CONFIRMED, 5)


def asked(consent: MarketingConsent | None, topic: str | None, policy: Policy = TOPICS) -> Any:
    """The reasons against contact."""
    return eligibility(consent, now=NOW, policy=policy, topic=topic).reasons


@pytest.mark.parametrize(
    ("choices", "offers", "events", "any_topic", "none_left"),
    [
        ({}, (), (NOT_CHOSEN,), (), ()),
        ({"events": IN}, (), (), (), ()),
        ({"events": OUT}, (), (LEFT,), (), (LEFT,)),
        ({"offers": OUT}, (LEFT,), (NOT_CHOSEN,), (NOT_CHOSEN,), (LEFT,)),
        ({"offers": OUT, "events": IN}, (LEFT,), (), (), (LEFT,)),
        ({"offers": OUT, "events": OUT}, (LEFT,), (LEFT,), (LEFT,), (LEFT,)),
        ({"gone": OUT}, (), (NOT_CHOSEN,), (), ()),
    ],
)
def test_the_table(choices: Any, offers: Any, events: Any, any_topic: Any, none_left: Any) -> None:
    """Section 8: the reasons of an opt-out topic and an opt-in topic, by what was chosen."""
    requests = [choose({name: choice(what, 9)}) for name, what in choices.items()]
    consent = after(ADA, *requests)
    assert asked(consent, "offers") == offers
    assert asked(consent, "events") == events
    assert asked(consent, ANY_TOPIC) == any_topic
    assert asked(consent, TopicQuestion.NO_TOPIC_LEFT) == none_left


def test_what_forbids_all_contact_forbids_every_topic() -> None:
    """Section 8, with the reasons in order: `UNREACHABLE` stays the last of the library's."""
    joined = after(ADA, choose({"events": choice(IN, 9, SUBJECT), "offers": choice(IN, 9)}))
    gone = after(joined, revoked(10))
    assert asked(gone, "offers") == (Reason.REVOKED,)
    assert asked(gone, "events") == (Reason.REVOKED, NOT_CHOSEN)
    assert asked(None, "events") == (Reason.NO_CONSENT,)
    order = list(Reason)
    assert order[-3:] == [LEFT, NOT_CHOSEN, Reason.UNREACHABLE]


@given(records(), remembered, policies_with_topics, st.sampled_from(["offers", *TopicQuestion]))
def test_no_topic_is_granted_to_whom_contact_is_forbidden(
    consent: MarketingConsent, topics: Topics, policy: Policy, topic: str
) -> None:
    """Section 8: "A global revocation beats every topic", and so does every other reason."""
    plain = eligibility(consent, now=NOW).reasons
    reasons = asked(evolve(consent, topics=topics), topic, policy)
    assert [each for each in reasons if each not in (LEFT, NOT_CHOSEN)] == list(plain)


@given(records(), remembered, policies())
def test_nothing_changes_for_those_who_declare_none(
    consent: MarketingConsent, topics: Topics, policy: Policy
) -> None:
    """Section 8: "No topic is declared by default, and nothing changes"."""
    held = evolve(consent, topics=topics)
    plain = evolve(consent, topics=NO_TOPICS)
    expected = eligibility(plain, now=NOW, policy=policy)
    assert eligibility(held, now=NOW, policy=policy) == expected
    nothing = TopicQuestion.NO_TOPIC_LEFT
    assert eligibility(held, now=NOW, policy=policy, topic=nothing) == expected


@pytest.mark.parametrize(
    "ask",
    [partial(eligibility, None), partial(audience, Channel.EMAIL), partial(explain, None)],
    ids=["eligibility", "audience", "explain"],
)
@pytest.mark.parametrize(
    ("topic", "policy", "code", "words"),
    [
        (None, TOPICS, ViolationCode.REQUIRED, "one of offers, events, or ANY_TOPIC"),
        ("ofers", TOPICS, ViolationCode.UNKNOWN_VALUE, "did you mean offers"),
        ("Offers", TOPICS, ViolationCode.UNKNOWN_VALUE, "did you mean offers"),
        (["offers"], TOPICS, ViolationCode.UNKNOWN_VALUE, "known are offers, events"),
        ("offers", Policy(), ViolationCode.UNKNOWN_VALUE, "declares none"),
        (ANY_TOPIC, Policy(), ViolationCode.UNKNOWN_VALUE, "declares none"),
    ],
)
def test_whoever_asks_says_which(
    ask: Callable[..., object], topic: Any, policy: Policy, code: ViolationCode, words: str
) -> None:
    """Section 8: "without a topic are an error there, because a forgotten argument would write"."""
    with pytest.raises(InvalidConsent, match=words) as caught:
        ask(now=NOW, policy=policy, topic=topic)
    assert violations_of(caught) == [("topic", code)]


@pytest.mark.parametrize(
    "topics",
    [
        {"Offers": OPT_IN},
        {"": OPT_IN},
        {"offers": "OPT_IN"},
        {f"t{number}": OPT_IN for number in range(101)},
        ["offers"],
    ],
)
def test_wrong_declarations_are_refused(topics: Any) -> None:
    """Section 8: the form of names; at most 100 topics."""
    with pytest.raises(InvalidConsent) as caught:
        Policy(topics=topics)
    assert [path for path, _ in violations_of(caught)] == ["policy.topics"]


def test_a_policy_with_topics_is_a_value() -> None:
    """It can be hashed, compared, and keeps the order in which topics are declared."""
    policy = Policy(topics={"b": OPT_IN, "a": OPT_OUT})
    assert hash(policy) == hash(Policy(topics={"b": OPT_IN, "a": OPT_OUT}))
    assert list(policy.topics) == ["b", "a"]


def test_conditions_take_names() -> None:
    """What is no name of a topic is refused before a store is asked."""
    assert Filter(QueryField.LEFT_TOPICS, Operator.LACKS, "offers").matches(ADA)
    for wrong in ("Offers", "%", 3, None):
        with pytest.raises(InvalidConsent):
            Filter(QueryField.LEFT_TOPICS, Operator.CONTAINS, wrong)


def said(consent: MarketingConsent, topic: str) -> tuple[str, ...]:
    """What an explanation says after the first sentence."""
    return explain(consent, now=NOW, policy=TOPICS, topic=topic).sentences


def test_an_explanation_tells_of_the_topic() -> None:
    """Which topic, what was chosen when and by whom, and what would change it."""
    chosen = {"events": choice(IN, 9, SUBJECT), "offers": choice(OUT, 10)}
    consent = after(ADA, choose(chosen))
    events, offers = said(consent, "events"), said(consent, "offers")
    assert events[0].endswith("may be contacted by e-mail about events.")
    assert "The topic events was chosen on 2026-01-01 at 12:09 UTC, by the person." in events
    assert offers[0].endswith("may not be contacted by e-mail about offers.")
    assert "The topic offers was left on 2026-01-01 at 12:10 UTC." in offers
    assert offers[-1] == "Only the person can come back to a topic that was left."
    assert said(ADA, "events")[-1].startswith("The topic is for those who chose it")
    assert "about any topic." in said(consent, ANY_TOPIC)[0]
    assert "without regard to a topic." in said(ADA, TopicQuestion.NO_TOPIC_LEFT)[0]


def test_a_stranger_is_put_into_no_topic() -> None:
    """Section 8: "nobody can put a stranger into a topic" through a question."""
    consent = after(None, choose({"events": choice(IN, 9)}, PENDING))
    assert consent.state is ConsentState.PENDING
    assert consent.topics == NO_TOPICS
    assert after(record(REVOKED, None, 5), choose({"offers": choice(OUT)})).state is REVOKED


@given(records(), remembered, policies_with_topics)
def test_what_is_wanted_is_neither_left_nor_lacking(
    consent: MarketingConsent, topics: Topics, policy: Policy
) -> None:
    """Section 8: by choice or default, whatever else forbids contact; nothing while REVOKED."""
    consent = evolve(consent, topics=topics)
    wanted = wanted_topics(consent, policy)
    if consent.state is REVOKED:
        assert wanted == {}
        return
    assert list(wanted) == list(policy.topics)
    for name, is_wanted in wanted.items():
        reasons = eligibility(consent, now=NOW, policy=policy, topic=name).reasons
        assert is_wanted is {LEFT, NOT_CHOSEN}.isdisjoint(reasons)
