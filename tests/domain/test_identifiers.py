"""E-mail addresses and phone numbers share identity, order and pickling by key."""

import copy
import pickle
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import Email, Identifier, Phone, identifier_of
from tests.domain.builders import ADA, LINE

EMAILS = [
    Email(text)
    for text in ("Ada@example.org", "ada@EXAMPLE.org", "bob@example.org", "É@example.org")
]
PHONES = [
    Phone(text) for text in ("+12025550172", "+1 202 555 0172", "+442079460958", "+390612345678")
]
identifiers = st.sampled_from([*EMAILS, *PHONES])


def test_equality_and_hash_are_by_key() -> None:
    """Section 4.1: one consent per key.

    The spelling of the address does not make another person.
    """
    ada, same, bob, _ = EMAILS
    assert ada == same
    assert hash(ada) == hash(same) != hash(bob)
    assert ada.address != same.address
    assert ada != bob
    assert len({ada, same, bob}) == 2
    assert len(set(PHONES)) == 3


def test_channels_never_mix() -> None:
    """An address is no number, even where the keys are spelled the same, and no plain string."""
    assert Email.restore("+12025550172") != LINE
    assert Email.restore("ada@example.org") == ADA
    assert ADA != "ada@example.org"
    assert LINE != "+12025550172"


@given(identifiers, identifiers)
def test_the_order_is_by_channel_then_key(one: Identifier, other: Identifier) -> None:
    """Mixed lists can be sorted, and the order agrees with equality."""
    first, second = (one.channel, one.key), (other.channel, other.key)
    assert (one < other) is (first < second)
    assert (one <= other) is (first <= second)
    assert (one > other) is (first > second)
    assert (one >= other) is (first >= second)
    assert (one == other) is (first == second)


def test_a_mixed_list_sorts_addresses_before_numbers() -> None:
    """EMAIL comes before PHONE."""
    assert sorted([LINE, ADA]) == [ADA, LINE]


@pytest.mark.parametrize("other", ["ada@example.org", None, 7])
def test_there_is_no_order_with_other_things(other: Any) -> None:
    """Comparing an identifier with a string is a mistake and raises."""
    with pytest.raises(TypeError):
        _ = other < ADA
    with pytest.raises(TypeError):
        _ = other < LINE


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("identifier", [*EMAILS, *PHONES], ids=lambda each: each.channel)
def test_pickling_keeps_everything(identifier: Identifier, protocol: int) -> None:
    """A pickled identifier comes back with its spelling, in every protocol."""
    again = pickle.loads(pickle.dumps(identifier, protocol))  # noqa: S301 - our own bytes
    assert type(again) is type(identifier)
    assert again == identifier
    assert hash(again) == hash(identifier)
    assert (again.address, again.key) == (identifier.address, identifier.key)


def test_pickling_does_not_judge_again() -> None:
    """As ``restore``: a pickle stays readable whatever a later version thinks of the address."""
    old = Email.restore("Old@localhost")
    assert pickle.loads(pickle.dumps(old)).address == "Old@localhost"  # noqa: S301 - our own bytes


def test_copies_are_equal() -> None:
    """Copying goes the way of pickling."""
    assert copy.copy(ADA) == ADA
    assert copy.deepcopy([LINE]) == [LINE]


@pytest.mark.parametrize("identifier", [ADA, LINE])
def test_identifiers_are_frozen_and_slotted(identifier: Any) -> None:
    """Values that are keys cannot change, and hold nothing beside."""
    with pytest.raises(FrozenInstanceError):
        identifier.key = "other"
    with pytest.raises(FrozenInstanceError):
        identifier.more = 1
    assert not hasattr(identifier, "__dict__")


def test_equal_spelling_and_key_share_one_string() -> None:
    """A million lower-case addresses are not stored twice each."""
    assert ADA.key is ADA.address


def test_spaces_and_tabs_around_an_identifier_are_trimmed() -> None:
    """Section 3, rules 2 and 3; nothing else is."""
    assert Email(" \tXaver@example.orG\t ").address == "Xaver@example.org"
    assert identifier_of(" \t+12025550172\t ") == Phone("+12025550172")
    for text in ("\n+12025550172", "+12025550172X"):
        with pytest.raises(InvalidConsent):
            identifier_of(text)
