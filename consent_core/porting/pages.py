"""Pages of queries, from a scan or from all records, and the keys that a scan is sorted by."""

from collections.abc import Awaitable, Callable, Collection, Generator, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from consent_core.application.drivers import drive, drive_async
from consent_core.application.ports import Page
from consent_core.application.query import LARGEST_PAGE, SORTS, Query
from consent_core.domain.checks import as_utc
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.query_fields import KEYS, Operator, QueryField, value_of
from consent_core.domain.records import MarketingConsent

T = TypeVar("T")


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

    In the order of ids it is the id alone, 36 characters; in that of a date it is the
    ``moment_key``, a space and the id, 64 characters. All are ASCII.

    Args:
        value: the id, or the date that is sorted by. ``order_key(*query.order_of(consent))`` is the
            key of a record, and that of a position is ``order_key(position.value, position.id)``.
        consent_id: the record's id, which decides between equal dates.
    """
    if isinstance(value, UUID):
        return str(consent_id)
    return f"{moment_key(value)} {consent_id}"


def order_keys(consent: MarketingConsent | None) -> dict[QueryField, str]:
    """The keys of a record in each order that a query may ask for, by the field of the order.

    Args:
        consent: the record; None has no keys.
    """
    if consent is None:
        return {}
    return {sort: order_key(value_of(consent, sort), consent.id) for sort in SORTS}


class Scan(NamedTuple):
    """Which records a scan reads next, all of them in the order of their ``order_key``.

    Args:
        sort: the field of the order.
        after: the key behind which it begins (before which, downward); None for the beginning.
        limit: how many records it gives; fewer say that there are no others.
        downward: whether it goes from high to low.
    """

    sort: QueryField
    after: str | None
    limit: int
    downward: bool


Steps: TypeAlias = Generator[Any, Any, T]
"""A plan of an adapter: it yields what its client is asked, and is sent the answers."""


def page_of_scan(query: Query, scan: Callable[[Scan], Sequence[MarketingConsent]]) -> Page:
    """The page of a query, from a store that can read its records in order.

    Records that do not match are left out, and more are read in their place.

    Args:
        query: what is asked for.
        scan: reads some records. It reads keys and records in one step: if a record moved in
            between, others would be left out.
    """
    return drive(plan_page(query, _asked), scan)


async def page_of_scan_async(
    query: Query, scan: Callable[[Scan], Awaitable[Sequence[MarketingConsent]]]
) -> Page:
    """As ``page_of_scan``, with a scan that is awaited."""
    return await drive_async(plan_page(query, _asked), scan)


def _asked(scan: Scan) -> Steps[Sequence[MarketingConsent]]:
    return (yield scan)  # type: ignore[no-any-return]  # the scan says what it reads


def plan_page(
    query: Query,
    scan: Callable[[Scan], Steps[Sequence[MarketingConsent]]],
    find: Callable[[Collection[Any]], Steps[Mapping[Any, Any]]] | None = None,
) -> Steps[Page]:
    """As ``page_of_scan``, for ``RepositoryPlans``.

    Args:
        query: what is asked for.
        scan: as there, as a plan.
        find: the plan of ``find``: with it, identifiers that the query names are looked up.
    """
    named = None if find is None else identifiers_of(query)
    if find is None or named is None:
        return (yield from _scanned(query, scan))
    return page_of(query, (yield from find(named)).values())


def _scanned(
    query: Query, scan: Callable[[Scan], Steps[Sequence[MarketingConsent]]]
) -> Steps[Page]:
    at, wanted = query.position, query.page_size + 1
    after = None if at is None else order_key(at.value, at.id)
    found: list[MarketingConsent] = []
    limit = wanted
    while len(found) < wanted:
        records = yield from scan(Scan(query.sort, after, limit, query.downward))
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
