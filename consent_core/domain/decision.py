"""What becomes of a record when a request meets it (contract, section 4)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.checks import checked_moment, invalid
from consent_core.domain.errors import ConsentNotFound, InvalidConsent
from consent_core.domain.events import (
    ConsentCreated,
    ConsentUpdated,
)
from consent_core.domain.evidence import (
    NO_RECORD,
    ConsentStatus,
    apply_evidence,
    apply_grant,
    status_of,
)
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topic_choices import (
    asked_by,
    topics_after,
    topics_joined,
)
from consent_core.domain.topics import NO_CHOICES, NO_TOPICS, Topics
from consent_core.domain.updates import Update
from consent_core.domain.validation import copier
from consent_core.domain.validity import description_violations, find_violations
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    OptInLevel,
    Ordering,
    Result,
    ViolationCode,
)

NO_ID: Final = UUID(int=0)
"""The id of a new record where ``decide`` was given none: for tests and previews, never stored."""


def decide(
    before: MarketingConsent | None,
    request: Upsert | Update,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    new_id: UUID = NO_ID,
    tombstone: Tombstone | None = None,
) -> Outcome:
    """Apply a request to a record: pure, the same call always gives the same answer.

    Args:
        before: the stored record of the identifier, or None where there is none.
        request: an update is for a record that exists.
        now: the moment of receipt, with an offset.
        policy: the choices of the deployment.
        new_id: the id that a new record gets.
        tombstone: what an erasure has left of an identifier without a record. The request is
            decided as if its revocation were stored, and only what lifts it founds a record.

    Returns:
        The record afterwards and its events, without a link.

    Raises:
        InvalidConsent: the request breaks rules (contract, section 3), or is about another
            identifier than the record.
        ConsentNotFound: there is no record to update.
    """
    now = checked_moment(now)
    if isinstance(request, Update):
        return _decide_update(before, request, now, policy)
    if before is not None and before.details != request.details:
        raise invalid("details", ViolationCode.IMMUTABLE, "must be those of the record")
    if before is not None:
        status, topics, ordered = status_of(before), before.topics, policy
    else:
        status, topics, ordered = _remembered(tombstone, policy)
    if violations := find_violations(request, before, topics, now=now, policy=policy):
        raise InvalidConsent(violations)
    policy = ordered
    if request.dated_at_receipt or request.asks_who_left:
        request = _as_received(request, status, now)
    new, kept = apply_evidence(status, request, now, policy)
    # Choices change also where the state is kept: neither changes the other (section 8).
    asked: tuple[str, ...] = ()
    if request.topics is not NO_CHOICES:
        asked = asked_by(request, topics)
        topics = topics_after(topics, status, request, now, policy)
    if before is None:
        if tombstone is not None and _stays_erased(request, new):
            left = Tombstone.of(new, topics)
            return Outcome(Result.UNCHANGED, kept, None, (), tombstone=left)
        consent = _created(request, new_id, now, new, topics, policy)
        created = (ConsentCreated(consent),)
        return Outcome(Result.CREATED, kept, consent, created, asked_topics=asked)
    # Extended fields change also where the state is kept (section 4.7).
    fields = _fields_after(before.extended_fields, request, policy)
    is_same = (new is status or new == status) and topics is before.topics
    if is_same and fields is before.extended_fields:
        return Outcome(Result.UNCHANGED, kept, before, (), asked_topics=asked)
    outcome = _changed(before, now, kept, new, fields, topics)
    return outcome._replace(asked_topics=asked) if asked else outcome


def _remembered(
    tombstone: Tombstone | None, policy: Policy
) -> tuple[ConsentStatus, Topics, Policy]:
    """What is known of a person without a record, and the policy that counts then."""
    if tombstone is None:
        return NO_RECORD, NO_TOPICS, policy
    if policy.ordering is not Ordering.BY_EVIDENCE:
        # Tombstones compare dates also where the last write stands.
        policy = evolve(policy, ordering=Ordering.BY_EVIDENCE)
    return tombstone.status, tombstone.topics, policy


def _stays_erased(request: Upsert, new: ConsentStatus) -> bool:
    """Whether nothing in a request brings an erased person back (section 10)."""
    only_leaves = request.state is None and not request.topics.joined
    return new.state is ConsentState.REVOKED or only_leaves


def _as_received(request: Upsert, status: ConsentStatus, now: datetime) -> Upsert:
    """What a request of a form asks for, at the moment of receipt (section 12)."""
    if request.asks_who_left and status.revocation is not None:
        request = request.as_question()
    return request.dated_at(now) if request.dated_at_receipt else request


def _created(
    request: Upsert,
    new_id: UUID,
    now: datetime,
    new: ConsentStatus,
    topics: Topics,
    policy: Policy,
) -> MarketingConsent:
    # Every transition of the chart has a consent state as its target, so there is one.
    state: Any = new.state
    return MarketingConsent(
        id=new_id,
        revision=1,
        details=request.details,
        state=state,
        created_date=now,
        updated_date=now,
        last_confirmation_activity=new.confirmation,
        last_revoke_activity=new.revocation,
        extended_fields=_fields_after(NO_FIELDS, request, policy),
        double_confirmed_date=new.double_confirmed_date,
        subject_confirmed_date=new.subject_confirmed_date,
        subject_revoked_date=new.subject_revoked_date,
        topics=topics,
    )


def _fields_after(fields: ExtendedFields, request: Upsert, policy: Policy) -> ExtendedFields:
    if request.extended_fields is NO_FIELDS:
        return fields
    # What is stored is never a violation, only what the request adds to it.
    most = policy.max_extended_fields_size
    return fields.merged_with(request.extended_fields, max_size=most)


def _changed(
    before: MarketingConsent,
    now: datetime,
    kept: KeptReason | None,
    new: ConsentStatus,
    fields: ExtendedFields,
    topics: Topics,
) -> Outcome:
    # A clock that was set back must not make a record older than it was: history is read by date.
    updated = max(before.updated_date, now)
    delivery, proof = before.delivery, new.confirmation
    if delivery is not None and new.state is ConsentState.CONFIRMED and proof is not None:
        # Whoever clicks the link in a message can be reached (section 9).
        clicked = proof.source is ConfirmationSource.LINK_CONFIRMATION and proof.updated_date
        if clicked and clicked > delivery.since:
            delivery = None
    after: MarketingConsent = _copy(
        before, before.revision + 1, updated, *new, fields, delivery, topics
    )
    return Outcome(Result.UPDATED, kept, after, (ConsentUpdated(after),))


_copy: Final = copier(
    MarketingConsent,
    "revision",
    "updated_date",
    "state",
    "last_confirmation_activity",
    "last_revoke_activity",
    "double_confirmed_date",
    "subject_confirmed_date",
    "subject_revoked_date",
    "extended_fields",
    "delivery",
    "topics",
)


def _decide_update(
    before: MarketingConsent | None, update: Update, now: datetime, policy: Policy
) -> Outcome:
    """Correct the stored activities first, then decide the rest like any request.

    A correction is no new evidence (contract, section 2). It does not go through the order of
    evidence, so it changes neither a state nor a date.
    """
    if before is None:
        raise ConsentNotFound(update.id)
    corrected = update.corrected(before)
    found = [
        wrong
        for path, old, new in (
            (
                "lastConfirmationActivity",
                before.last_confirmation_activity,
                corrected.last_confirmation_activity,
            ),
            ("lastRevokeActivity", before.last_revoke_activity, corrected.last_revoke_activity),
        )
        if new is not None and new != old
        for wrong in description_violations(path, new.description, policy)
    ]
    try:
        outcome = decide(corrected, update.request_for(corrected), now=now, policy=policy)
    except InvalidConsent as error:
        raise InvalidConsent([*found, *error.violations]) from None
    if found:
        raise InvalidConsent(found)
    if corrected is before or outcome.events:
        return outcome
    status, fields = status_of(corrected), corrected.extended_fields
    return _changed(before, now, outcome.kept, status, fields, before.topics)


def confirm_by_link(
    before: MarketingConsent,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    topics: Collection[str] = (),
    is_confirmed: bool = False,
) -> Outcome:
    """What becomes of a record when its confirmation link is honoured (contract, section 6).

    Revisions have proven that the click came after every revocation and after its question, so no
    clock is asked. It is dated at receipt, just after the revocation slot, or at the question,
    whichever is latest. No margin is added: a slot that is moved ahead of the truth would outrank
    opt-outs that come after the click.

    Args:
        before: the record.
        now: the moment of receipt, with an offset.
        policy: the choices of the deployment.
        topics: the topics that the person joins by the click (section 8).
        is_confirmed: whether the consent was confirmed since the link was made, so that only the
            topics are left to join.
    """
    now = dated = checked_moment(now)
    if before.revoked_date is not None:
        dated = max(dated, before.revoked_date + timedelta.resolution)
    if before.state is ConsentState.PENDING and before.confirmed_date is not None:
        dated = max(dated, before.confirmed_date)
    joined = topics_joined(before.topics, topics, dated)
    activity = ConfirmationActivity(
        source=ConfirmationSource.LINK_CONFIRMATION,
        updated_date=dated,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    )
    status, no_margin = status_of(before), evolve(policy, evidence_margin=timedelta(0))
    new, kept = (
        (status, None)
        if is_confirmed
        else apply_grant(
            status, ConsentState.CONFIRMED, activity, before.details.channel, no_margin
        )
    )
    if new == status and joined is before.topics:
        return Outcome(Result.UNCHANGED, kept, before, ())
    return _changed(before, now, kept, new, before.extended_fields, joined)
