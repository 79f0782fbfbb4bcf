"""How evidence moves a record's state and fills its slots (contract, sections 3 and 4.2).

Each piece of evidence gets the date that it counts at, then it is compared with the slots.
"""

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.evidence_dates import date_confirmation, date_revocation
from consent_core.domain.guards import Facts
from consent_core.domain.lifecycle import LIFECYCLE
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    Channel,
    ConsentState,
    KeptReason,
    OptInLevel,
    Ordering,
    Reconsent,
)

# Globals, because Python 3.11 looks up members of enums slowly.
_PENDING: Final = ConsentState.PENDING
_CONFIRMED: Final = ConsentState.CONFIRMED
_REVOKED: Final = ConsentState.REVOKED
_DOUBLE: Final = OptInLevel.DOUBLE_CONFIRMATION
_BY_SUBJECT: Final = Reconsent.BY_SUBJECT
_LAST_WRITE: Final = Ordering.LAST_WRITE
_STALE: Final = KeptReason.STALE_EVIDENCE
_NEEDS_SUBJECT: Final = KeptReason.RECONSENT_NEEDS_SUBJECT


class ConsentStatus(NamedTuple):
    """The part of a record that evidence can change.

    Args:
        state: None where there is no record.
        confirmation: the confirmation slot, dated.
        revocation: the revocation slot, dated.
        double_confirmed_date: of the latest CONFIRMED by double opt-in that was taken; it only
            grows.
        subject_confirmed_date: of the latest CONFIRMED by the person; it only grows.
        subject_revoked_date: of the latest revocation by the person; it only grows.
    """

    state: ConsentState | None
    confirmation: ConfirmationActivity | None
    revocation: RevokeActivity | None
    double_confirmed_date: datetime | None
    subject_confirmed_date: datetime | None
    subject_revoked_date: datetime | None


NO_RECORD: Final = ConsentStatus(None, None, None, None, None, None)
"""The status where there is no record."""

Applied: TypeAlias = tuple[ConsentStatus, KeptReason | None]
"""The status afterwards, the same object if nothing changed; and why the state was kept, if so."""


def status_of(consent: MarketingConsent) -> ConsentStatus:
    """The status of a record."""
    return ConsentStatus(
        consent.state,
        consent.last_confirmation_activity,
        consent.last_revoke_activity,
        consent.double_confirmed_date,
        consent.subject_confirmed_date,
        consent.subject_revoked_date,
    )


def apply_evidence(
    status: ConsentStatus, request: Upsert, now: datetime, policy: Policy
) -> Applied:
    """Apply the evidence of a request to a status.

    A request with both activities is two pieces of evidence (section 3, rule 5). The other one is
    applied first and the state's own last, so that the answer is about the requested state.

    The request must be valid by itself and under the policy; ``now`` is the moment of receipt.
    """
    requested, channel = request.state, request.details.channel
    if requested is None:
        # Choices of topics alone: they found a record of which nothing else is known (section 8).
        unknown = status._replace(state=ConsentState.UNKNOWN_STATE)
        return (unknown if status is NO_RECORD else status), None
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    # Law 9: a record that is sent back as it was read changes nothing, whatever order its slots
    # are in.
    if revocation and confirmation and status[:3] == (requested, confirmation, revocation):
        return status, None
    proof = PROOF[requested]
    if proof is ConfirmationActivity and confirmation is not None:
        if revocation is not None:
            counted = date_revocation(
                revocation, status.confirmation, status.revocation, now, policy
            )
            if policy.ordering is _LAST_WRITE:
                status = status._replace(revocation=counted)
            else:
                status, _ = apply_revocation(status, counted, channel, policy)
        dated, proves_order = date_confirmation(
            confirmation, requested, status.confirmation, now, policy
        )
        return apply_grant(status, requested, dated, channel, policy, proves_order=proves_order)
    if proof is RevokeActivity and revocation is not None:
        confirmed = None
        if confirmation is not None:
            status, confirmed = _with_confirmation(status, confirmation, channel, now, policy)
        counted = date_revocation(revocation, status.confirmation, status.revocation, now, policy)
        dated_at = counted.updated_date
        if confirmed is not None and dated_at is not None and dated_at < confirmed:
            # A REVOKED request whose confirmation is the later one is no reason to lose the
            # opt-out: it counts at the date of the confirmation.
            counted = counted.at(confirmed)
        return apply_revocation(status, counted, channel, policy)
    return _apply_without_evidence(status, request, requested, now, policy)


