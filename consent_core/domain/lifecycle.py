"""The one screen: every state of a consent, every move between states, and the guards on them.

Three ideas make the chart true (contract, section 4):

1. A request asks for a state and brings evidence with a date. Arrival order proves nothing, because imports, queues
   and retries deliver late; so the guards compare dates with the two slots that a record holds, its last confirmation
   and its last revocation. What a record ends up as does not depend on the order in which evidence comes.
2. The comparisons lean towards silence. A grant must be *later* than the revocation slot, a revocation only *not
   earlier* than the confirmation slot: on a tie the person is left alone. PENDING is a question and CONFIRMED the
   answer: the question never replaces the answer, the answer always replaces the question.
3. Every request has exactly one arrow out of every state, and every guard one reason. A move is made when all guards of
   its arrow hold; else the state is kept, and the first guard that fails says why.
"""

from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from statemachine import State, StateMachine

from consent_core.domain.chart import Guard, Lookup, compile_chart
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, KeptReason, Ordering, Reconsent


class Facts(NamedTuple):
    """All that guards may look at.

    Args:
        dated: when the evidence of the request is dated; the moment of receipt where it carries none.
        confirmed: the date in the record's confirmation slot, if filled.
        revoked: the date in the record's revocation slot, if filled.
        channel: how the person is reached.
        policy: the choices of the deployment.
    """

    dated: datetime
    confirmed: datetime | None
    revoked: datetime | None
    channel: Channel
    policy: Policy


def is_phone(facts: Facts) -> bool:
    """It is a phone number: an e-mail consent that exists is never set to UNKNOWN_STATE, as the API documents it."""
    return facts.channel is Channel.PHONE


def last_write_lifts(facts: Facts) -> bool:
    """The policy lets the last write stand; else only evidence lifts a revocation."""
    return facts.policy.ordering is Ordering.LAST_WRITE


def last_write_asks_again(facts: Facts) -> bool:
    """The policy lets the last write stand; else the question never replaces the answer."""
    return facts.policy.ordering is Ordering.LAST_WRITE


def after_revocation(facts: Facts) -> bool:
    """A grant is dated after the revocation slot."""
    return facts.revoked is None or facts.dated > facts.revoked or facts.policy.ordering is Ordering.LAST_WRITE


def not_before_confirmation(facts: Facts) -> bool:
    """A revocation is dated at or after the confirmation slot."""
    return facts.confirmed is None or facts.dated >= facts.confirmed or facts.policy.ordering is Ordering.LAST_WRITE


def newer_confirmation(facts: Facts) -> bool:
    """Within one state, a grant is newer than the confirmation slot."""
    return facts.confirmed is None or facts.dated > facts.confirmed or facts.policy.ordering is Ordering.LAST_WRITE


def newer_revocation(facts: Facts) -> bool:
    """Within one state, a revocation is newer than the revocation slot."""
    return facts.revoked is None or facts.dated > facts.revoked or facts.policy.ordering is Ordering.LAST_WRITE


def direct_reconsent(facts: Facts) -> bool:
    """The policy lets later evidence alone lift a revocation; else that takes a double opt-in."""
    return facts.policy.reconsent is Reconsent.FRESH_EVIDENCE


REASONS: Final = MappingProxyType[Guard[Facts], KeptReason](
    {
        is_phone: KeptReason.EMAIL_KEEPS_STATE,
        last_write_lifts: KeptReason.REVOKED_NEEDS_EVIDENCE,
        last_write_asks_again: KeptReason.ALREADY_CONFIRMED,
        after_revocation: KeptReason.STALE_EVIDENCE,
        not_before_confirmation: KeptReason.STALE_EVIDENCE,
        newer_confirmation: KeptReason.STALE_EVIDENCE,
        newer_revocation: KeptReason.STALE_EVIDENCE,
        direct_reconsent: KeptReason.RECONSENT_NEEDS_CONFIRMATION,
    }
)
"""Why a state is kept when a guard fails. An arrow names its guards in this order, which is that of precedence."""


class Lifecycle(StateMachine):
    """The life of a consent: one state for each word of the vocabulary, one event for each state asked for."""

    absent = State(initial=True)
    unknown_state = State()
    never_confirmed = State()
    pending = State()
    confirmed = State()
    revoked = State()

    request_unknown_state = (
        absent.to(unknown_state)
        | unknown_state.to(unknown_state)
        | never_confirmed.to(unknown_state, cond=is_phone)
        | pending.to(unknown_state, cond=is_phone)
        | confirmed.to(unknown_state, cond=is_phone)
        | revoked.to(unknown_state, cond=[is_phone, last_write_lifts])
    )
    request_never_confirmed = (
        absent.to(never_confirmed)
        | unknown_state.to(never_confirmed)
        | never_confirmed.to(never_confirmed)
        | pending.to(never_confirmed)
        | confirmed.to(never_confirmed)
        | revoked.to(never_confirmed, cond=last_write_lifts)
    )
    request_pending = (
        absent.to(pending)
        | unknown_state.to(pending, cond=after_revocation)
        | never_confirmed.to(pending, cond=after_revocation)
        | pending.to(pending, cond=[after_revocation, newer_confirmation])
        | confirmed.to(pending, cond=last_write_asks_again)
        | revoked.to(pending, cond=after_revocation)
    )
    request_confirmed = (
        absent.to(confirmed)
        | unknown_state.to(confirmed, cond=after_revocation)
        | never_confirmed.to(confirmed, cond=after_revocation)
        | pending.to(confirmed, cond=after_revocation)
        | confirmed.to(confirmed, cond=[after_revocation, newer_confirmation])
        | revoked.to(confirmed, cond=[after_revocation, direct_reconsent])
    )
    request_revoked = (
        absent.to(revoked)
        | unknown_state.to(revoked, cond=not_before_confirmation)
        | never_confirmed.to(revoked, cond=not_before_confirmation)
        | pending.to(revoked, cond=not_before_confirmation)
        | confirmed.to(revoked, cond=not_before_confirmation)
        | revoked.to(revoked, cond=[not_before_confirmation, newer_revocation])
    )


LIFECYCLE: Final[Lookup[Facts]] = compile_chart(Lifecycle, REASONS)
"""The chart as a frozen lookup: ``LIFECYCLE[stored][requested]`` is the one arrow; stored None means no record."""
