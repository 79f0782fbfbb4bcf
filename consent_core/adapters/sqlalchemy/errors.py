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

# Of transactions that lost against another one. SQL states: serialization failure, deadlock.
# Numbers of MySQL and MariaDB: a row that has changed since the transaction began to read, a wait
# for a lock that took too long, and a deadlock, which Galera also tells at COMMIT where another
# node was faster.
_LOST_AGAINST_ANOTHER: Final = frozenset({"40001", "40P01", "1020", "1205", "1213"})

# Those after which MySQL and MariaDB have rolled back the whole transaction; the last one says that
# its savepoint is gone.
_ENDED: Final = frozenset({"1020", "1213", "1305"})

_DUPLICATE_OF_MYSQL: Final = "1062"
_DUPLICATES: Final = frozenset({"23505", _DUPLICATE_OF_MYSQL})

_KEYS: Final = [
    constraint
    for table in metadata.sorted_tables
    for constraint in table.constraints
    if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
]
# MySQL and MariaDB give primary keys no name of their own.
_KEY_NAMES: Final = frozenset({"PRIMARY", *(str(key.name) for key in _KEYS)})
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
        code = _code(original) or getattr(original, "sqlite_errorname", None)
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
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    code = _code(error.orig)
    if code in _LOST_AGAINST_ANOTHER:
        return True
    if not isinstance(error, IntegrityError):
        return False
    if code is not None:
        # The message may quote a value that looks like a name, so it is not asked.
        return code in _DUPLICATES and _constraint(error.orig) in _KEY_NAMES
    message = str(error.orig)
    return message in _SQLITE_MESSAGES or any(name in message.lower() for name in _KEY_NAMES)


def ended_transaction(error: DBAPIError) -> bool:
    """Whether the database has rolled back the whole transaction, and no savepoint is left."""
    return _code(error.orig) in _ENDED


def _code(error: Any) -> str | None:
    """The number of MySQL and MariaDB, which tells more than their SQL state, or the SQL state.

    SQLite has neither.
    """
    # Some drivers of MySQL say errno; the others put it first.
    number = None if isinstance(error, OSError) else getattr(error, "errno", None)
    if any(kind.__name__ == "MySQLError" for kind in type(error).__mro__):
        number = error.args[0]
    if isinstance(number, int):
        return str(number)
    # psycopg and asyncpg say sqlstate, psycopg2 says pgcode.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _constraint(error: Any) -> str | None:
    if _code(error) == _DUPLICATE_OF_MYSQL:
        # The name ends the message, whatever the value looks like that is quoted before it. That of
        # the table may be a part of it.
        message = max((each for each in error.args if isinstance(each, str)), key=len)
        return message.rsplit("'", 2)[-2].rpartition(".")[-1]
    # psycopg and psycopg2 say it in diag, asyncpg in the error beneath that of SQLAlchemy.
    source = getattr(error, "diag", None) or getattr(error, "__cause__", None)
    name: str | None = getattr(source, "constraint_name", None)
    return name
