"""What becomes of a record when a delivery report meets it (contract, section 9)."""

from datetime import datetime
from typing import NamedTuple, final
from uuid import UUID

from attrs import evolve

from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import checked_moment, invalid
from consent_core.domain.decision import NO_ID, decide
from consent_core.domain.delivery import DeliveryReport, delivery_after
from consent_core.domain.events import ConsentEvent, ConsentUpdated
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.vocabulary import (
    Actor,
    ConsentState,
    DeliveryEvent,
    Result,
    RevokeSource,
    ViolationCode,
)


@final
class ReportOutcome(NamedTuple):
    """What became of a delivery report.

    Args:
        result: whether the record was updated or left unchanged; a complaint can create one.
        consent: the record afterwards; None where there is none, and the report changed nothing.
        events: what happened to the record; empty exactly when it did not change.
        tombstone: what remembers the person's no afterwards, where there is no record.
    """

    result: Result
    consent: MarketingConsent | None
    events: tuple[ConsentEvent, ...]
    tombstone: Tombstone | None = None


def decide_report(
    before: MarketingConsent | None,
    report: DeliveryReport,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    new_id: UUID = NO_ID,
    tombstone: Tombstone | None = None,
) -> ReportOutcome:
    """Apply a delivery report to a record (contract, section 9).

    Args:
        before: the stored record of the identifier, or None where there is none.
        report: the report; a complaint is an opt-out, also where there is no record.
        now: the moment of receipt, with an offset.
        policy: the choices of the deployment.
        new_id: the id that a new record gets.
        tombstone: as in ``decide``.

    Raises:
        InvalidConsent: the report is about another identifier than the record.
    """
    now = checked_moment(now)
    if report.event is DeliveryEvent.COMPLAINT:
        complaint = RevokeActivity(
            source=RevokeSource.OTHER,
            updated_date=report.reported_date,
            actor=Actor.PROVIDER,
        )
        request = Upsert(
            details=report.identifier, state=ConsentState.REVOKED, last_revoke_activity=complaint
        )
        outcome = decide(
            before, request, now=now, policy=policy, new_id=new_id, tombstone=tombstone
        )
        return ReportOutcome(outcome.result, outcome.record, outcome.events, outcome.tombstone)
    if before is not None and before.details != report.identifier:
        raise invalid("identifier", ViolationCode.IMMUTABLE, "must be that of the record")
    delivery = before and delivery_after(
        before.delivery, report, now=now, limit=policy.bounce_limit
    )
    if before is None or delivery == before.delivery:
        return ReportOutcome(Result.UNCHANGED, before, (), None if before else tombstone)
    updated = max(before.updated_date, now)
    after = evolve(before, revision=before.revision + 1, updated_date=updated, delivery=delivery)
    return ReportOutcome(Result.UPDATED, after, (ConsentUpdated(after),))
