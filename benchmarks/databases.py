"""Real databases for the comparisons, each new and gone afterwards."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine

from benchmarks.orm_rival import Base
from consent_core.adapters.sqlalchemy import create_schema
from tests.adapters.databases import postgres_database, sqlite_engine

Database = Callable[[], AbstractContextManager[Engine]]
"""Makes a new database with the library's tables and those of the ORM."""


@contextmanager
def sqlite() -> Iterator[Engine]:
    """A file in the system's folder for temporary files, with SQLite's own settings."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _with_tables(sqlite_engine(Path(folder)))


@contextmanager
def postgres(server: str) -> Iterator[Engine]:
    """A database on a server.

    Args:
        server: its URL.
    """
    with postgres_database(server) as url:
        yield from _with_tables(create_engine(url))


def _with_tables(engine: Engine) -> Iterator[Engine]:
    create_schema(engine)
    Base.metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def expect(expected: int, found: int) -> None:
    """Compare no way that does only a part of the work.

    Raises:
        RuntimeError: something is missing, or there is too much.
    """
    if found != expected:
        raise RuntimeError(f"{found} instead of {expected}")
