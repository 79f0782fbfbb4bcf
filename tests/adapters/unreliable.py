"""A wrapper around real connections that fails as distributed databases do, at random."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, Final

import psycopg
from sqlalchemy import Engine

SERIALIZATION: Final = "serialization failure, 40001"
DEADLOCK: Final = "deadlock, 40P01"
REFUSED_COMMIT: Final = "serialization failure at COMMIT, 40001"
LOST_IN_STATEMENT: Final = "connection lost in a statement"
LOST_BEFORE: Final = "connection lost during COMMIT, before it took effect"
LOST_AFTER: Final = "connection lost during COMMIT, after it took effect"

KINDS: Final = (
    SERIALIZATION,
    DEADLOCK,
    REFUSED_COMMIT,
    LOST_IN_STATEMENT,
    LOST_BEFORE,
    LOST_AFTER,
)
"""Everything that is injected."""


class _SqliteError(sqlite3.OperationalError):
    """What SQLite would raise if it had SQL states."""

    sqlstate: str | None = None


class _SerializationFailure(_SqliteError):
    sqlstate = "40001"


class _Deadlock(_SqliteError):
    sqlstate = "40P01"


_ERRORS: Final[dict[str, tuple[type[Exception], type[Exception], type[Exception]]]] = {
    "sqlite": (_SerializationFailure, _Deadlock, sqlite3.OperationalError),
    "postgresql": (
        psycopg.errors.SerializationFailure,
        psycopg.errors.DeadlockDetected,
        psycopg.OperationalError,
    ),
}
"""By database: a serialization failure, a deadlock, a lost connection."""


class Unreliable:
    """Makes every connection of an engine fail at random.

    Args:
        engine: of a real database; it is changed.
        random: decides.
        rate: how many statements fail, from 0 to 1; of commits, which are fewer, three times as
            many.
    """

    def __init__(self, engine: Engine, random: Random, rate: float) -> None:
        dialect: Any = engine.dialect
        self._random, self._rate = random, rate
        self._conflict, self._deadlock, self._lost = _ERRORS[dialect.name]
        self._real_commit = dialect.do_commit
        dialect.do_commit = self._commit
        dialect.do_execute = self._before(dialect.do_execute)
        dialect.do_executemany = self._before(dialect.do_executemany)
        self.injected: Counter[str] = Counter()
        """How often what was injected."""

    def _chance(self, times: int = 1) -> bool:
        return self._random.random() < self._rate * times

    def _before(self, real: Callable[..., None]) -> Callable[..., None]:
        """What sends a statement, or fails."""

        def send(cursor: Any, statement: str, *rest: Any) -> None:
            if "consent_" in statement and self._chance():
                kind = self._random.choice((SERIALIZATION, DEADLOCK, LOST_IN_STATEMENT))
                self.injected[kind] += 1
                if kind == LOST_IN_STATEMENT:
                    cursor.connection.close()
                    raise self._lost(kind)
                raise (self._conflict if kind == SERIALIZATION else self._deadlock)(kind)
            real(cursor, statement, *rest)

        return send

    def _commit(self, connection: Any) -> None:
        if not self._chance(3):
            self._real_commit(connection)
            return
        kind = self._random.choice((REFUSED_COMMIT, LOST_BEFORE, LOST_AFTER, LOST_AFTER))
        self.injected[kind] += 1
        if kind == REFUSED_COMMIT:
            raise self._conflict(kind)
        if kind == LOST_AFTER:
            self._real_commit(connection)
        connection.driver_connection.close()
        raise self._lost(kind)
