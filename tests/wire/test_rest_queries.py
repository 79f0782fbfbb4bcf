"""Queries: filters, sort and the size of pages (contract, section 2)."""

import json
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import pytest

from consent_core import InvalidConsent, ViolationCode
from consent_core.domain.conditions import Filter
from consent_core.domain.query_fields import Operator, QueryField
from tests.wire.asking import ask, guid, numbers, person, populated
from tests.wire.serving import BASE, Body, Site, day, violations

PATH = "query.cursorPaging.cursor"


@pytest.fixture
def four(site: Site) -> Site:
    """A site with four people."""
    return populated(site)


FILTERS: list[tuple[Any, list[int]]] = [
    (None, [1, 2, 3, 4]),
    ({}, [1, 2, 3, 4]),
    ({"id": guid(2)}, [2]),
    ({"_id": {"$eq": guid(2)}}, [2]),
    ({"id": {"$ne": guid(2)}}, [1, 3, 4]),
    ({"id": {"$in": [guid(4), guid(1), guid(9)]}}, [1, 4]),
    ({"id": {"$in": []}}, []),
    ({"id": {"$exists": True}}, [1, 2, 3, 4]),
    ({"id": {"$exists": False}}, []),
    ({"createdDate": day(1001)}, [2]),
    ({"createdDate": {"$ne": day(1001)}}, [1, 3, 4]),
    ({"createdDate": {"$gt": day(1001)}}, [3, 4]),
    ({"createdDate": {"$gte": day(1001), "$lt": day(1003)}}, [2, 3]),
    ({"_createdDate": {"$lte": "2024-05-01T18:41:00+02:00"}}, [1, 2]),
    ({"updatedDate": {"$gt": day(1003)}}, [1]),
    ({"_updatedDate": day(1004)}, [1]),
    ({"details.email": "ADA@EXAMPLE.ORG"}, [1]),
    ({"details.email": {"$ne": "ada@example.org"}}, [2, 3, 4]),
    ({"details.email": {"$in": [" bob@Example.org", "x"]}}, [2]),
    ({"details.email": {"$exists": True}}, [1, 2]),
    ({"details.email": {"$exists": False}}, [3, 4]),
    ({"details.email": {"$startsWith": "AD"}}, [1]),
    ({"details.email": {"$startsWith": ""}}, [1, 2]),
    ({"details.email": {"$startsWith": "a%"}}, []),
    ({"details.phone": "+44 5168 993333"}, [3]),
    ({"details.phone": {"$ne": "+445168993333"}}, [1, 2, 4]),
    ({"details.phone": {"$in": ["+12025550172", "+445168993333"]}}, [3, 4]),
    ({"details.phone": {"$exists": True}}, [3, 4]),
    ({"details.phone": {"$startsWith": "+1"}}, [4]),
    ({"state": "CONFIRMED"}, [1]),
    ({"state": {"$ne": "CONFIRMED"}}, [2, 3, 4]),
    ({"state": {"$in": ["PENDING", "REVOKED"]}}, [2, 3]),
    ({"state": "CONFIRMED", "details.email": {"$exists": False}}, []),
    (
        {
            "$and": [{"details.phone": {"$exists": True}}, {"state": {"$ne": "PENDING"}}],
            "id": {"$ne": guid(1)},
        },
        [4],
    ),
    ({"$and": []}, [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=lambda value: json.dumps(value)[:60])
def test_filters(four: Site, wanted: Any, expected: list[int]) -> None:
    """Each field with each of its operators.

    A bare value means equal, and all conditions must hold.
    """
    page = ask(four, filter=wanted)
    assert numbers(page) == expected
    assert page["pagingMetadata"]["count"] == len(expected)


BAD: list[tuple[Body, str, str]] = [
    ({"filter": []}, "query.filter", "WRONG_TYPE"),
    ({"filter": {"revision": 1}}, "query.filter.revision", "UNKNOWN_FIELD"),
    ({"filter": {"$or": []}}, "query.filter.$or", "UNKNOWN_FIELD"),
    ({"filter": {"$and": {}}}, "query.filter.$and", "UNKNOWN_FIELD"),
    ({"filter": {"$and": ["x"]}}, "query.filter.$and[0]", "WRONG_TYPE"),
    ({"filter": {"$and": [{}, {"state": 5}]}}, "query.filter.$and[1].state.$eq", "WRONG_TYPE"),
    ({"filter": {"a@b.example": 1}}, "query.filter.?", "UNKNOWN_FIELD"),
    ({"filter": {"state": {"$gt": "PENDING"}}}, "query.filter.state", "NOT_ALLOWED"),
    ({"filter": {"state": {"eq": "PENDING"}}}, "query.filter.state", "NOT_ALLOWED"),
    ({"filter": {"state": "x"}}, "query.filter.state.$eq", "UNKNOWN_VALUE"),
    ({"filter": {"state": None}}, "query.filter.state.$eq", "WRONG_TYPE"),
    ({"filter": {"state": {"$in": "PENDING"}}}, "query.filter.state.$in", "WRONG_TYPE"),
    (
        {"filter": {"state": {"$in": ["PENDING", "x"]}}},
        "query.filter.state.$in[1]",
        "UNKNOWN_VALUE",
    ),
    ({"filter": {"id": {"$in": [guid(1)] * 1001}}}, "query.filter", "TOO_LARGE"),
    ({"filter": {"details.email": "a" * 321}}, "query.filter.details.email.$eq", "TOO_LONG"),
    (
        {"filter": {"details.phone": {"$startsWith": "+" * 321}}},
        "query.filter.details.phone.$startsWith",
        "TOO_LONG",
    ),
    (
        {"filter": {"details.email": {"$in": ["x", "a" * 321]}}},
        "query.filter.details.email.$in",
        "TOO_LONG",
    ),
    ({"filter": {"details.email": "\0"}}, "query.filter.details.email.$eq", "INVALID_TEXT"),
    ({"filter": {"id": {"$gt": guid(1)}}}, "query.filter.id", "NOT_ALLOWED"),
    ({"filter": {"id": "x"}}, "query.filter.id.$eq", "INVALID_ID"),
    ({"filter": {"createdDate": {"$in": []}}}, "query.filter.createdDate", "NOT_ALLOWED"),
    (
        {"filter": {"createdDate": {"$gt": "2024-01-01T00:00:00"}}},
        "query.filter.createdDate.$gt",
        "DATE_WITHOUT_OFFSET",
    ),
    (
        {"filter": {"details.email": {"$exists": "true"}}},
        "query.filter.details.email.$exists",
        "WRONG_TYPE",
    ),
    (
        {"filter": {"details.phone": {"$startsWith": 1}}},
        "query.filter.details.phone.$startsWith",
        "WRONG_TYPE",
    ),
    ({"filter": {"state": {}}}, "query.filter.state", "REQUIRED"),
    ({"sort": "createdDate"}, "query.sort", "UNKNOWN_VALUE"),
    ({"sort": [{"fieldName": "createdDate", "ordr": "DESC"}]}, "query.sort", "UNKNOWN_VALUE"),
    ({"sort": [{"fieldName": "state"}]}, "query.sort", "UNKNOWN_VALUE"),
    ({"sort": [{"fieldName": ["x"]}]}, "query.sort", "UNKNOWN_VALUE"),
    ({"sort": [{"fieldName": "createdDate", "order": "UP"}]}, "query.sort", "UNKNOWN_VALUE"),
    (
        {"sort": [{"fieldName": "createdDate"}, {"fieldName": "updatedDate"}]},
        "query.sort",
        "UNKNOWN_VALUE",
    ),
    ({"sort": ["createdDate"]}, "query.sort", "UNKNOWN_VALUE"),
    ({"cursorPaging": {"limit": 0}}, "query.cursorPaging.limit", "INVALID_NUMBER"),
    ({"cursorPaging": {"limit": 101}}, "query.cursorPaging.limit", "INVALID_NUMBER"),
    ({"cursorPaging": {"limit": True}}, "query.cursorPaging.limit", "INVALID_NUMBER"),
    ({"cursorPaging": {"limit": "5"}}, "query.cursorPaging.limit", "INVALID_NUMBER"),
    ({"cursorPaging": 5}, "query.cursorPaging", "WRONG_TYPE"),
    ({"cursorPaging": {"offset": 5}}, "query.cursorPaging.offset", "UNKNOWN_FIELD"),
    ({"cursorPaging": {"cursor": 5}}, PATH, "WRONG_TYPE"),
    ({"paging": {}}, "query.paging", "UNKNOWN_FIELD"),
]


@pytest.mark.parametrize(("query", "path", "code"), BAD, ids=lambda value: json.dumps(value)[:60])
def test_queries_that_are_not_valid(site: Site, query: Body, path: str, code: str) -> None:
    """Each violation is told with its path, operator and place included."""
    assert violations(site.ask("POST", f"{BASE}/query", {"query": query})) == {(path, code)}


@pytest.mark.parametrize("body", [None, [], "x", {"query": []}, {"query": "x"}])
def test_a_body_that_is_no_query(site: Site, body: Any) -> None:
    """The body is an object, and so is its query."""
    assert violations(site.ask("POST", f"{BASE}/query", body)) == {("query", "WRONG_TYPE")}


def test_a_query_of_nothing(four: Site) -> None:
    """Everything may be left out or null."""
    for body in (
        {},
        {"query": None},
        {"query": {"filter": None, "sort": None, "cursorPaging": None}},
    ):
        assert numbers(four.ok("POST", f"{BASE}/query", body)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([], [1, 2, 3, 4]),
        ([{"fieldName": "createdDate"}], [1, 2, 3, 4]),
        ([{"fieldName": "createdDate", "order": "DESC"}], [4, 3, 2, 1]),
        ([{"fieldName": "_updatedDate", "order": "ASC"}], [2, 3, 4, 1]),
        ([{"fieldName": "updatedDate", "order": "DESC"}], [1, 4, 3, 2]),
    ],
)
def test_sorts(four: Site, sort: Any, expected: list[int]) -> None:
    """By id where nothing is said, or by one of the two dates."""
    assert numbers(ask(four, sort=sort)) == expected


def test_the_size_of_pages(site: Site) -> None:
    """50 where nothing is said, at most 100."""
    for number in range(101):
        site.service.upsert(person(number))
    assert len(numbers(ask(site))) == 50
    assert len(numbers(ask(site, cursorPaging={"limit": 100}))) == 100
    assert ask(site, cursorPaging={"limit": 1})["pagingMetadata"]["hasNext"] is True


WITHIN: list[Any] = [
    {"$and": [{"state": "CONFIRMED"}] * 50},
    {
        "$and": [{"state": "CONFIRMED"}] * 48,
        "id": {"$ne": guid(9)},
        "details.email": {"$exists": True},
    },
    {"$and": [{"createdDate": {"$gt": day(0), "$lt": day(1001)}}] * 25},
    {"id": {"$in": [guid(1)] * 1000}},
    {
        "id": {"$in": [guid(1)] * 499},
        "$and": [{"details.email": {"$in": ["ada@example.org"] * 500}}],
        "state": "CONFIRMED",
    },
    {"details.email": {"$startsWith": "ada".ljust(320)}},
]
BEYOND: list[tuple[Any, str]] = [
    ({"$and": [{"state": "CONFIRMED"}] * 51}, "may have at most 50 conditions"),
    ({"$and": [{"state": "CONFIRMED"}] * 50, "id": guid(1)}, "may have at most 50 conditions"),
    (
        {"$and": [{"createdDate": {"$gt": day(0), "$lt": day(5000)}}] * 25, "id": "x"},
        "may have at most 50 conditions",
    ),
    ({"id": {"$in": [guid(1)] * 1000}, "state": "x"}, "may have at most 1,000 values"),
    ({"$and": [{"id": {"$in": [guid(1)] * 501}}] * 2}, "may have at most 1,000 values"),
]


@pytest.mark.parametrize("wanted", WITHIN, ids=range(len(WITHIN)))
def test_a_filter_within_the_bounds(four: Site, wanted: Any) -> None:
    """Section 3, rule 9.

    "a filter at most 50 conditions and 1,000 values, a filter's text 320 characters".
    """
    assert numbers(ask(four, filter=wanted)) == [1]


@pytest.mark.parametrize(("wanted", "told"), BEYOND, ids=range(len(BEYOND)))
def test_a_filter_beyond_the_bounds(four: Site, wanted: Any, told: str) -> None:
    """They are counted over the whole filter, and then nothing else of it is looked at."""
    answer = four.ask("POST", f"{BASE}/query", {"query": {"filter": wanted}})
    assert violations(answer) == {("query.filter", "TOO_LARGE")}
    assert told in answer.body["message"]


@pytest.mark.parametrize("operator", [Operator.EQ, Operator.STARTS_WITH])
@pytest.mark.parametrize("field", [QueryField.EMAIL, QueryField.PHONE])
def test_a_text_is_measured_before_it_is_normalised(field: QueryField, operator: Operator) -> None:
    """Section 3, rule 9: "judged before it is normalised.

    Unicode normalisation is quadratic in combining marks".
    """
    for text in ("ada@example.org".ljust(321), "a" + "\u0316\u0301" * 150_000):
        with pytest.raises(InvalidConsent) as error:
            Filter(field, operator, text)
        assert [violation.code for violation in error.value.violations] == [ViolationCode.TOO_LONG]
    assert Filter(field, operator, "ada@example.org".ljust(320)).value == "ada@example.org"


@pytest.mark.parametrize(
    "beyond", [wanted for wanted, _ in BEYOND[:2]] + [{"details.email": "a" * 321}], ids=range(3)
)
def test_a_cursor_carries_no_more_than_a_filter(four: Site, beyond: Any) -> None:
    """Section 2: "whoever makes one up gets no more than a query of the same permission gives"."""
    [(name, value)] = [(n, v) for n, v in beyond.items() if n != "id"]
    conditions = (
        [["state", "$eq", "CONFIRMED"]] * len(value) if name == "$and" else [[name, "$eq", value]]
    )
    conditions += [["id", "$eq", guid(1)]] * ("id" in beyond)
    content = {"where": conditions, "sort": ["id", False], "at": [guid(1), guid(1), False]}
    answer = four.ask(
        "POST", f"{BASE}/query", {"query": {"cursorPaging": {"cursor": forged(content)}}}
    )
    assert violations(answer) == {(PATH, "INVALID_CURSOR")}
    within = content | {"where": conditions[:50] if name == "$and" else []}
    assert numbers(ask(four, cursorPaging={"cursor": forged(within)})) == (
        [] if name == "$and" else [2, 3, 4]
    )


def forged(content: Body) -> str:
    """A cursor that was not given out, with a right checksum: it is no secret."""
    written = json.dumps(content).encode()
    checksum = blake2b(written, digest_size=8, person=b"consent_core").digest()
    return urlsafe_b64encode(checksum + written).rstrip(b"=").decode()
