"""Many requests with one read and one write for all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from consent_core.application.plans import Plan, Rules, commit, decide_one, find, revision_of
from consent_core.application.ports import Change
from consent_core.domain.commands import Upsert
from consent_core.domain.decision import Decision
from consent_core.domain.errors import Conflict, ConsentError, Contended, InvalidConsent, RepositoryError
from consent_core.domain.identifiers import Identifier
from consent_core.domain.model import MarketingConsent

if TYPE_CHECKING:
    from consent_core.domain.events import ConsentEvent


def upsert_all(items: Sequence[tuple[Upsert, datetime]], rules: Rules) -> Plan[list[Decision | ConsentError]]:
    """Apply requests one after the other with one read and one write for all, and answer each in its place.

    A request that breaks rules is answered with its error and stops no other. Where other writers are faster
    every time, each request is tried on its own.
    """
    identifiers = list(dict.fromkeys(command.details for command, _ in items))
    stored = dict((yield from find(identifiers)))
    for _ in range(rules.attempts):
        decided, changes = _decide_all(items, stored, rules)
        if not changes:
            return decided
        try:
            yield from commit(changes)
        except Conflict as conflict:
            lost = [change.identifier for change in conflict.changes]
            fresh = yield from find(lost)
            stored = {i: consent for i, consent in stored.items() if i not in set(lost)} | dict(fresh)
        else:
            return decided
    if len(items) == 1:
        return [Contended(rules.attempts)]
    answers: list[Decision | ConsentError] = []
    for item in items:
        try:
            answers += yield from upsert_all([item], rules)
        except RepositoryError as error:
            # What is stored must be answered, so a store that fails half-way fails only for the rest.
            if not answers:
                raise
            return [*answers, *[error] * (len(items) - len(answers))]
    return answers


def _decide_all(
    items: Sequence[tuple[Upsert, datetime]], stored: Mapping[Identifier, MarketingConsent], rules: Rules
) -> tuple[list[Decision | ConsentError], list[Change]]:
    """Every answer in its place, and one change for each identifier that ends up different."""
    current = dict(stored)
    events: dict[Identifier, list[ConsentEvent]] = {}
    answers: list[Decision | ConsentError] = []
    for command, now in items:
        details = command.details
        try:
            decision = decide_one(current.get(details), command, now, rules)
        except InvalidConsent as error:
            answers.append(error)
            continue
        answers.append(decision)
        if decision.events:
            current[details] = decision.consent
            events.setdefault(details, []).extend(decision.events)
    return answers, [
        Change(details, revision_of(stored.get(details)), current[details], tuple(happened))
        for details, happened in events.items()
    ]
