"""Whatever is sent, reading answers with a value or with an error of this library that gives nobody
away.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import ConsentError, InvalidConsent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.wire import read_record, read_upsert
from tests.wire.bodies import NOW, body
from tests.wire.hostile import FIELDS, SECRETS, WORDS, bodies, details, leaks, nested, said_by

moments = st.sampled_from([None, NOW])


def outcome(read: Callable[[Any], object], data: Any) -> object:
    """What reading gives: a value, or an error of this library.

    Any other exception fails the test.
    """
    try:
        return read(data)
    except ConsentError as error:
        return error


def assert_sound(result: object, kind: type) -> None:
    """A value of the kind, or an error with at least one whole violation.

    And neither gives anybody away.
    """
    if isinstance(result, InvalidConsent):
        assert result.violations
        assert all(violation.path and violation.description for violation in result.violations)
        assert not leaks(said_by(result))
    else:
        assert isinstance(result, kind)
        assert not leaks(repr(result))


@given(bodies, moments)
def test_a_request_is_read_or_refused(data: Any, now: Any) -> None:
    """Rule 9 and design 1.7.

    No error but this library's own, and none that carries a full address or number.
    """
    assert_sound(outcome(partial(read_upsert, now=now), data), Upsert)


@given(bodies)
def test_a_record_is_read_or_refused(data: Any) -> None:
    """As for requests, also where id, revision and dates are looked at."""
    assert_sound(outcome(read_record, data), MarketingConsent)


@given(details, st.sampled_from(["NEVER_CONFIRMED", *SECRETS]))
def test_details_are_read_or_refused(data: Any, state: str) -> None:
    """Design 1.7, where it is most likely to break: at the identifiers themselves."""
    assert_sound(outcome(read_upsert, body(state, details=data)), Upsert)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_secret_in_the_place_of_any_field(field: str, secret: str) -> None:
    """Design 1.7.

    An address or number that stands in a wrong field, as its value, word or key, is not repeated.
    """
    misplaced: list[Any] = [
        {field: secret},
        {secret: field},
        {secret: {field: secret}},
        {field: {secret: secret}},
        {field: [secret]},
        body(secret, details={"type": secret, "email": secret, "phone": secret}),
        body(
            "CONFIRMED",
            lastConfirmationActivity={
                field: secret,
                "source": secret,
                secret: 1,
                "updatedDate": secret,
            },
        ),
        body(extendedFields={"namespaces": {secret: secret}}),
        body(extendedFields={"namespaces": {secret: {secret: "\0"}}}),
    ]
    for data in misplaced:
        for read in (read_upsert, read_record):
            with pytest.raises(InvalidConsent) as caught:
                read(data)
            assert not leaks(said_by(caught.value))


def test_the_search_for_leaks_finds_them() -> None:
    """The oracle of these tests bites.

    A message that repeats an address, or a number in another form, is caught.
    """
    for secret in SECRETS:
        assert secret in leaks(f"state: {secret.upper()} is not known")
    assert leaks("call +49-170-123.45.67") == ["+491701234567"]
    assert not leaks("state: is not a known word; such as +12025550172")


@pytest.mark.parametrize("lists", [False, True])
@pytest.mark.parametrize(
    "place", [None, "details", "state", "lastConfirmationActivity", "id", "extendedFields", "x"]
)
def test_deep_nesting(lists: bool, place: str | None) -> None:
    """Rule 9: nesting far beyond what recursion survives is read or refused, wherever it stands."""
    deep = nested(100_000, lists=lists)
    result = outcome(read_upsert, deep if place is None else body() | {place: deep})
    assert isinstance(result, Upsert) is (place == "id")
    assert_sound(result, Upsert)


@pytest.mark.parametrize("word", [*WORDS, *FIELDS])
def test_the_biased_words_are_known(word: str) -> None:
    """The strategy is biased towards what the reader knows: no word of it is taken for a leak."""
    assert not leaks(word)
