"""Which changes of a commit do not hold."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.tombstones import TombstoneDigest


def name_of(key: Any) -> str:
    """A text that names a key of ``find``, and no other, for stores that have one kind of keys.

    That of an identifier has up to 1,293 bytes in UTF-8: 13, and four for each of 320 characters.
    A store with shorter keys puts a hash, such as SHA-256, in place of longer ones.

    Args:
        key: an identifier or a digest; equal ones have the same name.
    """
    if isinstance(key, TombstoneDigest):
        return f"tombstone:{key.digest}"
    return f"record:{key.channel}:{key.key}"


def keys_of(changes: Iterable[Change]) -> list[Any]:
    """What ``find`` is asked to tell which changes hold.

    Args:
        changes: those of a commit.

    Returns:
        The identifiers of the changes, and the digests of their tombstones.
    """
    return [
        key
        for change in changes
        for key in (change.identifier, *(each.digest for each in change.tombstones))
    ]


def conflict_among(changes: Iterable[Change], found: Mapping[Any, Any]) -> Conflict | None:
    """The conflict that names every change that does not hold; None where all hold.

    Args:
        changes: those of a commit.
        found: what is stored under ``keys_of`` of them.
    """
    lost = [change for change in changes if not change.holds(found)]
    return Conflict(lost) if lost else None
