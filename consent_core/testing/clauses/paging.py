"""Pages neither skip nor repeat, also while rows come and go."""

from collections import Counter
from collections.abc import Sequence, Sized
from itertools import chain, product
from typing import Final

from consent_core.application.plans import page
from consent_core.application.query import EVERYTHING, Query
from consent_core.domain.conditions import Filter
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ConsentState
from consent_core.testing.arrange import NOON, consent, creation, email, erasure_of, revision_of
from consent_core.testing.clauses.querying import SORTS, people, said
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store

MORE: Final = True
LAST: Final = False


def _walk(query: Query) -> ClausePlan[list[list[MarketingConsent]]]:
    """All pages of a query, as far as they say that there are more; they may say so for ever."""
    pages: list[list[MarketingConsent]] = []
    rest: Query | None = query
    while rest is not None and len(pages) < MANY_PAGES:
        answer = yield from page(rest)
        pages.append([*answer.consents])
        rest = answer.next_of(rest)
    return pages


MANY_PAGES: Final = 100
"""More than any query here has."""


def _expect_records(
    query: Query, found: Sequence[MarketingConsent], expected: Sequence[MarketingConsent]
) -> None:
    """Insist on the records of a query, and say what was asked where they are others."""
    pairs = enumerate(zip(found, expected, strict=False))
    shorter = min(len(found), len(expected))
    at = next((place for place, (one, other) in pairs if one.id != other.id), shorter)
    around = {query.order_of(each)[0] for each in expected[max(at - 1, 0) : at + 1]}
    by_date = "" if query.sort is QueryField.ID else f", {_DATES[len(around) == 1]}"
    asked = f"{_said_of(query)}{by_date}"
    counted = Counter(str(each.id) for each in found)
    twice = [each for each, times in counted.items() if times > 1]
    expect({f"{asked}: more than once": twice}, {f"{asked}: more than once": []})
    expect({asked: [each.id for each in found]}, {asked: [each.id for each in expected]})


