"""What saboteurs are made of: repositories in memory, each with one thing that it does wrong."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Self, TypeVar

from attrs import evolve

from consent_core.application.memory import MemoryRepository
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent


class Saboteur(MemoryRepository):
    """A repository that breaks one promise, in the way its docstring says."""

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """One store for two sites."""
        return cls(), cls()

    def commit(self, changes: Sequence[Change], /) -> None:
        """Checks all, then stores all."""
        with self._lock:
            conflicts = [
                change
                for change in changes
                if not (self._tombstones_expected(change) and self._holds(change))
            ]
            if conflicts:
                raise Conflict(conflicts)
            self._sorted.clear()
            for change in changes:
                self._store(change)

    def _holds(self, change: Change) -> bool:
        stored = self._by_identifier.get(change.identifier)
        if not change.events:
            return True
        if stored is None:
            return change.expected == 0 and change.consent_id not in self._by_id
        return change.expected == stored.revision and change.consent_id == stored.id


S = TypeVar("S", bound=type[Saboteur])

SABOTEURS: Final[dict[type[Saboteur], tuple[str, ...]]] = {}
"""Every saboteur, with the names of clauses that must catch it."""


def caught_by(*clauses: str) -> Callable[[S], S]:
    """Register a saboteur."""

    def register(saboteur: S) -> S:
        SABOTEURS[saboteur] = clauses
        return saboteur

    return register


class Lossy(Saboteur):
    """A store that keeps something else than it was given."""

    def _store(self, change: Change) -> None:
        kept = None if change.consent is None else self._kept(change.consent)
        super()._store(
            change._replace(consent=kept, events=tuple(self._event(each) for each in change.events))
        )

    def _event(self, event: ConsentEvent) -> ConsentEvent:
        return (
            event
            if isinstance(event, ConsentDeleted)
            else evolve(event, consent=self._kept(event.consent))
        )

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        raise NotImplementedError


class Keyed(Saboteur):
    """A store that compares identifiers by a key of its own."""

    def _key(self, identifier: Identifier) -> Identifier:
        raise NotImplementedError

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """Looks up by its own keys."""
        found = super().find([self._key(each) for each in identifiers])
        return {each: found[self._key(each)] for each in identifiers if self._key(each) in found}

    def _holds(self, change: Change) -> bool:
        return super()._holds(change._replace(identifier=self._key(change.identifier)))

    def _store(self, change: Change) -> None:
        super()._store(change._replace(identifier=self._key(change.identifier)))


class Selecting(Saboteur):
    """A store that selects and cuts in a way of its own."""

    def query(self, query: Query, /) -> Page:
        """Selects, and cuts one page."""
        found = [row for row in self._from_position(query) if self._selected(query, row)]
        consents = tuple(found[: query.page_size])
        return Page(consents[::-1] if query.backward else consents, len(found) > len(consents))

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return query.matches(row)
