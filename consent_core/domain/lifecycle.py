"""All state rules on one screen: the states of a consent, the transitions, and their guards.

Three ideas explain the chart (contract, section 4):

1. A request asks for a state and brings evidence with a date. The order of arrival proves nothing,
   because imports, queues and retries deliver late. So the guards compare dates with the two slots
   of the record, its last confirmation and its last revocation, and the result does not depend on
   the order in which evidence arrives.
2. On a tie the person is left alone. A grant must be *later* than the revocation slot; a revocation
   must only be *not earlier* than the confirmation slot. PENDING is a question and CONFIRMED is the
   answer: a question never replaces the answer, and the answer always replaces the question.
3. Each request has exactly one transition out of each state, and each guard has one reason. The
   transition is taken if all its guards hold. Otherwise the state is kept, and the first guard
   that fails gives the reason.
"""

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from statemachine import State, StateMachine

from consent_core.domain.chart import Guard, Lookup, compile_chart
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, KeptReason, OptInLevel, Ordering, Reconsent


class Facts(NamedTuple):
    """What guards may look at.

    Args:
        evidence_date: the date that the request's evidence counts at; None where it brings none.
        proves_order: whether that date says when the person acted.
        opt_in_level: the opt-in level of a confirmation; None for other requests.
        confirmed_date: the date in the record's confirmation slot, if filled.
        revoked_date: the date in the record's revocation slot, if filled.
        channel: how the person is reached.
        policy: the choices of the deployment.
        is_stored: whether the record's revocation slot holds this revocation already.
    """

    evidence_date: datetime | None
    proves_order: bool
    opt_in_level: OptInLevel | None
    confirmed_date: datetime | None
    revoked_date: datetime | None
    channel: Channel
    policy: Policy
    is_stored: bool = False


def is_phone(facts: Facts) -> bool:
    """It is a phone number.

    An e-mail consent that exists is never set to UNKNOWN_STATE, as the API documents it.
    """
    return facts.channel is Channel.PHONE


def lifts_no_revocation(facts: Facts) -> bool:
    """Nothing was revoked.

    Or the policy lets the last write stand, and has no rule for consent after a revocation.
    """
    return facts.revoked_date is None or (
        facts.policy.ordering is Ordering.LAST_WRITE
        and facts.policy.on(facts.channel).reconsent is Reconsent.FRESH_EVIDENCE
    )


def last_write_asks_again(facts: Facts) -> bool:
    """The policy lets the last write stand; else the question never replaces the answer."""
    return facts.policy.ordering is Ordering.LAST_WRITE


def proves_order(facts: Facts) -> bool:
    """A confirmation can prove that it is newer than another."""
    return facts.proves_order


def proves_order_or_never_revoked(facts: Facts) -> bool:
    """A confirmation can prove that it came after the revocation.

    Where nothing was revoked, it need not.
    """
    return facts.proves_order or facts.revoked_date is None


def after_revocation(facts: Facts) -> bool:
    """A question is dated after the revocation slot; no margin, for a question harms nobody."""
    return _later(facts, facts.revoked_date)


def clearly_after_revocation(facts: Facts) -> bool:
    """A confirmation is dated after the revocation slot by more than ``evidence_margin``."""
    return _later(facts, facts.revoked_date, facts.policy.on(facts.channel).evidence_margin)


def not_before_question(facts: Facts) -> bool:
    """A revocation is dated at or after the open question."""
    return not _earlier(facts, facts.confirmed_date)


def not_clearly_before_confirmation(facts: Facts) -> bool:
    """A revocation is not dated before the confirmation slot by more than the margin."""
    return not _earlier(facts, facts.confirmed_date, facts.policy.on(facts.channel).evidence_margin)


def takes_confirmation_back(facts: Facts) -> bool:
    """A revocation is not clearly before the confirmation.

    Within the margin it is not the very one that was lifted.
    """
    return not _earlier(facts, facts.confirmed_date) or (
        not facts.is_stored and not_clearly_before_confirmation(facts)
    )


def newer_confirmation(facts: Facts) -> bool:
    """Within one state, a grant is newer than the confirmation slot."""
    return _later(facts, facts.confirmed_date)


def newer_revocation(facts: Facts) -> bool:
    """Within one state, a revocation is newer than the revocation slot."""
    return _later(facts, facts.revoked_date)


def direct_reconsent(facts: Facts) -> bool:
    """Nothing was revoked.

    Or the policy lets later evidence alone lift a revocation, without a double opt-in.
    """
    return (
        facts.revoked_date is None
        or facts.policy.on(facts.channel).reconsent is Reconsent.FRESH_EVIDENCE
    )


def answers_question(facts: Facts) -> bool:
    """Direct re-consent is enough.

    Else the evidence must be the second half of a double opt-in, not an older yes.
    """
    doubly = facts.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    return direct_reconsent(facts) or (doubly and not _earlier(facts, facts.confirmed_date))


def _later(facts: Facts, slot: datetime | None, margin: timedelta = timedelta(0)) -> bool:
    """Whether the evidence is later than a slot by more than a margin; the last write always is."""
    if slot is None or facts.evidence_date is None or facts.policy.ordering is Ordering.LAST_WRITE:
        return True
    return facts.evidence_date > slot and facts.evidence_date - slot > margin


def _earlier(facts: Facts, slot: datetime | None, margin: timedelta = timedelta(0)) -> bool:
    """Whether the evidence is earlier than a slot by more than a margin.

    The last write never is.
    """
    if slot is None or facts.evidence_date is None or facts.policy.ordering is Ordering.LAST_WRITE:
        return False
    return facts.evidence_date < slot and slot - facts.evidence_date > margin


REASONS: Final = MappingProxyType[Guard[Facts], KeptReason](
    {
        is_phone: KeptReason.EMAIL_KEEPS_STATE,
        lifts_no_revocation: KeptReason.REVOKED_NEEDS_EVIDENCE,
        last_write_asks_again: KeptReason.ALREADY_CONFIRMED,
        proves_order: KeptReason.UNDATED_EVIDENCE,
        proves_order_or_never_revoked: KeptReason.UNDATED_EVIDENCE,
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

A transition names its guards in this order, which is the order of precedence.
"""


class Lifecycle(StateMachine):
    """The states of a consent and their transitions, one event for each requested state."""

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
            confirmed,
            cond=[proves_order_or_never_revoked, clearly_after_revocation, direct_reconsent],
        )
        | never_confirmed.to(
            confirmed,
            cond=[proves_order_or_never_revoked, clearly_after_revocation, direct_reconsent],
        )
        | pending.to(
            confirmed,
            cond=[proves_order_or_never_revoked, clearly_after_revocation, answers_question],
        )
        | confirmed.to(confirmed, cond=[proves_order, clearly_after_revocation, newer_confirmation])
        | revoked.to(
            confirmed,
            cond=[proves_order_or_never_revoked, clearly_after_revocation, direct_reconsent],
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
