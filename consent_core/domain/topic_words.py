"""The words of topics, and the form of their names (contract, section 8)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from consent_core.domain.checks import Finding, Problem, nearest
from consent_core.domain.vocabulary import ViolationCode


class TopicDefault(StrEnum):
    """Who gets a topic without having chosen (contract, section 8)."""

    OPT_IN = "OPT_IN"
    """Only those who chose it."""
    OPT_OUT = "OPT_OUT"
    """All who may be contacted and have not left it."""


class TopicChoice(StrEnum):
    """What a person wants of one topic (contract, section 8)."""

    IN = "IN"
    """To be contacted about it."""
    OUT = "OUT"
    """Not to be contacted about it."""


class TopicQuestion(StrEnum):
    """What can be asked in place of a topic's name, which is never in capitals."""

    ANY_TOPIC = "ANY_TOPIC"
    """Whether at least one declared topic is granted."""
    NO_TOPIC_LEFT = "NO_TOPIC_LEFT"
    """Whether the person may be contacted and has left no declared topic."""


ANY_TOPIC: Final = TopicQuestion.ANY_TOPIC
"""Asks whether at least one declared topic is granted."""

MOST_TOPICS: Final = 100
"""Topics of one policy, and of one request."""

MOST_STORED_TOPICS: Final = 200
"""Topics that a record holds before it refuses one more that the policy does not declare."""

LONGEST_TOPIC_NAME: Final = 64
"""Characters of a topic's name."""

TOPIC_NAME: Final = f"[a-z0-9._-]{{1,{LONGEST_TOPIC_NAME}}}"
"""The form of a topic's name, as a regular expression."""


def wrong_topic_name(name: object) -> Problem:
    """What is wrong with the name of a topic."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return None
    why = "has a name that is not 1-64 characters of a-z 0-9 . _ -"
    return ViolationCode.NOT_ALLOWED, why


_NAME: Final = re.compile(TOPIC_NAME)


def topic_path(name: str) -> str:
    """The path of a topic in messages; what could be a number to call is not repeated."""
    is_shown = _NAME.fullmatch(name) and len(re.findall("[0-9]", name)) < _FEWEST_DIGITS
    return f"topics.{name if is_shown else '?'}"


_FEWEST_DIGITS: Final = 7
"""Digits of a phone number, at least."""


def not_declared(name: str, declared: Mapping[str, TopicDefault]) -> Finding:
    """What is wrong with a topic that a policy does not declare, with the nearest one that it does.

    Args:
        name: the topic.
        declared: the topics of the policy.
    """
    hint = nearest(name, declared) if declared else "it declares none"
    return ViolationCode.UNKNOWN_VALUE, f"is no topic that the policy declares; {hint}"
