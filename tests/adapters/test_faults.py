"""When a database fails: every error becomes ours, and nothing is half stored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event, text

from consent_core import ConsentService, Query, Unavailable
from consent_core.domain.errors import RepositoryError
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, applied, assert_whole, confirm, person
from tests.adapters.stores import KINDS, POSTGRES_KINDS, Repository, Store, open_store, sqlite_url

HERS = consent(ADA)
HIS = consent(BOB)
BOTH = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])

CALLS: Final[dict[str, Callable[[Repository], object]]] = {
    "find": lambda repository: repository.find([ADA]),
    "get": lambda repository: repository.get([HERS.id]),
    "query": lambda repository: repository.query(Query()),
    "history": lambda repository: repository.history(HERS.id),
    "create": lambda repository: repository.commit([creation(HIS)]),
    "update": lambda repository: repository.commit([revision_of(HERS)]),
    "erase": lambda repository: repository.commit([erasure_of(HERS)]),
    "unpublished": lambda repository: repository.unpublished(),
    "mark_published": lambda repository: repository.mark_published([HERS.id]),
}
"""Everything that a database can be asked."""


def assert_unavailable(call: Callable[[], object]) -> Unavailable:
    """The call fails with our error, which names the driver's, does not bring it along, and says
    nothing of anybody.
    """
    with pytest.raises(Unavailable) as raised:
        call()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.error_class == error.why
    for secret in ("ada", "bob", "person", "example", "SELECT", "INSERT"):
        assert secret not in str(error)
        assert secret not in repr(error)
    return error


def assert_all_whole(repository: Repository) -> int:
    """Every record that is stored has its events, and every event its record.

    How many there are.
    """
    consents = [*ConsentService(repository).query()]
    for each in consents:
        assert_whole(repository, each)
    assert {event.consent_id for event in repository.unpublished(1_000_000)} == {
        each.id for each in consents
    }
    return len(consents)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> Iterator[Store]:
    """A database of each kind, without tables."""
    url = sqlite_url(tmp_path) if request.param.startswith("sqlite") else server
    with open_store(url, awaited=request.param.endswith("async")) as store:
        yield store


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_tables_the_store_is_unavailable(
    empty: Store, call: Callable[[Repository], object]
) -> None:
    """Nobody mistakes a missing schema for people who never consented."""
    error = assert_unavailable(lambda: call(empty.repository()))
    assert error.why in ("OperationalError", "UndefinedTable")
    assert isinstance(error, RepositoryError)


@BOTH
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_a_server_the_store_is_unavailable(
    tmp_path: Path, awaited: bool, call: Callable[[Repository], object]
) -> None:
    """Nothing listens, or the folder of the file is not there."""
    for url in (
        f"postgresql+psycopg://nobody@/none?host={tmp_path}",
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


@pytest.fixture(params=POSTGRES_KINDS)
def awaited(request: pytest.FixtureRequest) -> bool:
    """Whether PostgreSQL is awaited."""
    return bool(request.param.endswith("async"))


@pytest.fixture
def terminate(database: str) -> Iterator[Callable[[], int]]:
    """Cuts every other connection with the database; gives how many there were."""
    sql = """
        SELECT pg_terminate_backend(pid, 5000)
        FROM pg_stat_activity WHERE datname = :name AND pid <> :me
    """
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        me = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        yield lambda: len(
            connection.execute(text(sql), {"name": engine.url.database, "me": me}).all()
        )
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
