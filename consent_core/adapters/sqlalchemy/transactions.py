"""Transactions in which a record and its events are stored together, or refused.

Where another writer was faster, they go on with what that one has stored, or not at all.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar
from weakref import ref

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DBAPIError

from consent_core.adapters.sqlalchemy import mysql
from consent_core.adapters.sqlalchemy.errors import ended_transaction
from consent_core.domain.checks import Problem, refuse
from consent_core.domain.vocabulary import ViolationCode

_AUTOCOMMIT: Final[Problem] = (
    ViolationCode.NOT_ALLOWED,
    (
        "must not be in AUTOCOMMIT, which can store a record without its event: give an engine "
        "that was made without it in isolation_level, execution_options and connect_args"
    ),
)
_LENIENT: Final[Problem] = (
    ViolationCode.NOT_ALLOWED,
    (
        "must not cut values to the length of a column: put STRICT_TRANS_TABLES into the sql_mode "
        "of its sessions"
    ),
)

_IS_STRICT: Final[Mapping[str, str]] = dict.fromkeys(
    mysql.NAMES, "SELECT @@sql_mode REGEXP 'STRICT_(TRANS|ALL)_TABLES'"
)
"""Asks a database whether it refuses what does not fit, where not every one does."""


def refuse_autocommit(bind: Engine | Connection) -> None:
    """Refuse what SQLAlchemy was told to run in AUTOCOMMIT."""
    # The dialect's attribute has no public face but a look at an open connection.
    default = getattr(bind.dialect, "_on_connect_isolation_level", None)
    level = bind.get_execution_options().get("isolation_level", default)
    refuse("repository", bind=_AUTOCOMMIT if str(level).upper() == "AUTOCOMMIT" else None)


def refuse_unsafe(connection: Connection) -> None:
    """Refuse a session that commits every statement by itself, or that cuts what does not fit."""
    pooled = connection.connection
    # sqlite3 has a third value, which is its default: it begins a transaction before the first
    # change. The drivers of MySQL have a method of that name to set it.
    driver: Any = pooled.dbapi_connection
    autocommit = getattr(driver, "autocommit", False) is True
    autocommit = autocommit or getattr(driver, "get_autocommit", bool)()
    if connection.dialect.name == "sqlite":
        driver = pooled.driver_connection
        autocommit = autocommit or (driver.isolation_level is None and not driver.in_transaction)
    refuse("repository", bind=_AUTOCOMMIT if autocommit else None)
    refuse("repository", bind=None if _is_strict(connection) else _LENIENT)


def _is_strict(connection: Connection) -> bool:
    """Whether the database refuses what does not fit; it is asked once in each session."""
    ask = _IS_STRICT.get(connection.dialect.name)
    if ask is None:
        return True
    if ask not in connection.info:
        connection.info[ask] = bool(connection.exec_driver_sql(ask).scalar())
    return bool(connection.info[ask])


def begin(connection: Connection) -> None:
    """Begin the caller's transaction, if it was not begun, for a savepoint to be part of.

    SQLite's driver begins one only before the first change, which would be after the savepoint.
    """
    if not connection.in_transaction():
        connection.begin()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
    refuse_unsafe(connection)


class EndedWith(AbstractContextManager[None]):
    """Lets nothing more be done in a transaction of the caller that the database has rolled back.

    MySQL and MariaDB roll back all of it, not only the savepoint, where it loses a deadlock. What
    the caller stored before is gone, and what comes later would be committed without it. So every
    statement fails until the caller rolls back.

    Args:
        connection: the caller's; None where it is not open, and so nothing was begun.
    """

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        opened = self._connection
        if opened is not None and isinstance(error, DBAPIError) and ended_transaction(error):
            opened.invalidate()
            error.connection_invalidated = True


_LEFT_IN: Final = "consent_core: the transaction that left its snapshot"

S = TypeVar("S", bound=Select[Any])


def leave_snapshot(connection: Connection) -> None:
    """Let the rest of the transaction see what others have committed.

    Under REPEATABLE READ, MySQL and MariaDB write to the newest rows, but read those of the moment
    of the first reading. Whoever was told that another writer was faster would read the same old
    revision, and lose again, however often. Where nothing was read yet, there is nothing to leave.
    """
    transaction = connection.get_transaction()
    if connection.dialect.name in mysql.NAMES and transaction is not None:
        # Weakly, for the pool keeps what is said here longer than the transaction lives.
        connection.info[_LEFT_IN] = ref(transaction)


def newest(connection: Connection, statement: S) -> S:
    """The statement, reading the newest rows in a transaction that has left its snapshot."""
    transaction = connection.get_transaction()
    left = None if transaction is None else connection.info.get(_LEFT_IN)
    if left is None or left() is not transaction:
        return statement
    # Not FOR SHARE: two transactions that share a lock each wait for the other to write.
    return statement.with_for_update()
