"""What writers of adapters need: pages, keys to sort by, conflicts, and errors of drivers.

Everything here is optional: an adapter may answer the port in any way. The adapters of this library
use it, too (docs/howto/write-an-adapter.md).
"""

from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache, wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from consent_core.application.drivers import drive, drive_async
from consent_core.application.ports import Change, Page
from consent_core.application.query import LARGEST_PAGE, Query
from consent_core.domain.checks import as_utc
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter
from consent_core.domain.errors import Conflict, Unavailable
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.query_fields import KEYS, Operator, QueryField
from consent_core.domain.records import MarketingConsent

__all__ = [
    "DriverErrors",
    "Scan",
    "conflict_among",
    "drive",
    "drive_async",
    "identifiers_of",
    "keys_of",
    "moment_key",
    "order_key",
    "page_of",
    "page_of_scan",
    "page_of_scan_async",
]

F = TypeVar("F", bound=Callable[..., Any])


# The fields of a record often hold the same moment, and so do the records of a chunk.
@lru_cache
def moment_key(moment: datetime) -> str:
    """A moment as text of 27 characters in UTC, so that the order of texts is the order of time.

    Args:
        moment: with an offset; of any year from 1 to 9999.
    """
    text: str = as_utc(moment).isoformat()
    return f"{text[:26]}Z" if moment.microsecond else f"{text[:19]}.000000Z"


def order_key(value: UUID | datetime, consent_id: UUID) -> str:
    """What a record is sorted by, as text of fixed width that ends with the id.

    Args:
        value: the id, or the date that is sorted by. ``order_key(*query.order_of(consent))`` is the
            key of a record, and that of a position is ``order_key(position.value, position.id)``.
        consent_id: the record's id, which decides between equal dates.
    """
    if isinstance(value, UUID):
        return str(consent_id)
    return f"{moment_key(value)} {consent_id}"


class Scan(NamedTuple):
    """Which records a scan reads next, all of them in the order of their ``order_key``.

    Args:
        after: the key behind which it begins (before which, downward); None for the beginning.
        limit: how many records it gives; fewer say that there are no others.
        downward: whether it goes from high to low.
    """

    after: str | None
    limit: int
    downward: bool


Scanned: TypeAlias = Sequence[MarketingConsent]


def page_of_scan(query: Query, scan: Callable[[Scan], Scanned]) -> Page:
    """The page of a query, from a store that can read its records in order.

    Records that do not match are left out, and more are read in their place.

    Args:
        query: what is asked for.
        scan: reads some records. Read keys and records in one step: if a record moves in between,
            others are left out.
    """
    return drive(_scanned(query), scan)


async def page_of_scan_async(query: Query, scan: Callable[[Scan], Awaitable[Scanned]]) -> Page:
    """As ``page_of_scan``, with a scan that is awaited."""
    return await drive_async(_scanned(query), scan)


def _scanned(query: Query) -> Generator[Scan, Scanned, Page]:
    at, wanted = query.position, query.page_size + 1
    after = None if at is None else order_key(at.value, at.id)
    found: list[MarketingConsent] = []
    limit = wanted
    while len(found) < wanted:
        records = yield Scan(after, limit, query.downward)
        found += filter(query.matches, records)
        if len(records) < limit:
            break
        after = order_key(*query.order_of(records[-1]))
        # Where few match, fewer and larger steps lead to the end.
        limit = min(2 * limit, LARGEST_PAGE)
    return Page.of(query, found)


def page_of(query: Query, records: Iterable[MarketingConsent]) -> Page:
    """The page of a query among records that are all at hand, in any order.

    Args:
        query: what is asked for.
        records: all that may match, such as those of ``identifiers_of``.
    """
    found = sorted(filter(query.matches, records), key=query.order_of, reverse=query.downward)
    if query.position is not None:
        at = query.position.value, query.position.id
        found = [
            each
            for each in found
            if (query.order_of(each) < at if query.downward else query.order_of(each) > at)
        ]
    return Page.of(query, found)


def identifiers_of(query: Query) -> frozenset[Identifier] | None:
    """The identifiers that records of a query can have; None where its conditions name none.

    With them, a query for an address is a ``find`` and not a scan.

    Args:
        query: the query; its other conditions still have to be asked.
    """
    return _named_in(AllOf(query.where))


def _named_in(condition: Condition) -> frozenset[Identifier] | None:
    if isinstance(condition, Filter):
        return _named_by(condition)
    named = [_named_in(each) for each in condition.conditions]
    known = [each for each in named if each is not None]
    if isinstance(condition, AnyOf):
        return frozenset[Identifier]().union(*known) if len(known) == len(named) else None
    return frozenset.intersection(*known) if known else None


def _named_by(compared: Filter) -> frozenset[Identifier] | None:
    field, operator, value = compared.field, compared.operator, compared.value
    if (
        not isinstance(field, QueryField)
        or field not in KEYS
        or operator not in (Operator.EQ, Operator.IN)
    ):
        return None
    kind = IDENTIFIERS[KEYS[field]]
    return frozenset(map(kind.restore, value if operator is Operator.IN else [value]))


def keys_of(changes: Iterable[Change]) -> list[Any]:
    """What ``find`` is asked to tell which changes hold.

    Args:
        changes: those of a commit.

    Returns:
        The identifiers of the changes, and the digests of their tombstones.
    """
    return [
        key
        for change in changes
        for key in (change.identifier, *(each.digest for each in change.tombstones))
    ]


def conflict_among(changes: Iterable[Change], found: Mapping[Any, Any]) -> Conflict | None:
    """The conflict that names every change that does not hold; None where all hold.

    Args:
        changes: those of a commit.
        found: what is stored under ``keys_of`` of them.
    """
    lost = [change for change in changes if not change.holds(found)]
    return Conflict(lost) if lost else None


class DriverErrors(AbstractContextManager[None]):
    """Raises ``Unavailable`` for what a driver or the network raises.

    It decorates functions and coroutine functions, and is a context manager, which can be entered
    many times. What is raised has the class, the code and the constraint of the driver's error and
    none of its values: its message may quote what was to be stored, and so personal data.

    Args:
        kinds: the errors of the driver, such as ``OSError``.
        driver_error: finds the driver's own error in one that wraps it.
        chained: whether the driver's error is the cause of ours, with all that it says.
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


def code_of(error: Any) -> str | None:
    """The database's own code for an error of its driver, if the driver tells it."""
    said = (getattr(error, name, None) for name in _CODES)
    return next((code for code in said if code), None)


def constraint_of(error: Any) -> str | None:
    """The name of the constraint that was violated, if the driver tells it."""
    # psycopg and psycopg2 say it in diag, asyncpg in the error beneath that of SQLAlchemy.
    source = getattr(error, "diag", None) or getattr(error, "__cause__", None)
    name: str | None = getattr(source, "constraint_name", None)
    return name
