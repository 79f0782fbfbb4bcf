"""Whom an audience is asked about: policies of any kind, topics and moments."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve
from hypothesis import strategies as st

from consent_core import (
    ANY_TOPIC,
    ExtendedField,
    Filter,
    Operator,
    Policy,
    QueryField,
    Rule,
    TopicDefault,
    any_of,
)
from consent_core.testing import strategies
from consent_core.testing.arrange import NOON

BOUNCE: Final = ExtendedField("crm", "bounce")
RULES: Final = (
    Rule("HARD_BOUNCED", Filter(BOUNCE, Operator.NE, "hard")),
    Rule("NOT_ONE", Filter(BOUNCE, Operator.NE, 1)),
    Rule(
        "LEFT_BEFORE",
        any_of(
            Filter(QueryField.REVOKED_DATE, Operator.EXISTS, value=False),
            Filter(BOUNCE, Operator.IN, [True, "soft"]),
        ),
    ),
)
OUT, IN = TopicDefault.OPT_OUT, TopicDefault.OPT_IN
TOPICS: Final = {"news": OUT, "new_s": IN, "events": OUT, "pre_sale": IN}


def questions() -> st.SearchStrategy[tuple[Policy, str | None]]:
    """A policy of any kind, and what it must be asked about."""
    policies = st.builds(
        lambda policy, rules: evolve(policy, rules=tuple(rules)),
        strategies.policies(),
        st.lists(st.sampled_from(RULES), unique=True),
    )
    with_topics = policies.map(lambda policy: evolve(policy, topics=TOPICS))
    return st.tuples(policies, st.none()) | st.tuples(
        with_topics, st.sampled_from([*TOPICS, ANY_TOPIC])
    )


def days() -> st.SearchStrategy[datetime]:
    """Few days, so that they are often as far apart as a lifetime, and the moments beside them."""
    return st.builds(
        lambda days, beside: NOON + timedelta(days=days, microseconds=beside),
        st.integers(-2, 9),
        st.integers(-1, 1),
    )
