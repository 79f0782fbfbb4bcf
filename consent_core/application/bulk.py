"""Many requests with one read and one write for all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from attrs import evolve

from consent_core.application.lookups import LookUp, Stored, look_up
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
from consent_core.domain.identifiers import Identifier
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import Tombstone, TombstoneKeys

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


def _decide_in_order(
    items: Sequence[Received], stored: LookUp, decide: Decide
) -> tuple[list[Outcome | ConsentError], list[Change]]:
    """An answer for each item, and one change for each identifier that ends up different.

    Requests for one identifier that follow each other and change its extended fields alone become
    one revision with one event. An event carries the whole record, so a thousand small fields would
    otherwise store a thousand copies of a large record. Pieces of evidence never share a revision:
    each is part of the proof.
    """
    revisions: dict[Identifier, list[_Revision]] = {}
    moved: dict[Identifier, Tombstone] = {}
    answers: list[tuple[Outcome, _Revision | None] | InvalidConsent] = []
    for request, now in items:
        who = request.details
        made = revisions.get(who, [])
        before = made[-1].consent if made else (moved and moved.get(who)) or stored.stored(who)
        try:
            outcome = decide(before, request, now)
        except InvalidConsent as error:
            answers.append(error)
            continue
        if outcome.tombstone is not None:
            moved[who] = outcome.tombstone
        if outcome.events:
            revisions[who] = made
            _add(made, before, outcome)
        answers.append((outcome, made[-1] if made else None))
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
    return settled, _changes(stored, revisions, moved)


def _changes(
    stored: LookUp,
    revisions: Mapping[Identifier, list[_Revision]],
    moved: Mapping[Identifier, Tombstone],
) -> list[Change]:
    changes: list[Change] = []
    for who, made in revisions.items():
        happened = tuple(event for revision in made for event in revision.events)
        changes += stored.changes(who, stored.stored(who), made[-1].consent, happened)
    for who, tombstone in moved.items():
        if who not in revisions:
            changes += stored.changes(who, stored.stored(who), tombstone, ())
    return changes


def _add(made: list[_Revision], before: Stored, outcome: Outcome) -> None:
    """Add a revision, or take the change into the last one if both change extended fields alone."""
    after, only_fields = outcome.consent, False
    stored = before if isinstance(before, MarketingConsent) else None
    if stored is not None and stored.extended_fields is not after.extended_fields:
        only_fields = stored == evolve(
            after,
            extended_fields=stored.extended_fields,
            updated_date=stored.updated_date,
            revision=stored.revision,
        )
    if only_fields and made and made[-1].only_fields:
        consent = evolve(after, revision=made[-1].consent.revision)
        made[-1].consent, made[-1].events = consent, (ConsentUpdated(consent),)
        return
    if stored is not None:
        # A record that the next one replaces keeps its fields as text: parsed they are several
        # times larger.
        stored.extended_fields.to_json()
    made.append(_Revision(after, outcome.events, only_fields=only_fields))
