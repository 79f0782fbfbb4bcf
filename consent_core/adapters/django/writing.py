"""What is written: records and their events, only where those that are stored are as expected."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from consent_core.adapters.django import tombstones
from consent_core.adapters.django.models import FIELD_COLUMNS, Event, Record
from consent_core.adapters.django.reading import KINDS, find
from consent_core.adapters.sql import ChangeLost, batches
from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.porting import conflict_among, keys_of
from consent_core.wire.documents import dump_record


def commit(using: str, site: str, changes: Sequence[Change]) -> None:
    """As ``Repository.commit``, in a transaction of the caller.

    Raises:
        ChangeLost: a change did not hold.
        IntegrityError: the same, on a database that has no other way to tell.
    """
    # Every writer takes rows in the same order, so that two of them wait for each other instead of
    # deadlocking: all that are new, then all that are stored.
    ordered = sorted(changes, key=lambda each: (each.identifier.channel, each.identifier.key))
    _commit_records(using, site, [change for change in ordered if change.events])
    # Behind the records: a creation that has waited for an erasure then meets its tombstone.
    tombstones.commit(using, site, [each for change in ordered for each in change.tombstones])


def _commit_records(using: str, site: str, changes: Sequence[Change]) -> None:
    created: list[Any] = []
    events: list[Any] = []
    stored: list[tuple[Change, dict[str, Any]]] = []
    for change in changes:
        consent, document = change.consent, None
        values: dict[str, Any] = {}
        if consent is not None:
            document = dump_record(consent)
            values = {name: field.read(consent) for name, field in FIELD_COLUMNS.items()}
            values |= {"revision": consent.revision, "document": document}
        if change.expected:
            stored.append((change, values))
        else:
            created.append(Record(site=site, **_identity(change), **values))
        for event in change.remaining:
            # The last event has the record itself, whose text is there already.
            same = not isinstance(event, ConsentDeleted) and event.consent is consent
            events.append(_event(site, event, document if same else None))
    if created:
        _insert(using, site, created)
    for change, values in stored:
        _compare_and_set(using, site, change, values)
    Event.objects.using(using).bulk_create(events)


def _identity(change: Change) -> dict[str, Any]:
    who = change.identifier
    return {"channel": who.channel, "key": who.key, "consent_id": change.consent_id}


def _event(site: str, event: ConsentEvent, document: str | None) -> Any:
    if document is None and not isinstance(event, ConsentDeleted):
        document = dump_record(event.consent)
    return Event(
        site=site,
        event_id=event.id,
        consent_id=event.consent_id,
        sequence=event.sequence,
        kind=KINDS[type(event)],
        occurred_at=event.occurred_at,
        document=document,
    )


def _insert(using: str, site: str, created: list[Any]) -> None:
    """Insert records where their identifiers have none.

    Without an error where that is possible: PostgreSQL writes an error to its log with the values
    of the key, and so with an address. Which rows were inserted is then read.
    """
    silent = connections[using].features.supports_ignore_conflicts
    Record.objects.using(using).bulk_create(created, ignore_conflicts=silent)
    wanted = {row.consent_id: row.key for row in created}
    there: dict[UUID, str] = {}
    for some in batches(wanted):
        rows = Record.objects.using(using).filter(site=site, consent_id__in=some)
        there.update(rows.values_list("consent_id", "key"))
    if there != wanted:
        raise ChangeLost


def _compare_and_set(using: str, site: str, change: Change, values: dict[str, Any]) -> None:
    """Replace the row of an identifier, if it is still that record in that revision, or erase it.

    With a record goes its history.
    """
    row = Record.objects.using(using).filter(
        site=site, revision=change.expected, **_identity(change)
    )
    if change.consent is not None:
        found = row.update(**values)
    else:
        # Where the project listens to deletions, ``delete`` would look first and erase then.
        found = row._raw_delete(using)  # noqa: SLF001  # one statement, whoever listens
        history = Event.objects.using(using).filter(site=site, consent_id=change.consent_id)
        history._raw_delete(using)  # noqa: SLF001  # as above
    if found != 1:
        raise ChangeLost


def conflicts(using: str, site: str, changes: Sequence[Change]) -> Conflict | None:
    """Which changes do not hold any more; None where all would hold now."""
    return conflict_among(changes, find(using, site, keys_of(changes)))


def mark_published(using: str, site: str, ids: Collection[UUID]) -> None:
    """Take events out of ``unpublished``."""
    for some in batches(ids):
        rows = Event.objects.using(using).filter(site=site, event_id__in=some)
        rows.update(published=True)
