"""What a store offers beside the port, so that everything in it can be moved to another one."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import ViolationCode


class StoredConsent(NamedTuple):
    """One consent with its history, as a store holds them.

    Args:
        consent: the record; None where it was erased.
        events: its history; of an erased one the ``ConsentDeleted`` that remains. Empty where the
            store keeps no history.
        published: the ids of the events that a relay has marked as published; empty where the store
            has no outbox.
    """

    consent: MarketingConsent | None
    events: tuple[ConsentEvent, ...]
    published: frozenset[UUID] = frozenset()


class StoredTombstone(NamedTuple):
    """One tombstone, as a store holds it.

    Args:
        digest: what it is found by.
        tombstone: what it says.
    """

    digest: TombstoneDigest
    tombstone: Tombstone


Stored: TypeAlias = StoredConsent | StoredTombstone
"""One thing that a store holds."""


@runtime_checkable
class Movable(Protocol):
    """A store whose whole content, of one site, can be read and written as it is.

    ``MemoryRepository`` and ``SqlAlchemyRepository`` are.
    """

    site: str

    def everything(self) -> Iterator[Stored]:
        """All consents, those that were erased included, then all tombstones.

        They are what the store held at one moment, whatever others write meanwhile.
        """
        ...

    def fill(self, stored: Iterable[Stored], /) -> None:
        """Store all of this as it is, or nothing; no rule is applied.

        What the iterable raises is raised, and nothing was stored; an ``OSError`` may come as
        ``Unavailable``, as if it were the driver's.

        Raises:
            InvalidConsent: the store is not empty; or an identifier, a history or a digest comes
                twice, or from another writer meanwhile. Nothing was stored.
            Unavailable: as for ``Repository.commit``.
        """
        ...


NOT_EMPTY: Final = "must be empty: it is filled as a whole, and nothing in it is replaced"
STORED_TWICE: Final = (
    "has one of the consents or tombstones already: they were given twice, or another process "
    "writes to it; nothing was stored"
)


def cannot_fill(why: str) -> InvalidConsent:
    """The error of ``Movable.fill``.

    Args:
        why: one of the texts of this module.
    """
    return invalid("store", ViolationCode.NOT_ALLOWED, why)


class Moved(NamedTuple):
    """How much was moved.

    Args:
        consents: records.
        events: events of their histories, and of erasures.
        tombstones: tombstones.
    """

    consents: int = 0
    events: int = 0
    tombstones: int = 0

    def and_also(self, stored: Stored) -> "Moved":
        """As many, and this one."""
        if isinstance(stored, StoredTombstone):
            return self._replace(tombstones=self.tombstones + 1)
        records = self.consents + (stored.consent is not None)
        return self._replace(consents=records, events=self.events + len(stored.events))
