"""What the adapters for SQL databases share: values in batches, and lost races."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from consent_core.porting import code_of, constraint_of

T = TypeVar("T")

_BATCH: Final = 5_000
"""Values in one statement: below the least limit of the databases in use (SQLite: 32,766)."""


def batches(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that are short enough for one statement."""
    rest = iter(values)
    while some := list(islice(rest, _BATCH)):
        yield some


# Of transactions that lost against another one. SQL states: serialization failure, deadlock.
# Numbers of MySQL and MariaDB: a row that has changed since the transaction began to read, a wait
# for a lock that took too long, and a deadlock, which Galera also tells at COMMIT where another
# node was faster.
_LOST_AGAINST_ANOTHER: Final = frozenset({"40001", "40P01", "1020", "1205", "1213"})

_DUPLICATES: Final = frozenset({"23505", "1062"})


class ChangeLost(Exception):
    """A change did not hold.

    The transaction must be rolled back, then ``conflict_among`` tells which.
    """


class LostRaces:
    """Tells the errors of drivers that mean a lost race from all others.

    Args:
        keys: the unique keys of the tables: by the name of the constraint, its columns as SQLite
            names them in its message, separated by commas.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        # MySQL and MariaDB give primary keys no name of their own.
        self._names = frozenset({"PRIMARY", *keys})
        self._messages = frozenset(f"UNIQUE constraint failed: {key}" for key in keys.values())

    def caused(self, error: Any, *, violates: bool) -> bool:
        """Whether a commit failed because another writer was faster.

        What else a row can violate, it violates again the next time.

        Args:
            error: the driver's error.
            violates: whether it says that a constraint is violated.
        """
        # SQLite tells a word of its own and no SQL state.
        state = getattr(error, "sqlite_errorname", None) is None and code_of(error)
        if state in _LOST_AGAINST_ANOTHER:
            return True
        if not violates:
            return False
        if state:
            # The message may quote a value that looks like a name, so it is not asked.
            return state in _DUPLICATES and constraint_of(error) in self._names
        message = str(error)
        return message in self._messages or any(name in message.lower() for name in self._names)
