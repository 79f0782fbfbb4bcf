"""The reasons against contacting a person, as one table (contract, sections 5, 8 and 9).

Each row of ``RULES`` has a reason and the condition under which a record is not held back by it.
``eligibility`` derives everything else. A new rule is a new row, and nothing else.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.lifetimes import Reachable, Unexpired
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.topic_questions import unless_left, unless_not_chosen
from consent_core.domain.vocabulary import Channel, ConsentState, OptInLevel, Reason

Unless: TypeAlias = Condition | Unexpired | Reachable | None
"""When a record is not held back; None where the policy does not use the reason."""


class Row(NamedTuple):
    """A reason and what it depends on.

    Args:
        reason: why a person may not be contacted.
        policy_field: the field of the policy that it comes from; empty where every policy has it.
        unless: gives, for the policy's choice and the channel, when a record is not held back. Of
            the topics, the choice is those that are asked about.
        text: the reason in words, for a person.
    """

    reason: Reason
    policy_field: str
    unless: Callable[[Any, Channel], Unless]
    text: str


def _is_not(state: ConsentState) -> Filter:
    return Filter(QueryField.STATE, Operator.NE, state)


_LEFT_NO_TRACE: Final = Filter(QueryField.REVOKED_DATE, Operator.EXISTS, value=False)
_DOUBLY: Final = Filter(QueryField.DOUBLY_CONFIRMED, Operator.EQ, value=True)

RULES: Final = (
    Row(
        Reason.REVOKED,
        "",
        # Whoever left, and was then set to NEVER_CONFIRMED, as by a synchronisation, has left all
        # the same.
        lambda _, __: all_of(
            _is_not(ConsentState.REVOKED),
            any_of(_is_not(ConsentState.NEVER_CONFIRMED), _LEFT_NO_TRACE),
        ),
        "The person took the consent back.",
    ),
    Row(
        Reason.UNKNOWN_STATE,
        "",
        lambda _, __: _is_not(ConsentState.UNKNOWN_STATE),
        "It is not known whether the person consents.",
    ),
    Row(
        Reason.NEVER_CONFIRMED,
        "never_confirmed_granted",
        lambda granted, channel: (
            None if channel in granted else _is_not(ConsentState.NEVER_CONFIRMED)
        ),
        "The person never consented.",
    ),
    Row(
        Reason.PENDING_CONFIRMATION,
        "",
        lambda _, __: _is_not(ConsentState.PENDING),
        "The person has not confirmed yet.",
    ),
    Row(
        Reason.DOUBLE_CONFIRMATION_REQUIRED,
        "minimum_opt_in_level",
        lambda level, _: _DOUBLY if level is OptInLevel.DOUBLE_CONFIRMATION else None,
        "The person has not confirmed by double opt-in.",
    ),
    Row(
        Reason.EXPIRED,
        "confirmation_lifetime",
        lambda lifetime, _: (
            None if lifetime is None else Unexpired(QueryField.CONFIRMED_DATE, lifetime)
        ),
        "The consent is too old: the person has to be asked again.",
    ),
    Row(
        Reason.TOPIC_LEFT,
        "topics",
        lambda asked, _: unless_left(asked),
        "The person left this topic.",
    ),
    Row(
        Reason.TOPIC_NOT_CHOSEN,
        "topics",
        lambda asked, _: unless_not_chosen(asked),
        "The person did not choose this topic.",
    ),
    Row(
        Reason.UNREACHABLE,
        "transient_lapse",
        lambda lapse, _: Reachable(lapse),
        "Messages to this address do not arrive.",
    ),
)
"""All reasons of the library against a record, in order of precedence.

Those of a deployment follow.
"""

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Reason.NO_CONSENT: "There is no consent for this person.",
        **{row.reason: row.text for row in RULES},
    }
)
"""Each reason in words, for a person."""
