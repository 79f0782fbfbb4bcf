"""Audiences answer whom ``eligibility`` grants."""

from datetime import timedelta
from itertools import product
from typing import Final

from consent_core.application.plans import page
from consent_core.application.query import Query
from consent_core.domain.conditions import Filter, any_of
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.rules import Rule
from consent_core.domain.topic_words import TopicDefault, TopicQuestion
from consent_core.domain.vocabulary import Channel, OptInLevel
from consent_core.testing.arrange import NOON, creation
from consent_core.testing.clauses.querying import people
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store


@clause(SINCE)
def the_audience_is_who_is_eligible() -> ClausePlan[None]:
    """An audience has exactly the records that ``eligibility`` grants, under every policy."""
    stored = people()
    yield from store([creation(each) for each in stored])
    asked = [*product(_policies(), [None]), *product(_TOPIC_POLICIES, _QUESTIONS)]
    for (policy, topic), channel, moment in product(asked, Channel, _MOMENTS):
        found = yield from page(
            Query(where=audience(channel, now=moment, policy=policy, topic=topic), page_size=1000)
        )
        granted = {
            each.id
            for each in stored
            if each.details.channel is channel
            and eligibility(each, now=moment, policy=policy, topic=topic).granted
        }
        expect(
            (policy, topic, moment, {each.id for each in found.consents}),
            (policy, topic, moment, granted),
        )


_TOPIC_POLICIES: Final = tuple(
    Policy(topics={"news": news, "new_s": new_s})
    for news, new_s in product(TopicDefault, TopicDefault)
)
_QUESTIONS: Final = ("news", "new_s", *TopicQuestion)


_MOMENTS: Final = (
    NOON,
    NOON + timedelta(days=3),
    NOON + timedelta(days=3, microseconds=-1),
    NOON + timedelta(days=900),
)


def _policies() -> list[Policy]:
    channels = (frozenset[Channel](), frozenset(Channel), frozenset({Channel.EMAIL}))
    levels = (OptInLevel.UNKNOWN_OPT_IN_LEVEL, OptInLevel.DOUBLE_CONFIRMATION)
    lifetimes = (None, timedelta(days=2), timedelta.max, 1)
    bounce, revoked = ExtendedField("crm", "bounce"), QueryField.REVOKED_DATE
    own = (
        Rule("HARD_BOUNCED", Filter(bounce, Operator.NE, "hard")),
        Rule(
            "LEFT_BEFORE",
            any_of(
                Filter(revoked, Operator.EXISTS, value=False), Filter(bounce, Operator.EQ, value=1)
            ),
        ),
    )
    return [
        Policy(
            never_confirmed_granted=granted,
            minimum_opt_in_level=level,
            confirmation_lifetime=lifetime,
            rules=rules,
        )
        for granted, level, lifetime, rules in product(
            channels, levels, lifetimes, ((), own[:1], own)
        )
    ]
