"""How evidence, piece by piece, moves a record's state and fills its two slots (contract, sections 3 and 4.2)."""

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.lifecycle import LIFECYCLE, Facts
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, Ordering


class Standing(NamedTuple):
    """What evidence can move: the state, and the slots of the last confirmation and the last revocation.

    Args:
        state: None where there is no record.
        confirmation: the confirmation slot, dated.
        revocation: the revocation slot, dated.
    """

    state: ConsentState | None
    confirmation: ConfirmationActivity | None
    revocation: RevokeActivity | None


NO_RECORD: Final = Standing(None, None, None)
"""Where there is no record."""


Weighed: TypeAlias = tuple[Standing, KeptReason | None]
"""Where a request leads, the same standing if nothing moves; and why its state was not taken, if it was not."""


def weigh(standing: Standing, command: Upsert, now: datetime, policy: Policy) -> Weighed:
    """Where a request leads from a standing.

    A request with both activities is two pieces of evidence: the other one first, the state's own last (section 3,
    rule 5), so that the answer is about the state that was asked for.
    """
    state, channel, proof = command.state, command.details.channel, PROOF[command.state]
    confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
    both = confirmation is not None and revocation is not None
    # Law 9: a record that is sent back as it was read changes nothing, whatever order its slots are in.
    if both and (standing.state, standing.confirmation, standing.revocation) == (state, confirmation, revocation):
        return standing, None
    if proof is ConfirmationActivity and confirmation is not None:
        if revocation is not None:
            standing = _with_revocation(standing, revocation, channel, now, policy)
        return _grant(standing, state, confirmation, channel, now, policy)
    if proof is RevokeActivity and revocation is not None:
        if confirmation is not None:
            standing = _with_confirmation(standing, confirmation, channel, now, policy)
        return _revoke(standing, revocation, channel, now, policy)
    return _declare(standing, command, now, policy)


def _with_confirmation(
    standing: Standing, activity: ConfirmationActivity, channel: Channel, now: datetime, policy: Policy
) -> Standing:
    """Where a confirmation beside the state's own evidence leads; where the last write stands, only into its slot."""
    if policy.ordering is Ordering.LAST_WRITE:
        return standing._replace(confirmation=_dated_confirmation(activity, now))
    standing, kept = _grant(standing, ConsentState.CONFIRMED, activity, channel, now, policy)
    dated = _dated_confirmation(activity, now)
    if kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION and _newer(dated, standing.confirmation):
        # It lifts nothing, but it is true, and the request's own revocation comes after it.
        return standing._replace(confirmation=dated)
    return standing


def _with_revocation(
    standing: Standing, activity: RevokeActivity, channel: Channel, now: datetime, policy: Policy
) -> Standing:
    """As ``_with_confirmation``, for a revocation."""
    if policy.ordering is Ordering.LAST_WRITE:
        return standing._replace(revocation=_dated_revocation(activity, now, standing.confirmation))
    return _revoke(standing, activity, channel, now, policy)[0]


def _grant(
    standing: Standing,
    requested: ConsentState,
    activity: ConfirmationActivity,
    channel: Channel,
    now: datetime,
    policy: Policy,
) -> Weighed:
    """A PENDING or CONFIRMED: taken, it fills the confirmation slot; a late CONFIRMED fills an older slot."""
    state, slot, revocation = standing
    dated = slot if activity == slot else _dated_confirmation(activity, now)
    if state is requested and (dated is slot or dated == slot):
        return standing, None
    kept = _refusal(standing, requested, dated.updated_date or now, channel, policy)
    if kept is None:
        return Standing(requested, dated, revocation), None
    late = kept is KeptReason.STALE_EVIDENCE and requested is ConsentState.CONFIRMED
    # While PENDING the slot holds the question that is open; a late answer to an older one is not its proof.
    if late and state is not ConsentState.PENDING and _newer(dated, slot):
        return Standing(state, dated, revocation), kept
    return standing, kept


def _revoke(standing: Standing, activity: RevokeActivity, channel: Channel, now: datetime, policy: Policy) -> Weighed:
    """A REVOKED: taken or late, the revocation slot ends up with the newer of what it holds and what comes."""
    state, confirmation, slot = standing
    dated = activity if activity == slot else _dated_revocation(activity, now, confirmation)
    if state is ConsentState.REVOKED and dated == slot:
        return standing, None
    kept = _refusal(standing, ConsentState.REVOKED, dated.updated_date or now, channel, policy)
    newest = dated if policy.ordering is Ordering.LAST_WRITE or _newer(dated, slot) else slot
    if kept is None:
        return Standing(ConsentState.REVOKED, confirmation, newest), None
    return standing if newest is slot else Standing(state, confirmation, newest), kept


def _declare(standing: Standing, command: Upsert, now: datetime, policy: Policy) -> Weighed:
    """An UNKNOWN_STATE or NEVER_CONFIRMED: its activities prove nothing and are kept with a new record only."""
    if standing is NO_RECORD:
        confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
        confirmation = confirmation and _dated_confirmation(confirmation, now)
        revocation = revocation and _dated_revocation(revocation, now, confirmation)
        return Standing(command.state, confirmation, revocation), None
    if standing.state is command.state:
        return standing, None
    kept = _refusal(standing, command.state, now, command.details.channel, policy)
    return (standing, kept) if kept else (standing._replace(state=command.state), None)


def _refusal(
    standing: Standing, requested: ConsentState, dated: datetime, channel: Channel, policy: Policy
) -> KeptReason | None:
    """Ask the lifecycle: None when the move is made, else why not."""
    state, confirmation, revocation = standing
    facts = Facts(
        dated,
        None if confirmation is None else confirmation.updated_date,
        None if revocation is None else revocation.updated_date,
        channel,
        policy,
    )
    return LIFECYCLE[state][requested].refusal(facts)


def _dated_confirmation(activity: ConfirmationActivity, now: datetime) -> ConfirmationActivity:
    """Undated, or dated ahead of receipt by a clock that runs fast: dated at receipt."""
    dated = activity.updated_date
    return activity.at(now) if dated is None or dated > now else activity


def _dated_revocation(
    activity: RevokeActivity, now: datetime, confirmation: ConfirmationActivity | None
) -> RevokeActivity:
    """As a confirmation; but one dated at receipt is never before the confirmation slot, whatever clock dated that."""
    dated = activity.updated_date
    if dated is not None and dated < now:
        return activity
    confirmed = confirmation and confirmation.updated_date
    return activity.at(now if confirmed is None or confirmed < now else confirmed)


def _newer(evidence: ConfirmationActivity | RevokeActivity, slot: ConfirmationActivity | RevokeActivity | None) -> bool:
    """Whether evidence belongs into a slot: the slot is empty or older."""
    dated, held = evidence.updated_date, slot and slot.updated_date
    return dated is not None and (held is None or dated > held)
