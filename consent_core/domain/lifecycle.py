"""The one screen: every state of a consent, every move between states, and the guards on them.

Three ideas make the chart true (contract, section 4):

1. A request asks for a state and brings evidence with a date. Arrival order proves nothing, because
   imports, queues and retries deliver late; so the guards compare dates with the two slots that a
   record holds, its last confirmation and its last revocation. What a record ends up as does not
   depend on the order in which evidence comes.
2. The comparisons lean towards silence. A grant must be *later* than the revocation slot, a
   revocation only *not earlier* than the confirmation slot: on a tie the person is left alone.
   PENDING is a question and CONFIRMED the answer: the question never replaces the answer, the
   answer always replaces the question.
3. Every request has exactly one arrow out of every state, and every guard one reason. A move is
   made when all guards of its arrow hold; else the state is kept, and the first guard that fails
   says why.
"""

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from statemachine import State, StateMachine

from consent_core.domain.chart import Guard, Lookup, compile_chart
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, KeptReason, OptInLevel, Ordering, Reconsent


class Facts(NamedTuple):
    """All that guards may look at.

    Args:
        at: the date at which the evidence of the request counts; None where it brings none.
        dated: whether that date can prove an order.
        level: the opt-in level of a confirmation; None for other requests.
        confirmed: the date in the record's confirmation slot, if filled.
        revoked: the date in the record's revocation slot, if filled.
        channel: how the person is reached.
        policy: the choices of the deployment.
        held: whether the record's revocation slot holds this very revocation.
    """

    at: datetime | None
    dated: bool
    level: OptInLevel | None
    confirmed: datetime | None
    revoked: datetime | None
    channel: Channel
    policy: Policy
    held: bool = False


def is_phone(facts: Facts) -> bool:
    """It is a phone number.

    An e-mail consent that exists is never set to UNKNOWN_STATE, as the API documents it.
    """
    return facts.channel is Channel.PHONE


def lifts_no_revocation(facts: Facts) -> bool:
    """Nothing was revoked.

    Or the policy lets the last write stand, and has no rule for consent after a revocation.
    """
    return facts.revoked is None or (
        facts.policy.ordering is Ordering.LAST_WRITE
        and facts.policy.on(facts.channel).reconsent is Reconsent.FRESH_EVIDENCE
    )


def last_write_asks_again(facts: Facts) -> bool:
    """The policy lets the last write stand; else the question never replaces the answer."""
    return facts.policy.ordering is Ordering.LAST_WRITE


def is_dated(facts: Facts) -> bool:
    """A confirmation can prove that it is newer than another."""
    return facts.dated


def dated_or_never_revoked(facts: Facts) -> bool:
    """A confirmation can prove that it came after the revocation.

    Where nothing was revoked, it need not.
    """
    return facts.dated or facts.revoked is None


def after_revocation(facts: Facts) -> bool:
    """A question is dated after the revocation slot; no margin, for a question harms nobody."""
    return _later(facts, facts.revoked)


def clearly_after_revocation(facts: Facts) -> bool:
    """A confirmation is dated after the revocation slot by more than the margin for clocks that disagree unseen."""
    return _later(facts, facts.revoked, facts.policy.on(facts.channel).evidence_margin)


def not_before_question(facts: Facts) -> bool:
    """A revocation is dated at or after the open question."""
    return not _earlier(facts, facts.confirmed)


def not_clearly_before_confirmation(facts: Facts) -> bool:
    """A revocation is not dated before the confirmation slot by more than the margin."""
    return not _earlier(facts, facts.confirmed, facts.policy.on(facts.channel).evidence_margin)


def takes_confirmation_back(facts: Facts) -> bool:
    """A revocation is not clearly before the confirmation.

    Within the margin it is not the very one that was lifted.
    """
    return not _earlier(facts, facts.confirmed) or (
        not facts.held and not_clearly_before_confirmation(facts)
    )


def newer_confirmation(facts: Facts) -> bool:
    """Within one state, a grant is newer than the confirmation slot."""
    return _later(facts, facts.confirmed)


def newer_revocation(facts: Facts) -> bool:
    """Within one state, a revocation is newer than the revocation slot."""
    return _later(facts, facts.revoked)


def direct_reconsent(facts: Facts) -> bool:
    """Nothing was revoked.

    Or the policy lets later evidence alone lift a revocation, without a double opt-in.
    """
    return (
        facts.revoked is None
        or facts.policy.on(facts.channel).reconsent is Reconsent.FRESH_EVIDENCE
    )


