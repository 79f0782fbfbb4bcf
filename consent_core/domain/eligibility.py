"""May this person be contacted, and if not, why (contract, section 5).

Everything is derived from the rows of ``RULES``: the reasons against one record, the audience of a
channel as conditions for any store, and the reference page.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from attrs import evolve, field, frozen

from consent_core.domain.checks import as_word, checked_moment, refuse, wrong_word
from consent_core.domain.choices import NO_TOPIC
from consent_core.domain.conditions import Condition, Filter
from consent_core.domain.lifetimes import Reachable, Unexpired
from consent_core.domain.narrowing import flattened, for_states
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.reasons import RULES, TEXTS, Unless
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topic_questions import Asked, asked_topics
from consent_core.domain.vocabulary import Channel, ConsentState, Reason

_TIMED: Final = (Unexpired, Reachable)
"""Conditions about the passage of time."""


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
    topic: str | None = None,
) -> CommunicationEligibility:
    """Whether the person may be contacted now, with every reason against it.

    Args:
        consent: the record, or None where there is none.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.
        tombstone: what an erasure has left, where there is no record.
        topic: what the person is to be contacted about, required where the policy declares topics
            (section 8): the name of one, or ``ANY_TOPIC`` for at least one of them.

    Raises:
        InvalidConsent: the moment has no offset, or the topic is missing or unknown.
    """
    declared = policy.topics
    asked = None if declared is NO_TOPIC and topic is None else asked_topics(topic, declared)
    if consent is None:
        remembered = tombstone is not None and tombstone.revoked_date is not None
        return _REVOKED if remembered else _NO_CONSENT
    now = checked_moment(now)
    against = [
        test
        for test in _tests(policy, consent.details.channel, consent.state, asked)
        if test.unless is None or not _holds(test.unless, consent, now)
    ]
    if not against:
        return _GRANTED
    return CommunicationEligibility(tuple(test.reason for test in against), reason=against[0].text)


def audience(
    channel: Channel | str,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    topic: str | None = None,
) -> tuple[Condition, ...]:
    """The conditions of a query for everybody who may be contacted.

    Exactly the records that ``eligibility`` grants.

    Args:
        channel: how the people are to be reached.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.
        topic: as in ``eligibility``.

    Returns:
        Conditions for ``Query(where=...)``, the channel's among them.

    Raises:
        InvalidConsent: as ``eligibility``.
    """
    now = checked_moment(now)
    asked: Channel = as_word(channel, Channel)
    refuse("audience", channel=wrong_word(asked, Channel))
    rows = _rows(policy, asked, asked_topics(topic, policy.topics))
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
        Filter(QueryField.CHANNEL, Operator.EQ, asked),
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


def _rows(policy: Policy, channel: Channel, asked: Asked | None) -> list[_Test]:
    """The rules that a policy makes use of on a channel, in order.

    Those of the table, then its own.
    """
    choices = {**policy.on(channel)._asdict(), "topics": asked}
    rows = [
        _Test(row.reason, row.unless(choices.get(row.policy_field), channel), row.text)
        for row in RULES
    ]
    return [row for row in rows if row.unless is not None] + [
        _Test(rule.reason, rule.unless, rule.text or rule.reason) for rule in policy.rules
    ]


def _tests(
    policy: Policy, channel: Channel, state: ConsentState, asked: Asked | None
) -> tuple[_Test, ...]:
    """What is left to be asked of a record in this state, worked out once for each policy.

    A condition about the state alone has its answer already; under the default policy nothing is
    left but the answer.
    """
    known: dict[Any, tuple[_Test, ...]] = policy.compiled
    key = (channel, state) if asked is None else (channel, state, asked.question)
    tests = known.get(key)
    if tests is None:
        simplified = [
            (row, for_states(row.unless, {state})) for row in _rows(policy, channel, asked)
        ]
        tests = known[key] = tuple(
            row._replace(unless=None if unless is False else unless)
            for row, unless in simplified
            if unless is not True
        )
    return tests


def _holds(
    unless: Condition | Unexpired | Reachable, consent: MarketingConsent, now: datetime
) -> bool:
    return unless.holds(consent, now) if isinstance(unless, _TIMED) else unless.matches(consent)
