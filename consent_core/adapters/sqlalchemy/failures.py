"""Every error of a driver becomes one of ours, with the driver's as its cause."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from consent_core.adapters.sqlalchemy.store import Lost
from consent_core.domain.errors import Unavailable

_GIVEN_WAY: Final = frozenset({"40001", "40P01"})
"""SQL states of transactions that lost against another one: serialization failure, deadlock."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``Unavailable`` for what a driver or the network raises."""
    try:
        yield
    except (SQLAlchemyError, OSError, OverflowError, UnicodeError) as error:
        # The last two are what drivers raise, by themselves, for a value that their database has no form for.
        # The driver's message may quote values, and so personal data; its class says what kind of failure it is.
        raise Unavailable(type(getattr(error, "orig", None) or error).__name__) from error


def lost_race(error: Exception) -> bool:
    """Whether a commit failed because another writer was faster."""
    if isinstance(error, Lost | IntegrityError):
        return True
    return isinstance(error, DBAPIError) and _sql_state(error.orig) in _GIVEN_WAY


def _sql_state(error: Any) -> str | None:
    # psycopg and asyncpg say sqlstate, psycopg2 says pgcode; SQLite has none.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def begin_explicitly(connection: Connection) -> None:
    """Begin a transaction on SQLite before a savepoint: its driver begins one only before the first change."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