def apply_grant(
    status: ConsentStatus,
    requested: ConsentState,
    activity: ConfirmationActivity,
    channel: Channel,
    policy: Policy,
    *,
    proves_order: bool = True,
) -> Applied:
    """Apply a PENDING or CONFIRMED: taken, it fills the confirmation slot.

    A CONFIRMED that arrives too late to be taken still fills an older slot: it is true, only late.

    Args:
        status: before.
        requested: the requested state.
        activity: the evidence, with the date that it counts at.
        channel: how the person is reached.
        policy: the choices of the deployment.
        proves_order: whether the date says when the person acted; not so where the date was only
            given at receipt.
    """
    state, slot, revocation, double_confirmed, subject_confirmed, subject_revoked = status
    if state is requested and activity == slot:
        return status, None
    dated, confirmed = activity.updated_date, None if slot is None else slot.updated_date
    revoked = None if revocation is None else revocation.updated_date
    level, by_subject, held = activity.opt_in_level, activity.by_subject, None
    facts = Facts(dated, proves_order, level, confirmed, revoked, channel, policy)
    if policy.on(channel).reconsent is _BY_SUBJECT:
        held = _held_confirmation(status)
        facts = facts._replace(
            by_subject=by_subject,
            may_be_asked_for=by_subject or activity.by_form,
            subject_confirmed_date=subject_confirmed,
            subject_revoked_date=subject_revoked,
            held_date=held and held.updated_date,
        )
    kept = LIFECYCLE[state][requested].reason_to_keep(facts)
    if kept is None:
        if requested is _CONFIRMED:
            if level is _DOUBLE and _later(dated, double_confirmed):
                double_confirmed = dated
            if by_subject and _later(dated, subject_confirmed):
                subject_confirmed = dated
            if held is not None and _later(confirmed, dated):
                # The person's late answer releases the newer confirmation.
                activity = held
        new = ConsentStatus(
            requested, activity, revocation, double_confirmed, subject_confirmed, subject_revoked
        )
        return new, None
    if requested is _CONFIRMED:
        status = _remember_kept(status, activity, kept)
    return status, kept


def _remember_kept(
    status: ConsentStatus, activity: ConfirmationActivity, kept: KeptReason
) -> ConsentStatus:
    """The status after a CONFIRMED that was not taken, but is true: it is only late, or held."""
    if kept is not _STALE and kept is not _NEEDS_SUBJECT:
        return status
    state, slot, revocation, double_confirmed, subject_confirmed, subject_revoked = status
    dated = activity.updated_date
    if activity.by_subject and _later(dated, subject_confirmed):
        subject_confirmed = dated
    # While PENDING the slot holds the open question. A late answer to an older question is not its
    # proof.
    if state is not _PENDING and _later(dated, None if slot is None else slot.updated_date):
        slot = activity.without_double_opt_in() if kept is _NEEDS_SUBJECT else activity
    return ConsentStatus(
        state, slot, revocation, double_confirmed, subject_confirmed, subject_revoked
    )


def _held_confirmation(status: ConsentStatus) -> ConfirmationActivity | None:
    """The confirmation in the slot that waits for an answer by the person, if there is one.

    Not the question in the slot of a PENDING, nor what may have been one: the level of a question
    is always double, and no CONFIRMED proved it.
    """
    slot = status.confirmation
    if slot is None or status.state is _PENDING:
        return None
    doubly = slot.opt_in_level is _DOUBLE
    return None if doubly and status.double_confirmed_date != slot.updated_date else slot


