"""The date that evidence counts at (contract, section 4.2).

Two clocks meet here: the sender's, which dated the evidence, and the receiver's. Where they are
seen to disagree, the opt-out wins: a grant that is dated ahead of receipt counts earlier, and a
revocation never counts before the confirmation that it takes back.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import ConsentState, Ordering

# Globals, because Python 3.11 looks up members of enums slowly.
_CONFIRMED: Final = ConsentState.CONFIRMED
_LAST_WRITE: Final = Ordering.LAST_WRITE


def date_confirmation(
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
        acts_now = requested is not _CONFIRMED or activity.source in policy.undated_is_now
        if acts_now or policy.ordering is _LAST_WRITE:
            return activity.at(now), True
        # Nobody acts at the moment of, say, a nightly synchronisation. Its CONFIRMED takes the date
        # of the slot, so that it renews nothing; only an empty slot is filled as of receipt.
        if stored is None:
            return activity.at(now), False
        # With the date of the slot it proves no more than the slot does, and no double opt-in.
        same = activity.at(stored)
        return same if same == slot else same.without_double_opt_in(), False
    # A date ahead of receipt comes from a clock that is fast by up to the skew, so the evidence
    # counts that much earlier. Delivered again, when its date is no longer ahead, it is the same
    # evidence.
    earlier = minus(dated, policy.clock_skew)
    if earlier == stored and activity.at(earlier) == slot:
        return activity.at(earlier), True
    # Only a confirmation beside a revocation is further ahead: it is never refused for its date.
    return (activity.at(min(earlier, now)) if dated > now else activity), True


def date_revocation(
    activity: RevokeActivity,
    confirmation: ConfirmationActivity | None,
    slot: RevokeActivity | None,
    now: datetime,
    policy: Policy,
) -> RevokeActivity:
    """A revocation with the date that it counts at."""
    if activity == slot:
        return activity
    confirmed = confirmation and confirmation.updated_date
    counted = opt_out_date(activity.updated_date, confirmed, now, policy)
    return activity if counted == activity.updated_date else activity.at(counted)


def opt_out_date(
    dated: datetime | None, granted: datetime | None, now: datetime, policy: Policy
) -> datetime:
    """The date that an opt-out counts at.

    Args:
        dated: its own date; None where it has none.
        granted: the date of what it takes back, if there is any.
        now: the moment of receipt.
        policy: the choices of the deployment.
    """
    if dated is None or dated >= now:
        # An opt-out of now; not before the confirmation slot, whatever clock dated that.
        return now if granted is None or granted < now else granted
    if granted is not None and granted > now and now - dated <= policy.clock_skew:
        # The server that stored the confirmation was fast. What the person did within the skew
        # before receipt may well have come after it.
        return granted
    return dated


def minus(moment: datetime, span: timedelta) -> datetime:
    """A moment earlier by a span, or the first moment that there is."""
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
