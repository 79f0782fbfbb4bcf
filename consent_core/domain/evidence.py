"""How evidence, piece by piece, moves a record's state and fills its slots (contract, sections 3 and 4.2).

Each piece is dated first, then compared. Dating is where two clocks meet: the sender's, which dated
the evidence, and the receiver's. Where they are seen to disagree, the opt-out wins: a grant that is
dated ahead of receipt counts earlier, a revocation never counts before the confirmation that it
takes back.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from attrs import evolve

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.lifecycle import LIFECYCLE, Facts
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, OptInLevel, Ordering


class Standing(NamedTuple):
    """What evidence can move: the state, the two slots, and the stronger proof beside them.

    Args:
        state: None where there is no record.
        confirmation: the confirmation slot, dated.
        revocation: the revocation slot, dated.
        double_confirmed: the date of the latest CONFIRMED by double opt-in that was taken; it only
            grows.
    """

    state: ConsentState | None
    confirmation: ConfirmationActivity | None
    revocation: RevokeActivity | None
    double_confirmed: datetime | None


NO_RECORD: Final = Standing(None, None, None, None)
"""Where there is no record."""


Weighed: TypeAlias = tuple[Standing, KeptReason | None]
"""Where a request leads, the same standing if nothing moves.

And why its state was not taken, if it was not.
"""


def weigh(standing: Standing, command: Upsert, now: datetime, policy: Policy) -> Weighed:
    """Where a request leads from a standing.

    A request with both activities is two pieces of evidence: the other one first, the state's own
    last (section 3, rule 5), so that the answer is about the state that was asked for.
    """
    state, channel, proof = command.state, command.details.channel, PROOF[command.state]
    confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
    # Law 9: a record that is sent back as it was read changes nothing, whatever order its slots are
    # in.
    if (
        confirmation is not None
        and revocation is not None
        and standing[:3] == (state, confirmation, revocation)
    ):
        return standing, None
    if proof is ConfirmationActivity and confirmation is not None:
        if revocation is not None:
            standing = _with_revocation(standing, revocation, channel, now, policy)
        dated, proven = _dated_confirmation(confirmation, state, standing.confirmation, now, policy)
        return grant(standing, state, dated, channel, policy, dated=proven)
    if proof is RevokeActivity and revocation is not None:
        if confirmation is None:
            return _revoke(
                standing, _dated_revocation(revocation, standing, now, policy), channel, policy
            )
        standing, confirmed = _with_confirmation(standing, confirmation, channel, now, policy)
        dated_revocation = _dated_revocation(revocation, standing, now, policy)
        # A REVOKED request whose confirmation is the later one is no reason to lose the opt-out.
        return _revoke(standing, _not_before(dated_revocation, confirmed), channel, policy)
    return _without_evidence(standing, command, now, policy)


def _with_confirmation(
    standing: Standing,
    activity: ConfirmationActivity,
    channel: Channel,
    now: datetime,
    policy: Policy,
) -> tuple[Standing, datetime | None]:
    """Where a confirmation beside a revocation leads, and its date.

    Where the last write stands, only into its slot.
    """
    dated, proven = _dated_confirmation(
        activity, ConsentState.CONFIRMED, standing.confirmation, now, policy
    )
    if policy.ordering is Ordering.LAST_WRITE:
        return standing._replace(confirmation=dated), dated.updated_date
    standing, kept = grant(standing, ConsentState.CONFIRMED, dated, channel, policy, dated=proven)
    if kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION and _newer(dated, standing.confirmation):
        # It lifts nothing, but it is true, and the request's own revocation comes after it.
        return standing._replace(confirmation=dated), dated.updated_date
    return standing, dated.updated_date


def _with_revocation(
    standing: Standing, activity: RevokeActivity, channel: Channel, now: datetime, policy: Policy
) -> Standing:
    """As ``_with_confirmation``, for a revocation."""
    dated = _dated_revocation(activity, standing, now, policy)
    if policy.ordering is Ordering.LAST_WRITE:
        return standing._replace(revocation=dated)
    return _revoke(standing, dated, channel, policy)[0]


def grant(
    standing: Standing,
    requested: ConsentState,
    activity: ConfirmationActivity,
    channel: Channel,
    policy: Policy,
    *,
    dated: bool = True,
) -> Weighed:
    """Apply a PENDING or CONFIRMED: taken, it fills the confirmation slot.

    A late CONFIRMED fills an older slot.

    Args:
        standing: what it meets.
        requested: the state that is asked for.
        activity: the evidence, with the date that it counts at.
        channel: how the person is reached.
        policy: the choices of the deployment.
        dated: whether the date can prove an order; not so where it was only given at receipt.
    """
    state, slot, revocation, double_confirmed = standing
    if state is requested and activity == slot:
        return standing, None
    kept = _refusal(standing, requested, activity, channel, policy, dated=dated)
    if kept is None:
        if (
            requested is ConsentState.CONFIRMED
            and activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        ):
            double_confirmed = latest(double_confirmed, activity.updated_date)
        return Standing(requested, activity, revocation, double_confirmed), None
    late = kept is KeptReason.STALE_EVIDENCE and requested is ConsentState.CONFIRMED
    # While PENDING the slot holds the question that is open; a late answer to an older one is not
    # its proof.
    if late and state is not ConsentState.PENDING and _newer(activity, slot):
        return standing._replace(confirmation=activity), kept
    return standing, kept


def _revoke(
    standing: Standing, activity: RevokeActivity, channel: Channel, policy: Policy
) -> Weighed:
    """A REVOKED.

    Taken or late, the revocation slot ends up with the newer of what it holds and what comes.
    """
    slot = standing.revocation
    if standing.state is ConsentState.REVOKED and activity == slot:
        return standing, None
    kept = _refusal(standing, ConsentState.REVOKED, activity, channel, policy)
    newest = activity if policy.ordering is Ordering.LAST_WRITE or _newer(activity, slot) else slot
    if kept is None:
        return standing._replace(state=ConsentState.REVOKED, revocation=newest), None
    return standing if newest is slot else standing._replace(revocation=newest), kept


def _without_evidence(
    standing: Standing, command: Upsert, now: datetime, policy: Policy
) -> Weighed:
    """An UNKNOWN_STATE or NEVER_CONFIRMED.

    Nothing proves it, so it takes effect on arrival where it may.
    """
    confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
    if standing is NO_RECORD:
        if confirmation is not None:
            confirmation, _ = _dated_confirmation(confirmation, command.state, None, now, policy)
        founded = Standing(command.state, confirmation, None, None)
        if revocation is not None:
            founded = founded._replace(
                revocation=_dated_revocation(revocation, founded, now, policy)
            )
        return founded, None
    channel = command.details.channel
    if revocation is not None and revocation != standing.revocation:
        # A confirmation counts only with the state that it proves; an opt-out counts whatever it
        # comes with.
        dated = _dated_revocation(revocation, standing, now, policy)
        standing, _ = _revoke(standing, dated, channel, policy)
    if standing.state is command.state:
        return standing, None
    kept = _refusal(standing, command.state, None, channel, policy)
    return (standing, kept) if kept else (standing._replace(state=command.state), None)


def _refusal(
    standing: Standing,
    requested: ConsentState,
    activity: ConfirmationActivity | RevokeActivity | None,
    channel: Channel,
    policy: Policy,
    *,
    dated: bool = True,
) -> KeptReason | None:
    """Ask the lifecycle: None when the move is made, else why not."""
    state, confirmation, revocation, _ = standing
    facts = Facts(
        None if activity is None else activity.updated_date,
        dated,
        activity.opt_in_level if isinstance(activity, ConfirmationActivity) else None,
        None if confirmation is None else confirmation.updated_date,
        None if revocation is None else revocation.updated_date,
        channel,
        policy,
        activity is not None and activity == revocation,
    )
    return LIFECYCLE[state][requested].refusal(facts)


def _dated_confirmation(
    activity: ConfirmationActivity,
    requested: ConsentState,
    slot: ConfirmationActivity | None,
    now: datetime,
    policy: Policy,
) -> tuple[ConfirmationActivity, bool]:
    """A confirmation with the date that it counts at, and whether that date can prove an order.

    An undated CONFIRMED from a source where nobody acts at that moment, such as a nightly
    synchronisation, proves none: it takes the date of the slot, so that it renews nothing, and only
    an empty slot is filled as of receipt.

    A date ahead of receipt comes from a clock that is fast by up to the skew, so the evidence
    counts that much earlier. Delivered again, when its date is no longer ahead, it is still the
    same evidence.
    """
    if activity == slot:
        return activity, True
    dated, held = activity.updated_date, None if slot is None else slot.updated_date
    if dated is None:
        acting = requested is not ConsentState.CONFIRMED or activity.source in policy.undated_is_now
        if acting or policy.ordering is Ordering.LAST_WRITE:
            return activity.at(now), True
        if held is None:
            return activity.at(now), False
        # Of the date of the slot it proves no more than the slot does, and no double opt-in.
        doubly = activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        level = (
            OptInLevel.UNKNOWN_OPT_IN_LEVEL
            if doubly and activity.at(held) != slot
            else activity.opt_in_level
        )
        return evolve(activity, updated_date=held, opt_in_level=level), False
    earlier = _minus(dated, policy.clock_skew)
    if earlier == held and activity.at(earlier) == slot:
        return activity.at(earlier), True
    # Further ahead than the skew is only what stands beside a revocation, which is never refused
    # for it.
    return (activity.at(min(earlier, now)) if dated > now else activity), True


def _dated_revocation(
    activity: RevokeActivity, standing: Standing, now: datetime, policy: Policy
) -> RevokeActivity:
    """A revocation with the date that it counts at.

    Undated, at receipt or ahead of it, it is an opt-out of now, and not before the confirmation
    slot, whatever clock dated that. Where the slot lies ahead of receipt, the server that stored it
    was fast: what the person did within the skew before receipt may well have come after it, and
    counts at the slot.
    """
    if activity == standing.revocation:
        return activity
    dated, confirmed = (
        activity.updated_date,
        standing.confirmation and standing.confirmation.updated_date,
    )
    if dated is None or dated >= now:
        return activity.at(now if confirmed is None or confirmed < now else confirmed)
    if confirmed is not None and confirmed > now and now - dated <= policy.clock_skew:
        return activity.at(confirmed)
    return activity


def _not_before(activity: RevokeActivity, moment: datetime | None) -> RevokeActivity:
    """A revocation that counts at this moment at the earliest."""
    dated = activity.updated_date
    return activity if moment is None or dated is None or dated >= moment else activity.at(moment)


def _newer(
    evidence: ConfirmationActivity | RevokeActivity,
    slot: ConfirmationActivity | RevokeActivity | None,
) -> bool:
    """Whether evidence belongs into a slot: the slot is empty or older."""
    dated, held = evidence.updated_date, slot and slot.updated_date
    return dated is not None and (held is None or dated > held)


def latest(*dates: datetime | None) -> datetime | None:
    """The latest of some dates that may be missing."""
    return max((date for date in dates if date is not None), default=None)


def _minus(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
