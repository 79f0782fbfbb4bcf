"""The cost of reading grows no faster than what is sent (contract, section 3, rule 9), counted in
function calls.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.wire import error_body, read_record, read_upsert
from tests.wire.bodies import NOW, Body, body, confirmed, email, full, phone

MOST = 2.3
"""What twice the input may cost, as a multiple: twice, and a little for what does not divide."""

GENEROUS = Policy(
    max_extended_fields_size=10**9, max_extended_fields_depth=10**9, max_description_length=10**9
)  # fmt: skip


def calls(work: Callable[[], object]) -> int:
    """How many functions, in Python and in C, a piece of work calls."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def judge(data: Any, policy: Policy) -> None:
    """Read a request and a record, and say what is wrong with them."""
    for read in (lambda: read_upsert(data, policy=policy, now=NOW), lambda: read_record(data)):
        try:
            read()
        except InvalidConsent as error:
            error_body(error)


def nested(depth: int) -> Any:
    """A list so deep."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def names(n: int) -> list[str]:
    """As many different names that a path shows, all of which look like known ones."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        f"stat{letters[i // 676 % 26]}{letters[i // 26 % 26]}{letters[i % 26]}" for i in range(n)
    ]


INPUTS: dict[str, Callable[[int], Body]] = {
    "unknown fields": lambda n: body() | dict.fromkeys(names(n), 1),
    "unknown fields in details": lambda n: body(details=email() | dict.fromkeys(names(n), 1)),
    "unknown fields in an activity": lambda n: confirmed(**dict.fromkeys(names(n), 1)),
    "keys that are not shown": lambda n: body() | dict.fromkeys(map(str, range(n)), 1),
    "a long key": lambda n: body() | {"x" * (n * 1000): 1},
    "a long state": lambda n: body("CONFIRMED" * (n * 100)),
    "a long type": lambda n: body(details={"type": "EMAIL" * (n * 100)}),
    "a long address": lambda n: body(details=email("a" * (n * 100) + "@example.org")),
    "an address of many parts": lambda n: body(details=email("a." * n + "a@" + "a." * n + "org")),
    "a long number": lambda n: body(details=phone("+" + "1" * (n * 100))),
    "a number with separators": lambda n: body(
        details=phone("+44" + "(" * (n // 4) + "2079460958")
    ),
    "a long date": lambda n: confirmed(updatedDate="2024-01-01T00:00:00." + "0" * (n * 100) + "Z"),
    "a long description": lambda n: confirmed(description="ü" * (n * 100)),
    "a long id and revision": lambda n: (
        full() | {"id": "a" * (n * 100), "revision": "1" * (n * 100)}
    ),
    "many namespaces": lambda n: body(
        extendedFields={"namespaces": {name: {"a": 1} for name in names(n)}}
    ),
    "many fields": lambda n: body(
        extendedFields={"namespaces": {"a": dict.fromkeys(names(n), "x")}}
    ),
    "many values": lambda n: body(extendedFields={"namespaces": {"a": {"b": [0.5] * n}}}),
    "many objects": lambda n: body(extendedFields={"namespaces": {"a": {"b": [{"c": [{}]}] * n}}}),
    "deep fields": lambda n: body(extendedFields={"namespaces": {"a": {"b": nested(n // 5)}}}),
    "long fields": lambda n: body(extendedFields={"namespaces": {"a": {"b": "ü" * (n * 100)}}}),
    "a large read-only field": lambda n: body(id=[{}] * n, revision=nested(n)),
}


@pytest.mark.parametrize("policy", [Policy(), GENEROUS], ids=["default", "generous"])
@pytest.mark.parametrize("kind", INPUTS)
def test_twice_the_input_costs_at_most_twice(kind: str, policy: Policy) -> None:
    """Rule 9: "so that hostile input stays cheap".

    For n, 2n and 4n the cost grows in proportion, or not at all.
    """
    judge(INPUTS[kind](2), policy)
    one, two, four = (calls(lambda n=n: judge(INPUTS[kind](n), policy)) for n in (200, 400, 800))  # type: ignore[misc]
    assert two <= one * MOST
    assert four <= two * MOST


@pytest.mark.parametrize("kind", ["long fields", "deep fields", "a long description"])
def test_bounds_keep_the_cost_down(kind: str) -> None:
    """Rule 9: beyond the bounds of the policy, longer texts and deeper fields cost nothing more."""
    tight = Policy(
        max_extended_fields_size=100, max_extended_fields_depth=4, max_description_length=9
    )
    sent = [INPUTS[kind](n) for n in (2_000, 20_000)]
    small, large = (calls(lambda data=data: refused(data, tight)) for data in sent)  # type: ignore[misc]
    assert large <= small * 1.1


def refused(data: Any, policy: Policy) -> None:
    """Read a request that is not taken."""
    with pytest.raises(InvalidConsent):
        read_upsert(data, policy=policy)


def test_extended_fields_are_not_parsed_to_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their size and depth are known when they are built: reading a request parses no JSON."""

    def parse(*_: Any, **__: Any) -> Any:
        raise AssertionError("parsed again")

    monkeypatch.setattr("json.loads", parse)
    namespaces = {"a": {"b": [{"c": "ü"}]}}
    assert read_upsert(body(extendedFields={"namespaces": namespaces})).extended_fields


def test_the_count_counts() -> None:
    """The measure bites: quadratic work is seen as such."""
    one, two = (calls(lambda n=n: [len("") for _ in range(n * n)]) for n in (50, 100))  # type: ignore[misc]
    assert two > one * MOST
