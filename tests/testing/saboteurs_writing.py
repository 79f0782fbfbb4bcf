"""Saboteurs that write wrongly: without their lock, by halves, or whatever the revision."""

from collections.abc import Sequence

from attrs import evolve

from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict, Unavailable
from consent_core.domain.records import MarketingConsent
from tests.testing.sabotage import Saboteur, caught_by


@caught_by("another_revision_is_refused", "one_change_for_a_revision")
class LastWriterWins(Saboteur):
    """Updates by identifier alone, whatever the revision."""

    def _holds(self, change: Change) -> bool:
        stored = self._by_identifier.get(change.identifier)
        return super()._holds(
            change if stored is None or not change.expected else _now(change, stored)
        )


def _now(change: Change, stored: MarketingConsent) -> Change:
    return change._replace(expected=stored.revision)


@caught_by("another_revision_is_refused")
class RefusesOnlyOlder(Saboteur):
    """Takes a change that expects a revision later than the stored one."""

    def _holds(self, change: Change) -> bool:
        stored = self._by_identifier.get(change.identifier)
        newer = stored is not None and change.expected > stored.revision
        return newer or super()._holds(change)


@caught_by("large_revisions_are_told_apart")
class ComparesFloats(Saboteur):
    """Compares revisions as floating-point numbers, as Lua and JavaScript do."""

    def _holds(self, change: Change) -> bool:
        stored = self._by_identifier.get(change.identifier)
        same = stored is not None and float(stored.revision) == float(change.expected)
        return same or super()._holds(change)


@caught_by("what_is_absent_is_not_changed")
class UpsertsWhatIsAbsent(Saboteur):
    """Inserts where there is nothing to update."""

    def _holds(self, change: Change) -> bool:
        absent = change.consent is not None and change.identifier not in self._by_identifier
        return absent or super()._holds(change)


@caught_by("what_exists_is_not_created_again")
class OverwritesWhatExists(Saboteur):
    """Inserts or replaces, as some databases do in one statement."""

    def _holds(self, change: Change) -> bool:
        return change.expected == 0 or super()._holds(change)


@caught_by("what_exists_is_not_created_again", "one_record_for_an_identifier")
class UniqueByIdAlone(Saboteur):
    """Has a unique key on the id, and none on the identifier."""

    def _holds(self, change: Change) -> bool:
        fresh = change.expected == 0 and change.consent_id not in self._by_id
        return fresh or super()._holds(change)


@caught_by("what_exists_is_not_created_again")
class RaisesItsOwnErrors(Saboteur):
    """Lets the error of its driver through, where a conflict is promised."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Raises what a driver raises."""
        try:
            super().commit(changes)
        except Conflict as conflict:
            raise KeyError("unique constraint") from conflict


@caught_by("a_change_is_stored", "no_change_is_lost")
class GivesWayForEver(Saboteur):
    """Takes every failed update for a lost race, although nobody else was there."""

    def _holds(self, change: Change) -> bool:
        return change.expected == 0 and super()._holds(change)


@caught_by("all_or_nothing", "rivals_over_many_keys_keep_each_whole")
class HalfCommits(Saboteur):
    """Stores change by change until one does not hold, without a transaction around them."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Commits each change on its own."""
        for change in changes:
            super().commit([change])


@caught_by("all_or_nothing")
class SkipsConflicts(Saboteur):
    """Stores all that hold, and then tells of the others."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Commits what it can."""
        lost = [change for change in changes if not self._holds(change)]
        super().commit([change for change in changes if change not in lost])
        if lost:
            raise Conflict(lost)


@caught_by("every_conflict_is_named", "many_are_stored_at_once")
class NamesOnlyTheFirstConflict(Saboteur):
    """Stops at the first change that does not hold."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Forgets the other conflicts."""
        try:
            super().commit(changes)
        except Conflict as conflict:
            raise Conflict(conflict.changes[:1]) from None


@caught_by("every_conflict_is_named")
class NamesEveryChange(Saboteur):
    """Knows only that the transaction failed."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Blames all changes."""
        try:
            super().commit(changes)
        except Conflict:
            raise Conflict(changes) from None


@caught_by("many_are_stored_at_once")
class TakesFewRows(Saboteur):
    """Writes all rows in one statement, which may have 32,766 parameters, ten for each row."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Fails on many changes."""
        if len(changes) * 10 > 32_766:
            raise Unavailable("too many parameters")
        super().commit(changes)


@caught_by("many_are_stored_at_once")
class StoresOnlyOneBatch(Saboteur):
    """Ignores what a batch write reports as not processed."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Stores the first thousand changes."""
        super().commit(changes[:1_000])


@caught_by("any_collection_is_taken")
class SortsItsArguments(Saboteur):
    """Puts the caller's own list in order, to lock rows in order."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Sorts in place."""
        if isinstance(changes, list):
            changes.sort(key=lambda change: change.identifier)
        super().commit(changes)


@caught_by("a_change_is_stored")
class UpdatesSomeColumns(Saboteur):
    """Forgets the extended fields in its ``UPDATE``, though not in its ``INSERT``."""

    def _store(self, change: Change) -> None:
        before = self._by_identifier.get(change.identifier)
        if before is not None and change.consent is not None:
            change = change._replace(
                consent=evolve(change.consent, extended_fields=before.extended_fields)
            )
        super()._store(change)


@caught_by("a_change_is_stored")
class KeepsWhatIsNotReplaced(Saboteur):
    """Takes None for "leave it as it is" when it updates a slot."""

    def _store(self, change: Change) -> None:
        before = self._by_identifier.get(change.identifier)
        if before is not None and change.consent is not None:
            revocation = change.consent.last_revoke_activity or before.last_revoke_activity
            change = change._replace(
                consent=evolve(change.consent, last_revoke_activity=revocation)
            )
        super()._store(change)
