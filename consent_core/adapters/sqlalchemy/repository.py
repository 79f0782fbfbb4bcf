"""The two repositories: the same statements, called or awaited, each in a transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consent_core.adapters.sqlalchemy import reading, writing
from consent_core.adapters.sqlalchemy.errors import driver_errors, is_lost_race
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.checks import Problem, refuse, wrong_text, wrong_type
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ViolationCode

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
        refuse("repository", site=wrong_type(site, str) or wrong_text(site))
        _refuse_autocommit(bind)
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

    def _read(
        self, ask: Callable[Concatenate[Connection, str, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._driver_errors:
            if isinstance(self._bind, Connection):
                return ask(self._bind, self.site, *args, **kwargs)
            with self._bind.connect() as connection:
                return ask(connection, self.site, *args, **kwargs)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if isinstance(self._bind, Connection):
            _begin(self._bind)
            with self._bind.begin_nested():
                yield self._bind
        else:
            with self._bind.begin() as connection:
                _refuse_without_transaction(connection)
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
        _refuse_autocommit(opened or bind.sync_engine)
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
            await self._bind.run_sync(_begin)
            async with self._bind.begin_nested():
                yield self._bind
        else:
            async with self._bind.begin() as connection:
                await connection.run_sync(_refuse_without_transaction)
                yield connection


_AUTOCOMMIT: Final[Problem] = (
    ViolationCode.NOT_ALLOWED,
    (
        "must not be in AUTOCOMMIT, which can store a record without its event: give an engine "
        "that was made without it in isolation_level, execution_options and connect_args"
    ),
)


def _refuse_autocommit(bind: Engine | Connection) -> None:
    """Refuse what SQLAlchemy was told to run in AUTOCOMMIT."""
    # The dialect's attribute has no public face but a look at an open connection.
    default = getattr(bind.dialect, "_on_connect_isolation_level", None)
    level = bind.get_execution_options().get("isolation_level", default)
    refuse("repository", bind=_AUTOCOMMIT if str(level).upper() == "AUTOCOMMIT" else None)


def _refuse_without_transaction(connection: Connection) -> None:
    """Refuse a connection whose driver commits every statement by itself, whoever told it to."""
    pooled = connection.connection
    # sqlite3 has a third value, which is its default: it begins a transaction before the first
    # change.
    autocommit = getattr(pooled.dbapi_connection, "autocommit", False) is True
    if connection.dialect.name == "sqlite":
        driver: Any = pooled.driver_connection
        autocommit = autocommit or (driver.isolation_level is None and not driver.in_transaction)
    refuse("repository", bind=_AUTOCOMMIT if autocommit else None)


def _begin(connection: Connection) -> None:
    """Begin the caller's transaction, if it was not begun, for a savepoint to be part of.

    SQLite's driver begins one only before the first change, which would be after the savepoint.
    """
    if not connection.in_transaction():
        connection.begin()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
    _refuse_without_transaction(connection)
