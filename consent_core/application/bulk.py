"""Many requests with one read and one write for all."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from consent_core.application.lookups import LookUp, Stored, look_up
from consent_core.application.outcomes import Rejected
from consent_core.application.plans import Plan, commit
from consent_core.application.ports import Change
from consent_core.domain.errors import (
    Conflict,
    ConsentError,
    Contended,
    InvalidConsent,
    RepositoryError,
)
from consent_core.domain.events import ConsentEvent, ConsentUpdated
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import TombstoneKeys

if TYPE_CHECKING:
    from consent_core.domain.identifiers import Identifier

BulkItem: TypeAlias = Upsert | ConsentError
"""An item of a bulk: a request, or the error that reading it gave, which becomes its answer."""

BulkAnswer: TypeAlias = Outcome | Rejected
"""The answer to an item of a bulk."""

Received: TypeAlias = tuple[Upsert, datetime]
"""A request and its moment of receipt."""

Decide: TypeAlias = Callable[[Stored, Upsert, datetime], Outcome]
"""Decides one request, given what is stored before it."""


def decide_all(
    items: Sequence[Received],
    decide: Decide,
    attempts: int,
    keys: TombstoneKeys | None,
    most: int | None = None,
) -> Plan[list[Outcome | ConsentError]]:
    """Apply requests in order with one read and one write for all, and answer each in its place.

    A request that breaks rules is answered with its error and stops no other. Where other writers
    are faster every time, each request is tried on its own.

    Args:
        items: the requests.
        decide: decides one of them.
        attempts: how often the write is tried.
        keys: the secrets of tombstones, if there are any.
        most: how many requests one commit has room for; None for any number.
    """
    if not items:
        return []
    if most is not None and len(items) > most:
        return (yield from _in_pieces(items, most, decide, attempts, keys))
    identifiers = list(dict.fromkeys(request.details for request, _ in items))
    stored = yield from look_up(identifiers, keys)
    for _ in range(attempts):
        answers, changes = _decide_in_order(items, stored, decide)
        if not changes:
            return answers
        try:
            yield from commit(changes)
        except Conflict as conflict:
            lost = [change.identifier for change in conflict.changes]
            stored = stored.renewed((yield from look_up(lost, keys)), lost)
        else:
            return answers
    if len(items) == 1:
        return [Contended(attempts)]
    return (yield from _in_pieces(items, 1, decide, attempts, keys))


def _in_pieces(
    items: Sequence[Received],
    size: int,
    decide: Decide,
    attempts: int,
    keys: TombstoneKeys | None,
) -> Plan[list[Outcome | ConsentError]]:
    answers: list[Outcome | ConsentError] = []
    for start in range(0, len(items), size):
        some = items[start : start + size]
        try:
            answers += yield from decide_all(some, decide, attempts, keys)
        except RepositoryError as error:
            # What is stored must be answered, so a store that fails half-way fails only for the
            # rest.
            if not answers:
                raise
            return [*answers, *[error] * (len(items) - len(answers))]
    return answers


class _Revision:
    """A record as it will be stored, with its events.

    While a bulk is decided, a revision that changes extended fields alone takes in the next change
    of extended fields alone.

    Args:
        consent: the record.
        events: what happened.
        only_fields: whether only extended fields changed.
    """

    __slots__ = ("consent", "events", "only_fields")

    def __init__(
        self,
        consent: MarketingConsent,
        events: tuple[ConsentEvent, ...],
        *,
        only_fields: bool = False,
    ) -> None:
        self.consent = consent
        self.events = events
        self.only_fields = only_fields


class _Progress:
    """How far the requests for one identifier have come.

    Args:
        stored: what is known of it before the bulk.
    """

    __slots__ = ("latest", "revisions", "stored")

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.latest = stored
        self.revisions: list[_Revision] = []

    def add(self, outcome: Outcome) -> None:
        """Add a revision, or take the change into the last one if both change fields alone."""
        before, after, made = self.latest, outcome.consent, self.revisions
        only_fields = False
        if isinstance(before, MarketingConsent):
            if before.extended_fields is not after.extended_fields:
                only_fields = before == evolve(
                    after,
                    extended_fields=before.extended_fields,
                    updated_date=before.updated_date,
                    revision=before.revision,
                )
            if only_fields and made and made[-1].only_fields:
                consent = evolve(after, revision=made[-1].consent.revision)
                made[-1].consent, made[-1].events = consent, (ConsentUpdated(consent),)
                self.latest = consent
                return
            # A record that the next one replaces keeps its fields as text: parsed they are several
            # times larger.
            before.extended_fields.to_json()
        made.append(_Revision(after, outcome.events, only_fields=only_fields))
        self.latest = after


def _decide_in_order(
    items: Sequence[Received], stored: LookUp, decide: Decide
) -> tuple[list[Outcome | ConsentError], list[Change]]:
    """An answer for each item, and one change for each identifier that ends up different.

    Requests for one identifier that follow each other and change its extended fields alone become
    one revision with one event. An event carries the whole record, so a thousand small fields would
    otherwise store a thousand copies of a large record. Pieces of evidence never share a revision:
    each is part of the proof.
    """
    everybody: dict[Identifier, _Progress] = {}
    answers: list[tuple[Outcome, _Revision | None] | InvalidConsent] = []
    for request, now in items:
        progress = everybody.get(request.details)
        if progress is None:
            progress = everybody[request.details] = _Progress(stored.stored(request.details))
        try:
            outcome = decide(progress.latest, request, now)
        except InvalidConsent as error:
            answers.append(error)
            continue
        if outcome.events:
            progress.add(outcome)
        elif outcome.tombstone is not None:
            progress.latest = outcome.tombstone
        revisions = progress.revisions
        answers.append((outcome, revisions[-1] if revisions else None))
    # A later item may have been taken into the revision that answers an earlier one, so records and
    # events are filled in only now.
    settled: list[Outcome | ConsentError] = []
    for answer in answers:
        if isinstance(answer, InvalidConsent):
            settled.append(answer)
            continue
        outcome, revision = answer
        if revision is not None and outcome.record is not revision.consent:
            events = revision.events if outcome.events else ()
            outcome = outcome._replace(record=revision.consent, events=events)
        settled.append(outcome)
    changes: list[Change] = []
    for who, progress in everybody.items():
        made = progress.revisions
        events = (
            made[0].events if len(made) == 1 else tuple(e for each in made for e in each.events)
        )
        changes += stored.changes(who, progress.stored, progress.latest, events)
    return settled, changes