def _expect_full_pages(query: Query, pages: Sequence[Sized], records: int) -> None:
    """Insist that only the last page of so many records is short."""
    asked, size = f"sizes of pages {_said_of(query)}", query.page_size
    full = [size] * ((records - 1) // size)
    expect({asked: [len(one) for one in pages[:-1]]}, {asked: full})


_DATES: Final = {True: "first wrong among equal dates", False: "first wrong among other dates"}


def _said_of(query: Query) -> str:
    direction = "descending" if query.descending else "ascending"
    backward = ", backward" if query.backward else ""
    conditions = "".join(f", {said(each)}" for each in query.where)
    return f"by {query.sort} {direction}, page size {query.page_size}{backward}{conditions}"


@clause(SINCE)
def pages_make_the_whole() -> ClausePlan[None]:
    """The pages of a query, of whatever size, put together are its records in order.

    Only the last may be short.
    """
    stored = people()
    yield from store([creation(each) for each in stored])
    for sort, descending, size in product(
        SORTS, (False, True), (1, 7, len(stored) - 1, len(stored), len(stored) + 1)
    ):
        query = Query(sort=sort, descending=descending, page_size=size)
        expected = sorted(stored, key=query.order_of, reverse=descending)
        pages = yield from _walk(query)
        _expect_records(query, [*chain(*pages)], expected)
        _expect_full_pages(query, pages, len(expected))


@clause(SINCE)
def early_dates_come_first() -> ClausePlan[None]:
    """Dates before the year 1000 are sorted, compared and continued behind as all others.

    So are those of a whole second beside those with microseconds.
    """
    dates = [NOON.replace(year=year) for year in (1, 20, 999, 1000, 9999)]
    dates += [NOON.replace(microsecond=micros) for micros in (0, 1, 10, 999_999)]
    stored = [consent(email(f"p{n}"), created_date=each) for n, each in enumerate(dates)]
    yield from store([creation(each) for each in stored])
    for descending in (False, True):
        query = Query(sort=QueryField.CREATED_DATE, descending=descending, page_size=2)
        expected = sorted(stored, key=query.order_of, reverse=descending)
        _expect_records(query, [*chain(*(yield from _walk(query)))], expected)
    for date in dates:
        earlier = Filter(QueryField.CREATED_DATE, Operator.LT, date)
        found = yield from page(Query(where=[earlier]))
        expect(
            {each.id for each in found.consents},
            {each.id for each in stored if each.created_date < date},
        )


@clause(SINCE)
def pages_of_a_filter_make_its_whole() -> ClausePlan[None]:
    """The pages of a query hold the records that match and no others, forward and backward.

    So they do where its conditions name the identifiers.
    """
    stored = people()
    yield from store([creation(each) for each in stored])
    named = Filter(QueryField.EMAIL, Operator.IN, [each.details.key for each in stored[:20:2]])
    for condition, sort, descending in product((_NOT_REVOKED, named), SORTS, (False, True)):
        query = Query(where=[condition], sort=sort, descending=descending, page_size=3)
        matching = sorted(filter(query.matches, stored), key=query.order_of, reverse=descending)
        pages = yield from _walk(query)
        _expect_records(query, [*chain(*pages)], matching)
        _expect_full_pages(query, pages, len(matching))
        backward = query.before(matching[-1])
        pages = yield from _walk(backward)
        _expect_records(backward, [*chain(*reversed(pages))], matching[:-1])


_NOT_REVOKED: Final = Filter(QueryField.STATE, Operator.NE, ConsentState.REVOKED)


@clause(SINCE)
def pages_go_backward() -> ClausePlan[None]:
    """From any record, the pages before it have the same records in the same order as forward."""
    stored = people()
    yield from store([creation(each) for each in stored])
    for sort, descending in product(SORTS, (False, True)):
        query = Query(sort=sort, descending=descending, page_size=4)
        expected = sorted(stored, key=query.order_of, reverse=descending)
        backward = query.before(expected[-1])
        pages = yield from _walk(backward)
        _expect_records(backward, [*chain(*reversed(pages))], expected[:-1])


@clause(SINCE)
def a_page_tells_whether_others_follow() -> ClausePlan[None]:
    """``more`` is true exactly when there are records further on in the direction of the query."""
    stored = sorted((consent(email(f"p{number}")) for number in range(4)), key=EVERYTHING.order_of)
    yield from store([creation(each) for each in stored])
    for size, more in ((3, MORE), (4, LAST), (5, LAST)):
        expect((yield from page(Query(page_size=size))).more, more)
    expect((yield from page(Query(page_size=2).before(stored[3]))).more, MORE)
    expect((yield from page(Query(page_size=2).before(stored[2]))).more, LAST)


@clause(SINCE)
def rows_that_come_and_go_disturb_no_page() -> ClausePlan[None]:
    """A record that is always stored is on exactly one page, whatever else changes meanwhile."""
    stored = people()
    yield from store([creation(each) for each in stored])
    by_id = sorted(stored, key=EVERYTHING.order_of)
    going, changing = by_id[::5], by_id[1::5]
    staying = {each.id for each in stored} - {each.id for each in going}
    seen: list[MarketingConsent] = []
    rest: Query | None = Query(page_size=3)
    while rest is not None and len(seen) < MANY_PAGES:
        answer = yield from page(rest)
        seen += answer.consents
        rest = answer.next_of(rest)
        arrivals = [creation(consent(email(f"new{len(seen)}.{number}"))) for number in range(3)]
        leaving = [erasure_of(going.pop(0))] if going else []
        changed = [revision_of(changing.pop())] if changing else []
        yield from store([*(arrivals if len(seen) < len(stored) else []), *leaving, *changed])
    ids = [each.id for each in seen]
    expect(len(ids), len(set(ids)))
    expect(staying - set(ids), set())
