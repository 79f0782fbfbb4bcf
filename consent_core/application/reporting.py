"""Delivery reports with one read and one write for all (contract, section 9)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from consent_core.application.plans import Plan, commit, find
from consent_core.application.ports import Change
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.errors import Conflict, Contended
from consent_core.domain.records import MarketingConsent
from consent_core.domain.reports import ReportOutcome

if TYPE_CHECKING:
    from consent_core.domain.events import ConsentEvent
    from consent_core.domain.identifiers import Identifier


def report_all(
    reports: Sequence[DeliveryReport],
    decide: Callable[[MarketingConsent | None, DeliveryReport, datetime], ReportOutcome],
    now: datetime,
    attempts: int,
) -> Plan[list[ReportOutcome]]:
    """Apply reports in order, and answer each in its place.

    Args:
        reports: the reports.
        decide: decides one of them.
        now: the moment of receipt.
        attempts: how often the write is tried.
    """
    identifiers = list(dict.fromkeys(report.identifier for report in reports))
    for _ in range(attempts):
        stored = yield from find(identifiers)
        after: dict[Identifier, MarketingConsent] = dict(stored)
        events: dict[Identifier, list[ConsentEvent]] = {}
        outcomes = []
        for report in reports:
            who = report.identifier
            outcome = decide(after.get(who), report, now)
            outcomes.append(outcome)
            if outcome.consent is not None and outcome.events:
                after[who] = outcome.consent
                events.setdefault(who, []).extend(outcome.events)
        changes = [
            Change(who, stored[who].revision if who in stored else 0, after[who], tuple(happened))
            for who, happened in events.items()
        ]
        try:
            if changes:
                yield from commit(changes)
        except Conflict:
            continue
        return outcomes
    raise Contended(attempts)
