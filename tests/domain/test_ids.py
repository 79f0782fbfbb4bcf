"""Ids of consents and events are UUIDv7 (RFC 9562)."""

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Final
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import Email, Identifier, Phone
from consent_core.domain.ids import SHARDS, consent_id, event_id, shard_of, shard_of_id
from consent_core.testing import strategies

ADA: Final = Email("Ada@example.org")
EXAMPLE: Final = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
"""The moment of the example in RFC 9562, appendix A.6: 017F22E2-79B0-7..."""

ZEROS, ONES = bytes(8), b"\xff" * 8


@pytest.mark.parametrize(
    ("identifier", "shard"),
    [
        (ADA, 594),
        (Email("ada@example.org"), 594),
        (Phone("+12025550172"), 336),
        (Email("jörg@exämple.org"), 208),
    ],
    ids=str,
)
def test_the_shard_is_the_same_everywhere(identifier: Identifier, shard: int) -> None:
    """Of the key: however an address is written, on every machine, in every version."""
    assert shard_of(identifier) == shard


def test_identifiers_are_spread_over_all_shards() -> None:
    """Whatever they have in common."""
    assert {shard_of(Email.restore(f"person{number}@example.org")) for number in range(20_000)} == {
        *range(SHARDS)
    }


@pytest.mark.parametrize(
    ("random", "written"),
    [
        (ZEROS, "017f22e2-79b0-7252-8000-000000000000"),
        (ONES, "017f22e2-79b0-7e52-bfff-ffffffffffff"),
        (bytes.fromhex("c0123456789abcde"), "017f22e2-79b0-7e52-8012-3456789abcde"),
    ],
)
def test_an_id_bit_by_bit(random: bytes, written: str) -> None:
    """48 bits of milliseconds, the version 7, 2 bits of chance, 10 of the shard, the variant, 62
    bits of chance.
    """
    assert shard_of(ADA) == 0x252
    assert str(consent_id(ADA, EXAMPLE, random)) == written


@pytest.mark.parametrize("micros", [0, 1, 999])
@pytest.mark.parametrize("millis", [0, 1, 290, 999])
def test_milliseconds_are_exact(millis: int, micros: int) -> None:
    """Rounded down, and never by way of a float."""
    now = EXAMPLE + timedelta(milliseconds=millis, microseconds=micros)
    assert consent_id(ADA, now, ONES).int >> 80 == 0x017F22E279B0 + millis


@given(strategies.identifiers(), strategies.moments(), st.binary(min_size=8, max_size=8))
def test_an_id_carries_the_shard_of_its_identifier(
    identifier: Identifier, now: datetime, random: bytes
) -> None:
    """``shard_of_id(consent_id(i, ...)) == shard_of(i)``, and it is an UUIDv7 of RFC 9562."""
    made = consent_id(identifier, now, random)
    assert shard_of_id(made) == shard_of(identifier)
    assert (made.version, made.variant) == (7, UUID(int=0x8000_0000_0000_0000).variant)


@given(
    strategies.identifiers(), st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8)
)
def test_every_bit_of_chance_is_kept(identifier: Identifier, one: bytes, other: bytes) -> None:
    """Different chance gives different ids, within one millisecond and one shard, too."""
    assert (consent_id(identifier, EXAMPLE, one) == consent_id(identifier, EXAMPLE, other)) is (
        one == other
    )


@given(strategies.identifiers(), strategies.identifiers(), strategies.moments())
def test_ids_are_in_the_order_of_their_milliseconds(
    one: Identifier, other: Identifier, now: datetime
) -> None:
    """Whatever the shard and the chance, a later id is greater: inserts are in order."""
    assert consent_id(one, now - timedelta(milliseconds=1), ONES) < consent_id(other, now, ZEROS)


@pytest.mark.parametrize(
    "other",
    [
        UUID(int=0),
        UUID(int=7),
        uuid4(),
        uuid5(UUID(int=0), "1"),
        UUID("017f22e2-79b0-7e52-0000-000000000000"),
    ],
    ids=["nil", "counted", "4", "5", "another variant"],
)
def test_other_ids_carry_no_shard(other: UUID) -> None:
    """Only the version 7 of RFC 9562 does."""
    assert shard_of_id(other) is None


@pytest.mark.parametrize("random", [b"", bytes(7), bytes(9)])
def test_chance_of_another_length_is_refused(random: bytes) -> None:
    """Less would make ids that can be guessed, more would spill into the shard."""
    with pytest.raises(ValueError, match="8 random bytes"):
        consent_id(ADA, EXAMPLE, random)


def test_a_clock_before_1970_is_refused() -> None:
    """No UUIDv7 can say so."""
    with pytest.raises(ValueError, match="int is out of range"):
        consent_id(ADA, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), ZEROS)


HERS: Final = UUID("017f22e2-79b0-7252-8000-000000000000")


def test_the_id_of_an_event_bit_by_bit() -> None:
    """48 bits of milliseconds, the version 7, 12 bits of a hash, the variant, 62 bits of it."""
    digest = int.from_bytes(sha1(HERS.bytes + b"12", usedforsecurity=False).digest()[:10])
    made = event_id(HERS, 12, EXAMPLE + timedelta(microseconds=999))
    assert (made.int >> 80, made.version, made.variant) == (0x017F22E279B0, 7, HERS.variant)
    assert made.int >> 64 & 0xFFF == digest >> 68
    assert made.int & (1 << 62) - 1 == digest & (1 << 62) - 1


@given(strategies.moments())
def test_events_are_in_the_order_of_their_milliseconds(moment: datetime) -> None:
    """From 1970 on; before that, in no order, but each has an id."""
    later = event_id(HERS, 1, moment)
    assert later != event_id(HERS, 2, moment)
    if moment.year > 1970:
        assert event_id(HERS, 2, moment - timedelta(milliseconds=1)) < later
    assert event_id(HERS, 1, datetime.min.replace(tzinfo=UTC)).int >> 80 == 0