def apply_revocation(
    status: ConsentStatus, activity: RevokeActivity, channel: Channel, policy: Policy
) -> Applied:
    """Apply a REVOKED; the arguments are those of ``apply_grant``.

    Taken or too late, it leaves the newer of two revocations in the revocation slot.
    """
    state, confirmation, slot, double_confirmed, subject_confirmed, subject_revoked = status
    is_stored = activity == slot
    if state is _REVOKED and is_stored:
        return status, None
    dated, revoked = activity.updated_date, None if slot is None else slot.updated_date
    confirmed, by_subject = confirmation and confirmation.updated_date, activity.by_subject
    facts = Facts(dated, True, None, confirmed, revoked, channel, policy, is_stored)  # noqa: FBT003
    if policy.on(channel).reconsent is _BY_SUBJECT:
        facts = facts._replace(by_subject=by_subject, subject_confirmed_date=subject_confirmed)
    kept = LIFECYCLE[state][_REVOKED].reason_to_keep(facts)
    if policy.ordering is _LAST_WRITE or _later(dated, revoked):
        slot = activity
    if by_subject and _later(dated, subject_revoked):
        subject_revoked = dated
    state = state if kept else _REVOKED
    new = ConsentStatus(
        state, confirmation, slot, double_confirmed, subject_confirmed, subject_revoked
    )
    return (status if new == status else new), kept


def _apply_without_evidence(
    status: ConsentStatus, request: Upsert, requested: ConsentState, now: datetime, policy: Policy
) -> Applied:
    """Apply an UNKNOWN_STATE or NEVER_CONFIRMED: no evidence proves it; it holds from arrival on.

    Its activities are stored with a new record. For an existing one, only a revocation counts.
    """
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    channel = request.details.channel
    if status is NO_RECORD:
        if confirmation is not None:
            confirmation, _ = date_confirmation(confirmation, requested, None, now, policy)
        new = NO_RECORD._replace(state=requested, confirmation=confirmation)
        if revocation is not None:
            new = new._replace(
                revocation=date_revocation(
                    revocation, new.confirmation, new.revocation, now, policy
                )
            )
        return new, None
    if revocation is not None and revocation != status.revocation:
        counted = date_revocation(revocation, status.confirmation, status.revocation, now, policy)
        status, _ = apply_revocation(status, counted, channel, policy)
    if status.state is requested:
        return status, None
    confirmed = status.confirmation and status.confirmation.updated_date
    revoked = status.revocation and status.revocation.updated_date
    facts = Facts(None, True, None, confirmed, revoked, channel, policy)  # noqa: FBT003  # as above
    kept = LIFECYCLE[status.state][requested].reason_to_keep(facts)
    return (status, kept) if kept else (status._replace(state=requested), None)


def _with_confirmation(
    status: ConsentStatus,
    activity: ConfirmationActivity,
    channel: Channel,
    now: datetime,
    policy: Policy,
) -> tuple[ConsentStatus, datetime | None]:
    """Apply a confirmation beside a revocation; also returns the date that it counts at."""
    dated, proves_order = date_confirmation(
        activity, ConsentState.CONFIRMED, status.confirmation, now, policy
    )
    if policy.ordering is _LAST_WRITE:
        return status._replace(confirmation=dated), dated.updated_date
    status, kept = apply_grant(
        status, ConsentState.CONFIRMED, dated, channel, policy, proves_order=proves_order
    )
    needs_question = kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION
    if needs_question and _later(
        dated.updated_date, status.confirmation and status.confirmation.updated_date
    ):
        # It lifts nothing, but it is true, and the request's own revocation comes after it.
        status = status._replace(confirmation=dated)
    return status, dated.updated_date


def _later(dated: datetime | None, stored: datetime | None) -> bool:
    """Whether evidence is dated after a stored date, or none is stored."""
    return dated is not None and (stored is None or dated > stored)
