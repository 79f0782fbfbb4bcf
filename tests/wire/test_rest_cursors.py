"""Pages and cursors: forward, backward, altered, foreign and forged (contract, section 2)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.asking import ask, guid, numbers, person, populated
from tests.wire.serving import BASE, Body, Site, day, violations

PATH = "query.cursorPaging.cursor"


@pytest.fixture
def four(site: Site) -> Site:
    """A site with four people."""
    return populated(site)


sorts: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        *(
            [{"fieldName": name, "order": o}]
            for name in ("createdDate", "updatedDate")
            for o in ("ASC", "DESC")
        ),
    ]
)
wheres: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {"state": "NEVER_CONFIRMED"},
        {"details.email": {"$startsWith": "P"}},
        {"state": {"$in": ["REVOKED", "NEVER_CONFIRMED"]}},
    ]
)
wheres |= st.just({"createdDate": {"$gte": day(1001)}, "id": {"$exists": True, "$ne": guid(2)}})


@given(st.lists(st.integers(0, 2), max_size=9), sorts, wheres, st.integers(1, 4), st.booleans())
def test_pages_forward_and_backward(
    ticks: list[int], sort: Any, where: Any, limit: int, repeat: bool
) -> None:
    """All pages together are the whole, each record once, and the way back is the way there."""
    site = Site()
    for number, minutes in enumerate(ticks):
        site.clock.minute += minutes
        site.service.upsert(person(number))
    asked = {"sort": sort, "filter": where}
    whole = numbers(ask(site, **asked, cursorPaging={"limit": 100}))
    beside = asked if repeat else {}
    pages = [ask(site, **asked, cursorPaging={"limit": limit})]
    while pages[-1]["pagingMetadata"]["hasNext"]:
        cursor = pages[-1]["pagingMetadata"]["cursors"]["next"]
        pages.append(ask(site, **beside, cursorPaging={"limit": limit, "cursor": cursor}))
    assert pages[-1]["pagingMetadata"]["cursors"]["next"] is None
    assert pages[0]["pagingMetadata"]["cursors"]["prev"] is None
    assert [number for page in pages for number in numbers(page)] == whole
    assert all(len(numbers(page)) == limit for page in pages[:-1])
    last = pages[-1]
    for page in reversed(pages[:-1]):
        cursor = last["pagingMetadata"]["cursors"]["prev"]
        last = ask(site, **beside, cursorPaging={"limit": limit, "cursor": cursor})
        assert numbers(last) == numbers(page)
        assert last["pagingMetadata"]["hasNext"] is True
    assert last["pagingMetadata"]["cursors"]["prev"] is None


def cursor_of(site: Site) -> str:
    """A cursor that was given out."""
    page = ask(site, filter={"state": {"$ne": "UNKNOWN_STATE"}}, cursorPaging={"limit": 1})
    return str(page["pagingMetadata"]["cursors"]["next"])


def refused(site: Site, cursor: str, **beside: Any) -> None:
    """A cursor that must be a violation."""
    found = violations(
        site.ask("POST", f"{BASE}/query", {"query": {"cursorPaging": {"cursor": cursor}} | beside})
    )
    assert found == {(PATH, "INVALID_CURSOR")}, cursor


def test_altered_cursors(four: Site) -> None:
    """Truncated, lengthened or altered anywhere, a cursor is a violation, or, in idle bits, the
    same page.
    """
    cursor = cursor_of(four)
    assert numbers(ask(four, cursorPaging={"cursor": cursor})) == [2, 3, 4]
    for end in range(len(cursor)):
        refused(four, cursor[:end])
        if end < len(cursor) - 1:
            refused(four, cursor[:end] + ("A" if cursor[end] != "A" else "B") + cursor[end + 1 :])
    for made_up in ("", "x", "é", "\ud800", "AAAA", cursor + "AAAA", cursor[::-1]):
        refused(four, made_up)


def test_a_foreign_cursor(four: Site) -> None:
    """One of another filter or sort does not fit; one's own may be repeated beside it."""
    cursor = cursor_of(four)
    assert numbers(
        ask(four, filter={"state": {"$ne": "UNKNOWN_STATE"}}, cursorPaging={"cursor": cursor})
    ) == [2, 3, 4]
    refused(four, cursor, filter={"state": "CONFIRMED"})
    refused(four, cursor, sort=[{"fieldName": "createdDate"}])


@pytest.mark.parametrize(
    "where",
    [{"state": {"$in": ["REVOKED", "PENDING", "CONFIRMED"]}}, {"id": {"$in": [guid(1), guid(3)]}}],
)
def test_a_cursor_carries_lists(four: Site, where: Body) -> None:
    """The values of a filter come back as what they were."""
    whole = numbers(ask(four, filter=where))
    first = ask(four, filter=where, cursorPaging={"limit": 1})
    cursor = first["pagingMetadata"]["cursors"]["next"]
    assert numbers(first) + numbers(ask(four, cursorPaging={"cursor": cursor})) == whole


def sealed(content: Any) -> str:
    """A cursor that somebody made who has read how: the checksum is no secret."""
    written = content if isinstance(content, bytes) else json.dumps(content).encode()
    seal = blake2b(written, digest_size=8, person=b"consent_core").digest()
    return urlsafe_b64encode(seal + written).rstrip(b"=").decode()


GENUINE: Body = {"where": [], "sort": ["id", False], "at": [guid(1), guid(1), False]}
FORGED: list[Any] = [
    b"",
    b"[" * 100_000,
    b"\xff",
    [],
    {},
    5,
    None,
    GENUINE | {"sort": []},
    GENUINE | {"sort": ["state", False]},
    GENUINE | {"sort": ["createdDate", False]},
    GENUINE | {"sort": [[], False]},
    GENUINE | {"at": []},
    GENUINE | {"at": [guid(1), 5, False]},
    GENUINE | {"at": [5, guid(1), False]},
    GENUINE | {"at": [None, None, None]},
    GENUINE | {"where": [["state", "$gt", "PENDING"]]},
    GENUINE | {"where": [["state", "$eq", "x"]]},
    GENUINE | {"where": [["id", "$eq", 5]]},
    GENUINE | {"where": [["createdDate", "$eq", 5]]},
    GENUINE | {"where": [["details.email", "$eq", {}]]},
    GENUINE | {"where": 5},
    GENUINE | {"where": [5]},
]


@pytest.mark.parametrize("content", FORGED, ids=lambda value: repr(value)[:70])
def test_a_forged_cursor_with_the_right_checksum(four: Site, content: Any) -> None:
    """Whatever it holds, it is a violation and never a failure of the server."""
    assert numbers(ask(four, cursorPaging={"cursor": sealed(GENUINE)})) == [2, 3, 4]
    refused(four, sealed(content))


def test_a_cursor_is_opaque_about_nobody(four: Site) -> None:
    """It holds the position as id and date, not the address of the last person."""
    assert b"ada" not in urlsafe_b64decode(cursor_of(four) + "==").lower()
