"""What choices of topics make of those that a record remembers (contract, section 8).

Each choice gets the date that it counts at, as an opt-out or a grant would (section 4.2). Then the
latest date of each kind is kept, so the order of arrival makes no difference.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.evidence import ConsentStatus
from consent_core.domain.evidence_dates import date_confirmation, minus, opt_out_date
from consent_core.domain.policy import Policy
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import (
    TopicActivity,
    TopicEvidence,
    Topics,
)
from consent_core.domain.vocabulary import Actor, ConsentState


def topics_after(
    held: Topics,
    status: ConsentStatus,
    request: Upsert,
    now: datetime,
    policy: Policy,
) -> Topics:
    """What is remembered of the topics after a request; the same object where nothing changes.

    An IN beside PENDING is a question: it is stored once the person has answered it.

    Args:
        held: what is remembered before it.
        status: the state and the slots before it.
        request: the request, valid under the policy.
        now: the moment of receipt, in UTC.
        policy: the choices of the deployment.
    """
    changed: dict[str, TopicEvidence] = {}
    own, proves_order = _own_date(status.confirmation, request, now, policy)
    for name, activity in request.topics.items():
        stored = held.get(name)
        if activity.choice is TopicChoice.OUT:
            dated = activity.updated_date
            if stored is None or dated is None or dated != stored.out_date:
                counted = opt_out_date(dated, stored and stored.in_date, now, policy)
                left = stored and stored.out_date
                if dated is None and left is not None and counted < left:
                    # The clock that dated the stored one was faster. Stored as a change, this one
                    # stops a link that was made in between (section 6).
                    counted = left + timedelta.resolution
                dated = counted
        elif request.state is ConsentState.PENDING:
            continue
        else:
            margin = policy.on(request.details.channel).evidence_margin
            at = own if activity.updated_date is None else activity.updated_date
            if activity.updated_date is None and not proves_order:
                # Nobody acts at the moment of, say, a nightly synchronisation: what was left or
                # revoked before it stays so.
                at = min([at, *_opt_outs(stored, status)])
            dated = _in_date(
                at, stored and stored.date_like(activity), now, policy.clock_skew, margin
            )
        after = _with_choice(stored, activity.choice, dated, activity.actor)
        if after != stored:
            changed[name] = after
    return Topics({**held, **changed}) if changed else held


def asked_by(request: Upsert, held: Topics) -> tuple[str, ...]:
    """The topics that a PENDING request asks the person to join, those stored already left out."""
    if request.state is not ConsentState.PENDING or not request.topics:
        return ()
    return tuple(
        name
        for name in request.topics.joined
        if not _is_stored(held.get(name), request.topics[name])
    )


def topics_joined(before: Topics, names: Iterable[str], dated: datetime) -> Topics:
    """What is remembered after the person joined topics by a link.

    Revisions have proven that the click came after every OUT, so it counts just after the latest
    one at the least.
    """
    changed: dict[str, TopicEvidence] = {}
    for name in names:
        stored, date = before.get(name), dated
        if stored is not None and stored.out_date is not None:
            date = max(dated, stored.out_date + timedelta.resolution)
        changed[name] = _with_choice(stored, TopicChoice.IN, date, Actor.SUBJECT)
    return Topics({**before, **changed}) if changed else before


def _is_stored(stored: TopicEvidence | None, activity: TopicActivity) -> bool:
    dated = activity.updated_date
    return stored is not None and dated is not None and dated == stored.date_like(activity)


def _with_choice(
    stored: TopicEvidence | None, choice: TopicChoice, dated: datetime, actor: Actor
) -> TopicEvidence:
    if stored is None:
        return TopicEvidence(choice=choice, updated_date=dated, actor=actor)
    return stored.with_choice(choice, dated, actor)


def _own_date(
    slot: ConfirmationActivity | None, request: Upsert, now: datetime, policy: Policy
) -> tuple[datetime, bool]:
    """The date of an undated IN, that of the request's own evidence, else of receipt.

    And whether that date proves an order.
    """
    confirmation = request.last_confirmation_activity
    if request.own_date is None and request.state is ConsentState.CONFIRMED and confirmation:
        # One that proves no order takes the date of the slot, and so do the choices beside it.
        confirmation, proves = date_confirmation(confirmation, request.state, slot, now, policy)
        return confirmation.updated_date or now, proves
    return request.own_date or now, True


def _opt_outs(stored: TopicEvidence | None, status: ConsentStatus) -> list[datetime]:
    """The dates that an IN which proves no order must not pass.

    That of the stored OUT; and of the revocation slot, where no confirmation slot gave the date.
    """
    revoked = None
    if status.confirmation is None and status.revocation is not None:
        revoked = status.revocation.updated_date
    return [date for date in (stored and stored.out_date, revoked) if date is not None]


def _in_date(
    dated: datetime, stored: datetime | None, now: datetime, skew: timedelta, margin: timedelta
) -> datetime:
    """The date that an IN counts at.

    It counts earlier by the margin, as a confirmation must be later than a revocation by it; and by
    the skew if it is ahead of receipt. Delivered again, it is the same evidence.
    """
    from_fast_clock = minus(minus(dated, skew), margin)
    if stored is not None and stored in (dated, from_fast_clock):
        return stored
    return min(from_fast_clock, minus(now, margin)) if dated > now else minus(dated, margin)
