"""What queries and filters refuse, each with its path and a stable code."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from consent_core import (
    Email,
    Filter,
    InvalidConsent,
    Operator,
    Position,
    Query,
    QueryField,
    ViolationCode,
)
from tests.application.records import record
from tests.application.support import ADA, CARL, at
from tests.application.test_memory_query import TAKES

DATES = "$eq $ne $gt $lt $gte $lte"
TAKEN = TAKES | {
    QueryField.CHANNEL: "$eq $ne $in",
    QueryField.CONFIRMED_DATE: f"{DATES} $exists",
    QueryField.REVOKED_DATE: f"{DATES} $exists",
    QueryField.DOUBLY_CONFIRMED: "$eq",
    QueryField.LEFT_TOPICS: "$contains $lacks",
    QueryField.CHOSEN_TOPICS: "$contains $lacks",
    QueryField.UNREACHABLE: "$eq",
    QueryField.LAST_BOUNCE_DATE: f"{DATES} $exists",
}
"""What rules may ask for besides the documented filters."""

CASES = [(field, operator) for field in QueryField for operator in Operator]
REFUSED = [(field, operator) for field, operator in CASES if operator not in TAKEN[field].split()]


@pytest.mark.parametrize(("field", "operator"), REFUSED)
def test_an_operator_that_a_field_does_not_take_is_refused(
    field: QueryField, operator: Operator
) -> None:
    """Every pair that the contract does not list is a violation that names the field and what it
    takes.
    """
    with pytest.raises(InvalidConsent) as caught:
        Filter(field, operator, None)
    [violation] = caught.value.violations
    assert (violation.path, violation.code) == (f"filter.{field}", ViolationCode.NOT_ALLOWED)
    taken = violation.description.removeprefix("takes only ").split(", ")
    assert sorted(taken) == sorted(TAKEN[field].split())


@pytest.mark.parametrize(
    "value", ["Y\u030asa", "\u1e99SA", "y\u030asa@example.org", Email("\u1e99sa@Example.org")]
)
@pytest.mark.parametrize("operator", [Operator.EQ, Operator.IN, Operator.STARTS_WITH])
def test_an_address_or_its_beginning_is_compared_by_key(operator: Operator, value: Any) -> None:
    """Section 2: "E-mail filters compare by key (3.2), $startsWith too".

    In NFC after the lower case.
    """
    asked = Filter(QueryField.EMAIL, operator, (value,) if operator is Operator.IN else value)
    whole = "@" in getattr(value, "address", value)
    assert asked.matches(record(1, Email("Y\u030asa@example.org"))) is (
        whole or operator is Operator.STARTS_WITH
    )


WRONG: list[tuple[QueryField, Operator, Any, ViolationCode]] = [
    (QueryField.ID, Operator.EQ, "00000000-0000-0000-0000-000000000001", ViolationCode.WRONG_TYPE),
    (QueryField.ID, Operator.IN, UUID(int=1), ViolationCode.WRONG_TYPE),
    (QueryField.ID, Operator.IN, (UUID(int=1), 2), ViolationCode.WRONG_TYPE),
    (QueryField.ID, Operator.EXISTS, 1, ViolationCode.WRONG_TYPE),
    (QueryField.CREATED_DATE, Operator.GT, "2024-05-01", ViolationCode.WRONG_TYPE),
    (QueryField.UPDATED_DATE, Operator.EQ, datetime(2024, 5, 1), ViolationCode.DATE_WITHOUT_OFFSET),  # noqa: DTZ001
    (
        QueryField.UPDATED_DATE,
        Operator.LTE,
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        ViolationCode.INVALID_DATE,
    ),
    (QueryField.EMAIL, Operator.EQ, 5, ViolationCode.WRONG_TYPE),
    (QueryField.EMAIL, Operator.STARTS_WITH, "a\0", ViolationCode.INVALID_TEXT),
    (QueryField.EMAIL, Operator.STARTS_WITH, "a" * 321, ViolationCode.TOO_LONG),
    (QueryField.ID, Operator.IN, [UUID(int=1)] * 5_001, ViolationCode.TOO_LARGE),
    (QueryField.EMAIL, Operator.EQ, CARL, ViolationCode.WRONG_TYPE),
    (QueryField.EMAIL, Operator.STARTS_WITH, None, ViolationCode.WRONG_TYPE),
    (QueryField.EMAIL, Operator.IN, "ada@example.org", ViolationCode.WRONG_TYPE),
    (QueryField.PHONE, Operator.NE, ADA, ViolationCode.WRONG_TYPE),
    (QueryField.PHONE, Operator.EXISTS, None, ViolationCode.WRONG_TYPE),
    (QueryField.STATE, Operator.EQ, "CONFIRMED", ViolationCode.UNKNOWN_VALUE),
    (QueryField.STATE, Operator.IN, ["CONFIRMED"], ViolationCode.UNKNOWN_VALUE),
    (QueryField.CHANNEL, Operator.EQ, "EMAIL", ViolationCode.UNKNOWN_VALUE),
    (QueryField.DOUBLY_CONFIRMED, Operator.EQ, 1, ViolationCode.WRONG_TYPE),
]


@pytest.mark.parametrize(("field", "operator", "value", "code"), WRONG)
def test_a_value_of_the_wrong_type_is_refused(
    field: QueryField, operator: Operator, value: Any, code: ViolationCode
) -> None:
    """A filter with a value that its field cannot have is a violation of that field."""
    with pytest.raises(InvalidConsent) as caught:
        Filter(field, operator, value)
    assert [(v.path, v.code) for v in caught.value.violations] == [(f"filter.{field}", code)]


def test_the_largest_values_are_taken() -> None:
    """Section 3, rule 9: "a filter's text 320 characters"; in Python, 5,000 values."""
    assert Filter(QueryField.EMAIL, Operator.STARTS_WITH, "a" * 320).value == "a" * 320
    assert len(Filter(QueryField.ID, Operator.IN, [UUID(int=1)] * 5_000).value) == 5_000


def test_spaces_and_tabs_around_a_beginning_are_trimmed() -> None:
    """As those around an address are, and nothing else."""
    xaver = record(1, Email("Xaver@example.org"))
    for text, matches in ((" \tXav", True), ("\nxav", False), ("Xxav", False)):
        assert Filter(QueryField.EMAIL, Operator.STARTS_WITH, text).matches(xaver) is matches


def test_unknown_fields_and_operators_are_refused_together() -> None:
    """Both are told at once; words that only look like members are none."""
    with pytest.raises(InvalidConsent) as caught:
        Filter("state", "$eq", None)  # type: ignore[arg-type]
    assert {v.path for v in caught.value.violations} == {"filter.field", "filter.operator"}


def test_dates_of_filters_are_compared_in_utc() -> None:
    """The same moment with another offset makes the same filter."""
    there = at(5).astimezone(timezone(timedelta(hours=-7)))
    one = Filter(QueryField.CREATED_DATE, Operator.GTE, there)
    assert one == Filter(QueryField.CREATED_DATE, Operator.GTE, at(5))
    assert one.value.tzinfo is UTC


def test_spellings_of_one_address_make_one_filter() -> None:
    """An address as text, in any case and with spaces around it, is compared by key."""
    expected = Filter(QueryField.EMAIL, Operator.EQ, ADA)
    for spelling in ("ada@example.org", " ADA@Example.org\t", Email("Ada@example.org")):
        assert Filter(QueryField.EMAIL, Operator.EQ, spelling) == expected


BAD_QUERIES: dict[str, tuple[Callable[[], Query], str]] = {
    "a state as text": (lambda: Query(state="CONFIRMED"), "filter.state"),  # type: ignore[arg-type]
    "a filter that is none": (lambda: Query(where=["state"]), "query.where"),  # type: ignore[list-item]
    "a sort by state": (lambda: Query(sort=QueryField.STATE), "query.sort"),
    "a sort by address": (lambda: Query(sort=QueryField.EMAIL), "query.sort"),
    "a sort as text": (lambda: Query(sort="name"), "query.sort"),  # type: ignore[arg-type]
    "an empty page": (lambda: Query(page_size=0), "query.pageSize"),
    "a negative page": (lambda: Query(page_size=-1), "query.pageSize"),
    "half a page": (lambda: Query(page_size=0.5), "query.pageSize"),  # type: ignore[arg-type]
    "a position that is none": (lambda: Query(position=UUID(int=1)), "query.position"),  # type: ignore[arg-type]
    "a date where ids are sorted": (
        lambda: Query(position=Position(at(1), UUID(int=1))),
        "query.position",
    ),
    "an id where dates are sorted": (
        lambda: Query(sort=QueryField.CREATED_DATE, position=Position(UUID(int=1), UUID(int=1))),
        "query.position",
    ),
    "a position without an offset": (
        lambda: Query(
            sort=QueryField.UPDATED_DATE,
            position=Position(datetime(2024, 5, 1), UUID(int=1)),  # noqa: DTZ001
        ),
        "query.position",
    ),
}


@pytest.mark.parametrize(("build", "path"), BAD_QUERIES.values(), ids=BAD_QUERIES.keys())
def test_a_query_that_no_store_can_answer_is_refused(build: Callable[[], Query], path: str) -> None:
    """What is wrong with a query is told where it is built, not by whichever store it reaches."""
    with pytest.raises(InvalidConsent) as caught:
        build()
    assert [v.path for v in caught.value.violations] == [path]
