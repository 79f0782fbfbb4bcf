"""Errors of drivers become ``Unavailable``, and say nothing of what was to be stored."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Final, TypeVar

from consent_core.domain.errors import Unavailable

F = TypeVar("F", bound=Callable[..., Any])


class DriverErrors(AbstractContextManager[None]):
    """Raises ``Unavailable`` for what a driver or the network raises.

    It decorates functions and coroutine functions, and is a context manager, which can be entered
    many times. What is raised has the class, the code and the constraint of the driver's error and
    none of its values: its message may quote what was to be stored, and so personal data.

    Args:
        driver_error: finds the driver's own error in one that wraps it.
        chained: whether the driver's error is the cause of ours, with all that it says.
        kinds: the errors of the driver, such as ``OSError``.
    """

    # A generator would do, but contextlib keeps the driver's error in a local variable of a frame
    # of the traceback, and reports of errors show these.
    def __init__(
        self,
        *kinds: type[Exception],
        driver_error: Callable[[Any], BaseException | None] = lambda error: error,
        chained: bool = False,
    ) -> None:
        self._kinds = kinds
        self._driver_error = driver_error
        self._chained = chained

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not isinstance(error, self._kinds):
            return
        original = self._driver_error(error) or error
        name = type(original).__name__
        failure = Unavailable(name, name, code_of(original), constraint_of(original))
        if self._chained:
            raise failure from error
        del error, original
        try:
            raise failure from None
        finally:
            failure.__context__ = None

    def __call__(self, function: F) -> F:
        """The function, whose errors of the driver are raised as ``Unavailable``.

        Args:
            function: it may be a coroutine function.
        """
        if iscoroutinefunction(function):

            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return wraps(function)(awaited)  # type: ignore[return-value]  # it is called alike

        def called(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wraps(function)(called)  # type: ignore[return-value]  # as above


_CODES: Final = ("sqlstate", "pgcode", "sqlite_errorname")
"""Where drivers say the code: psycopg and asyncpg, psycopg2, SQLite."""

_DUPLICATE_OF_MYSQL: Final = "1062"


def code_of(error: Any) -> str | None:
    """The database's own code for an error of its driver, if the driver tells it.

    Of MySQL and MariaDB it is the number, which tells more than their SQL state.
    """
    # Some of their drivers say errno; the others put it first.
    number = None if isinstance(error, OSError) else getattr(error, "errno", None)
    if any(kind.__name__ == "MySQLError" for kind in type(error).__mro__):
        number = error.args[0]
    if isinstance(number, int):
        return str(number)
    said = (getattr(error, name, None) for name in _CODES)
    return next((code for code in said if code), None) or _code_of_aws(error)


def _code_of_aws(error: Any) -> str | None:
    """The code in the answer that botocore keeps; other clients have other objects there."""
    answer = getattr(error, "response", None)
    code: str | None = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return code


def constraint_of(error: Any) -> str | None:
    """The name of the constraint that was violated, if the driver tells it."""
    if code_of(error) == _DUPLICATE_OF_MYSQL:
        # The name ends the message, whatever the value looks like that is quoted before it. That of
        # the table may be a part of it.
        message: str = max((each for each in error.args if isinstance(each, str)), key=len)
        return message.rsplit("'", 2)[-2].rpartition(".")[-1]
    # psycopg and psycopg2 say it in diag, asyncpg in the error beneath that of SQLAlchemy.
    source = getattr(error, "diag", None) or getattr(error, "__cause__", None)
    name: str | None = getattr(source, "constraint_name", None)
    return name
