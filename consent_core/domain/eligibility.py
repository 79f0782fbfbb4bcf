"""May this person be contacted, and if not, why: one table (contract, section 5).

Each row of ``RULES`` has a reason and the condition under which a record is not held back by it.
Everything else is derived from the rows: the reasons against one record, the audience of a channel
as conditions for any store, and the reference page. A new rule is a new row, and nothing else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from attrs import evolve, field, frozen

from consent_core.domain.checks import checked_moment
from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.lifetimes import Reachable, Unexpired
from consent_core.domain.narrowing import flattened, for_states
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.vocabulary import Channel, ConsentState, OptInLevel, Reason

Unless: TypeAlias = Condition | Unexpired | Reachable | None
"""When a record is not held back; None where the policy does not use the reason."""


_TIMED: Final = (Unexpired, Reachable)
"""Conditions about the passage of time."""


class Row(NamedTuple):
    """A reason and what it depends on.

    Args:
        reason: why a person may not be contacted.
        policy_field: the field of the policy that it comes from; empty where every policy has it.
        unless: gives, for the policy's choice and the channel, when a record is not held back.
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


@frozen
class CommunicationEligibility:
    """A signal whether a person may be contacted; the caller decides.

    It is true exactly when granted.

    Args:
        reasons: every reason against contact, in order of precedence; empty when there is none. A
            reason of a deployment's own rule is its code.
        reason: the first reason in words, for a person; empty when granted.
        revoke_confirmation_link: where the person can take the consent back.
    """

    reasons: tuple[Reason | str, ...] = ()
    reason: str = field(kw_only=True)
    revoke_confirmation_link: Link | None = field(default=None, kw_only=True)

    @reason.default
    def _text(self) -> str:
        return TEXTS.get(self.reasons[0], str(self.reasons[0])) if self.reasons else ""

    @property
    def granted(self) -> bool:
        """Whether nothing forbids it."""
        return not self.reasons

    def __bool__(self) -> bool:
        """As ``granted``.

        Every object is true unless it says otherwise, and ``if`` would let everybody pass.
        """
        return not self.reasons

    def with_link(self, link: Link | None) -> "CommunicationEligibility":
        """The same signal, with a link to take the consent back."""
        return evolve(self, revoke_confirmation_link=link)


_GRANTED: Final = CommunicationEligibility()
_NO_CONSENT: Final = CommunicationEligibility((Reason.NO_CONSENT,))
_REVOKED: Final = CommunicationEligibility((Reason.REVOKED,))


def eligibility(
    consent: MarketingConsent | None,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    tombstone: Tombstone | None = None,
) -> CommunicationEligibility:
    """Whether the person may be contacted now, with every reason against it.

    Args:
        consent: the record, or None where there is none.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.
        tombstone: what an erasure has left, where there is no record.

    Raises:
        InvalidConsent: the moment has no offset.
    """
    if consent is None:
        remembered = tombstone is not None and tombstone.revoked_date is not None
        return _REVOKED if remembered else _NO_CONSENT
    now = checked_moment(now)
    against = [
        test
        for test in _tests(policy, consent.details.channel, consent.state)
        if test.unless is None or not _holds(test.unless, consent, now)
    ]
    if not against:
        return _GRANTED
    return CommunicationEligibility(tuple(test.reason for test in against), reason=against[0].text)


def audience(
    channel: Channel, *, now: datetime, policy: Policy = DEFAULT_POLICY
) -> tuple[Condition, ...]:
    """The conditions of a query for everybody who may be contacted.

    Exactly the records that ``eligibility`` grants.

    Args:
        channel: how the people are to be reached.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.

    Returns:
        Conditions for ``Query(where=...)``, the channel's among them.
    """
    now = checked_moment(now)
    rows = _rows(policy, channel)
    conditions = [
        row.unless.at(now) if isinstance(row.unless, _TIMED) else row.unless for row in rows
    ]
    # Several rows forbid one state each. Together they are written as the states that remain: that
    # is what the index of a store begins with, and "is not this, and not that" would keep it from
    # being used.
    states = frozenset(ConsentState)
    for condition in flattened(conditions):
        states -= {state for state in states if for_states(condition, {state}) is False}
    rest = [for_states(condition, states) for condition in flattened(conditions)]
    return (
        Filter(QueryField.CHANNEL, Operator.EQ, channel),
        Filter(QueryField.STATE, Operator.IN, tuple(sorted(states))),
        *(condition for condition in rest if not isinstance(condition, bool)),
    )


class _Test(NamedTuple):
    """A rule under one policy.

    Args:
        reason: why a person may not be contacted.
        unless: when a record is not held back; None where it always is.
        text: the reason in words.
    """

    reason: Reason | str
    unless: Unless
    text: str


def _rows(policy: Policy, channel: Channel) -> list[_Test]:
    """The rules that a policy makes use of on a channel, in order.

    Those of the table, then its own.
    """
    choices = policy.on(channel)
    rows = [
        _Test(
            row.reason,
            row.unless(
                getattr(choices, row.policy_field, None),
                channel,
            ),
            row.text,
        )
        for row in RULES
    ]
    return [row for row in rows if row.unless is not None] + [
        _Test(rule.reason, rule.unless, rule.text or rule.reason) for rule in policy.rules
    ]


def _tests(policy: Policy, channel: Channel, state: ConsentState) -> tuple[_Test, ...]:
    """What is left to be asked of a record in this state, worked out once for each policy.

    A condition about the state alone has its answer already; under the default policy nothing is
    left but the answer.
    """
    known: dict[tuple[Channel, ConsentState], tuple[_Test, ...]] = policy.compiled
    tests = known.get((channel, state))
    if tests is None:
        simplified = [(row, for_states(row.unless, {state})) for row in _rows(policy, channel)]
        tests = known[channel, state] = tuple(
            row._replace(unless=None if unless is False else unless)
            for row, unless in simplified
            if unless is not True
        )
    return tests


def _holds(
    unless: Condition | Unexpired | Reachable, consent: MarketingConsent, now: datetime
) -> bool:
    return unless.holds(consent, now) if isinstance(unless, _TIMED) else unless.matches(consent)
