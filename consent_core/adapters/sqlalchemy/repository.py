"""The two repositories: the same statements, called or awaited, each in a transaction."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consent_core.adapters.sqlalchemy import addresses, moving, reading, writing
from consent_core.adapters.sqlalchemy.errors import driver_errors, is_lost_race
from consent_core.adapters.sqlalchemy.transactions import (
    EndedWith,
    begin,
    refuse_autocommit,
    refuse_unsafe,
)
from consent_core.application.addresses import AddressPage
from consent_core.application.moving import STORED_TWICE, Stored, cannot_fill
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.checks import refuse, wrong_text, wrong_type
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent

P = ParamSpec("P")
T = TypeVar("T")


class SqlAlchemyRepository:
    """Records and events in a database: SQLite, PostgreSQL, MySQL, MariaDB and their kin.

    Args:
        bind: an engine, or a connection of yours: then every commit is a savepoint of your
            transaction, which you commit or roll back.
        site: the tenant; sites share tables and never see each other.
        chain_driver_errors: let the driver's error be the cause of ours. Its message may quote what
            was to be stored, so a traceback then shows personal data.

    Raises:
        InvalidConsent: the bind is in AUTOCOMMIT, or the site is no text that a database can hold.
            Writing raises it, too, where only the connection tells: AUTOCOMMIT that the driver was
            told, and an ``sql_mode`` of MySQL that is not strict.
    """

    def __init__(
        self, bind: Engine | Connection, *, site: str = "", chain_driver_errors: bool = False
    ) -> None:
        refuse("repository", site=wrong_type(site, str) or wrong_text(site))
        refuse_autocommit(bind)
        self._bind = bind
        self.site = site
        self._chained = chain_driver_errors
        self._driver_errors = driver_errors(chained=chain_driver_errors)

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        return self._read(reading.find, keys)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return self._read(reading.get, ids)

    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return self._read(reading.query, query)

    def address_page(self, query: Query, /) -> AddressPage:
        """As ``AddressReader.address_page``."""
        return self._read(addresses.page, query)

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return self._read(reading.history, consent_id)

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        if not changes:
            return
        with self._driver_errors:
            try:
                with self._transaction() as connection:
                    writing.commit(connection, self.site, changes)
            except Exception as error:
                if not is_lost_race(error):
                    raise
                cause = error if self._chained else None
            else:
                return
            # Raised here and not above, so that the driver's error is not its context either.
            raise self._read(writing.conflicts, changes) or Conflict(changes) from cause

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """The oldest events that were not marked as published, for a relay.

        Those of one consent in their order.
        """
        return self._read(reading.unpublished, limit)

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Mark events, by their ids, as published.

        Call it after the relay has passed them on, so that none is lost.
        """
        with self._driver_errors, self._transaction() as connection:
            writing.mark_published(connection, self.site, ids)

    def everything(self) -> Iterator[Stored]:
        """As ``Movable.everything``; over a connection of yours, what your transaction sees."""
        with self._driver_errors:
            if isinstance(self._bind, Connection):
                yield from moving.everything(self._bind, self.site)
            else:
                with self._bind.connect() as connection:
                    moving.begin_snapshot(connection)
                    yield from moving.everything(connection, self.site)

    def fill(self, stored: Iterable[Stored], /) -> None:
        """As ``Movable.fill``, in one transaction."""
        with self._driver_errors:
            try:
                with self._transaction() as connection:
                    moving.fill(connection, self.site, stored)
            except Exception as error:
                if not is_lost_race(error):
                    raise
                cause = error if self._chained else None
            else:
                return
            raise cannot_fill(STORED_TWICE) from cause

    def _read(
        self, ask: Callable[Concatenate[Connection, str, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._driver_errors:
            if isinstance(self._bind, Connection):
                with EndedWith(self._bind):
                    return ask(self._bind, self.site, *args, **kwargs)
            with self._bind.connect() as connection:
                return ask(connection, self.site, *args, **kwargs)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if isinstance(self._bind, Connection):
            begin(self._bind)
            # Around the savepoint, too: to begin and to end it may be what tells.
            ended = EndedWith(self._bind)
            with ended, self._bind.begin_nested(), ended:
                yield self._bind
        else:
            with self._bind.begin() as connection:
                refuse_unsafe(connection)
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
        refuse("repository", site=wrong_type(site, str) or wrong_text(site))
        # A connection that was not opened yet has no more to say than its engine.
        opened = bind.sync_connection if isinstance(bind, AsyncConnection) else None
        refuse_autocommit(opened or bind.sync_engine)
        self._bind = bind
        self.site = site
        self._chained = chain_driver_errors
        self._driver_errors = driver_errors(chained=chain_driver_errors)

    async def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        return await self._read(reading.find, keys)

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return await self._read(reading.get, ids)

    async def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return await self._read(reading.query, query)

    async def address_page(self, query: Query, /) -> AddressPage:
        """As ``AsyncAddressReader.address_page``."""
        return await self._read(addresses.page, query)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return await self._read(reading.history, consent_id)

    async def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        if not changes:
            return
        with self._driver_errors:
            try:
                async with self._transaction() as connection:
                    await connection.run_sync(writing.commit, self.site, changes)
            except Exception as error:
                if not is_lost_race(error):
                    raise
                cause = error if self._chained else None
            else:
                return
            raise await self._read(writing.conflicts, changes) or Conflict(changes) from cause

    async def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """As ``SqlAlchemyRepository.unpublished``."""
        return await self._read(reading.unpublished, limit)

    async def mark_published(self, ids: Collection[UUID]) -> None:
        """As ``SqlAlchemyRepository.mark_published``."""
        with self._driver_errors:
            async with self._transaction() as connection:
                await connection.run_sync(writing.mark_published, self.site, ids)

    async def _read(
        self, ask: Callable[Concatenate[Connection, str, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._driver_errors:
            if isinstance(self._bind, AsyncConnection):
                with EndedWith(self._bind.sync_connection):
                    return await self._bind.run_sync(ask, self.site, *args, **kwargs)
            reading = self._connected(self._bind, lambda c: ask(c, self.site, *args, **kwargs))
            if self._bind.dialect.name != "sqlite":
                return await reading
            # A cursor of SQLite that is left in the middle locks writers out until it is collected.
            # So whoever is cancelled does not wait, and the read comes to its end.
            return await asyncio.shield(reading)

    @staticmethod
    async def _connected(engine: AsyncEngine, ask: Callable[[Connection], T]) -> T:
        async with engine.connect() as connection:
            return await connection.run_sync(ask)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        if isinstance(self._bind, AsyncConnection):
            await self._bind.run_sync(begin)
            ended = EndedWith(self._bind.sync_connection)
            with ended:
                async with self._bind.begin_nested():
                    with ended:
                        yield self._bind
        else:
            async with self._bind.begin() as connection:
                await connection.run_sync(refuse_unsafe)
                yield connection
