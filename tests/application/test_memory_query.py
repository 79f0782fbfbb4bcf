"""Filters of the repository in memory, held against ``Filter.matches`` and against comparisons
written out here.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    ConsentState,
    Email,
    Filter,
    MarketingConsent,
    MemoryRepository,
    Operator,
    Phone,
    Query,
    QueryField,
)
from tests.application.records import create, record
from tests.application.support import ADA, BOB, CARL, at

DAN = Phone("+445168993333")
RECORDS = [
    record(1, ADA, ConsentState.CONFIRMED, created=1, updated=9),
    record(2, BOB, ConsentState.REVOKED, created=2, updated=7),
    record(3, CARL, ConsentState.PENDING, created=2, updated=8),
    record(4, DAN, ConsentState.UNKNOWN_STATE, created=3, updated=8),
    record(5, Email("Adam@example.com"), ConsentState.NEVER_CONFIRMED, created=4, updated=9),
    record(6, Email("jörg@example.org"), ConsentState.CONFIRMED, created=5, updated=5),
]
STORE = MemoryRepository()
STORE.commit([create(consent) for consent in RECORDS])

DATES = [at(minute) for minute in (0, 2, 2.5, 9, 10)]
VALUES: dict[QueryField, list[Any]] = {
    QueryField.ID: [UUID(int=n) for n in (0, 1, 4)],
    QueryField.CREATED_DATE: DATES,
    QueryField.UPDATED_DATE: DATES,
    QueryField.EMAIL: [
        ADA,
        "ADA@EXAMPLE.ORG",
        "ada",
        "a",
        "",
        "JÖRG@example.org",
        "nobody@example.org",
        "no address",
    ],
    QueryField.PHONE: [CARL, "+1 202-555-0172", "+1202", "+44", "", "+493012345678", "no number"],
    QueryField.STATE: list(ConsentState),
}
HELD: dict[QueryField, Callable[[MarketingConsent], Any]] = {
    QueryField.ID: lambda c: c.id,
    QueryField.CREATED_DATE: lambda c: c.created_date,
    QueryField.UPDATED_DATE: lambda c: c.updated_date,
    QueryField.EMAIL: lambda c: c.details.address.lower() if isinstance(c.details, Email) else None,
    QueryField.PHONE: lambda c: c.details.address if isinstance(c.details, Phone) else None,
    QueryField.STATE: lambda c: c.state,
}
TAKES: dict[QueryField, str] = {
    QueryField.ID: "$eq $ne $in $exists",
    QueryField.CREATED_DATE: "$eq $ne $gt $lt $gte $lte",
    QueryField.UPDATED_DATE: "$eq $ne $gt $lt $gte $lte",
    QueryField.EMAIL: "$eq $ne $in $exists $startsWith",
    QueryField.PHONE: "$eq $ne $in $exists $startsWith",
    QueryField.STATE: "$eq $ne $in",
}
"""Copied from the contract, section 2."""
PAIRS = [(field, Operator(word)) for field, words in TAKES.items() for word in words.split()]


def _key(value: Any) -> Any:
    if isinstance(value, Email | Phone):
        return value.key
    if isinstance(value, str) and not isinstance(value, ConsentState):
        return "".join(value.split()).replace("-", "").lower()
    return value


def _holds(operator: Operator, held: Any, value: Any) -> bool:
    """What the operators mean, written out."""
    if operator is Operator.EXISTS:
        return bool((held is not None) == value)
    if operator is Operator.NE:
        return bool(held != _key(value))
    if held is None:
        return False
    if operator is Operator.IN:
        return any(held == _key(each) for each in value)
    if operator is Operator.STARTS_WITH:
        return bool(held[: len(_key(value))] == _key(value))
    wanted = _key(value)
    less, more = (held < wanted, held > wanted) if operator is not Operator.EQ else (False, False)
    meanings = {
        Operator.EQ: held == wanted,
        Operator.LT: less,
        Operator.GT: more,
        Operator.LTE: not more,
        Operator.GTE: not less,
    }
    return bool(meanings[operator])


def _values(field: QueryField, operator: Operator) -> list[Any]:
    values = VALUES[field]
    if operator is Operator.EXISTS:
        return [True, False]
    if operator is Operator.IN:
        return [(), tuple(values[:1]), values, set(values), frozenset(values[1:])]
    if operator is Operator.STARTS_WITH:
        return [value for value in values if isinstance(value, Email | Phone) or "-" not in value]
    return values


@pytest.mark.parametrize(("field", "operator"), PAIRS)
def test_every_filter_finds_what_it_means(field: QueryField, operator: Operator) -> None:
    """Each operator on each field that takes it gives what its meaning, written out, gives.

    So does ``matches``.
    """
    for value in _values(field, operator):
        condition = Filter(field, operator, value)
        expected = [c for c in RECORDS if _holds(operator, HELD[field](c), value)]
        assert [c for c in RECORDS if condition.matches(c)] == expected, value
        assert list(STORE.query(Query(where=(condition,))).consents) == expected, value


def test_a_bare_state_is_short_for_a_condition() -> None:
    """``Query(state=...)`` is the filter that the state equals."""
    for state in ConsentState:
        long = Query(where=(Filter(QueryField.STATE, Operator.EQ, state),))
        assert Query(state=state) == long
        assert STORE.query(Query(state=state)) == STORE.query(long)


_conditions = st.sampled_from(PAIRS).flatmap(
    lambda pair: st.sampled_from(_values(*pair)).map(lambda value: Filter(*pair, value))
)


@given(
    where=st.lists(_conditions, max_size=3),
    sort=st.sampled_from([QueryField.ID, QueryField.CREATED_DATE, QueryField.UPDATED_DATE]),
    descending=st.booleans(),
    page_size=st.integers(1, 7),
)
def test_filters_order_and_page_size_agree_with_brute_force(
    where: list[Filter], sort: QueryField, descending: bool, page_size: int
) -> None:
    """Any conditions in any order give the first of all records that match, sorted with the id
    deciding on ties.
    """
    query = Query(where=where, sort=sort, descending=descending, page_size=page_size)
    matching = [c for c in RECORDS if all(f.matches(c) for f in where)]
    matching.sort(key=lambda c: (HELD[sort](c), c.id), reverse=descending)
    page = STORE.query(query)
    assert list(page.consents) == matching[:page_size]
    assert page.more is (len(matching) > page_size)
    assert all(query.matches(c) for c in matching)
