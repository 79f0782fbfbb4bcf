"""What is read: records by identifier, by id and by query, and events."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from consent_core.adapters.django import tombstones
from consent_core.adapters.django.conditions import as_q, beyond
from consent_core.adapters.django.models import COLUMNS, Event, Record
from consent_core.adapters.sql import batches
from consent_core.application.ports import Page
from consent_core.application.query import Query
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.identifiers import IDENTIFIERS
from consent_core.domain.query_fields import QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import TombstoneDigest
from consent_core.wire.documents import load_record

KINDS: Final[Mapping[type[ConsentEvent], str]] = {
    ConsentCreated: "created",
    ConsentUpdated: "updated",
    ConsentDeleted: "deleted",
}
"""What an event's row calls it."""


def find(using: str, site: str, keys: Collection[Any]) -> Mapping[Any, Any]:
    """As ``Repository.find``: one statement for each channel, more for very many identifiers.

    One more finds tombstones, where there are digests among the keys.
    """
    found: dict[Any, Any] = {}
    digests = [key for key in keys if isinstance(key, TombstoneDigest)]
    if digests:
        found.update(tombstones.find(using, site, digests))
        keys = [key for key in keys if not isinstance(key, TombstoneDigest)]
    for channel in IDENTIFIERS:
        for some in batches({each.key for each in keys if each.channel is channel}):
            records = _records(_rows(using, site).filter(channel=channel, key__in=some))
            found.update((each.details, each) for each in records)
    return found


def get(using: str, site: str, ids: Collection[UUID]) -> Mapping[UUID, MarketingConsent]:
    """As ``Repository.get``."""
    return {
        each.id: each
        for some in batches(ids)
        for each in _records(_rows(using, site).filter(consent_id__in=some))
    }


def query(using: str, site: str, query: Query) -> Page:
    """As ``Repository.query``: one statement."""
    keys = [COLUMNS[query.sort]]
    if query.sort is not QueryField.ID:
        keys.append("consent_id")
    rows = (
        _rows(using, site)
        .filter(*map(as_q, query.where), beyond(query))
        .order_by(*(f"-{key}" if query.downward else key for key in keys))
    )
    # One more than asked for, to tell whether others follow.
    found = _records(rows[: query.page_size + 1])
    return Page.of(query, found)


def _rows(using: str, site: str) -> Any:
    return Record.objects.using(using).filter(site=site)


def _records(rows: Any) -> list[MarketingConsent]:
    return [load_record(text) for text in rows.values_list("document", flat=True)]


def history(using: str, site: str, consent_id: UUID) -> Sequence[ConsentEvent]:
    """As ``Repository.history``."""
    rows = Event.objects.using(using).filter(site=site, consent_id=consent_id)
    return _events(rows.order_by("sequence"))


def unpublished(using: str, site: str, limit: int) -> Sequence[ConsentEvent]:
    """The oldest events that no relay has marked as published."""
    rows = Event.objects.using(using).filter(site=site, published=False)
    return _events(rows.order_by("occurred_at", "consent_id", "sequence")[:limit])


def _events(rows: Any) -> tuple[ConsentEvent, ...]:
    columns = ("kind", "document", "consent_id", "sequence", "occurred_at")
    return tuple(_event(*row) for row in rows.values_list(*columns))


def _event(kind: str, document: str, consent_id: UUID, sequence: int, at: Any) -> ConsentEvent:
    if kind == KINDS[ConsentDeleted]:
        return ConsentDeleted(consent_id, sequence, at)
    consent = load_record(document)
    return ConsentCreated(consent) if kind == KINDS[ConsentCreated] else ConsentUpdated(consent)
