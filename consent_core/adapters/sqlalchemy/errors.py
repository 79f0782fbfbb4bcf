"""Errors of drivers become errors of the library.

They say what kind of error it was, and nothing of what was to be stored.
"""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from consent_core.adapters.sqlalchemy.rows import ChangeLost
from consent_core.adapters.sqlalchemy.schema import metadata
from consent_core.domain.errors import Unavailable

# Drivers raise the last two, by themselves, for a value that their database has no form for.
_OF_DRIVERS: Final = (SQLAlchemyError, OSError, OverflowError, UnicodeError)

# SQL states of transactions that lost against another one: serialization failure, deadlock.
_LOST_AGAINST_ANOTHER: Final = frozenset({"40001", "40P01"})

_KEYS: Final = [
    constraint
    for table in metadata.sorted_tables
    for constraint in table.constraints
    if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
]
_KEY_NAMES: Final = frozenset(str(key.name) for key in _KEYS)
_SQLITE_MESSAGES: Final = frozenset(
    f"UNIQUE constraint failed: {', '.join(map(str, key.columns))}" for key in _KEYS
)


class ErrorTranslation(AbstractContextManager[None]):
    """Raises ``Unavailable`` for what a driver or the network raises inside.

    Args:
        chained: let the driver's error be the cause; its message may quote values, and so personal
            data.
    """

    # A generator would do, but contextlib keeps the driver's error in a local variable of a frame
    # of the traceback, and reports of errors show these.
    def __init__(self, *, chained: bool = False) -> None:
        self._chained = chained

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not isinstance(error, _OF_DRIVERS):
            return
        original = getattr(error, "orig", None) or error
        name = type(original).__name__
        code = _sql_state(original) or getattr(original, "sqlite_errorname", None)
        failure = Unavailable(name, name, code, _constraint(original))
        if self._chained:
            raise failure from error
        del error, original
        try:
            raise failure from None
        finally:
            failure.__context__ = None


def is_lost_race(error: Exception) -> bool:
    """Whether a commit failed because another writer was faster.

    What else a row can violate, it violates again the next time.
    """
    if isinstance(error, ChangeLost):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = _sql_state(error.orig)
    if state in _LOST_AGAINST_ANOTHER:
        return True
    if not isinstance(error, IntegrityError):
        return False
    if state is not None:
        # The message may quote a value that looks like a name, so it is not asked.
        return state == "23505" and _constraint(error.orig) in _KEY_NAMES
    message = str(error.orig)
    return message in _SQLITE_MESSAGES or any(name in message.lower() for name in _KEY_NAMES)


def _sql_state(error: Any) -> str | None:
    # psycopg and asyncpg say sqlstate, psycopg2 says pgcode; SQLite has none.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _constraint(error: BaseException | None) -> str | None:
    # psycopg and psycopg2 say it in diag, asyncpg in the error beneath that of SQLAlchemy.
    source = getattr(error, "diag", None) or getattr(error, "__cause__", None)
    name: str | None = getattr(source, "constraint_name", None)
    return name
