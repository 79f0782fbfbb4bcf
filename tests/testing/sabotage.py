"""What saboteurs are made of: repositories in memory, each with one thing that it does wrong."""

import asyncio
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from time import sleep
from typing import Any, ClassVar, Final, Self, TypeAlias, TypeVar

from attrs import evolve

from consent_core.application.drivers import drive, drive_async
from consent_core.application.memory import AsyncMemoryRepository, MemoryRepository
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict, Unavailable
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent


class Saboteur(MemoryRepository):
    """A repository that breaks one promise, in the way its docstring says."""

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """One store for two sites."""
        return cls(), cls()

    broken: ClassVar[Callable[[], "Saboteur"]]
    """Makes a repository whose store is gone."""

    def awaited(self) -> AsyncMemoryRepository:
        """The same, for asyncio."""
        return AsyncMemoryRepository(self)

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
T = TypeVar("T")

SABOTEURS: Final[dict[type[Saboteur], tuple[str, ...]]] = {}
"""Every saboteur, with the names of clauses that must catch it."""


def caught_by(*clauses: str) -> Callable[[S], S]:
    """Register a saboteur."""

    def register(saboteur: S) -> S:
        SABOTEURS[saboteur] = clauses
        return saboteur

    return register


def failing(method: str, error: Callable[[str], Exception]) -> Callable[..., Any]:
    """A method that raises an error of what its driver says, which quotes what was asked."""

    def fail(_self: Saboteur, _argument: Any, /) -> Any:
        raise error(f"{method} failed")

    return fail


def _unavailable(_said: str) -> Exception:
    return Unavailable("ConnectionError")


class Failing(Saboteur):
    """A store that is gone; what its driver raises is translated."""

    find = failing("find", _unavailable)
    get = failing("get", _unavailable)
    query = failing("query", _unavailable)
    history = failing("history", _unavailable)
    commit = failing("commit", _unavailable)


Saboteur.broken = Failing

Steps: TypeAlias = Generator[None, None, T]
"""A call that gives way where it yields."""


class GivesWay(Saboteur):
    """A store whose calls give way to others: to threads while it sleeps, or to tasks."""

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """A commit."""
        yield
        Saboteur.commit(self, changes)

    def query_steps(self, query: Query) -> Steps[Page]:
        """A query."""
        yield
        return Saboteur.query(self, query)

    def commit(self, changes: Sequence[Change], /) -> None:
        """Is slow where it gives way."""
        drive(self.commit_steps(changes), lambda _: sleep(0.002))

    def query(self, query: Query, /) -> Page:
        """As a commit."""
        return drive(self.query_steps(query), lambda _: sleep(0.002))

    def awaited(self) -> "AsyncGivesWay":
        """Gives way to tasks."""
        return AsyncGivesWay(self)


class AsyncGivesWay(AsyncMemoryRepository):
    """A ``GivesWay`` for asyncio."""

    def __init__(self, inner: GivesWay) -> None:
        super().__init__(inner)
        self._inner = inner

    async def commit(self, changes: Sequence[Change], /) -> None:
        """Gives way to other tasks."""
        await drive_async(self._inner.commit_steps(changes), lambda _: asyncio.sleep(0))

    async def query(self, query: Query, /) -> Page:
        """As a commit."""
        return await drive_async(self._inner.query_steps(query), lambda _: asyncio.sleep(0))


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
