"""No route costs or answers out of proportion to its request (contract, section 3, rule 9),
measured by doubling.
"""

import gc
import json
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import pytest

from consent_core import Email
from tests.wire.serving import BASE, BULK, Body, Site, consent, day, fields, wrapped
from tests.wire.test_cost import MOST, calls

Ask: TypeAlias = Callable[[], Any]

LARGE = {f"f{number}": number for number in range(4_700)}
"""Fields of one namespace that nearly fill it."""


def made(**large: Any) -> tuple[Site, str]:
    """A site with one consent, and its path."""
    site = Site()
    record = site.ok("POST", f"{BASE}/upsert", consent("NEVER_CONFIRMED") | fields(**large))[
        "marketingConsent"
    ]
    return site, f"{BASE}/{record['id']}"


def names(n: int) -> list[str]:
    """As many names."""
    return [f"name{number}" for number in range(n)]


def bulk(item: Callable[[int], Body], n: int, **large: Any) -> Ask:
    """A bulk of so many items, for a site with a consent that holds these fields."""
    site, _ = made(**large)
    return partial(site.ask, "POST", BULK, {"info": [item(number) for number in range(n)]})


def patch(body: Body, mask: Any = None) -> Ask:
    """An update of a consent that holds fields that fill their namespace."""
    site, one = made(app=LARGE)
    return partial(site.ask, "PATCH", one, wrapped(body) | ({} if mask is None else {"mask": mask}))


def post(path: str, body: Any) -> Ask:
    """A request to a site that has a consent."""
    return partial(made()[0].ask, "POST", path, body)


def asked(filter: Any = None, cursor: str | None = None) -> Ask:
    """A query."""
    return post(f"{BASE}/query", {"query": {"filter": filter, "cursorPaging": {"cursor": cursor}}})


def evidence(number: int) -> Body:
    """One of many confirmations of one person, each newer than the one before."""
    return consent("CONFIRMED", minute=number / 10)


def one_field(number: int) -> Body:
    """One of many requests that change a small field of one person."""
    return consent("NEVER_CONFIRMED") | fields(app={"n": number})


ROUTES: dict[str, Callable[[int], Ask]] = {
    "upsert: fields": lambda n: post(
        f"{BASE}/upsert", consent() | fields(app=dict.fromkeys(names(n), 1))
    ),
    "upsert: namespaces": lambda n: post(
        f"{BASE}/upsert", consent() | fields(**{name: {"a": 1} for name in names(n)})
    ),
    "upsert: a long address": lambda n: post(
        f"{BASE}/upsert", consent(email="a\u0316\u0301" * n + "@example.org")
    ),
    "create: unknown fields": lambda n: post(BASE, consent() | dict.fromkeys(names(n), 1)),
    "bulk: people": lambda n: bulk(
        lambda number: consent("CONFIRMED", f"p{number}@example.org"), n
    ),
    "bulk: one person": lambda n: bulk(evidence, n),
    "bulk: a large record": lambda n: bulk(one_field, n, app=LARGE),
    "bulk: a large record in another namespace": lambda n: bulk(one_field, n, crm=LARGE),
    "bulk: evidence for a large record": lambda n: bulk(evidence, n, app=LARGE),
    "bulk: nothing new for a large record": lambda n: bulk(
        lambda _: consent("NEVER_CONFIRMED"), n, app=LARGE
    ),
    "bulk: known fields of a large record": lambda n: bulk(
        lambda _: one_field(0) | fields(app={"f0": 0}), n, app=LARGE
    ),
    "bulk: too much for a large record": lambda n: bulk(
        lambda number: consent() | fields(app={"f": str(number) * 5_000}), n // 5, app=LARGE
    ),
    "bulk: what cannot be read": lambda n: bulk(lambda _: {"state": "x"}, n),
    "update: fields": lambda n: patch(fields(app=dict.fromkeys(names(n), 1))),
    "update: a mask": lambda n: patch(
        fields(app={"x": 1}), [f"extendedFields.namespaces.app.{name}" for name in names(n)]
    ),
    "update: a mask of nothing": lambda n: patch({}, "," * n),
    "remove": lambda n: post(f"{BASE}/remove", consent() | dict.fromkeys(names(n), 1)),
    "delete": lambda n: partial(Site().ask, "DELETE", f"{BASE}/{'0' * n * 100}"),
    "get": lambda n: partial(Site().ask, "GET", f"{BASE}/{'0' * n * 100}"),
    "get by identifier": lambda n: partial(
        Site().ask, "GET", f"{BASE}/get-by", query={"type": "EMAIL", "email": "a\u0316\u0301" * n}
    ),
    "query: conditions": lambda n: asked({"$and": [{"id": {"$exists": True}}] * n}),
    "query: values": lambda n: asked({"details.email": {"$in": names(n)}}),
    "query: a long text": lambda n: asked(
        {"details.email": {"$startsWith": "a" + "\u0316\u0301" * n * 20}}
    ),
    "query: unknown fields": lambda n: asked(dict.fromkeys(names(n), 1)),
    "query: a long cursor": lambda n: asked(cursor="A" * n * 100),
}


