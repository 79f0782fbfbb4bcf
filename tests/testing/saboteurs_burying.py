"""Saboteurs that forget tombstones, or keep more in them than a digest."""

from collections.abc import Sequence

from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from tests.testing.sabotage import Saboteur, caught_by


@caught_by(
    "an_erasure_and_its_tombstone_are_stored_together",
    "tombstones_are_found_by_digest",
    "a_tombstone_changes_only_as_expected",
    "an_erasure_in_between_is_a_conflict",
)
class ForgetsTombstones(Saboteur):
    """Was written before there were tombstones."""

    def _tombstones_expected(self, change: Change) -> bool:
        return bool(change.events)

    def _store(self, change: Change) -> None:
        super()._store(change._replace(tombstones=()))


@caught_by("an_erasure_and_its_tombstone_are_stored_together")
class LeavesTombstonesWithoutErasing(Saboteur):
    """Writes tombstones outside the transaction."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Stores the tombstones of what was refused."""
        try:
            super().commit(changes)
        except Conflict:
            for change in changes:
                super()._store(change._replace(events=()))
            raise


@caught_by("tombstones_are_found_by_digest")
class KeepsTheAddressInIt(Saboteur):
    """Has a column for the identifier, and looks at it when a tombstone changes."""

    def _tombstones_expected(self, change: Change) -> bool:
        whose = self.__dict__.setdefault("_whose", {})
        named = (whose.setdefault(each.digest, change.identifier) for each in change.tombstones)
        return all(who == change.identifier for who in named) and super()._tombstones_expected(
            change
        )


@caught_by("tombstones_are_found_by_digest")
class AssumesThePersonActed(Saboteur):
    """Fills in the date of the person where there is none."""

    def _store(self, change: Change) -> None:
        super()._store(change)
        for digest, tombstone in self._tombstones.items():
            date = tombstone.subject_revoked_date or tombstone.revoked_date
            self._tombstones[digest] = type(tombstone)(
                revoked_date=tombstone.revoked_date,
                revoked_by=tombstone.revoked_by,
                subject_revoked_date=date,
            )


@caught_by("a_tombstone_changes_only_as_expected")
class LastTombstoneWins(Saboteur):
    """Writes tombstones by digest alone, whatever is stored."""

    def _tombstones_expected(self, change: Change) -> bool:
        return not change.events or super()._tombstones_expected(change)


@caught_by("an_erasure_in_between_is_a_conflict")
class CreatesOverTombstones(Saboteur):
    """Compares tombstones when they change, and not when they must be absent."""

    def _tombstones_expected(self, change: Change) -> bool:
        absent = all(each.expected is each.tombstone is None for each in change.tombstones)
        return absent or super()._tombstones_expected(change)

    def _store(self, change: Change) -> None:
        kept = tuple(each for each in change.tombstones if each.expected is not each.tombstone)
        super()._store(change._replace(tombstones=kept))
