"""Errors of drivers become errors of the library, and say nothing of what was to be stored."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from django.db import Error, IntegrityError, models

from consent_core.adapters.django.models import Event, Record
from consent_core.domain.errors import Unavailable

# Drivers raise the last two, by themselves, for a value that their database has no form for.
_OF_DRIVERS: Final = (Error, OSError, OverflowError, UnicodeError)

# SQL states of transactions that lost against another one: serialization failure, deadlock.
_LOST_AGAINST_ANOTHER: Final = frozenset({"40001", "40P01"})

_KEYS: Final[dict[str, str]] = {
    constraint.name: ", ".join(f"{model._meta.db_table}.{name}" for name in constraint.fields)  # noqa: SLF001  # public in Django
    for model in (Record, Event)
    for constraint in model._meta.constraints  # noqa: SLF001  # as above
    if isinstance(constraint, models.UniqueConstraint)
}
_SQLITE_MESSAGES: Final = frozenset(f"UNIQUE constraint failed: {key}" for key in _KEYS.values())


class ChangeLost(Exception):
    """A change did not hold.

    The transaction must be rolled back, then ``conflicts`` tells which.
    """


class ErrorTranslation(AbstractContextManager[None]):
    """Raises ``Unavailable`` for what Django, a driver or the network raises inside."""

    # A generator would do, but contextlib keeps the driver's error in a local variable of a frame
    # of the traceback, and reports of errors show these.
    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not isinstance(error, _OF_DRIVERS):
            return
        original = error.__cause__ or error
        name = type(original).__name__
        code = _sql_state(original) or getattr(original, "sqlite_errorname", None)
        failure = Unavailable(name, name, code, _constraint(original))
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
    original = error.__cause__
    state = _sql_state(original)
    if state in _LOST_AGAINST_ANOTHER:
        return True
    if not isinstance(error, IntegrityError):
        return False
    if state is not None:
        # The message may quote a value that looks like a name, so it is not asked.
        return state == "23505" and _constraint(original) in _KEYS
    message = str(original)
    return message in _SQLITE_MESSAGES or any(name in message.lower() for name in _KEYS)


def _sql_state(error: Any) -> str | None:
    # psycopg says sqlstate, psycopg2 pgcode; SQLite has none.
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _constraint(error: Any) -> str | None:
    name: str | None = getattr(getattr(error, "diag", None), "constraint_name", None)
    return name
