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

from types import MappingProxyType
from typing import Final

from statemachine import State, StateMachine

from consent_core.domain.chart import Guard, Lookup, compile_chart
from consent_core.domain.guards import (
    Facts,
    after_revocation,
    answers_question,
    clearly_after_revocation,
    clearly_after_revocation_with_slot,
    direct_reconsent,
    is_phone,
    last_write_asks_again,
    lifts_no_revocation,
    newer_confirmation,
    newer_revocation,
    not_before_question,
    not_clearly_before_confirmation,
    not_held,
    not_held_or_may_be_asked_for,
    proves_order,
    proves_order_or_never_revoked,
    takes_confirmation_back,
)
from consent_core.domain.vocabulary import KeptReason

REASONS: Final = MappingProxyType[Guard[Facts], KeptReason](
    {
        is_phone: KeptReason.EMAIL_KEEPS_STATE,
        lifts_no_revocation: KeptReason.REVOKED_NEEDS_EVIDENCE,
        last_write_asks_again: KeptReason.ALREADY_CONFIRMED,
        proves_order: KeptReason.UNDATED_EVIDENCE,
        proves_order_or_never_revoked: KeptReason.UNDATED_EVIDENCE,
        after_revocation: KeptReason.STALE_EVIDENCE,
        clearly_after_revocation: KeptReason.STALE_EVIDENCE,
        clearly_after_revocation_with_slot: KeptReason.STALE_EVIDENCE,
        not_before_question: KeptReason.STALE_EVIDENCE,
        not_clearly_before_confirmation: KeptReason.STALE_EVIDENCE,
        takes_confirmation_back: KeptReason.STALE_EVIDENCE,
        newer_confirmation: KeptReason.STALE_EVIDENCE,
        newer_revocation: KeptReason.STALE_EVIDENCE,
        direct_reconsent: KeptReason.RECONSENT_NEEDS_CONFIRMATION,
        answers_question: KeptReason.RECONSENT_NEEDS_CONFIRMATION,
        not_held: KeptReason.RECONSENT_NEEDS_SUBJECT,
        not_held_or_may_be_asked_for: KeptReason.RECONSENT_NEEDS_SUBJECT,
    }
)
"""Why a state is kept when a guard fails.

A transition names its guards in this order, which is the order of precedence.
"""


_RECONSENT: Final = [
    proves_order_or_never_revoked,
    clearly_after_revocation_with_slot,
    direct_reconsent,
    not_held,
]
"""The guards of a CONFIRMED that meets a record which is neither PENDING nor CONFIRMED."""


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
        | unknown_state.to(pending, cond=[after_revocation, not_held_or_may_be_asked_for])
        | never_confirmed.to(pending, cond=[after_revocation, not_held_or_may_be_asked_for])
        | pending.to(
            pending, cond=[after_revocation, newer_confirmation, not_held_or_may_be_asked_for]
        )
        | confirmed.to(pending, cond=last_write_asks_again)
        | revoked.to(pending, cond=[after_revocation, not_held_or_may_be_asked_for])
    )
    request_confirmed = (
        absent.to(confirmed)
        | unknown_state.to(confirmed, cond=_RECONSENT)
        | never_confirmed.to(confirmed, cond=_RECONSENT)
        | pending.to(
            confirmed,
            cond=[
                proves_order_or_never_revoked,
                clearly_after_revocation,
                answers_question,
                not_held,
            ],
        )
        | confirmed.to(
            confirmed,
            cond=[
                proves_order,
                clearly_after_revocation_with_slot,
                newer_confirmation,
                not_held,
            ],
        )
        | revoked.to(confirmed, cond=_RECONSENT)
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
