"""Ids for new records, by the clock of this machine and by chance."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from os import urandom
from typing import TypeAlias
from uuid import UUID

from consent_core.domain.identifiers import Identifier
from consent_core.domain.ids import RANDOM_BYTES, consent_id

NewId: TypeAlias = Callable[[Identifier], UUID]
"""Makes the id of a new record from its identifier."""


def new_consent_id(identifier: Identifier) -> UUID:
    """A new id for the record of an identifier: a UUIDv7 that carries the identifier's shard.

    Args:
        identifier: whom the record is about.
    """
    return consent_id(identifier, datetime.now(UTC), urandom(RANDOM_BYTES))


def new_consent_ids(count: int) -> NewId:
    """``new_consent_id`` for one bulk: clock and chance are asked once for so many ids.

    Args:
        count: how many ids are expected, at least one; more can be made.
    """
    now = datetime.now(UTC)
    chance: Iterator[bytes] = iter(())

    def new_id(identifier: Identifier) -> UUID:
        nonlocal now, chance
        random = next(chance, None)
        if random is None:
            now, drawn = datetime.now(UTC), urandom(count * RANDOM_BYTES)
            chance = (drawn[at : at + RANDOM_BYTES] for at in range(0, len(drawn), RANDOM_BYTES))
            random = next(chance)
        return consent_id(identifier, now, random)

    return new_id
