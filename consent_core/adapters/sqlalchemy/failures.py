"""Every error of a driver becomes one of ours, which tells what kind it was, and nothing of what was stored."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from consent_core.adapters.sqlalchemy.schema import metadata
from consent_core.adapters.sqlalchemy.writing import Lost
from consent_core.domain.errors import Unavailable

_FOREIGN: Final = (SQLAlchemyError, OSError, OverflowError, UnicodeError)
"""What is translated.

Drivers raise the last two, by themselves, for a value that their database has no form for.
"""

_GIVEN_WAY: Final = frozenset({"40001", "40P01"})
"""SQL states of transactions that lost against another one: serialization failure, deadlock."""

_KEYS: Final = [
    constraint
    for table in metadata.sorted_tables
    for constraint in table.constraints
    if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
]
_NAMES: Final = frozenset(str(key.name) for key in _KEYS)
_SQLITE_TEXTS: Final = frozenset(
    f"UNIQUE constraint failed: {', '.join(map(str, key.columns))}" for key in _KEYS
)


def translated(*, chained: bool = False) -> AbstractContextManager[None]:
    """Raise ``Unavailable`` for what a driver or the network raises.

    Args:
        chained: let the driver's error be the cause; its message may quote values, and so personal
            data.
    """
    return _Translation(chained=chained)


class _Translation(AbstractContextManager[None]):
    # A generator would do, but contextlib keeps the driver's error in a local variable of a frame
    # of the traceback, and reports of errors show these.
    def __init__(self, *, chained: bool) -> None:
        self._chained = chained

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not isinstance(error, _FOREIGN):
            return
        failure = _described(getattr(error, "orig", None) or error)
        if self._chained:
            raise failure from error
        del error
        try:
            raise failure from None
        finally:
            failure.__context__ = None


def lost_race(error: Exception) -> bool:
    """Whether a commit failed because another writer was faster."""
    if isinstance(error, Lost):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if _code(error.orig) in _GIVEN_WAY:
        return True
    return isinstance(error, IntegrityError) and _violates_own_key(error.orig)


def _violates_own_key(error: BaseException | None) -> bool:
    """Whether a row was there already.

    What else a row can violate, it violates again the next time.
    """
    state = _sql_state(error)
    if state is not None:
        # The message may quote a value that looks like a name, so it is not asked.
        return state == "23505" and _constraint(error) in _NAMES
    text = str(error)
    return text in _SQLITE_TEXTS or any(name in text.lower() for name in _NAMES)


def _described(error: BaseException) -> Unavailable:
    name = type(error).__name__
    return Unavailable(name, name, _code(error), _constraint(error))


def _code(error: BaseException | None) -> str | None:
    code: str | None = _sql_state(error) or getattr(error, "sqlite_errorname", None)
    return code


def _sql_state(error: Any) -> str | None:
    # psycopg and asyncpg say sqlstate, psycopg2 says pgcode; SQLite has none.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _constraint(error: BaseException | None) -> str | None:
    # psycopg and psycopg2 say it in diag, asyncpg in the error beneath that of SQLAlchemy.
    said = getattr(error, "diag", None) or getattr(error, "__cause__", None)
    name: str | None = getattr(said, "constraint_name", None)
    return name
