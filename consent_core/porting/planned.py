"""Repositories whose methods are written once, for sync and async."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from consent_core.application.drivers import drive, drive_async
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent
from consent_core.porting.errors import DriverErrors
from consent_core.porting.pages import Steps


class RepositoryPlans(Protocol):
    """The five promises of ``Repository`` as plans, for every kind of client.

    A plan is a generator. It yields what its client is asked, in whatever form ``ask`` takes, and
    is sent the answer; it returns what the method returns, and raises what it raises. There may be
    an attribute ``max_changes``, as for ``Repository``.
    """

    site: str
    """The tenant."""

    errors: DriverErrors
    """What the client raises where it cannot answer."""

    def ask(self, step: Any, /) -> Any:
        """Ask the client what a plan yields; a client for asyncio answers with an awaitable."""
        ...

    def find(self, keys: Collection[Any], /) -> Steps[Mapping[Any, Any]]:
        """As ``Repository.find``."""
        ...

    def get(self, ids: Collection[UUID], /) -> Steps[Mapping[UUID, MarketingConsent]]:
        """As ``Repository.get``."""
        ...

    def commit(self, changes: Sequence[Change], /) -> Steps[None]:
        """As ``Repository.commit``."""
        ...

    def query(self, query: Query, /) -> Steps[Page]:
        """As ``Repository.query``."""
        ...

    def history(self, consent_id: UUID, /) -> Steps[Sequence[ConsentEvent]]:
        """As ``Repository.history``."""
        ...


class PlannedRepository:
    """A ``Repository`` of plans and of a client that is called.

    Args:
        plans: the methods, and the client that they ask.
    """

    def __init__(self, plans: RepositoryPlans) -> None:
        self.site = plans.site
        self.max_changes: int | None = getattr(plans, "max_changes", None)
        self._plans = plans

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        with self._plans.errors:
            return drive(self._plans.find(keys), self._plans.ask)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        with self._plans.errors:
            return drive(self._plans.get(ids), self._plans.ask)

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        with self._plans.errors:
            drive(self._plans.commit(changes), self._plans.ask)

    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        with self._plans.errors:
            return drive(self._plans.query(query), self._plans.ask)

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        with self._plans.errors:
            return drive(self._plans.history(consent_id), self._plans.ask)


class AsyncPlannedRepository:
    """An ``AsyncRepository`` of plans and of a client that is awaited.

    Args:
        plans: the methods, and the client that they ask.
    """

    def __init__(self, plans: RepositoryPlans) -> None:
        self.site = plans.site
        self.max_changes: int | None = getattr(plans, "max_changes", None)
        self._plans = plans

    async def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        with self._plans.errors:
            return await drive_async(self._plans.find(keys), self._plans.ask)

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        with self._plans.errors:
            return await drive_async(self._plans.get(ids), self._plans.ask)

    async def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        with self._plans.errors:
            await drive_async(self._plans.commit(changes), self._plans.ask)

    async def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        with self._plans.errors:
            return await drive_async(self._plans.query(query), self._plans.ask)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        with self._plans.errors:
            return await drive_async(self._plans.history(consent_id), self._plans.ask)