def answers_question(facts: Facts) -> bool:
    """Direct re-consent is enough.

    Else the evidence must be the second half of a double opt-in, not an older yes.
    """
    doubly = facts.level is OptInLevel.DOUBLE_CONFIRMATION
    return direct_reconsent(facts) or (doubly and not _earlier(facts, facts.confirmed))


def _later(facts: Facts, slot: datetime | None, margin: timedelta = timedelta(0)) -> bool:
    """Whether the evidence is later than a slot by more than a margin; the last write always is."""
    if slot is None or facts.at is None or facts.policy.ordering is Ordering.LAST_WRITE:
        return True
    return facts.at > slot and facts.at - slot > margin


def _earlier(facts: Facts, slot: datetime | None, margin: timedelta = timedelta(0)) -> bool:
    """Whether the evidence is earlier than a slot by more than a margin.

    The last write never is.
    """
    if slot is None or facts.at is None or facts.policy.ordering is Ordering.LAST_WRITE:
        return False
    return facts.at < slot and slot - facts.at > margin


REASONS: Final = MappingProxyType[Guard[Facts], KeptReason](
    {
        is_phone: KeptReason.EMAIL_KEEPS_STATE,
        lifts_no_revocation: KeptReason.REVOKED_NEEDS_EVIDENCE,
        last_write_asks_again: KeptReason.ALREADY_CONFIRMED,
        is_dated: KeptReason.UNDATED_EVIDENCE,
        dated_or_never_revoked: KeptReason.UNDATED_EVIDENCE,
        after_revocation: KeptReason.STALE_EVIDENCE,
        clearly_after_revocation: KeptReason.STALE_EVIDENCE,
        not_before_question: KeptReason.STALE_EVIDENCE,
        not_clearly_before_confirmation: KeptReason.STALE_EVIDENCE,
        takes_confirmation_back: KeptReason.STALE_EVIDENCE,
        newer_confirmation: KeptReason.STALE_EVIDENCE,
        newer_revocation: KeptReason.STALE_EVIDENCE,
        direct_reconsent: KeptReason.RECONSENT_NEEDS_CONFIRMATION,
        answers_question: KeptReason.RECONSENT_NEEDS_CONFIRMATION,
    }
)
"""Why a state is kept when a guard fails.

An arrow names its guards in this order, which is that of precedence.
"""


class Lifecycle(StateMachine):
    """The life of a consent.

    One state for each word of the vocabulary, one event for each state asked for.
    """

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
        | pending.to(unknown_state, cond=[is_phone, lifts_no_revocation])
        | confirmed.to(unknown_state, cond=is_phone)
        | revoked.to(unknown_state, cond=[is_phone, lifts_no_revocation])
    )
    request_never_confirmed = (
        absent.to(never_confirmed)
        | unknown_state.to(never_confirmed)
        | never_confirmed.to(never_confirmed)
        | pending.to(never_confirmed, cond=lifts_no_revocation)
        | confirmed.to(never_confirmed)
        | revoked.to(never_confirmed, cond=lifts_no_revocation)
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
        | unknown_state.to(
            confirmed, cond=[dated_or_never_revoked, clearly_after_revocation, direct_reconsent]
        )
        | never_confirmed.to(
            confirmed, cond=[dated_or_never_revoked, clearly_after_revocation, direct_reconsent]
        )
        | pending.to(
            confirmed, cond=[dated_or_never_revoked, clearly_after_revocation, answers_question]
        )
        | confirmed.to(confirmed, cond=[is_dated, clearly_after_revocation, newer_confirmation])
        | revoked.to(
            confirmed, cond=[dated_or_never_revoked, clearly_after_revocation, direct_reconsent]
        )
    )
    request_revoked = (
        absent.to(revoked)
        | unknown_state.to(revoked, cond=not_clearly_before_confirmation)
        | never_confirmed.to(revoked, cond=not_clearly_before_confirmation)
        | pending.to(revoked, cond=not_before_question)
        | confirmed.to(revoked, cond=takes_confirmation_back)
        | revoked.to(revoked, cond=[not_clearly_before_confirmation, newer_revocation])
    )


LIFECYCLE: Final[Lookup[Facts]] = compile_chart(Lifecycle, REASONS)
"""The chart as a frozen lookup: ``LIFECYCLE[stored][requested]`` is the one arrow.

Stored None means no record.
"""
