"""Saboteurs that keep what is refused or erased, and let sites see each other."""

from collections.abc import Collection, Mapping, Sequence
from typing import Self
from uuid import UUID

from attrs import evolve

from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.testing.arrange import consent
from tests.testing.sabotage import Lossy, Saboteur, caught_by


@caught_by("refused_changes_leave_no_events", "all_or_nothing")
class TellsOfRefusedChanges(Saboteur):
    """Writes events outside the transaction."""

    def commit(self, changes: Sequence[Change], /) -> None:
        """Appends what was refused."""
        try:
            super().commit(changes)
        except Conflict:
            for change in changes:
                self._events.setdefault(change.consent_id, []).extend(change.events)
            raise


@caught_by("erasing_takes_the_history_along")
class KeepsErasedHistories(Saboteur):
    """Erases the record, and leaves its history."""

    def _store(self, change: Change) -> None:
        before = list(self._events.get(change.consent_id, ()))
        super()._store(change)
        if change.consent is None:
            self._events[change.consent_id] = [*before, *change.events]


@caught_by("an_erasure_leaves_one_event")
class StoresEveryEvent(Saboteur):
    """Deletes the history that is stored, and then stores all events of the change."""

    def _store(self, change: Change) -> None:
        super()._store(change)
        if change.consent is None:
            self._events[change.consent_id] = [*change.events]


@caught_by("erasing_takes_the_history_along")
class ErasesItsTrace(Saboteur):
    """Deletes the history with the event that says so."""

    def _store(self, change: Change) -> None:
        super()._store(change)
        if change.consent is None:
            del self._events[change.consent_id]


@caught_by("erasing_takes_the_history_along")
class HidesWhatIsErased(Saboteur):
    """Marks a record as erased, and only ``find`` looks at the mark."""

    def _store(self, change: Change) -> None:
        before = self._by_id.get(change.consent_id)
        super()._store(change)
        if before is not None and change.consent is None:
            self._by_id[before.id] = before


@caught_by("erasing_expects_a_revision_too")
class ErasesUnchecked(Saboteur):
    """Deletes by identifier, whatever the revision."""

    def _holds(self, change: Change) -> bool:
        return (
            change.consent is None and change.identifier in self._by_identifier
        ) or super()._holds(change)


@caught_by("a_new_record_is_not_the_erased_one")
class ComparesOnlyRevisions(Saboteur):
    """Updates by identifier and revision, and does not look whether it is still the same record."""

    def _holds(self, change: Change) -> bool:
        stored = self._by_identifier.get(change.identifier)
        return super()._holds(change) or (stored is not None and change.expected == stored.revision)

    def _store(self, change: Change) -> None:
        self._by_id.setdefault(
            change.consent_id,
            self._by_identifier.get(change.identifier, consent(change.identifier)),
        )
        super()._store(change)


@caught_by("erased_identifiers_start_anew")
class ErasedIdentifiersKeepTheirId(Lossy):
    """Revives the row of an erased record, with its old id."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        ids = self.__dict__.setdefault("_ids", {})
        return evolve(consent, id=ids.setdefault(consent.details, consent.id))


@caught_by("erased_identifiers_start_anew")
class ErasedIdentifiersKeepTheirHistory(Saboteur):
    """Keeps histories by identifier."""

    def _store(self, change: Change) -> None:
        ids = self.__dict__.setdefault("_ids", {})
        first = ids.setdefault(change.identifier, change.consent_id)
        super()._store(change)
        if first != change.consent_id:
            self._events[change.consent_id] = [*self._events[first], *change.events]


class _LeavesPointers(Saboteur):
    """Keeps for each id whose it was, and lets an erasure leave that behind."""

    def _store(self, change: Change) -> None:
        super()._store(change)
        self._pointers()[change.consent_id] = change.identifier

    def _pointers(self) -> dict[UUID, Identifier]:
        pointers: dict[UUID, Identifier] = self.__dict__.setdefault("_pointers_by_id", {})
        return pointers

    def _led_to(self, consent_id: UUID) -> MarketingConsent | None:
        who = self._pointers().get(consent_id)
        return None if who is None else self._by_identifier.get(who)


@caught_by("erased_identifiers_start_anew")
class LeadsOldIdsToNewRecords(_LeavesPointers):
    """Reads by id what is stored now under the identifier that the id once belonged to."""

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """Follows the pointers."""
        return {each: there for each in ids if (there := self._led_to(each)) is not None}


@caught_by("erased_identifiers_start_anew", "a_new_record_is_not_the_erased_one")
class LeadsOldIdsToNewHistories(_LeavesPointers):
    """Tells of an id the history of the record that is stored now in its place."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Follows the pointers."""
        there = self._led_to(consent_id)
        return super().history(consent_id if there is None else there.id)


@caught_by("sites_do_not_see_each_other")
class LeaksBetweenSites(Saboteur):
    """Has no column for the site."""

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Twice the same."""
        both = cls()
        return both, both


@caught_by("sites_do_not_see_each_other")
class SharesHistories(Saboteur):
    """Has a column for the site with the records, and none with the events."""

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Two with one table of events."""
        here, there = cls(), cls()
        there._events = here._events
        return here, there
