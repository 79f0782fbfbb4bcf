"""What becomes of a record when a request meets it (contract, section 4)."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast
from uuid import UUID

from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.checks import checked_moment, invalid
from consent_core.domain.commands import Update, Upsert
from consent_core.domain.errors import ConsentNotFound, InvalidConsent, Violation
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.evidence import NO_RECORD, Standing, grant, weigh
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.validity import description_violations, find_violations
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    OptInLevel,
    Result,
    ViolationCode,
)

NO_ID: Final = UUID(int=0)
"""The id of a new record in a decision that was given none.

For tests and previews, never to be stored.
"""


class Decision(NamedTuple):
    """What becomes of a record.

    Args:
        result: whether it is created, updated or unchanged.
        kept: why the requested state was not taken; None when it was.
        consent: the record afterwards.
        events: what happened; empty exactly when nothing changed.
    """

    result: Result
    kept: KeptReason | None
    consent: MarketingConsent
    events: tuple[ConsentEvent, ...]


def decide(
    before: MarketingConsent | None,
    command: Upsert | Update,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    new_id: UUID = NO_ID,
) -> Decision:
    """Apply a request to a record: pure, the same call always gives the same answer.

    Args:
        before: the stored record of the identifier, or None where there is none.
        command: the request; an update is for a record that exists.
        now: the moment of receipt, with an offset.
        policy: the choices of the deployment.
        new_id: the id that a new record gets.

    Raises:
        InvalidConsent: the request breaks rules (contract, section 3), or is about another
            identifier than the record.
        ConsentNotFound: there is no record to update.
    """
    now = checked_moment(now)
    if isinstance(command, Update):
        return _update(before, command, now, policy)
    if before is not None and before.details != command.details:
        raise invalid("details", ViolationCode.IMMUTABLE, "must be those of the record")
    if violations := find_violations(command, before, now=now, policy=policy):
        raise InvalidConsent(violations)
    if before is None:
        return _create(command, now, policy, new_id)
    return _change(before, command, now, policy)


def erase(before: MarketingConsent, *, now: datetime) -> ConsentDeleted:
    """What erasing a record leaves behind: an event without personal data.

    Args:
        before: the record.
        now: the moment of erasure, with an offset.
    """
    return ConsentDeleted(before.id, before.revision + 1, checked_moment(now))


def _create(command: Upsert, now: datetime, policy: Policy, new_id: UUID) -> Decision:
    standing, kept = weigh(NO_RECORD, command, now, policy)
    fields = _merged(NO_FIELDS, command, policy)
    consent = _record(new_id, 1, command.details, now, now, standing, fields)
    return Decision(Result.CREATED, kept, consent, (ConsentCreated(consent),))


def confirm_by_link(
    before: MarketingConsent, *, now: datetime, policy: Policy = DEFAULT_POLICY
) -> Decision:
    """What becomes of a record when its confirmation link is honoured (contract, section 6).

    Revisions have proven that the click came after every revocation and after its question, so no
    clock is asked: it is dated at receipt, or just after the revocation slot, or at the question,
    whichever is later. No margin is added: a slot that is moved ahead of the truth would outrank
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
    old, unhindered = _standing(before), evolve(policy, evidence_margin=timedelta(0))
    new, kept = grant(old, ConsentState.CONFIRMED, activity, before.details.channel, unhindered)
    return _changed(before, old, new, kept, before.extended_fields, now)


def _change(before: MarketingConsent, command: Upsert, now: datetime, policy: Policy) -> Decision:
    old = _standing(before)
    new, kept = weigh(old, command, now, policy)
    return _changed(before, old, new, kept, _merged(before.extended_fields, command, policy), now)


def _standing(consent: MarketingConsent) -> Standing:
    return Standing(
        consent.state,
        consent.last_confirmation_activity,
        consent.last_revoke_activity,
        consent.double_confirmed_date,
    )


def _changed(
    before: MarketingConsent,
    old: Standing,
    new: Standing,
    kept: KeptReason | None,
    fields: ExtendedFields,
    now: datetime,
) -> Decision:
    if fields is before.extended_fields and (new is old or new == old):
        return Decision(Result.UNCHANGED, kept, before, ())
    # A clock set back must not make a record older than it was: its history is read by date.
    updated = max(before.updated_date, now)
    after = _record(
        before.id, before.revision + 1, before.details, before.created_date, updated, new, fields
    )
    return Decision(Result.UPDATED, kept, after, (ConsentUpdated(after),))


def _update(
    before: MarketingConsent | None, command: Update, now: datetime, policy: Policy
) -> Decision:
    """What is stored is corrected first; then the rest is decided like any request.

    A correction is no new evidence (contract, section 2): it does not go through the order of
    evidence, so it can change neither a state nor a date.
    """
    if before is None:
        raise ConsentNotFound(command.id)
    corrected = command.corrected(before)
    found = _wrong_corrections(before, corrected, policy)
    try:
        decision = decide(corrected, command.request_for(corrected), now=now, policy=policy)
    except InvalidConsent as error:
        raise InvalidConsent([*found, *error.violations]) from None
    if found:
        raise InvalidConsent(found)
    if corrected is before or decision.events:
        return decision
    after = evolve(
        corrected, revision=before.revision + 1, updated_date=max(before.updated_date, now)
    )
    return Decision(Result.UPDATED, decision.kept, after, (ConsentUpdated(after),))


def _wrong_corrections(
    before: MarketingConsent, corrected: MarketingConsent, policy: Policy
) -> list[Violation]:
    """Where a corrected activity is not as the policy wants it.

    Its date was judged when it came.
    """
    slots = (
        (
            "lastConfirmationActivity",
            before.last_confirmation_activity,
            corrected.last_confirmation_activity,
        ),
        ("lastRevokeActivity", before.last_revoke_activity, corrected.last_revoke_activity),
    )
    changed = [(path, new) for path, old, new in slots if new is not None and new != old]
    return [
        wrong
        for path, new in changed
        for wrong in description_violations(path, new.description, policy)
    ]


def _record(
    id: UUID,
    revision: int,
    details: Identifier,
    created: datetime,
    updated: datetime,
    standing: Standing,
    fields: ExtendedFields,
) -> MarketingConsent:
    # No request leads to absence: every arrow of the chart has a consent state as its target.
    state = cast("ConsentState", standing.state)
    return MarketingConsent(
        id=id,
        revision=revision,
        details=details,
        state=state,
        created_date=created,
        updated_date=updated,
        last_confirmation_activity=standing.confirmation,
        last_revoke_activity=standing.revocation,
        extended_fields=fields,
        double_confirmed_date=standing.double_confirmed,
    )


def _merged(fields: ExtendedFields, command: Upsert, policy: Policy) -> ExtendedFields:
    """Extended fields change also where the state is kept, and stay within bounds (contract, sections 4.7 and 3).

    What is stored is never a violation, only what the request adds to it. Levels need no second
    look: merging nests nothing deeper than it is in the request, which was judged, or in the
    record.
    """
    if command.extended_fields is NO_FIELDS:
        return fields
    return fields.merged_with(command.extended_fields, max_size=policy.max_extended_fields_size)
