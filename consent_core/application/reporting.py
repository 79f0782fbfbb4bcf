"""Delivery reports with one read and one write for all (contract, section 9)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from consent_core.application.lookups import Stored, look_up
from consent_core.application.plans import Plan, commit
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.errors import Conflict, Contended
from consent_core.domain.reports import ReportOutcome
from consent_core.domain.tombstones import TombstoneKeys

if TYPE_CHECKING:
    from consent_core.domain.events import ConsentEvent
    from consent_core.domain.identifiers import Identifier


def report_all(
    reports: Sequence[DeliveryReport],
    decide: Callable[[Stored, DeliveryReport, datetime], ReportOutcome],
    now: datetime,
    attempts: int,
    keys: TombstoneKeys | None,
) -> Plan[list[ReportOutcome]]:
    """Apply reports in order, and answer each in its place.

    Args:
        reports: the reports.
        decide: decides one of them.
        now: the moment of receipt.
        attempts: how often the write is tried.
        keys: the secrets of tombstones, if there are any.
    """
    identifiers = list(dict.fromkeys(report.identifier for report in reports))
    for _ in range(attempts):
        stored = yield from look_up(identifiers, keys)
        after = {who: stored.stored(who) for who in identifiers}
        events: dict[Identifier, list[ConsentEvent]] = {}
        outcomes = []
        for report in reports:
            who = report.identifier
            outcome = decide(after[who], report, now)
            outcomes.append(outcome)
            after[who] = outcome.consent or outcome.tombstone
            events.setdefault(who, []).extend(outcome.events)
        changes = [
            change
            for who in identifiers
            for change in stored.changes(who, stored.stored(who), after[who], tuple(events[who]))
        ]
        try:
            if changes:
                yield from commit(changes)
        except Conflict:
            continue
        return outcomes
    raise Contended(attempts)
