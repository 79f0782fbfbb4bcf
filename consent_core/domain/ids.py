"""Ids of consents and of events: UUIDv7 (RFC 9562), so that later ones sort after earlier ones.

A store inserts them in order, which takes it far less than to insert by chance. The id of a consent
carries the shard of its identifier, and with it a record and its history are in one partition.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha1
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
_VARIANT: Final = 0b10 << 62
_LAST_62_BITS: Final = (1 << 62) - 1


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
    return UUID(int=time_and_shard << 64 | _VARIANT | chance & _LAST_62_BITS)


def event_id(consent_id: UUID, sequence: int, occurred_at: datetime) -> UUID:
    """The id of an event: pure, so that the same event has the same id wherever it is read.

    Its time is that of the event, and in place of chance it has a hash of what it happened to.

    Args:
        consent_id: the consent that it happened to.
        sequence: the revision after the event.
        occurred_at: when it was stored; years before 1970 count as 1970.
    """
    digest = sha1(b"%b%d" % (consent_id.bytes, sequence), usedforsecurity=False).digest()
    hashed = int.from_bytes(digest[:10])
    since = max(0, (occurred_at - _EPOCH) // _MILLISECOND)
    return UUID(
        int=since << 80 | _VERSION << 76 | hashed >> 68 << 64 | _VARIANT | hashed & _LAST_62_BITS
    )


def shard_of_id(consent_id: UUID) -> int | None:
    """The shard that an id carries; None where it is no UUIDv7.

    It is a hint: a UUIDv7 that others made has a number there, too, which says nothing about where
    its record is.
    """
    return consent_id.int >> 64 & SHARDS - 1 if consent_id.version == _VERSION else None
