"""Every reason against contacting a person, read from the table of rules."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from consent_core import AllOf, AnyOf, Channel, Filter, Operator, Policy, Reason
from consent_core.domain.lifetimes import Reachable, Unexpired
from consent_core.domain.reasons import RULES, TEXTS, Row, Unless
from consent_core.domain.topic_questions import asked_topics
from consent_core.domain.topic_words import TopicDefault
from tests.docs.reference.tables import code, codes, table

_POLICIES: Final = (Policy(), Policy.strict(), Policy(confirmation_lifetime=timedelta(days=730)))
"""Policies that together make use of every rule that is not about topics."""

_TOPIC: Final = asked_topics("events", {"events": TopicDefault.OPT_IN})
"""What is asked about topics."""

_WORDS: Final = {
    Operator.EQ: "is",
    Operator.NE: "is not",
    Operator.GT: "is after",
    Operator.GTE: "is not before",
    Operator.LT: "is before",
    Operator.LTE: "is not after",
    Operator.CONTAINS: "contains",
    Operator.LACKS: "lacks",
}


def _rules() -> str:
    rows = [
        (code(row.reason), _choice(row.policy_field), _condition(_unless(row)), row.text)
        for row in RULES
    ]
    none = (code(Reason.NO_CONSENT), "none", "there is a record", TEXTS[Reason.NO_CONSENT])
    return table(("reason", "choice of the policy", "does not apply if", "sentence"), [none, *rows])


def _choice(name: str) -> str:
    return code(name) if name else "none"


def _unless(row: Row) -> Unless:
    """The condition under the first policy that makes use of the rule.

    Raises:
        StopIteration: none does.
    """
    return next(unless for unless in _under_policies(row) if unless is not None)


def _under_policies(row: Row) -> Iterator[Unless]:
    if row.policy_field == "topics":
        yield row.unless(_TOPIC, Channel.EMAIL)
    for policy in _POLICIES:
        yield row.unless(getattr(policy.on(Channel.EMAIL), row.policy_field, None), Channel.EMAIL)


def _condition(unless: Unless) -> str:
    """A condition in words."""
    match unless:
        case Filter(field=field, operator=Operator.EXISTS, value=value):
            return f"{code(field)} is {'there' if value else 'absent'}"
        case Filter(field=field, operator=Operator.IN, value=value):
            return f"{code(field)} is one of {codes(value)}"
        case Filter(field=field, operator=operator, value=value):
            return f"{code(field)} {_WORDS[operator]} {_value(value)}"
        case AllOf(conditions=conditions):
            return ", and ".join(_condition(each) for each in conditions)
        case AnyOf(conditions=conditions):
            return "either " + " or ".join(_condition(each) for each in conditions)
        case Unexpired() | Reachable():
            return _in_time(unless)
        case _:
            raise ValueError(f"a condition without words: {unless}")


def _in_time(unless: Unexpired | Reachable) -> str:
    """A condition about the passage of time in words."""
    if isinstance(unless, Unexpired):
        return f"{code(unless.field)} is absent, or its lifetime has not ended"
    return "the address is reachable, or its last transient bounce is longer ago than that"


def _value(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else code(value)


ELIGIBILITY: Final[dict[str, Callable[[], str]]] = {"eligibility-rules": _rules}
"""The parts of the page on eligibility, by name."""
