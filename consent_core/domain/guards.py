"""The guards of the lifecycle: the facts that they look at, and the comparisons they make."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, OptInLevel, Ordering, Reconsent

# Globals, because Python 3.11 looks up members of enums slowly.
_LAST_WRITE: Final = Ordering.LAST_WRITE
_DOUBLE_OPT_IN: Final = Reconsent.DOUBLE_OPT_IN


class Facts(NamedTuple):
    """What guards may look at; what follows ``is_stored`` is filled in under ``BY_SUBJECT`` only.

    Args:
        evidence_date: the date that the request's evidence counts at; None where it brings none.
        proves_order: whether that date says when the person acted.
        opt_in_level: the opt-in level of a confirmation; None for other requests.
        confirmed_date: the date in the record's confirmation slot, if filled.
        revoked_date: the date in the record's revocation slot, if filled.
        channel: how the person is reached.
        policy: the choices of the deployment.
        is_stored: whether the record's revocation slot holds this revocation already.
        by_subject: whether the evidence counts as the person's own.
        may_be_asked_for: whether the person may have asked for a PENDING.
        subject_confirmed_date: the date of the latest CONFIRMED by the person.
        subject_revoked_date: the date of the latest revocation by the person.
        held_date: the date of a stored confirmation that the evidence would release.
    """

    evidence_date: datetime | None
    proves_order: bool
    opt_in_level: OptInLevel | None
    confirmed_date: datetime | None
    revoked_date: datetime | None
    channel: Channel
    policy: Policy
    is_stored: bool = False
    by_subject: bool = False
    may_be_asked_for: bool = False
    subject_confirmed_date: datetime | None = None
    subject_revoked_date: datetime | None = None
    held_date: datetime | None = None


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
        facts.policy.ordering is _LAST_WRITE
        and facts.policy.on(facts.channel).reconsent is Reconsent.FRESH_EVIDENCE
    )


def last_write_asks_again(facts: Facts) -> bool:
    """The policy lets the last write stand; else the question never replaces the answer."""
    return facts.policy.ordering is _LAST_WRITE


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
    return _later(facts, facts.revoked_date, clearly=True) and not _is_own_late_answer(facts)


def clearly_after_revocation_with_slot(facts: Facts) -> bool:
    """As ``clearly_after_revocation``, or a confirmation that is held back is.

    So an answer by the person that arrives late releases what was held back in between.
    """
    held, revoked = facts.held_date, facts.revoked_date
    if held is None or revoked is None or held <= revoked or held - revoked <= _margin(facts):
        return clearly_after_revocation(facts)
    return not _is_own_late_answer(facts)


def not_before_question(facts: Facts) -> bool:
    """A revocation is dated at or after the open question."""
    return not _earlier(facts, facts.confirmed_date)


def not_clearly_before_confirmation(facts: Facts) -> bool:
    """A revocation is not dated before the confirmation slot by more than the margin."""
    return not _earlier(facts, _confirmation_to_take_back(facts), clearly=True)


def takes_confirmation_back(facts: Facts) -> bool:
    """A revocation is not clearly before the confirmation.

    Within the margin it is not the very one that was lifted.
    """
    return not _earlier(facts, _confirmation_to_take_back(facts)) or (
        not facts.is_stored and not_clearly_before_confirmation(facts)
    )


def newer_confirmation(facts: Facts) -> bool:
    """Within one state, a grant is newer than the confirmation slot."""
    return _later(facts, facts.confirmed_date)


def newer_revocation(facts: Facts) -> bool:
    """Within one state, a revocation is newer than the revocation slot."""
    return _later(facts, facts.revoked_date)


def direct_reconsent(facts: Facts) -> bool:
    """Nothing was revoked, or the policy lifts a revocation without a double opt-in."""
    if facts.revoked_date is None:
        return True
    return facts.policy.on(facts.channel).reconsent is not _DOUBLE_OPT_IN


def answers_question(facts: Facts) -> bool:
    """Direct re-consent is enough.

    Else the evidence must be the second half of a double opt-in, not an older yes.
    """
    doubly = facts.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    return direct_reconsent(facts) or (doubly and not _earlier(facts, facts.confirmed_date))


def not_held(facts: Facts) -> bool:
    """The person did not opt out, or has come back, or comes back with this confirmation.

    Asked under ``BY_SUBJECT`` only (section 7).
    """
    return not _is_held(facts)


def not_held_or_may_be_asked_for(facts: Facts) -> bool:
    """A question is asked for by the person, where only the person may come back."""
    return facts.may_be_asked_for or not _is_held(facts)


def _is_held(facts: Facts) -> bool:
    """Whether the person's latest revocation is not followed by a later CONFIRMED of their own.

    The evidence counts, if it is such a CONFIRMED.
    """
    revoked, confirmed = facts.subject_revoked_date, facts.subject_confirmed_date
    if revoked is None:
        return False
    # Dates are compared also where the last write stands (section 4.2).
    if facts.by_subject and facts.evidence_date is not None:
        confirmed = max(confirmed or facts.evidence_date, facts.evidence_date)
    return confirmed is None or confirmed <= revoked or confirmed - revoked <= _margin(facts)


def _is_own_late_answer(facts: Facts) -> bool:
    """Whether it is a CONFIRMED by the person that is not later than their own revocation."""
    return facts.by_subject and _is_held(facts)


def _confirmation_to_take_back(facts: Facts) -> datetime | None:
    """The date that a revocation is compared with.

    What staff or an import entered later does not protect against the person's own opt-out that
    arrives late.
    """
    return facts.subject_confirmed_date if facts.by_subject else facts.confirmed_date


def _margin(facts: Facts) -> timedelta:
    margin: timedelta = facts.policy.on(facts.channel).evidence_margin
    return margin


def _later(facts: Facts, slot: datetime | None, *, clearly: bool = False) -> bool:
    """Whether the evidence is later than a slot; a last write always is.

    Args:
        facts: the facts.
        slot: the date in the slot, if it is filled.
        clearly: whether it must be later by more than the margin.
    """
    dated = facts.evidence_date
    if slot is None or dated is None or facts.policy.ordering is _LAST_WRITE:
        return True
    return dated > slot and (not clearly or dated - slot > _margin(facts))


def _earlier(facts: Facts, slot: datetime | None, *, clearly: bool = False) -> bool:
    """Whether the evidence is earlier than a slot; a last write never is.

    The arguments are those of ``_later``.
    """
    dated = facts.evidence_date
    if slot is None or dated is None or facts.policy.ordering is _LAST_WRITE:
        return False
    return dated < slot and (not clearly or slot - dated > _margin(facts))
