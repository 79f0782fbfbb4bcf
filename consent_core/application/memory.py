"""Consents in memory.

For tests, for previews, and as the reference that other adapters are compared with.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from consent_core.application.moving import (
    NOT_EMPTY,
    STORED_TWICE,
    Stored,
    StoredConsent,
    StoredTombstone,
    cannot_fill,
)
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.query_fields import QueryField, value_of
from consent_core.domain.records import MarketingConsent

if TYPE_CHECKING:
    from consent_core.domain.identifiers import Identifier
    from consent_core.domain.tombstones import Tombstone, TombstoneDigest


class MemoryRepository:
    """A ``Repository`` of dicts; safe to share among threads.

    Args:
        keep_history: whether events are kept; without them, memory does not grow with changes, only
            with people.
    """

    site = ""
    max_changes: int | None = None

    def __init__(self, *, keep_history: bool = True) -> None:
        self._keep_history = keep_history
        self._lock = RLock()
        self._by_identifier: dict[Identifier, MarketingConsent] = {}
        self._by_id: dict[UUID, MarketingConsent] = {}
        self._events: dict[UUID, list[ConsentEvent]] = {}
        self._sorted: dict[QueryField, list[MarketingConsent]] = {}
        self._tombstones: dict[TombstoneDigest, Tombstone] = {}
        self._published: set[UUID] = set()

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        with self._lock:
            found: dict[Any, Any] = {
                key: self._by_identifier[key] for key in keys if key in self._by_identifier
            }
            if self._tombstones:
                found |= {key: self._tombstones[key] for key in keys if key in self._tombstones}
            return found

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        with self._lock:
            return {i: self._by_id[i] for i in ids if i in self._by_id}

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        with self._lock:
            new: set[UUID] = set()
            conflicts = [
                change
                for change in changes
                if not (self._tombstones_expected(change) and self._expected(change, new))
            ]
            if conflicts:
                raise Conflict(conflicts)
            self._sorted.clear()
            for change in changes:
                self._store(change)

    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        with self._lock:
            matching = (consent for consent in self._from_position(query) if query.matches(consent))
            return Page.of(query, tuple(islice(matching, query.page_size + 1)))

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        with self._lock:
            return tuple(self._events.get(consent_id, ()))

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """As ``Outbox.unpublished``; it looks at every event that is kept."""
        with self._lock:
            events = [event for history in self._events.values() for event in history]
            waiting = [event for event in events if event.id not in self._published]
        return tuple(sorted(waiting, key=_waits)[:limit])

    def mark_published(self, ids: Collection[UUID]) -> None:
        """As ``Outbox.mark_published``."""
        with self._lock:
            self._published.update(ids)

    def everything(self) -> Iterator[Stored]:
        """As ``Movable.everything``."""
        with self._lock:
            ids = sorted(self._by_id.keys() | self._events.keys())
            consents = [self._stored(each) for each in ids]
            tombstones = [StoredTombstone(*each) for each in sorted(self._tombstones.items())]
        return chain(consents, tombstones)

    def fill(self, stored: Iterable[Stored], /) -> None:
        """As ``Movable.fill``."""
        with self._lock:
            if self._by_id or self._events or self._tombstones:
                raise cannot_fill(NOT_EMPTY)
            filled = MemoryRepository(keep_history=self._keep_history)
            for each in stored:
                filled._add(each)  # one of ours
            self._sorted.clear()
            self._by_identifier, self._by_id = filled._by_identifier, filled._by_id
            self._events, self._tombstones = filled._events, filled._tombstones
            self._published = filled._published

    def _stored(self, consent_id: UUID) -> StoredConsent:
        events = tuple(self._events.get(consent_id, ()))
        published = self._published.intersection(each.id for each in events)
        return StoredConsent(self._by_id.get(consent_id), events, frozenset(published))

    def _add(self, stored: Stored) -> None:
        if isinstance(stored, StoredTombstone):
            if stored.digest in self._tombstones:
                raise cannot_fill(STORED_TWICE)
            self._tombstones[stored.digest] = stored.tombstone
            return
        consent, events, published = stored
        consent_id = events[-1].consent_id if consent is None else consent.id
        if consent_id in self._events or consent_id in self._by_id:
            raise cannot_fill(STORED_TWICE)
        if consent is not None:
            if consent.details in self._by_identifier:
                raise cannot_fill(STORED_TWICE)
            self._by_identifier[consent.details] = self._by_id[consent_id] = consent
        if self._keep_history and events:
            self._events[consent_id] = list(events)
            self._published |= published

    def __len__(self) -> int:
        return len(self._by_id)

    def _from_position(self, query: Query) -> Iterator[MarketingConsent]:
        """All records in the direction of the query, beginning at its position."""
        rows = self._sorted.get(query.sort)
        if rows is None:
            rows = self._sorted[query.sort] = sorted(
                self._by_id.values(), key=lambda row: _order(row, query.sort)
            )
        indexes = range(len(rows))
        downward = query.downward
        if query.position is not None:
            value = query.position.value
            at = (value.int if isinstance(value, UUID) else value, query.position.id.int)
            cut = (bisect_left if downward else bisect_right)(
                rows, at, key=lambda row: _order(row, query.sort)
            )
            indexes = indexes[:cut] if downward else indexes[cut:]
        return (rows[index] for index in (reversed(indexes) if downward else indexes))

    def _expected(self, change: Change, new: set[UUID]) -> bool:
        """Whether a change holds.

        An id is never given twice, not within one commit nor after an erasure.
        """
        if not change.events:
            return True
        stored, consent_id = self._by_identifier.get(change.identifier), change.consent_id
        if stored is not None:
            return change.expected == stored.revision and consent_id == stored.id
        taken = consent_id in new or consent_id in (
            self._events if self._keep_history else self._by_id
        )
        new.add(consent_id)
        return change.expected == 0 and not taken

    def _tombstones_expected(self, change: Change) -> bool:
        return not change.tombstones or all(
            self._tombstones.get(digest) == expected for digest, expected, _ in change.tombstones
        )

    def _store(self, change: Change) -> None:
        for digest, _, tombstone in change.tombstones:
            self._tombstones.pop(digest, None)
            if tombstone is not None:
                self._tombstones[digest] = tombstone
        if not change.events:
            return
        consent_id = change.consent_id
        if change.consent is None:
            del self._by_identifier[change.identifier], self._by_id[consent_id]
            self._events.pop(consent_id, None)
        else:
            # As text, extended fields take the least memory.
            change.consent.extended_fields.to_json()
            self._by_identifier[change.identifier] = self._by_id[consent_id] = change.consent
        if self._keep_history:
            self._events.setdefault(consent_id, []).extend(change.remaining)


def _order(consent: MarketingConsent, sort: QueryField) -> tuple[Any, int]:
    """As ``Query.order_of``, with ids as integers: those compare several times faster."""
    return (consent.id.int if sort is QueryField.ID else value_of(consent, sort)), consent.id.int


def _waits(event: ConsentEvent) -> tuple[Any, ...]:
    """What events are published in the order of."""
    return event.occurred_at, event.consent_id, event.sequence


class AsyncMemoryRepository:
    """``MemoryRepository`` for asyncio.

    Args:
        repository: the one to share, if several services do.
    """

    def __init__(self, repository: MemoryRepository | None = None) -> None:
        self._repository = MemoryRepository() if repository is None else repository
        self.site = self._repository.site
        self.max_changes = self._repository.max_changes

    async def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        return self._repository.find(keys)

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return self._repository.get(ids)

    async def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        self._repository.commit(changes)

    async def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return self._repository.query(query)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return self._repository.history(consent_id)

    async def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """As ``Outbox.unpublished``."""
        return self._repository.unpublished(limit)

    async def mark_published(self, ids: Collection[UUID]) -> None:
        """As ``Outbox.mark_published``."""
        self._repository.mark_published(ids)
