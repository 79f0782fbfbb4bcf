"""What becomes of a record when a request meets it (contract, section 4)."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, final
from uuid import UUID

from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.checks import checked_moment, invalid
from consent_core.domain.errors import ConsentNotFound, InvalidConsent
from consent_core.domain.events import (
    ConsentCreated,
    ConsentDeleted,
    ConsentEvent,
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
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.requests import Update, Upsert
from consent_core.domain.tombstones import Tombstone
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


@final
class Outcome(NamedTuple):
    """What became of a request.

    Args:
        result: whether the record was created, updated or left unchanged.
        kept: why the requested state was not taken; None when it was. It says nothing about whether
            anything was stored: ``result`` does.
        record: the record afterwards; None where there is none, because the person was erased and
            nothing in the request brings them back.
        events: what happened to the record; empty exactly when it did not change.
        link: to confirm after a question, else to revoke while CONFIRMED; None otherwise, and
            without a link issuer.
        tombstone: what remembers the person's no afterwards, where there is no record.
    """

    result: Result
    kept: KeptReason | None
    record: MarketingConsent | None
    events: tuple[ConsentEvent, ...]
    link: Link | None = None
    tombstone: Tombstone | None = None

    @property
    def consent(self) -> MarketingConsent:
        """The record afterwards, for callers who know that there is one.

        There always is, unless the service was given ``tombstone_keys``.

        Raises:
            ConsentNotFound: there is none: the person was erased, and the tombstone stands.
        """
        if self.record is None:
            raise ConsentNotFound("this person, who was erased: ask for outcome.record")
        return self.record

    @property
    def error(self) -> None:
        """None: the request was applied. In a bulk, ``Rejected`` has the error instead."""
        return None


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
    if violations := find_violations(request, before, now=now, policy=policy):
        raise InvalidConsent(violations)
    status = NO_RECORD if before is None else status_of(before)
    if before is None and tombstone is not None:
        status, policy = tombstone.status, _by_dates(policy)
    if request.dated_at_receipt or request.asks_who_left:
        request = _as_received(request, status, now)
    new, kept = apply_evidence(status, request, now, policy)
    if before is None and tombstone is not None and new.state is ConsentState.REVOKED:
        return Outcome(Result.UNCHANGED, kept, None, (), tombstone=Tombstone.of(new))
    # Extended fields change also where the state is kept (section 4.7). What is stored is never a
    # violation, only what the request adds to it.
    fields = NO_FIELDS if before is None else before.extended_fields
    if request.extended_fields is not NO_FIELDS:
        most = policy.max_extended_fields_size
        fields = fields.merged_with(request.extended_fields, max_size=most)
    if before is not None:
        if fields is before.extended_fields and (new is status or new == status):
            return Outcome(Result.UNCHANGED, kept, before, ())
        return _changed(before, now, kept, new, fields)
    consent = _created(request, new_id, now, new, fields)
    return Outcome(Result.CREATED, kept, consent, (ConsentCreated(consent),))


def _as_received(request: Upsert, status: ConsentStatus, now: datetime) -> Upsert:
    """What a request of a form asks for, at the moment of receipt (section 12)."""
    if request.asks_who_left and status.revocation is not None:
        request = request.as_question()
    return request.dated_at(now) if request.dated_at_receipt else request


def _created(
    request: Upsert, new_id: UUID, now: datetime, new: ConsentStatus, fields: ExtendedFields
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
        extended_fields=fields,
        double_confirmed_date=new.double_confirmed_date,
        subject_confirmed_date=new.subject_confirmed_date,
        subject_revoked_date=new.subject_revoked_date,
    )


def _by_dates(policy: Policy) -> Policy:
    """The policy for tombstones, which compare dates also where the last write stands."""
    if policy.ordering is Ordering.BY_EVIDENCE:
        return policy
    return evolve(policy, ordering=Ordering.BY_EVIDENCE)


def _changed(
    before: MarketingConsent,
    now: datetime,
    kept: KeptReason | None,
    new: ConsentStatus,
    fields: ExtendedFields,
) -> Outcome:
    # A clock that was set back must not make a record older than it was: history is read by date.
    updated = max(before.updated_date, now)
    delivery, proof = before.delivery, new.confirmation
    if delivery is not None and new.state is ConsentState.CONFIRMED and proof is not None:
        # Whoever clicks the link in a message can be reached (section 9).
        clicked = proof.source is ConfirmationSource.LINK_CONFIRMATION and proof.updated_date
        if clicked and clicked > delivery.since:
            delivery = None
    after: MarketingConsent = _copy(before, before.revision + 1, updated, *new, fields, delivery)
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
    return _changed(before, now, outcome.kept, status_of(corrected), corrected.extended_fields)


def confirm_by_link(
    before: MarketingConsent, *, now: datetime, policy: Policy = DEFAULT_POLICY
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
    """
    now = dated = checked_moment(now)
    if before.revoked_date is not None:
        dated = max(dated, before.revoked_date + timedelta.resolution)
    if before.state is ConsentState.PENDING and before.confirmed_date is not None:
        dated = max(dated, before.confirmed_date)
    activity = ConfirmationActivity(
        source=ConfirmationSource.LINK_CONFIRMATION,
        updated_date=dated,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    )
    status, no_margin = status_of(before), evolve(policy, evidence_margin=timedelta(0))
    new, kept = apply_grant(
        status, ConsentState.CONFIRMED, activity, before.details.channel, no_margin
    )
    if new == status:
        return Outcome(Result.UNCHANGED, kept, before, ())
    return _changed(before, now, kept, new, before.extended_fields)


def erase(before: MarketingConsent, *, now: datetime) -> ConsentDeleted:
    """What erasing a record leaves behind: an event without personal data.

    Args:
        before: the record.
        now: the moment of erasure, with an offset.
    """
    return ConsentDeleted(before.id, before.revision + 1, checked_moment(now))