@pytest.mark.parametrize("kind", ROUTES)
def test_twice_the_request_costs_at_most_twice_the_time(kind: str) -> None:
    """Section 3, rule 9: "a request may not cost .

    Out of proportion to its size", counted in function calls.
    """
    calls(ROUTES[kind](2))
    one, two, four = (calls(ROUTES[kind](n)) for n in (50, 100, 200))
    assert two <= one * MOST
    assert four <= two * MOST


@pytest.mark.parametrize("kind", ROUTES)
def test_twice_the_request_takes_at_most_twice_the_memory(kind: str) -> None:
    """The same for the most memory that is in use.

    A constant is what an answer of 8 MiB takes at the most.
    """
    peak(ROUTES[kind](2))
    two, four = (peak(ROUTES[kind](n)) for n in (50, 100))
    assert four <= two * MOST + 100_000


IN_LARGE: dict[str, Callable[[int], Body]] = {
    "small fields": one_field,
    "evidence": evidence,
    "nothing new": lambda _: consent("NEVER_CONFIRMED"),
    "known fields": lambda _: consent("NEVER_CONFIRMED") | fields(app={"f0": 0}),
}


@pytest.mark.parametrize("kind", IN_LARGE)
def test_what_is_stored_costs_once_and_not_for_each_item(kind: str) -> None:
    """A large record is read, checked and written once in a bulk, however many items name it."""
    item = IN_LARGE[kind]
    small, large = calls(bulk(item, 200, app={"f0": 0})), calls(bulk(item, 200, app=LARGE))
    assert large <= small * 1.5
    assert peak(bulk(item, 200, app=LARGE)) <= 16 * 8 * 1024 * 1024, (
        "an answer of 8 MiB, as Python holds it"
    )


def peak(ask: Ask) -> int:
    """The most memory that answering takes, in bytes.

    The garbage collector frees none of it meanwhile, or the figure would depend on when it runs.
    """
    gc.disable()
    tracemalloc.start()
    try:
        ask()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()


def compact(body: Any) -> int:
    """Bytes of a body as it travels."""
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def test_small_changes_of_a_large_record_store_it_once() -> None:
    """Requests that change only fields become one change in a bulk.

    What is stored is as much as the record is.
    """
    site, one = made(app=LARGE)
    answer = site.ok("POST", BULK, {"info": [one_field(number) for number in range(1_000)]})
    assert answer["metadata"] == {"totalSuccess": 1_000, "totalFailure": 0}
    record = site.ok("GET", one)["marketingConsent"]
    assert record["extendedFields"]["namespaces"]["app"] == LARGE | {"n": 999}
    assert (
        {result["marketingConsent"]["revision"] for result in answer["results"]}
        == {record["revision"]}
        == {"2"}
    )
    [consented] = site.service.query()
    assert [event.sequence for event in site.service.history(consented.id)] == [1, 2]


def test_an_answer_that_grows_too_large_leaves_fields_out() -> None:
    """Section 3, rule 9.

    "still applies all items, and answers the remaining ones without their extended fields".
    """
    site = Site()
    text = "ü" * 30_000
    info = [
        consent("NEVER_CONFIRMED", f"p{number}@example.org") | fields(app={"t": text})
        for number in range(200)
    ]
    answer = site.ok("POST", BULK, {"info": info})
    shown = ["extendedFields" in result["marketingConsent"] for result in answer["results"]]
    size, more = compact(answer), compact(fields(app={"t": text}))
    assert shown == sorted(shown, reverse=True)
    assert 130 < sum(shown) < 150
    assert size <= 8 * 1024 * 1024 < size + more
    assert answer["metadata"] == {"totalSuccess": 200, "totalFailure": 0}
    for result in answer["results"]:
        stored = site.ok("GET", f"{BASE}/{result['marketingConsent']['id']}")["marketingConsent"]
        assert stored["extendedFields"] == {"namespaces": {"app": {"t": text}}}
        assert stored | result["marketingConsent"] == stored
    one = site.service.get_by_identifier(Email("p199@example.org")).consent
    assert one is not None
    assert one.revision == 1


def test_what_a_caller_may_not_see_takes_no_room() -> None:
    """Only the visible namespaces count, and only they are answered."""
    site, _ = made(crm={"t": "x" * 60_000}, app={"a": 1})
    info = [consent("NEVER_CONFIRMED")] * 200
    cases: list[tuple[set[str], Body | None]] = [({"app"}, {"app": {"a": 1}}), ({"none"}, None)]
    for seen, expected in cases:
        results = site.ok("POST", BULK, {"info": info}, namespaces=seen)["results"]
        for result in results:
            held = result["marketingConsent"].get("extendedFields")
            assert held == (expected and {"namespaces": expected})


def test_a_bulk_has_a_bound() -> None:
    """Section 3, rule 9: "a bulk has at most 1,000 items over the wire".

    Nothing of a larger one is applied.
    """
    site = Site()
    response = site.ask("POST", BULK, {"info": [consent(minute=5)] * 1_001})
    assert response.status == 400
    [violation] = response.body["details"]["validationError"]["fieldViolations"]
    assert (violation["field"], violation["ruleName"]) == ("info", "TOO_LARGE")
    assert violation["description"] == "may have at most 1,000 items"
    assert site.stored() == []
    assert (
        site.ok("POST", BULK, {"info": [consent(minute=5)] * 1_000})["metadata"]["totalSuccess"]
        == 1_000
    )
    assert day(5) in str(site.stored())
