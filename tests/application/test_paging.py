"""Pages by key.

In any order and both directions none is skipped and none comes twice, while rows come and go.
"""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import Email, MarketingConsent, MemoryRepository, Query, QueryField
from tests.application.records import create, erase, people, record

SORTS = [QueryField.ID, QueryField.CREATED_DATE, QueryField.UPDATED_DATE]


def _store(rows: list[MarketingConsent]) -> MemoryRepository:
    store = MemoryRepository()
    store.commit([create(row) for row in rows])
    return store


def _pages(store: MemoryRepository, query: Query) -> Iterator[list[MarketingConsent]]:
    for _ in range(100):
        page = store.query(query)
        yield list(page.consents)
        following = page.next_of(query)
        if following is None:
            return
        query = following
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 19, 20, 21])
def test_pages_put_together_are_the_whole_in_both_directions(
    sort: QueryField, descending: bool, page_size: int
) -> None:
    """Forward from the beginning, and backward from behind the end, the pages hold everything once,
    in order.
    """
    store = _store(people(20))
    query = Query(sort=sort, descending=descending, page_size=page_size)
    whole = list(store.query(Query(sort=sort, descending=descending)).consents)
    assert whole == sorted(whole, key=query.order_of, reverse=descending)
    forward = list(_pages(store, query))
    assert [row for page in forward for row in page] == whole
    assert [len(page) for page in forward[:-1]] == [page_size] * (len(forward) - 1)
    backward = list(_pages(store, query.before(whole[-1])))
    assert [row for page in reversed(backward) for row in page] == whole[:-1]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_more_is_told_in_the_direction_of_the_query(sort: QueryField, descending: bool) -> None:
    """A page says whether others lie further on, and at either end that there are none."""
    store = _store(people(5))
    query = Query(sort=sort, descending=descending, page_size=2)
    whole = store.query(Query(sort=sort, descending=descending)).consents
    assert [store.query(query.after(row)).more for row in whole] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [store.query(query.before(row)).more for row in whole] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert (
        store.query(query.after(whole[-1])).consents
        == store.query(query.before(whole[0])).consents
        == ()
    )


@given(
    sort=st.sampled_from(SORTS),
    descending=st.booleans(),
    backward=st.booleans(),
    page_size=st.integers(1, 5),
    seed=st.integers(0, 2**32),
)
def test_pages_neither_skip_nor_repeat_while_rows_come_and_go(
    sort: QueryField, descending: bool, backward: bool, page_size: int, seed: int
) -> None:
    """Between any two pages rows are stored and erased.

    All that stay throughout come exactly once, in order.
    """
    chance = random.Random(seed)  # noqa: S311  # an order that can be repeated
    rows = [
        record(
            number,
            Email(f"p{number}@example.org"),
            created=chance.randrange(4),
            updated=4 + chance.randrange(4),
        )
        for number in chance.sample(range(1, 60), 30)
    ]
    stay, go, come = rows[:14], rows[14:22], rows[22:]
    store = _store([*stay, *go])
    query = Query(sort=sort, descending=descending, page_size=page_size)
    if backward:
        query = query.before(max([*stay, *go], key=query.order_of, default=rows[0]))
        query = query if not descending else query.before(min([*stay, *go], key=query.order_of))
    seen = []
    for page in _pages(store, query):
        seen += page[::-1] if backward else page
        for _ in range(chance.randrange(3)):
            if go and chance.random() < 0.5:
                store.commit([erase(go.pop())])
            elif come:
                store.commit([create(come.pop())])
    start = query.position
    expected = [row for row in stay if start is None or row.id != start.id]
    expected.sort(key=query.order_of, reverse=descending != backward)
    ids = {row.id for row in stay}
    assert [row for row in seen if row.id in ids] == expected
    assert len({row.id for row in seen}) == len(seen)


@pytest.mark.parametrize("backward", [False, True])
def test_the_way_back_leads_to_the_page_before(backward: bool) -> None:
    """Whichever way a page was reached, its way back is the page that it was reached from.

    The first has none.
    """
    store, query = _store(people(6)), Query(page_size=2)
    assert store.query(query).back_of(query) is None
    start = (
        query.before(people(6)[-1]) if backward else query.after(store.query(query).consents[-1])
    )
    page = store.query(start)
    back = page.back_of(start)
    assert back is not None
    assert back.backward is not backward
    edge = page.consents[-1] if backward else page.consents[0]
    order = [row.id for row in store.query(Query()).consents]
    place = order.index(edge.id)
    expected = order[place + 1 : place + 3] if backward else order[max(0, place - 2) : place]
    assert [row.id for row in store.query(back).consents] == expected


def test_a_position_outlives_its_record() -> None:
    """A page begins behind a record that was erased in between, as if it were still there."""
    rows = people(6)
    store = _store(rows)
    query = Query(page_size=2)
    first = store.query(query)
    rest = first.next_of(query)
    assert rest is not None
    expected = store.query(rest)
    for row in first.consents:
        store.commit([erase(row)])
    assert store.query(rest) == expected


def test_a_new_row_between_equal_dates_is_found_by_its_id() -> None:
    """Rows of one date are ordered by id, so one that comes behind the position is not missed."""
    store = _store([record(n, Email(f"p{n}@example.org")) for n in (1, 3, 7)])
    query = Query(sort=QueryField.CREATED_DATE, page_size=2)
    first = store.query(query)
    store.commit(
        [create(record(5, Email("p5@example.org"))), create(record(2, Email("p2@example.org")))]
    )
    rest = first.next_of(query)
    assert rest is not None
    assert [row.id.int for row in store.query(rest).consents] == [5, 7]
