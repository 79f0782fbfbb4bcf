"""The SQLAlchemy repositories keep every promise of the port, on every database, sync and async."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent_core.adapters.sqlalchemy import (
    AsyncSqlAlchemyRepository,
    SqlAlchemyRepository,
    create_schema,
)
from consent_core.testing import AsyncRepositoryContract, RepositoryContract
from tests.adapters.databases import async_sqlite_engine, sqlite_engine
from tests.adapters.stores import awaited_url

ELSEWHERE = {"options": "-c search_path=elsewhere"}


class _Sync(RepositoryContract):
    """Each test has a site of its own, so that all can share a database."""

    has_sites = True
    has_broken = True

    @pytest.fixture
    def repository(self, engine: Engine) -> SqlAlchemyRepository:
        """One for a new site."""
        return SqlAlchemyRepository(engine, site=uuid4().hex)

    @pytest.fixture
    def other_site(self, engine: Engine) -> SqlAlchemyRepository:
        """One for another new site."""
        return SqlAlchemyRepository(engine, site=uuid4().hex)

    @pytest.fixture
    def broken_repository(self, without_tables: Engine) -> SqlAlchemyRepository:
        """One whose tables are missing: errors quote the statement with its values."""
        return SqlAlchemyRepository(without_tables)


class TestSqlite(_Sync):
    """On a SQLite file."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        """An engine with the schema."""
        engine = sqlite_engine(tmp_path)
        create_schema(engine)
        yield engine
        engine.dispose()

    @pytest.fixture
    def without_tables(self) -> Iterator[Engine]:
        """An engine without the schema."""
        engine = create_engine("sqlite://")
        yield engine
        engine.dispose()


class TestPostgres(_Sync):
    """On a real PostgreSQL."""

    @pytest.fixture
    def engine(self, database: str) -> Iterator[Engine]:
        """An engine with the schema."""
        engine = create_engine(database)
        create_schema(engine)
        yield engine
        engine.dispose()

    @pytest.fixture
    def without_tables(self, database: str) -> Iterator[Engine]:
        """An engine that does not see the schema."""
        engine = create_engine(database, connect_args=ELSEWHERE)
        yield engine
        engine.dispose()


class TestMariaDb(_Sync):
    """On a real MariaDB, through PyMySQL."""

    @pytest.fixture
    def engine(self, mariadb: str) -> Iterator[Engine]:
        """An engine with the schema."""
        engine = create_engine(mariadb)
        create_schema(engine)
        yield engine
        engine.dispose()

    @pytest.fixture
    def without_tables(self, mariadb: str) -> Iterator[Engine]:
        """An engine on a database of the server that has no such tables."""
        engine = create_engine(make_url(mariadb).set(database="information_schema"))
        yield engine
        engine.dispose()


class _Async(AsyncRepositoryContract):
    """As for sync."""

    has_sites = True
    has_broken = True

    @pytest.fixture
    def repository(self, engine: AsyncEngine) -> AsyncSqlAlchemyRepository:
        """One for a new site."""
        return AsyncSqlAlchemyRepository(engine, site=uuid4().hex)

    @pytest.fixture
    def other_site(self, engine: AsyncEngine) -> AsyncSqlAlchemyRepository:
        """One for another new site."""
        return AsyncSqlAlchemyRepository(engine, site=uuid4().hex)

    @pytest.fixture
    def broken_repository(self, without_tables: AsyncEngine) -> AsyncSqlAlchemyRepository:
        """As for sync."""
        return AsyncSqlAlchemyRepository(without_tables)


class TestAsyncSqlite(_Async):
    """On a SQLite file, through aiosqlite."""

    @pytest.fixture
    def engine(self, tmp_path: Path, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """An engine with the schema."""
        engine = async_sqlite_engine(tmp_path)
        runner.run(_create(engine))
        yield engine
        runner.run(engine.dispose())

    @pytest.fixture
    def without_tables(self, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """An engine without the schema."""
        engine = create_async_engine("sqlite+aiosqlite://")
        yield engine
        runner.run(engine.dispose())


class TestAsyncPostgres(_Async):
    """On a real PostgreSQL, through psycopg."""

    @pytest.fixture
    def engine(self, database: str, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """An engine with the schema."""
        engine = create_async_engine(database)
        runner.run(_create(engine))
        yield engine
        runner.run(engine.dispose())

    @pytest.fixture
    def without_tables(self, database: str, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """An engine that does not see the schema."""
        engine = create_async_engine(database, connect_args=ELSEWHERE)
        yield engine
        runner.run(engine.dispose())


class TestAsyncMariaDb(_Async):
    """On a real MariaDB, through asyncmy; what takes long is left to PyMySQL."""

    test_behaves_like_memory: Any = None

    @pytest.fixture
    def engine(self, mariadb: str, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """An engine with the schema."""
        engine = create_async_engine(awaited_url(mariadb))
        runner.run(_create(engine))
        yield engine
        runner.run(engine.dispose())

    @pytest.fixture
    def without_tables(self, mariadb: str, runner: asyncio.Runner) -> Iterator[AsyncEngine]:
        """As for sync."""
        url = make_url(awaited_url(mariadb)).set(database="information_schema")
        engine = create_async_engine(url)
        yield engine
        runner.run(engine.dispose())


async def _create(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(create_schema)
