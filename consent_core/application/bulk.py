"""Many requests with one read and one write for all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import evolve

from consent_core.application.plans import Plan, Rules, commit, decide_one, find, revision_of
from consent_core.application.ports import Change
from consent_core.domain.commands import Upsert
from consent_core.domain.decision import Decision
from consent_core.domain.errors import (
    Conflict,
    ConsentError,
    Contended,
    InvalidConsent,
    RepositoryError,
)
from consent_core.domain.events import ConsentEvent, ConsentUpdated
from consent_core.domain.identifiers import Identifier
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import KeptReason, Result


def upsert_all(
    items: Sequence[tuple[Upsert, datetime]], rules: Rules
) -> Plan[list[Decision | ConsentError]]:
    """Apply requests one after the other with one read and one write for all, and answer each in its place.

    A request that breaks rules is answered with its error and stops no other. Where other writers
    are faster every time, each request is tried on its own.

    Requests for one identifier that follow each other and change its extended fields alone become
    one change: one revision with one event, which each of them is answered. An event carries the
    whole record, so a thousand small fields would otherwise store a thousand copies of a large
    record. Evidence is never put together like that: each piece is part of the proof.
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
            stored = {i: consent for i, consent in stored.items() if i not in set(lost)} | dict(
                fresh
            )
        else:
            return decided
    if len(items) == 1:
        return [Contended(rules.attempts)]
    answers: list[Decision | ConsentError] = []
    for item in items:
        try:
            answers += yield from upsert_all([item], rules)
        except RepositoryError as error:
            # What is stored must be answered, so a store that fails half-way fails only for the
            # rest.
            if not answers:
                raise
            return [*answers, *[error] * (len(items) - len(answers))]
    return answers


def _decide_all(
    items: Sequence[tuple[Upsert, datetime]],
    stored: Mapping[Identifier, MarketingConsent],
    rules: Rules,
) -> tuple[list[Decision | ConsentError], list[Change]]:
    """Every answer in its place, and one change for each identifier that ends up different."""
    revisions: dict[Identifier, list[_Revision]] = {}
    answers: list[_Answer | InvalidConsent] = []
    for command, now in items:
        details = command.details
        made = revisions.get(details)
        before = made[-1].consent if made else stored.get(details)
        try:
            decision = decide_one(before, command, now, rules)
        except InvalidConsent as error:
            answers.append(error)
            continue
        if decision.events:
            made = revisions.setdefault(details, [])
            _add(made, before, decision)
        revision = made[-1] if made else _Revision(decision.consent, ())
        answers.append(
            _Answer(decision.result, decision.kept, revision, changed=bool(decision.events))
        )
    return [answer.told() if isinstance(answer, _Answer) else answer for answer in answers], [
        Change(
            details,
            revision_of(stored.get(details)),
            made[-1].consent,
            tuple(event for revision in made for event in revision.events),
        )
        for details, made in revisions.items()
    ]


class _Revision:
    """A record as it will be stored, with what happened.

    While a bulk is decided, it may take further changes in.

    Args:
        consent: the record.
        events: what happened.
        of_fields: whether only extended fields changed.
    """

    __slots__ = ("consent", "events", "of_fields")

    def __init__(
        self,
        consent: MarketingConsent,
        events: tuple[ConsentEvent, ...],
        *,
        of_fields: bool = False,
    ) -> None:
        self.consent = consent
        self.events = events
        self.of_fields = of_fields


class _Answer(NamedTuple):
    """A decision whose record is not settled yet.

    Args:
        result: as in ``Decision``.
        kept: as in ``Decision``.
        revision: holds the record.
        changed: whether the request changed anything.
    """

    result: Result
    kept: KeptReason | None
    revision: _Revision
    changed: bool

    def told(self) -> Decision:
        """The decision, with the record as it will be stored."""
        return Decision(
            self.result,
            self.kept,
            self.revision.consent,
            self.revision.events if self.changed else (),
        )


def _add(made: list[_Revision], before: MarketingConsent | None, decision: Decision) -> None:
    """Take a change into the last revision where both changed extended fields alone.

    Else it is a new revision.
    """
    after = decision.consent
    of_fields = before is not None and _same_but_fields(before, after)
    if of_fields and made and made[-1].of_fields:
        consent = evolve(after, revision=made[-1].consent.revision)
        made[-1].consent, made[-1].events = consent, (ConsentUpdated(consent),)
        return
    if before is not None:
        # What is kept of a record that the next one replaces is its text: the parsed fields are
        # several times larger.
        before.extended_fields.to_json()
    made.append(_Revision(after, decision.events, of_fields=of_fields))


def _same_but_fields(before: MarketingConsent, after: MarketingConsent) -> bool:
    if before.extended_fields is after.extended_fields:
        return False
    fields, updated, revision = before.extended_fields, before.updated_date, before.revision
    return evolve(after, extended_fields=fields, updated_date=updated, revision=revision) == before
