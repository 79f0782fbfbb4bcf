"""Helpers for writers of adapters: changes that do not hold, and errors of drivers."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest

from consent_core import (
    Conflict,
    Page,
    Tombstone,
    TombstoneChange,
    TombstoneDigest,
    Unavailable,
)
from consent_core.application.ports import Change
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, Email
from consent_core.domain.query_fields import QueryField
from consent_core.domain.tombstones import TombstoneKeys
from consent_core.porting import DriverErrors, conflict_among, keys_of, name_of, order_keys
from consent_core.testing.arrange import consent, creation, email, erasure_of, phone, revision_of


def test_a_change_says_what_it_expects_and_leaves() -> None:
    """By id and revision; of an erasure remains one event, however many the change has."""
    first = consent(email("ada"))
    created, changed, erased = creation(first), revision_of(first, 2), erasure_of(first)
    assert (created.expects, created.leaves) == (None, (first.id, 1))
    assert (changed.expects, changed.leaves) == ((first.id, 1), (first.id, 3))
    assert (erased.expects, erased.leaves) == ((first.id, 1), None)
    assert changed.remaining == changed.events
    both = erased._replace(events=(*changed.events, *erased.events))
    assert both.remaining == erased.events


def test_a_conflict_names_what_does_not_hold() -> None:
    """By id, revision and tombstone; a change without events is about its tombstones only."""
    first, digest = consent(email("ada")), TombstoneDigest("0" * 64, "12345678")
    buried = TombstoneChange(digest, None, Tombstone())
    changes = [
        creation(first),
        revision_of(first),
        revision_of(first, expected=2),
        revision_of(consent(first.details, id=consent(phone(1)).id)),
        Change(first.details, 0, None, (), (buried,)),
        Change(first.details, 0, None, (), (buried._replace(expected=Tombstone()),)),
    ]
    assert keys_of(changes) == [first.details] * 4 + [first.details, digest] * 2
    conflict = conflict_among(changes, {first.details: first})
    assert isinstance(conflict, Conflict)
    assert [changes.index(each) for each in conflict.changes] == [0, 2, 3, 5]
    assert conflict_among(changes[:1], {}) is None


class _DriverError(Exception):
    sqlstate = "23514"

    class diag:  # noqa: N801  # psycopg's own name
        constraint_name = "positive"


TRANSLATED: Final = DriverErrors(_DriverError, OSError)


def _fail(error: Exception) -> Any:
    raise error


async def _fail_async(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize("function", [_fail, _fail_async], ids=["called", "awaited"])
def test_errors_of_drivers_are_unavailable(function: Callable[..., Any]) -> None:
    """With class, code and constraint, and none of the values that the driver quotes."""
    translated = TRANSLATED(function)
    assert translated.__name__ == function.__name__

    def call(error: Exception) -> None:
        answer = translated(error)
        asyncio.run(answer)

    with pytest.raises(Unavailable) as caught:
        call(_DriverError("ada@example.org"))
    error = caught.value
    assert error.args == ("_DriverError", "_DriverError", "23514", "positive")
    assert (error.__cause__, error.__context__) == (None, None)
    with pytest.raises(Unavailable, match="ConnectionRefusedError") as caught:
        call(ConnectionRefusedError())
    assert (caught.value.code, caught.value.constraint) == (None, None)
    with pytest.raises(KeyError):
        call(KeyError())


def test_what_succeeds_is_answered() -> None:
    """Nothing is changed where nothing is raised."""

    async def awaited(page: Page) -> Page:
        return page

    page = Page((), more=False)
    assert TRANSLATED(lambda given: given)(page) is page
    assert asyncio.run(TRANSLATED(awaited)(page)) is page


def test_the_error_of_the_driver_may_be_found_and_chained() -> None:
    """Beneath the one that wraps it; chained, it is the cause."""
    told = DriverErrors(ValueError, driver_error=lambda error: error.__cause__, chained=True)
    with pytest.raises(Unavailable, match=r"_DriverError \(23514, positive\)") as caught, told:
        raise ValueError from _DriverError("ada@example.org")
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(Unavailable, match="ValueError"), told:
        raise ValueError


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"Error": {"Code": "ThrottlingException", "Message": "SECRET"}}, "ThrottlingException"),
        ({"Error": {}}, None),
        ({}, None),
        (b"SECRET", None),
    ],
)
def test_the_code_of_aws_is_told(answer: object, code: str | None) -> None:
    """It is in the answer that botocore keeps; what other clients keep there is passed over."""
    error = OSError("SECRET")
    error.response = answer  # type: ignore[attr-defined]  # as botocore sets it
    with pytest.raises(Unavailable) as caught, DriverErrors(OSError):
        raise error
    assert caught.value.code == code
    assert "SECRET" not in str(caught.value)


def test_keys_are_as_long_as_the_page_says() -> None:
    """The longest in bytes, and the fixed widths of what is sorted by."""
    who = Email.restore("\U0001f984" * MAX_IDENTIFIER_LENGTH)
    (digest,) = TombstoneKeys(["a secret " * 4]).digests_of(who)
    lengths = [len(text.encode()) for text in (who.key, name_of(who), name_of(digest))]
    assert lengths == [1_280, 1_293, 74]
    keys = order_keys(consent(who))
    assert keys[QueryField.ID] == str(consent(who).id)
    assert sorted(map(len, keys.values())) == [36, 64, 64]
