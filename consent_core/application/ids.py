"""Ids for new records, by the clock of this machine and by chance."""

from datetime import UTC, datetime
from os import urandom
from uuid import UUID

from consent_core.domain.identifiers import Identifier
from consent_core.domain.ids import RANDOM_BYTES, consent_id


def new_consent_id(identifier: Identifier) -> UUID:
    """A new id for the record of an identifier: a UUIDv7 that carries the identifier's shard.

    Args:
        identifier: whom the record is about.
    """
    return consent_id(identifier, datetime.now(UTC), urandom(RANDOM_BYTES))
