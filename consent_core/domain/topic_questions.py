"""What is asked about topics (contract, section 8).

Whether a person may be contacted about some, and which of them a person wants.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from consent_core.domain.checks import invalid, listed
from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_words import TopicDefault, TopicQuestion, not_declared
from consent_core.domain.vocabulary import ConsentState, ViolationCode


class Asked(NamedTuple):
    """What is asked about topics.

    Args:
        question: as the caller put it: the name of a topic, or a ``TopicQuestion``.
        topics: those it is about, each with its default.
    """

    question: str
    topics: Mapping[str, TopicDefault]


def asked_topics(topic: str | None, declared: Mapping[str, TopicDefault]) -> Asked | None:
    """What is asked about topics; None for nothing.

    Args:
        topic: the name of a declared topic, or a ``TopicQuestion``; None only where none is
            declared, because a forgotten argument would write to people who left.
        declared: the topics of the policy.

    Raises:
        InvalidConsent: the topic is missing, or is none of the declared ones.
    """
    if not declared:
        if topic is None or topic == TopicQuestion.NO_TOPIC_LEFT:
            return None
        raise unknown_topic(topic, declared)
    if topic is None:
        why = f"is required: one of {listed(declared)}, or {TopicQuestion.ANY_TOPIC}"
        raise invalid("topic", ViolationCode.REQUIRED, why)
    if topic in _QUESTIONS:
        return Asked(topic, declared)
    if topic not in tuple(declared):
        raise unknown_topic(topic, declared)
    return Asked(topic, {topic: declared[topic]})


def unknown_topic(topic: str, declared: Mapping[str, TopicDefault]) -> InvalidConsent:
    """The error for a topic that the policy does not declare."""
    return invalid("topic", *not_declared(topic, declared))


_QUESTIONS: Final = tuple(TopicQuestion)


def unless_left(asked: Asked | None) -> Condition | None:
    """Holds for records that have not left all topics that are asked about.

    With ``NO_TOPIC_LEFT``, for those that have left none.
    """
    if asked is None:
        return None
    kept = [_lacks_left(name) for name in asked.topics]
    if len(kept) == 1:
        return kept[0]
    return (all_of if asked.question == TopicQuestion.NO_TOPIC_LEFT else any_of)(*kept)


def unless_not_chosen(asked: Asked | None) -> Condition | None:
    """Holds for records to which one of these topics is granted.

    Also for those that have left all of them, for that is another reason.
    """
    if asked is None or asked.question == TopicQuestion.NO_TOPIC_LEFT:
        return None
    if TopicDefault.OPT_IN not in asked.topics.values():
        return None
    granted = [
        Filter(QueryField.CHOSEN_TOPICS, Operator.CONTAINS, name)
        if default is TopicDefault.OPT_IN
        else _lacks_left(name)
        for name, default in asked.topics.items()
    ]
    left = [Filter(QueryField.LEFT_TOPICS, Operator.CONTAINS, name) for name in asked.topics]
    return any_of(*granted, left[0] if len(left) == 1 else all_of(*left))


def wanted_topics(consent: MarketingConsent, policy: Policy) -> dict[str, bool]:
    """Whether a person wants each declared topic: by choice, or else by the topic's default.

    It is what a page of preferences shows. Whether the person may be contacted is another question,
    as after a bounce: a page that shows the answer to that would store choices that nobody made.

    Args:
        consent: the record.
        policy: the choices of the deployment.

    Returns:
        By the names of topics; nothing while the person has revoked everything.
    """
    if consent.state is ConsentState.REVOKED:
        return {}
    left, chosen = consent.left_topics, consent.chosen_topics
    return {
        name: name in chosen or (name not in left and default is TopicDefault.OPT_OUT)
        for name, default in policy.topics.items()
    }


def _lacks_left(name: str) -> Filter:
    return Filter(QueryField.LEFT_TOPICS, Operator.LACKS, name)
