"""When a connection is cut: nothing of the commit is stored, and the next call works."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event, text

from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.failing import CALLS, HERS, HIS, assert_all_whole, assert_unavailable
from tests.adapters.requests import ADA, BOB, person
from tests.adapters.stores import KINDS, new_database, open_store


@pytest.fixture(params=KINDS[2:])
def kind(request: pytest.FixtureRequest) -> str:
    """A database with a server."""
    return str(request.param)


@pytest.fixture
def awaited(kind: str) -> bool:
    """Whether it is awaited."""
    return kind.endswith("async")


@pytest.fixture
def database(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[str]:
    """A new database on it."""
    with new_database(request, kind, tmp_path) as url:
        yield url


OTHERS: Final = {
    "postgresql": """
        SELECT pg_terminate_backend(pid, 5000)
        FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()
    """,
    "mariadb": """
        SELECT id FROM information_schema.processlist
        WHERE db = :name AND id <> connection_id()
    """,
}
"""Finds all other connections with a database; PostgreSQL ends them at once."""


@pytest.fixture
def terminate(database: str) -> Iterator[Callable[[], int]]:
    """Cuts every other connection with the database; gives how many there were."""
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    others, name = text(OTHERS[engine.dialect.name]), {"name": engine.url.database}
    with engine.connect() as connection:

        def cut() -> int:
            found = connection.execute(others, name).all()
            if engine.dialect.name == "mariadb":
                for (each,) in found:
                    connection.exec_driver_sql(f"KILL {each}")
                while connection.execute(others, name).all():
                    sleep(0.01)
            return len(found)

        yield cut
    engine.dispose()


def cut_before(engine: Engine, words: str, terminate: Callable[[], int]) -> Callable[[], None]:
    """Cut the connection just before the next statement that begins with these words.

    Gives what ends the watch.
    """
    left = [1]

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(words) and left:
            left.pop()
            assert terminate() >= 1

    event.listen(engine, "before_cursor_execute", listen)

    def stop() -> None:
        event.remove(engine, "before_cursor_execute", listen)
        assert not left

    return stop


@pytest.mark.parametrize(
    "words",
    [
        "INSERT INTO consent_records",
        "UPDATE consent_records",
        "DELETE FROM consent_rec",
        "INSERT INTO consent_events",
    ],
)
def test_a_connection_that_is_cut_between_statements(
    database: str, terminate: Callable[[], int], awaited: bool, words: str
) -> None:
    """Wherever it is cut, nothing of the commit is stored, and the next call works."""
    with open_store(database, awaited=awaited) as store:
        store.create()
        repository = store.repository(uuid4().hex)
        gone = consent(person(1))
        repository.commit([creation(HERS), creation(gone)])
        changes = [revision_of(HERS), creation(HIS), erasure_of(gone)]
        stop = cut_before(store.engine, words, terminate)
        error = assert_unavailable(lambda: repository.commit(changes))
        stop()
        assert error.why in ("AdminShutdown", "OperationalError")
        assert repository.get([HERS.id, HIS.id, gone.id]) == {HERS.id: HERS, gone.id: gone}
        assert assert_all_whole(repository) == 2
        repository.commit(changes)
        assert set(repository.find([ADA, BOB, person(1)])) == {ADA, BOB}


def test_a_connection_that_is_cut_in_a_pool(
    database: str, terminate: Callable[[], int], awaited: bool
) -> None:
    """Without ``pool_pre_ping`` the next call fails, and the one after works.

    With it, no call fails.
    """
    for pre_ping in (False, True):
        with open_store(database, awaited=awaited, pool_pre_ping=pre_ping) as store:
            store.create()
            repository = store.repository(uuid4().hex)
            for call in (CALLS["create"], CALLS["find"]):
                assert terminate() >= 1
                if not pre_ping:
                    assert_unavailable(lambda call=call, to=repository: call(to))  # type: ignore[misc]
                call(repository)
            assert assert_all_whole(repository) == 1


def test_a_connection_of_the_caller_that_is_cut(
    database: str, terminate: Callable[[], int], awaited: bool
) -> None:
    """The caller's transaction is gone with it, and nothing of it is stored."""
    with open_store(database, awaited=awaited) as store:
        store.create()
        site = uuid4().hex
        with store.connection() as caller:
            caller.repository(site).commit([creation(HERS)])
            terminate()
            assert_unavailable(lambda: caller.repository(site).commit([creation(HIS)]))
            caller.rollback()
            assert caller.repository(site).find([ADA, BOB]) == {}
            caller.repository(site).commit([creation(HIS)])
            caller.commit()
        assert store.repository(site).find([ADA, BOB]) == {BOB: HIS}
