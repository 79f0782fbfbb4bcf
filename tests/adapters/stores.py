"""Databases of every kind behind one interface, so that one test covers sync and async."""

import asyncio
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from consent_core import Change, ConsentEvent, Identifier, MarketingConsent, Page, Query
from consent_core.adapters.sqlalchemy import (
    AsyncSqlAlchemyRepository,
    SqlAlchemyRepository,
    create_schema,
)
from tests.adapters.databases import postgres_database
from tests.adapters.mariadb import mariadb_database

KINDS: Final = (
    "sqlite",
    "sqlite-async",
    "postgresql",
    "postgresql-async",
    "mariadb",
    "mariadb-async",
)
"""Every database, each called and awaited."""


class Repository(Protocol):
    """The port, with the outbox."""

    def find(
        self, identifiers: Collection[Identifier], /
    ) -> Mapping[Identifier, MarketingConsent]: ...
    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]: ...
    def commit(self, changes: Sequence[Change], /) -> None: ...
    def query(self, query: Query, /) -> Page: ...
    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]: ...
    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]: ...
    def mark_published(self, ids: Collection[UUID]) -> None: ...


class Awaited:
    """An async repository with the face of a sync one: every call is one run of the event loop."""

    def __init__(self, inner: AsyncSqlAlchemyRepository, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._run = runner.run

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        return self._run(self._inner.find(identifiers))

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        return self._run(self._inner.get(ids))

    def commit(self, changes: Sequence[Change], /) -> None:
        self._run(self._inner.commit(changes))

    def query(self, query: Query, /) -> Page:
        return self._run(self._inner.query(query))

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        return self._run(self._inner.history(consent_id))

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        return self._run(self._inner.unpublished(limit))

    def mark_published(self, ids: Collection[UUID]) -> None:
        self._run(self._inner.mark_published(ids))


class Caller(Protocol):
    """A connection of the application that uses the library, in a transaction of its own."""

    def repository(self, site: str = "") -> Repository: ...
    def execute(self, sql: str, **values: object) -> Sequence[Any]: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


class SyncCaller:
    """A ``Connection``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def repository(self, site: str = "") -> Repository:
        return SqlAlchemyRepository(self._connection, site=site)

    def execute(self, sql: str, **values: object) -> Sequence[Any]:
        result = self._connection.execute(text(sql), values)
        return result.all() if result.returns_rows else ()

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()


class AsyncCaller:
    """An ``AsyncConnection``."""

    def __init__(self, connection: AsyncConnection, runner: asyncio.Runner) -> None:
        self._connection = connection
        self._runner = runner

    def repository(self, site: str = "") -> Repository:
        return Awaited(AsyncSqlAlchemyRepository(self._connection, site=site), self._runner)

    def execute(self, sql: str, **values: object) -> Sequence[Any]:
        result = self._runner.run(self._connection.execute(text(sql), values))
        return result.all() if result.returns_rows else ()

    def commit(self) -> None:
        self._runner.run(self._connection.commit())

    def rollback(self) -> None:
        self._runner.run(self._connection.rollback())


class Store(Protocol):
    """A database.

    ``engine`` is the one that the repositories use, or the sync side of it, to listen to.
    """

    engine: Engine

    def repository(self, site: str = "", **options: Any) -> Repository: ...
    def create(self) -> None: ...
    @contextmanager
    def connection(self) -> Iterator[Caller]: ...


class SyncStore:
    """A database behind an ``Engine``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def repository(self, site: str = "", **options: Any) -> Repository:
        return SqlAlchemyRepository(self.engine, site=site, **options)

    def create(self) -> None:
        create_schema(self.engine)

    @contextmanager
    def connection(self) -> Iterator[Caller]:
        with self.engine.connect() as connection:
            yield SyncCaller(connection)


class AsyncStore:
    """A database behind an ``AsyncEngine``."""

    def __init__(self, engine: AsyncEngine, runner: asyncio.Runner) -> None:
        self.engine = engine.sync_engine
        self._engine = engine
        self._runner = runner

    def repository(self, site: str = "", **options: Any) -> Repository:
        return Awaited(AsyncSqlAlchemyRepository(self._engine, site=site, **options), self._runner)

    def create(self) -> None:
        self._runner.run(self._create())

    async def _create(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(create_schema)

    @contextmanager
    def connection(self) -> Iterator[Caller]:
        connection = self._runner.run(self._connect())
        try:
            yield AsyncCaller(connection, self._runner)
        finally:
            self._runner.run(connection.close())

    async def _connect(self) -> AsyncConnection:
        return await self._engine.connect()


@contextmanager
def open_store(url: str, *, awaited: bool, **options: Any) -> Iterator[Store]:
    """A database by its URL; options are those of ``create_engine``."""
    if url.startswith("postgresql"):
        # No test that uses this loses a whole server, so none needs to wait for the disk.
        options = {"connect_args": {"options": "-c synchronous_commit=off"}} | options
    if not awaited:
        engine = create_engine(url, **options)
        yield SyncStore(engine)
        engine.dispose()
        return
    async_engine = create_async_engine(awaited_url(url), **options)
    others = set(threading.enumerate())
    with asyncio.Runner() as runner:
        yield AsyncStore(async_engine, runner)
        runner.run(async_engine.dispose())
        runner.run(_ended(others))


async def _ended(others: set[threading.Thread]) -> None:
    """Wait for the threads of aiosqlite.

    Those of connections that failed end later, and need the event loop for it.
    """
    for _ in range(500):
        if not [
            t
            for t in threading.enumerate()
            if t not in others and "_connection_worker_thread" in t.name
        ]:
            return
        await asyncio.sleep(0.01)


def awaited_url(url: str) -> str:
    """The same database through a driver for asyncio; that of PostgreSQL serves both."""
    return url.replace("sqlite:", "sqlite+aiosqlite:").replace("+pymysql:", "+asyncmy:")


def database_of(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """The URL of a database of a kind: a file in a folder, or that of the module on a server."""
    if kind.startswith("sqlite"):
        return sqlite_url(folder)
    url: str = request.getfixturevalue("mariadb" if kind.startswith("mariadb") else "database")
    return url


@contextmanager
def new_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database of a kind that nobody else uses."""
    if kind.startswith("sqlite"):
        yield sqlite_url(folder)
    elif kind.startswith("mariadb"):
        with mariadb_database(request.getfixturevalue("mariadb_server_url")) as url:
            yield url
    else:
        with postgres_database(request.getfixturevalue("server")) as url:
            yield url


def sqlite_url(folder: Path) -> str:
    """The URL of a SQLite file in a folder."""
    return f"sqlite:///{folder / 'consents.db'}"
