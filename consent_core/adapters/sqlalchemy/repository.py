"""The two repositories: the same statements, called or awaited."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consent_core.adapters.sqlalchemy.binding import begin_explicitly, refuse_autocommit
from consent_core.adapters.sqlalchemy.failures import lost_race, translated
from consent_core.adapters.sqlalchemy.store import Store
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.model import MarketingConsent

P = ParamSpec("P")
T = TypeVar("T")


class SqlAlchemyRepository:
    """Records and events in a database that SQLAlchemy speaks to: SQLite, PostgreSQL and their kin.

    Args:
        bind: an engine, or a connection of yours: then every commit is a savepoint of your
            transaction, which you commit or roll back.
        site: the tenant; sites share tables and never see each other.
        chain_driver_errors: let the driver's error be the cause of ours. Its message may quote what
            was to be stored, so a traceback then shows personal data.

    Raises:
        InvalidConsent: the bind is in AUTOCOMMIT, or the site is no text that a database can hold.
    """

    def __init__(
        self, bind: Engine | Connection, *, site: str = "", chain_driver_errors: bool = False
    ) -> None:
        self._store = Store(site)
        refuse_autocommit(bind)
        self._bind = bind
        self._chained = chain_driver_errors

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """As ``Repository.find``."""
        return self._read(self._store.find, identifiers)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return self._read(self._store.get, ids)

    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return self._read(self._store.query, query)

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return self._read(self._store.history, consent_id)

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        if not changes:
            return
        with translated(chained=self._chained):
            try:
                with self._transaction() as connection:
                    self._store.commit(connection, changes)
            except Exception as error:
                if not lost_race(error):
                    raise
                cause = error if self._chained else None
            else:
                return
            # Raised here and not above, so that the driver's error is not its context either.
            raise self._read(self._store.conflicts, changes) or Conflict(changes) from cause

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """The oldest events that were not marked as published, for a relay.

        Those of one consent in their order.
        """
        return self._read(self._store.unpublished, limit)

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Mark events, by their ids, as published.

        Call it after the relay has passed them on, so that none is lost.
        """
        with translated(chained=self._chained), self._transaction() as connection:
            self._store.mark_published(connection, ids)

    def _read(
        self, ask: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with translated(chained=self._chained), self._connection() as connection:
            return ask(connection, *args, **kwargs)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if isinstance(self._bind, Connection):
            yield self._bind
        else:
            with self._bind.connect() as connection:
                yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if isinstance(self._bind, Connection):
            begin_explicitly(self._bind)
            with self._bind.begin_nested():
                yield self._bind
        else:
            with self._bind.begin() as connection:
                yield connection


class AsyncSqlAlchemyRepository:
    """``SqlAlchemyRepository`` for asyncio.

    Args:
        bind: an async engine, or an async connection of yours.
        site: the tenant.
        chain_driver_errors: as for ``SqlAlchemyRepository``.

    Raises:
        InvalidConsent: as for ``SqlAlchemyRepository``.
    """

    def __init__(
        self,
        bind: AsyncEngine | AsyncConnection,
        *,
        site: str = "",
        chain_driver_errors: bool = False,
    ) -> None:
        self._store = Store(site)
        refuse_autocommit(_sync_side(bind))
        self._bind = bind
        self._chained = chain_driver_errors

    async def find(
        self, identifiers: Collection[Identifier], /
    ) -> Mapping[Identifier, MarketingConsent]:
        """As ``Repository.find``."""
        return await self._read(self._store.find, identifiers)

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return await self._read(self._store.get, ids)

    async def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return await self._read(self._store.query, query)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return await self._read(self._store.history, consent_id)

    async def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        if not changes:
            return
        with translated(chained=self._chained):
            try:
                async with self._transaction() as connection:
                    await connection.run_sync(self._store.commit, changes)
            except Exception as error:
                if not lost_race(error):
                    raise
                cause = error if self._chained else None
            else:
                return
            raise await self._read(self._store.conflicts, changes) or Conflict(changes) from cause

    async def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """As ``SqlAlchemyRepository.unpublished``."""
        return await self._read(self._store.unpublished, limit)

    async def mark_published(self, ids: Collection[UUID]) -> None:
        """As ``SqlAlchemyRepository.mark_published``."""
        with translated(chained=self._chained):
            async with self._transaction() as connection:
                await connection.run_sync(self._store.mark_published, ids)

    async def _read(
        self, ask: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with translated(chained=self._chained):
            async with self._connection() as connection:
                return await connection.run_sync(ask, *args, **kwargs)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        if isinstance(self._bind, AsyncConnection):
            yield self._bind
        else:
            async with self._bind.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        if isinstance(self._bind, AsyncConnection):
            await self._bind.run_sync(begin_explicitly)
            async with self._bind.begin_nested():
                yield self._bind
        else:
            async with self._bind.begin() as connection:
                yield connection


def _sync_side(bind: AsyncEngine | AsyncConnection) -> Engine | Connection:
    if isinstance(bind, AsyncConnection):
        # One that was not opened yet has no more to say than its engine.
        return bind.sync_connection or bind.sync_engine
    return bind.sync_engine
