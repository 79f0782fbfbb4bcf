"""What is stored for identifiers, as it was read, and changes that hold only while it is so."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from consent_core.application.plans import Ask, Plan
from consent_core.application.ports import Change, TombstoneChange
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest, TombstoneKeys, newest

Stored: TypeAlias = MarketingConsent | Tombstone | None
"""What is known of an identifier: its record, else its tombstone, else nothing."""


def split(stored: Stored) -> tuple[MarketingConsent | None, Tombstone | None]:
    """The record and the tombstone, of which there is one at the most."""
    if isinstance(stored, Tombstone):
        return None, stored
    return stored, None


class LookUp:
    """What a look-up has found.

    Args:
        found: records by identifier, tombstones by digest.
        digests: by identifier, the newest secret first; empty without secrets.
    """

    __slots__ = ("digests", "found")

    def __init__(
        self,
        found: Mapping[Any, Any],
        digests: Mapping[Identifier, tuple[TombstoneDigest, ...]],
    ) -> None:
        self.found = found
        self.digests = digests

    def stored(self, who: Identifier) -> Stored:
        """What is known of an identifier."""
        found: Stored = self.found.get(who)
        return self.tombstone(who) if found is None and self.digests else found

    def both(self, who: Identifier) -> tuple[MarketingConsent | None, Tombstone | None]:
        """The record of an identifier, or else its tombstone."""
        record: MarketingConsent | None = self.found.get(who)
        return record, self.tombstone(who) if record is None and self.digests else None

    def tombstone(self, who: Identifier) -> Tombstone | None:
        """What is known under all digests of an identifier."""
        return newest(self.found.get(digest) for digest in self.digests.get(who, ()))

    def changes(
        self, who: Identifier, before: Stored, after: Stored, events: tuple[ConsentEvent, ...]
    ) -> list[Change]:
        """What is to be stored for an identifier: one change, or none where it stays as it is.

        Args:
            who: the identifier.
            before: what is known of it, as ``stored`` says.
            after: what is known of it afterwards.
            events: what happened to the record.
        """
        consent, tombstone = split(after)
        if not events and (tombstone is None or tombstone == before):
            return []
        record, _ = split(before)
        expected = 0 if record is None else record.revision
        tombstones: tuple[TombstoneChange, ...] = ()
        if self.digests and (record is None or tombstone is not None):
            # Where a record is founded, its change insists on what was found under every digest,
            # so that an erasure in between is a conflict.
            expectations = ((digest, self.found.get(digest)) for digest in self.digests[who])
            tombstones = tuple(
                TombstoneChange(digest, found, None if place else tombstone)
                for place, (digest, found) in enumerate(expectations)
                if consent is not None or found is not None or not place
            )
        return [Change(who, expected, consent, events, tombstones)]

    def renewed(self, fresh: "LookUp", identifiers: Collection[Identifier]) -> "LookUp":
        """The same with what was found anew for some of the identifiers."""
        gone = {*identifiers, *(digest for who in fresh.digests.values() for digest in who)}
        kept = {key: found for key, found in self.found.items() if key not in gone}
        return LookUp({**kept, **fresh.found}, self.digests)


def look_up(identifiers: Sequence[Identifier], keys: TombstoneKeys | None) -> Plan[LookUp]:
    """Find records, and, where there are secrets, tombstones, with one call."""
    if keys is None:
        return LookUp((yield Ask("find", identifiers)), {})
    digests = {who: keys.digests_of(who) for who in identifiers}
    wanted = [*identifiers, *(digest for listed in digests.values() for digest in listed)]
    return LookUp((yield Ask("find", wanted)), digests)
