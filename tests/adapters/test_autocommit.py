"""In AUTOCOMMIT an opt-out can be stored without its event, so that a repository refuses to work
there.
"""

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from consent_core import InvalidConsent, ViolationCode
from consent_core.adapters.sqlalchemy import (
    AsyncSqlAlchemyRepository,
    SqlAlchemyRepository,
    create_schema,
)
from consent_core.testing.arrange import consent, creation
from tests.adapters.requests import ADA
from tests.adapters.stores import KINDS, awaited_url, database_of, open_store, sqlite_url

OPTIONS: Final[list[dict[str, Any]]] = [
    {"isolation_level": "AUTOCOMMIT"},
    {"execution_options": {"isolation_level": "AUTOCOMMIT"}},
]
"""The ways to make an engine of this kind."""


@pytest.fixture(params=KINDS[::2])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind."""
    return database_of(request, request.param, tmp_path)


def assert_refused(bind: Engine | Connection | AsyncEngine | AsyncConnection) -> None:
    """No repository is made, and the error tells how to mend it."""
    kind: Any = (
        SqlAlchemyRepository if isinstance(bind, Engine | Connection) else AsyncSqlAlchemyRepository
    )
    with pytest.raises(InvalidConsent) as refused:
        kind(bind)
    (violation,) = refused.value.violations
    assert (violation.path, violation.code) == ("repository.bind", ViolationCode.NOT_ALLOWED)
    assert "give an engine that was made without it" in violation.description


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_engines_and_their_connections(url: str, options: dict[str, Any]) -> None:
    """However the engine came to it; one that was made without it will do."""
    engine = create_engine(url, **options)
    assert_refused(engine)
    with engine.connect() as connection:
        assert_refused(connection)
    engine.dispose()
    mended = create_engine(url)
    create_schema(mended)
    with mended.connect() as connection:
        SqlAlchemyRepository(connection, site=url).commit([creation(consent(ADA))])
        connection.rollback()
    assert SqlAlchemyRepository(mended, site=url).find([ADA]) == {}
    mended.dispose()


def test_a_word_in_small_letters(url: str) -> None:
    """SQLAlchemy understands it."""
    engine = create_engine(url, isolation_level="autocommit")
    assert_refused(engine)
    engine.dispose()


def test_an_engine_that_says_otherwise(url: str) -> None:
    """Options of a copy do not undo those of the engine, so the driver is asked before the first
    change.
    """
    level = "SERIALIZABLE" if url.startswith("sqlite") else "READ COMMITTED"
    engine = create_engine(url, execution_options={"isolation_level": "AUTOCOMMIT"})
    create_schema(engine)
    repository = SqlAlchemyRepository(
        engine.execution_options(isolation_level=level), site="otherwise"
    )
    with pytest.raises(InvalidConsent, match="AUTOCOMMIT"):
        repository.commit([creation(consent(ADA))])
    assert repository.find([ADA]) == {}
    engine.dispose()


def test_options_of_an_engine_or_connection(url: str) -> None:
    """The engine's way can be changed by a copy of it, or for one connection."""
    engine = create_engine(url)
    assert_refused(engine.execution_options(isolation_level="AUTOCOMMIT"))
    with engine.connect() as connection:
        SqlAlchemyRepository(connection)
        assert_refused(connection.execution_options(isolation_level="AUTOCOMMIT"))
    engine.dispose()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_async_engines_and_their_connections(url: str, options: dict[str, Any]) -> None:
    """The same, awaited."""

    async def main() -> None:
        engine = create_async_engine(awaited_url(url), **options)
        assert_refused(engine)
        assert_refused(engine.connect())
        async with engine.connect() as connection:
            assert_refused(connection)
        await engine.dispose()
        mended = create_async_engine(awaited_url(url))
        AsyncSqlAlchemyRepository(mended)
        AsyncSqlAlchemyRepository(mended.connect())
        async with mended.connect() as connection:
            AsyncSqlAlchemyRepository(connection)
            assert_refused(await connection.execution_options(isolation_level="AUTOCOMMIT"))
        await mended.dispose()

    asyncio.run(main())


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])
def test_drivers(url: str, awaited: bool) -> None:
    """What only the driver was told is seen when the first change is to be stored; nothing is."""
    told = {"isolation_level": None} if url.startswith("sqlite") else {"autocommit": True}
    with open_store(url, awaited=awaited, connect_args=told) as store:
        store.create()
        repository = store.repository(f"drivers {awaited}")
        with pytest.raises(InvalidConsent, match="AUTOCOMMIT"):
            repository.commit([creation(consent(ADA))])
        assert repository.find([ADA]) == {}
        assert repository.unpublished() == ()


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("kind", KINDS[2::2])
def test_a_driver_behind_a_connection(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, awaited: bool
) -> None:
    """There is no transaction of the caller either."""
    url = database_of(request, kind, tmp_path)
    with (
        open_store(url, awaited=awaited, connect_args={"autocommit": True}) as store,
        store.connection() as caller,
        pytest.raises(InvalidConsent, match="AUTOCOMMIT"),
    ):
        caller.repository().commit([creation(consent(ADA))])


def test_transactions_that_are_begun_by_an_event(tmp_path: Path) -> None:
    """SQLAlchemy's recipe for SQLite.

    Its driver begins no transaction, but there is one, so it is not refused.
    """
    engine = create_engine(sqlite_url(tmp_path))
    event.listen(
        engine, "connect", lambda driver, _record: setattr(driver, "isolation_level", None)
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    create_schema(engine)
    with engine.connect() as connection:
        SqlAlchemyRepository(connection).commit([creation(consent(ADA))])
        connection.rollback()
    assert SqlAlchemyRepository(engine).find([ADA]) == {}
    engine.dispose()
