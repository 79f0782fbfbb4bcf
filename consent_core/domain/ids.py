"""Ids of consents: UUIDv7 (RFC 9562) that carry the shard of their identifier.

A store finds a record and its history by id in one partition, and later ids sort after earlier
ones.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zlib import crc32

from consent_core.domain.identifiers import Identifier

SHARDS: Final = 1024
"""Buckets that identifiers are spread over; a bucket says nothing about a person."""

RANDOM_BYTES: Final = 8
"""Random bytes in an id: 64 bits for each millisecond and shard."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_VERSION: Final = 7


def shard_of(identifier: Identifier) -> int:
    """The shard of an identifier; it never changes."""
    return crc32(f"{identifier.channel}:{identifier.key}".encode()) % SHARDS


def consent_id(identifier: Identifier, now: datetime, random: bytes) -> UUID:
    """An id for a new record: pure, the same call always gives the same id.

    From the first bit on: 48 bits of milliseconds since 1970, 4 of the version, 2 random ones, 10
    of the shard, 2 of the variant, 62 random ones. Ids that are made within one millisecond are in
    no order.

    Args:
        identifier: whom the record is about.
        now: the moment, with an offset, from 1970 on.
        random: 8 random bytes.

    Raises:
        ValueError: another number of bytes, or a moment before 1970.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, not {len(random)}")
    chance = int.from_bytes(random)
    since = (now - _EPOCH) // _MILLISECOND
    time_and_shard = since << 16 | _VERSION << 12 | chance >> 62 << 10 | shard_of(identifier)
    return UUID(int=time_and_shard << 64 | 0b10 << 62 | chance & (1 << 62) - 1)


def shard_of_id(consent_id: UUID) -> int | None:
    """The shard that an id carries; None where it is no UUIDv7.

    It is a hint: a UUIDv7 that others made has a number there, too, which says nothing about where
    its record is.
    """
    return consent_id.int >> 64 & SHARDS - 1 if consent_id.version == _VERSION else None
