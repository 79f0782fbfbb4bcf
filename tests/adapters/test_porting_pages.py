"""The helpers for writers of adapters answer as ``MemoryRepository`` does, and tell no values."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    AllOf,
    AnyOf,
    Condition,
    Email,
    Filter,
    MarketingConsent,
    MemoryRepository,
    Operator,
    Phone,
    Position,
    Query,
    QueryField,
    TombstoneDigest,
)
from consent_core.application.query import SORTS
from consent_core.porting import (
    Scan,
    Steps,
    drive,
    identifiers_of,
    moment_key,
    name_of,
    order_key,
    order_keys,
    page_of,
    page_of_scan,
    page_of_scan_async,
    plan_page,
)
from consent_core.testing.arrange import consent, creation, email, phone
from consent_core.testing.strategies import identifiers

DATES: Final = [datetime(1, 1, 1, tzinfo=UTC), datetime(999, 12, 31, 23, tzinfo=UTC)]
DATES.extend(datetime(2024, 5, 1, tzinfo=UTC) + timedelta(seconds=n // 2) for n in range(5))
DATES.append(datetime.max.replace(tzinfo=UTC))

STORED: Final = [
    consent(each, created_date=DATES[n % len(DATES)], updated_date=DATES[-1 - n % len(DATES)])
    for n, each in enumerate([*(email(f"P{n}") for n in range(20)), *map(phone, range(10))])
]
REPOSITORY: Final = MemoryRepository()
REPOSITORY.commit([creation(each) for each in STORED])

ADDRESSES: Final = st.sampled_from(["p1@example.com", "P2@Example.com", "p30@example.com", "x"])
LISTS: Final = st.lists(ADDRESSES, max_size=3)
FILTERS: Final = st.one_of(
    st.builds(Filter, st.just(QueryField.EMAIL), st.just(Operator.EQ), ADDRESSES),
    st.builds(Filter, st.just(QueryField.EMAIL), st.just(Operator.IN), LISTS),
    st.builds(Filter, st.just(QueryField.EMAIL), st.just(Operator.NE), ADDRESSES),
    st.just(Filter(QueryField.PHONE, Operator.EQ, phone(3))),
    st.just(Filter(QueryField.CHANNEL, Operator.EQ, phone(3).channel)),
)
CONDITIONS: Final[st.SearchStrategy[Condition]] = st.recursive(
    FILTERS,
    lambda inner: st.builds(
        lambda kind, conditions: kind(tuple(conditions)),
        st.sampled_from([AllOf, AnyOf]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """A query for some of the records, with a position or without."""
    query = Query(
        where=draw(st.lists(CONDITIONS, max_size=2)),
        sort=draw(st.sampled_from(SORTS)),
        descending=draw(st.booleans()),
        page_size=draw(st.integers(1, 12)),
    )
    at = draw(st.none() | st.sampled_from(STORED))
    if at is None:
        return query
    return query.before(at) if draw(st.booleans()) else query.after(at)


def scanner(query: Query) -> Callable[[Scan], Sequence[MarketingConsent]]:
    """Reads records from a list in the order of their keys, and checks how it is asked."""
    rows = sorted((order_key(*query.order_of(each)), each) for each in STORED)

    def scan(asked: Scan) -> Sequence[MarketingConsent]:
        sort, after, limit, downward = asked
        assert sort is query.sort
        assert 1 <= limit <= 10_000
        beyond = [
            row
            for key, row in (reversed(rows) if downward else rows)
            if after is None or (key < after if downward else key > after)
        ]
        return beyond[:limit]

    return scan


def asked(scan: Scan) -> Steps[Sequence[MarketingConsent]]:
    """A scan as a plan."""
    return (yield scan)  # type: ignore[no-any-return]


def found(keys: Collection[Any]) -> Steps[Mapping[Any, Any]]:
    """A look-up as a plan that asks nobody."""
    yield from ()
    return REPOSITORY.find(keys)


@given(queries())
def test_pages_are_those_of_memory(query: Query) -> None:
    """From a scan, called or awaited, and from all records in any order."""
    expected = REPOSITORY.query(query)
    scan = scanner(query)

    async def awaited(asked: Scan) -> Sequence[MarketingConsent]:
        return scan(asked)

    assert page_of_scan(query, scan) == expected
    assert asyncio.run(page_of_scan_async(query, awaited)) == expected
    assert page_of(query, STORED[::-1]) == expected
    assert drive(plan_page(query, asked), scan) == expected
    assert drive(plan_page(query, asked, found), scan) == expected


@given(queries())
def test_named_identifiers_are_all_that_match(query: Query) -> None:
    """Where the conditions name some, the records of these are all that can be on the page."""
    named = identifiers_of(query)
    if named is not None:
        assert page_of(query, REPOSITORY.find(named).values()) == REPOSITORY.query(query)


def test_an_equality_names_an_identifier() -> None:
    """So that a query for an address is a look-up; what only excludes names nobody."""
    ada, bob = Email("Ada@example.org"), Email("bob@example.org")
    hers = Filter(QueryField.EMAIL, Operator.EQ, ada)
    either = Filter(QueryField.EMAIL, Operator.IN, [ada, bob])
    number = Filter(QueryField.PHONE, Operator.EQ, Phone("+12025550172"))
    on_channel = Filter(QueryField.CHANNEL, Operator.EQ, ada.channel)
    expected: list[tuple[list[Condition], set[Any] | None]] = [
        ([hers], {ada}),
        ([either, hers, on_channel], {ada}),
        ([AllOf((either,))], {ada, bob}),
        ([AnyOf((hers, number))], {ada, Phone("+12025550172")}),
        ([hers, number], set()),
        ([AnyOf(())], set()),
        ([AnyOf((hers, on_channel))], None),
        ([Filter(QueryField.EMAIL, Operator.STARTS_WITH, "ada")], None),
        ([on_channel], None),
        ([], None),
    ]
    for where, named in expected:
        found: Any = identifiers_of(Query(where=where))
        assert found == named


@given(identifiers())
def test_the_identifier_of_a_key_is_the_same_person(identifier: Email | Phone) -> None:
    """What a condition names is found under it."""
    field = QueryField.EMAIL if isinstance(identifier, Email) else QueryField.PHONE
    query = Query(where=[Filter(field, Operator.EQ, identifier)])
    named: Any = identifiers_of(query)
    assert named == {identifier}


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2), st.uuids(), st.uuids())
def test_the_order_of_keys_is_that_of_dates_and_ids(
    moments: list[datetime], one: UUID, other: UUID
) -> None:
    """Of any year, and of fixed width."""
    for earlier, later in pairwise(sorted(moments)):
        keys = order_key(earlier, one), order_key(later, other)
        assert (keys[0] < keys[1]) == ((earlier, one) < (later, other))
        assert {len(key) for key in keys} == {27 + 1 + 36}
        assert keys[0].endswith(str(one))
    assert (order_key(one, one) < order_key(other, other)) == (one < other)


def test_a_record_has_a_key_in_every_order() -> None:
    """Those that an index is given; what is not there has none."""
    record = consent(email("ada"), created_date=DATES[0])
    assert order_keys(record) == {
        sort: order_key(*Query(sort=sort).order_of(record)) for sort in SORTS
    }
    assert order_keys(None) == {}


def test_names_tell_keys_apart() -> None:
    """Equal ones have one name: of both channels, and of digests."""
    digest = TombstoneDigest("0" * 64, "12345678")
    keys = [Email("Ada@example.org"), Email("ada@example.org"), phone(1), digest]
    names = [name_of(key) for key in keys]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_keys_are_in_utc() -> None:
    """Whatever offset a moment or a position has."""
    noon = datetime(999, 1, 2, 14, tzinfo=timezone(timedelta(hours=2)))
    assert moment_key(noon) == "0999-01-02T12:00:00.000000Z"
    assert Position(noon, STORED[0].id).value.tzinfo is UTC  # type: ignore[union-attr]
