"""What a repository is bound to: an engine, or a connection, with transactions."""

from typing import Any, Final

from sqlalchemy import Connection, Engine

from consent_core.domain.checks import Problem, refuse
from consent_core.domain.vocabulary import ViolationCode

_AUTOCOMMIT: Final[Problem] = (
    ViolationCode.NOT_ALLOWED,
    (
        "must not be in AUTOCOMMIT, which can store a record without its event: "
        "give an engine that was made without it in isolation_level, execution_options and connect_args"
    ),
)


def refuse_autocommit(bind: Engine | Connection) -> None:
    """Refuse what SQLAlchemy was told to run in AUTOCOMMIT.

    Raises:
        InvalidConsent: it commits every statement by itself.
    """
    # The dialect's attribute has no public face but a look at an open connection.
    default = getattr(bind.dialect, "_on_connect_isolation_level", None)
    level = bind.get_execution_options().get("isolation_level", default)
    refuse("repository", bind=_AUTOCOMMIT if str(level).upper() == "AUTOCOMMIT" else None)


def refuse_without_transaction(connection: Connection) -> None:
    """Refuse a connection on which the driver itself commits every statement, whoever told it to.

    Args:
        connection: in what should be a transaction.

    Raises:
        InvalidConsent: it is none.
    """
    pooled = connection.connection
    # sqlite3 has a third value, which is its default: it begins a transaction before the first
    # change.
    alone = getattr(pooled.dbapi_connection, "autocommit", False) is True
    if connection.dialect.name == "sqlite":
        driver: Any = pooled.driver_connection
        alone = alone or (driver.isolation_level is None and not driver.in_transaction)
    refuse("repository", bind=_AUTOCOMMIT if alone else None)


def begin_explicitly(connection: Connection) -> None:
    """Begin a transaction on SQLite before a savepoint.

    Its driver begins one only before the first change.
    """
    if not connection.in_transaction():
        connection.begin()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
    refuse_without_transaction(connection)
