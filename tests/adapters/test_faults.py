"""When a database fails: every error becomes ours, and nothing is half stored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event

from consent_core import ConsentService
from consent_core.domain.errors import RepositoryError
from consent_core.testing.arrange import creation, revision_of
from tests.adapters.failing import CALLS, HERS, HIS, assert_all_whole, assert_unavailable
from tests.adapters.requests import ADA, BOB, applied, confirm, person
from tests.adapters.stores import KINDS, Repository, Store, open_store, sqlite_url

BOTH = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> Iterator[Store]:
    """A database of each kind, without tables."""
    url = sqlite_url(tmp_path)
    if request.param.startswith("postgresql"):
        url = server
    elif request.param.startswith("mariadb"):
        url = request.getfixturevalue("mariadb")
    with open_store(url, awaited=request.param.endswith("async")) as store:
        yield store


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_tables_the_store_is_unavailable(
    empty: Store, call: Callable[[Repository], object]
) -> None:
    """Nobody mistakes a missing schema for people who never consented."""
    error = assert_unavailable(lambda: call(empty.repository()))
    assert error.why in ("OperationalError", "UndefinedTable", "ProgrammingError")
    assert isinstance(error, RepositoryError)


@BOTH
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_a_server_the_store_is_unavailable(
    tmp_path: Path, awaited: bool, call: Callable[[Repository], object]
) -> None:
    """Nothing listens, or the folder of the file is not there."""
    for url in (
        f"postgresql+psycopg://nobody@/none?host={tmp_path}",
        "mariadb+pymysql://nobody@127.0.0.1:1/none",
        sqlite_url(tmp_path / "absent"),
    ):
        with open_store(url, awaited=awaited) as store:
            assert_unavailable(lambda store=store: call(store.repository()))  # type: ignore[misc]


@BOTH
def test_an_exhausted_pool_is_unavailable(tmp_path: Path, awaited: bool) -> None:
    """Errors of SQLAlchemy itself become ours, too."""
    with open_store(
        sqlite_url(tmp_path), awaited=awaited, pool_size=1, max_overflow=0, pool_timeout=0.01
    ) as store:
        store.create()
        with store.connection() as caller:
            caller.execute("SELECT 1")
            error = assert_unavailable(lambda: store.repository().find([ADA]))
        assert error.why == "TimeoutError"
        assert store.repository().find([ADA]) == {}


@BOTH
def test_a_closed_connection_of_the_caller_is_unavailable(tmp_path: Path, awaited: bool) -> None:
    """A repository that outlives its connection."""
    with open_store(sqlite_url(tmp_path), awaited=awaited) as store:
        store.create()
        with store.connection() as caller:
            repository = caller.repository()
        for call in CALLS.values():
            assert_unavailable(lambda call=call: call(repository))  # type: ignore[misc]


@BOTH
def test_a_locked_file_is_unavailable(tmp_path: Path, awaited: bool) -> None:
    """Another writer holds SQLite for longer than the busy timeout.

    Reading goes on, and so does writing afterwards.
    """
    with open_store(sqlite_url(tmp_path), awaited=awaited, connect_args={"timeout": 0.02}) as store:
        store.create()
        repository = store.repository()
        repository.commit([creation(HERS)])
        other = create_engine(sqlite_url(tmp_path))
        with other.connect() as writer:
            writer.exec_driver_sql("BEGIN IMMEDIATE")
            for call in ("create", "update", "erase", "mark_published"):
                error = assert_unavailable(lambda call=call: CALLS[call](repository))  # type: ignore[misc]
                assert error.why == "OperationalError"
            assert repository.find([ADA, BOB]) == {ADA: HERS}
        other.dispose()
        assert_all_whole(repository)
        repository.commit([creation(HIS), revision_of(HERS)])
        assert assert_all_whole(repository) == 2


@BOTH
@pytest.mark.parametrize("chunk_size", [1, 7, 100])
def test_a_full_disk_leaves_whole_records(tmp_path: Path, awaited: bool, chunk_size: int) -> None:
    """A bulk fails in the middle: what was answered is stored, with its events.

    The chunk that failed is not.
    """
    with open_store(sqlite_url(tmp_path), awaited=awaited) as store:
        event.listen(store.engine, "connect", _limit_pages)
        store.create()
        consents = ConsentService(store.repository(), chunk_size=chunk_size)
        answered = []

        def fill() -> None:
            for outcome in applied(
                consents.bulk_upsert(confirm(person(number)) for number in range(10_000))
            ):
                # what came before the error counts
                answered.append(outcome.consent)  # noqa: PERF401

        error = assert_unavailable(fill)
        assert (error.error_class, error.code) == ("OperationalError", "SQLITE_FULL")
        assert len(answered) >= 50
        assert len(answered) % chunk_size == 0
        stored = store.repository().find([person(number) for number in range(10_000)])
        assert set(stored.values()) == set(answered)
        assert assert_all_whole(store.repository()) == len(answered)


def _limit_pages(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.execute("PRAGMA max_page_count = 90")
    cursor.close()
