"""How evidence moves a record's state and fills its slots (contract, sections 3 and 4.2).

Each piece of evidence gets the date that it counts at, then it is compared with the slots. The date
is where two clocks meet: the sender's, which dated the evidence, and the receiver's. Where they are
seen to disagree, the opt-out wins: a grant that is dated ahead of receipt counts earlier, and a
revocation never counts before the confirmation that it takes back.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from attrs import evolve

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.lifecycle import LIFECYCLE, Facts
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, OptInLevel, Ordering


class ConsentStatus(NamedTuple):
    """The part of a record that evidence can change.

    Args:
        state: None where there is no record.
        confirmation: the confirmation slot, dated.
        revocation: the revocation slot, dated.
        double_confirmed_date: of the latest CONFIRMED by double opt-in that was taken; it only
            grows.
    """

    state: ConsentState | None
    confirmation: ConfirmationActivity | None
    revocation: RevokeActivity | None
    double_confirmed_date: datetime | None


NO_RECORD: Final = ConsentStatus(None, None, None, None)
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
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    # Law 9: a record that is sent back as it was read changes nothing, whatever order its slots
    # are in.
    if revocation and confirmation and status[:3] == (requested, confirmation, revocation):
        return status, None
    proof = PROOF[requested]
    if proof is ConfirmationActivity and confirmation is not None:
        if revocation is not None:
            counted = _date_revocation(revocation, status, now, policy)
            if policy.ordering is Ordering.LAST_WRITE:
                status = status._replace(revocation=counted)
            else:
                status, _ = apply_revocation(status, counted, channel, policy)
        dated, proves_order = _date_confirmation(
            confirmation, requested, status.confirmation, now, policy
        )
        return apply_grant(status, requested, dated, channel, policy, proves_order=proves_order)
    if proof is RevokeActivity and revocation is not None:
        confirmed = None
        if confirmation is not None:
            status, confirmed = _with_confirmation(status, confirmation, channel, now, policy)
        counted = _date_revocation(revocation, status, now, policy)
        dated_at = counted.updated_date
        if confirmed is not None and dated_at is not None and dated_at < confirmed:
            # A REVOKED request whose confirmation is the later one is no reason to lose the
            # opt-out: it counts at the date of the confirmation.
            counted = counted.at(confirmed)
        return apply_revocation(status, counted, channel, policy)
    return _apply_without_evidence(status, request, now, policy)


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
    state, slot, revocation, double_confirmed_date = status
    if state is requested and activity == slot:
        return status, None
    facts = Facts(
        activity.updated_date,
        proves_order,
        activity.opt_in_level,
        None if slot is None else slot.updated_date,
        None if revocation is None else revocation.updated_date,
        channel,
        policy,
    )
    kept = LIFECYCLE[state][requested].reason_to_keep(facts)
    if kept is None:
        doubly = activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        if (
            doubly
            and requested is ConsentState.CONFIRMED
            and _later(activity, double_confirmed_date)
        ):
            double_confirmed_date = activity.updated_date
        return ConsentStatus(requested, activity, revocation, double_confirmed_date), None
    late = kept is KeptReason.STALE_EVIDENCE and requested is ConsentState.CONFIRMED
    # While PENDING the slot holds the open question. A late answer to an older question is not
    # its proof.
    if late and state is not ConsentState.PENDING and _later(activity, slot and slot.updated_date):
        return status._replace(confirmation=activity), kept
    return status, kept


def apply_revocation(
    status: ConsentStatus, activity: RevokeActivity, channel: Channel, policy: Policy
) -> Applied:
    """Apply a REVOKED; the arguments are those of ``apply_grant``.

    Taken or too late, it leaves the newer of two revocations in the revocation slot.
    """
    state, confirmation, slot, double_confirmed_date = status
    is_stored = activity == slot
    if state is ConsentState.REVOKED and is_stored:
        return status, None
    facts = Facts(
        activity.updated_date,
        True,  # noqa: FBT003  # by position, which takes half the time of keywords
        None,
        None if confirmation is None else confirmation.updated_date,
        None if slot is None else slot.updated_date,
        channel,
        policy,
        is_stored,
    )
    kept = LIFECYCLE[state][ConsentState.REVOKED].reason_to_keep(facts)
    newest = activity
    if policy.ordering is not Ordering.LAST_WRITE and not _later(
        activity, slot and slot.updated_date
    ):
        newest = slot or activity
    if kept is None:
        new = ConsentStatus(ConsentState.REVOKED, confirmation, newest, double_confirmed_date)
        return new, None
    return (status if newest is slot else status._replace(revocation=newest)), kept


def _apply_without_evidence(
    status: ConsentStatus, request: Upsert, now: datetime, policy: Policy
) -> Applied:
    """Apply an UNKNOWN_STATE or NEVER_CONFIRMED: no evidence proves it; it holds from arrival on.

    Its activities are stored with a new record. For an existing one, only a revocation counts.
    """
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    channel = request.details.channel
    if status is NO_RECORD:
        if confirmation is not None:
            confirmation, _ = _date_confirmation(confirmation, request.state, None, now, policy)
        new = ConsentStatus(request.state, confirmation, None, None)
        if revocation is not None:
            new = new._replace(revocation=_date_revocation(revocation, new, now, policy))
        return new, None
    if revocation is not None and revocation != status.revocation:
        counted = _date_revocation(revocation, status, now, policy)
        status, _ = apply_revocation(status, counted, channel, policy)
    if status.state is request.state:
        return status, None
    confirmed = status.confirmation and status.confirmation.updated_date
    revoked = status.revocation and status.revocation.updated_date
    facts = Facts(None, True, None, confirmed, revoked, channel, policy)  # noqa: FBT003  # as above
    kept = LIFECYCLE[status.state][request.state].reason_to_keep(facts)
    return (status, kept) if kept else (status._replace(state=request.state), None)


def _with_confirmation(
    status: ConsentStatus,
    activity: ConfirmationActivity,
    channel: Channel,
    now: datetime,
    policy: Policy,
) -> tuple[ConsentStatus, datetime | None]:
    """Apply a confirmation beside a revocation; also returns the date that it counts at."""
    dated, proves_order = _date_confirmation(
        activity, ConsentState.CONFIRMED, status.confirmation, now, policy
    )
    if policy.ordering is Ordering.LAST_WRITE:
        return status._replace(confirmation=dated), dated.updated_date
    status, kept = apply_grant(
        status, ConsentState.CONFIRMED, dated, channel, policy, proves_order=proves_order
    )
    needs_question = kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION
    if needs_question and _later(dated, status.confirmation and status.confirmation.updated_date):
        # It lifts nothing, but it is true, and the request's own revocation comes after it.
        status = status._replace(confirmation=dated)
    return status, dated.updated_date


def _date_confirmation(
    activity: ConfirmationActivity,
    requested: ConsentState,
    slot: ConfirmationActivity | None,
    now: datetime,
    policy: Policy,
) -> tuple[ConfirmationActivity, bool]:
    """A confirmation with the date that it counts at, and whether that date proves an order."""
    if activity == slot:
        return activity, True
    dated, stored = activity.updated_date, None if slot is None else slot.updated_date
    if dated is None:
        acts_now = (
            requested is not ConsentState.CONFIRMED or activity.source in policy.undated_is_now
        )
        if acts_now or policy.ordering is Ordering.LAST_WRITE:
            return activity.at(now), True
        # Nobody acts at the moment of, say, a nightly synchronisation. Its CONFIRMED takes the date
        # of the slot, so that it renews nothing; only an empty slot is filled as of receipt.
        if stored is None:
            return activity.at(now), False
        # With the date of the slot it proves no more than the slot does, and no double opt-in.
        doubly = activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        unproven = doubly and activity.at(stored) != slot
        level = OptInLevel.UNKNOWN_OPT_IN_LEVEL if unproven else activity.opt_in_level
        return evolve(activity, updated_date=stored, opt_in_level=level), False
    # A date ahead of receipt comes from a clock that is fast by up to the skew, so the evidence
    # counts that much earlier. Delivered again, when its date is no longer ahead, it is the same
    # evidence.
    earlier = _minus(dated, policy.clock_skew)
    if earlier == stored and activity.at(earlier) == slot:
        return activity.at(earlier), True
    # Only a confirmation beside a revocation is further ahead: it is never refused for its date.
    return (activity.at(min(earlier, now)) if dated > now else activity), True


def _date_revocation(
    activity: RevokeActivity, status: ConsentStatus, now: datetime, policy: Policy
) -> RevokeActivity:
    """A revocation with the date that it counts at."""
    if activity == status.revocation:
        return activity
    dated, confirmed = (
        activity.updated_date,
        status.confirmation and status.confirmation.updated_date,
    )
    if dated is None or dated >= now:
        # An opt-out of now; not before the confirmation slot, whatever clock dated that.
        return activity.at(now if confirmed is None or confirmed < now else confirmed)
    if confirmed is not None and confirmed > now and now - dated <= policy.clock_skew:
        # The server that stored the confirmation was fast. What the person did within the skew
        # before receipt may well have come after it.
        return activity.at(confirmed)
    return activity


def _later(evidence: ConfirmationActivity | RevokeActivity, stored: datetime | None) -> bool:
    """Whether evidence is dated after a stored date, or none is stored."""
    dated = evidence.updated_date
    return dated is not None and (stored is None or dated > stored)


def _minus(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
