"""Saboteurs with an outbox that forgets, repeats, or passes on what was never stored."""

from collections.abc import Collection, Sequence
from uuid import UUID

from consent_core.application.ports import Change
from consent_core.domain.events import ConsentEvent
from tests.testing.sabotage import Saboteur, caught_by


@caught_by("events_wait_until_they_are_published")
class PublishesTheNewestFirst(Saboteur):
    """Reads its outbox from the end."""

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """In the wrong order."""
        return super().unpublished(limit)[::-1]


@caught_by("events_wait_until_they_are_published")
class PublishesForEver(Saboteur):
    """Forgets what was marked."""

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Does nothing."""


@caught_by("events_wait_until_they_are_published")
class MarksTheWholeConsent(Saboteur):
    """Marks by consent, with events that the relay has not seen."""

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Marks all events of the same consents."""
        for history in self._events.values():
            if any(event.id in ids for event in history):
                super().mark_published([event.id for event in history])


@caught_by("events_wait_until_they_are_published")
class PublishesAllAtOnce(Saboteur):
    """Takes no notice of the limit."""

    def unpublished(self, _limit: int = 100, /) -> Sequence[ConsentEvent]:
        """Gives everything."""
        return super().unpublished(1_000_000)


class _HasAQueue(Saboteur):
    """Keeps its outbox beside the histories."""

    def _queue(self) -> list[ConsentEvent]:
        queue: list[ConsentEvent] = self.__dict__.setdefault("_queued", [])
        return queue

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """From the queue."""
        return [each for each in self._queue() if each.id not in self._published][:limit]


@caught_by("what_is_refused_or_erased_does_not_wait")
class QueuesBeforeItStores(_HasAQueue):
    """Tells the queue of changes that are then refused."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Queues, then stores."""
        self._queue().extend(event for change in changes for event in change.events)
        super().commit(changes)


@caught_by("what_is_refused_or_erased_does_not_wait")
class PublishesTheErased(_HasAQueue):
    """Leaves the events of erased records in the queue, with their addresses."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Queues what was stored."""
        super().commit(changes)
        self._queue().extend(event for change in changes for event in change.events)
