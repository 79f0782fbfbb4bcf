"""What the kit says of a broken promise: what was behind it, and what differs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from consent_core.application.memory import MemoryRepository
from consent_core.testing import BrokenPromise
from consent_core.testing.arrange import confirmation, consent, email, exactly
from consent_core.testing.kit import run_clause
from tests.testing import saboteurs_paging
from tests.testing.saboteurs import BY_NAME, Saboteur


def test_a_broken_promise_has_everything_of_it() -> None:
    """Its fields are the interface; its message shows them."""
    broken = BrokenPromise("a_clause", "It is kept.", {"a": 1}, "b")
    assert (broken.clause, broken.promise, broken.expected, broken.found) == (
        "a_clause",
        "It is kept.",
        {"a": 1},
        "b",
    )
    assert str(broken) == "a_clause: It is kept.\n  expected: {'a': 1}\n  found:    'b'"
    assert isinstance(broken, AssertionError)


def test_a_long_answer_is_shown_where_it_differs() -> None:
    """Of thousands of numbers the one that is wrong is in the message."""
    expected = list(range(10_000))
    message = str(
        BrokenPromise("a", "b", expected, [*expected[:5_000], "wrong", *expected[5_001:]])
    )
    assert message == "a: b\n  at [5000]\n    expected: 5000\n    found:    'wrong'"
    message = str(BrokenPromise("a", "b", str(expected), str([*expected[:5_000], -1])))
    assert "4999, 5000, 5001" in message
    assert "4999, -1]" in message
    assert message.count("... ") == 2
    assert message.count(" ...") >= 2
    assert len(message) < 5_000


def test_of_records_the_fields_that_differ_are_shown() -> None:
    """Each by its path, without its text, and no field that only looks different."""
    record = consent(email("ada"))
    other = consent(
        email("Ada"),
        id=record.id,
        created_date=record.created_date.replace(fold=1),
        updated_date=record.updated_date + timedelta(days=1),
        last_confirmation_activity=evolve(
            confirmation(), description="SECRET", updated_date=record.updated_date
        ),
    )
    expected = {email("ada"): exactly(record), email("bob"): exactly(record)}
    found = {email("ada"): exactly(other)}
    told = str(BrokenPromise("a", "b", expected, found)).splitlines()
    where = "[Email('a***@e***')]"
    at = [line.removeprefix(f"  at {where}.") for line in told if line.startswith(f"  at {where}.")]
    assert sorted(at) == [
        "details.address",
        "last_confirmation_activity.description",
        "updated_date",
    ]
    assert "    expected: None" in told
    assert "SECRET" not in "".join(told)
    assert told[-3:-1] == ["  at [Email('b***@e***')]", f"    expected: {exactly(record)!r}"]
    assert told[-1] == "    found:    nothing"


def test_what_a_driver_said_comes_first() -> None:
    """The innermost error of what was raised stands before what was expected."""

    class Wrapping(MemoryRepository):
        def find(self, _keys: Any, /) -> Any:
            error = KeyError("driver")
            error.__context__ = ConnectionError("port 6379 refuses")
            raise error from None

    with pytest.raises(BrokenPromise) as caught:
        run_clause(BY_NAME["unknown_is_absent"], Wrapping())
    lines = str(caught.value).splitlines()
    assert lines[1:] == [
        "  cause:    ConnectionError: port 6379 refuses",
        "  expected: 'no error'",
        """  found:    "raised KeyError('driver')\"""",
    ]


def test_a_long_answer_that_ends_too_early_is_shown_at_its_end() -> None:
    """Where one is the beginning of the other, the message shows what is missing."""
    text = "x" * 3_000
    message = str(BrokenPromise("a", "b", text + "the end", text))
    assert "the end" in message
    assert len(message) < 5_000


@pytest.mark.parametrize(
    ("saboteur", "told"),
    [
        (
            saboteurs_paging.SkipsEqualDates,
            "by createdDate ascending, page size 1, first wrong among equal dates",
        ),
        (saboteurs_paging.ComesBackToTheLast, "by id ascending, page size 1: more than once"),
        (saboteurs_paging.IgnoresDescending, "by id descending, page size 1"),
    ],
    ids=["skips", "repeats", "turns"],
)
def test_of_a_walk_the_query_is_told(saboteur: type[Saboteur], told: str) -> None:
    """Sort, direction, page size, whether dates were equal, and which record came twice."""
    with pytest.raises(BrokenPromise) as caught:
        run_clause(BY_NAME["pages_make_the_whole"], saboteur())
    assert f"'{told}'" in str(caught.value)
    assert re.search("found: .*UUID|found: .*-[0-9a-f]{12}'", str(caught.value))
