"""Saboteurs that answer wrongly: what is unknown, and what happened."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from attrs import evolve

from consent_core.application.ports import Change
from consent_core.domain.errors import Unavailable
from consent_core.domain.events import ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.testing.arrange import consent
from tests.testing.sabotage import Saboteur, caught_by


@caught_by("unknown_is_absent")
class AnswersNone(Saboteur):
    """Has an answer for every key, None where there is no record."""

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """Answers None for unknown."""
        found: Mapping[Identifier, MarketingConsent | None] = super().find(identifiers)
        # that is the sabotage
        return {each: found.get(each) for each in identifiers}  # type: ignore[misc]


@caught_by("unknown_is_absent")
class InventsRows(Saboteur):
    """Gets or creates, and answers with a record that nobody stored."""

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """Answers everything."""
        return {each: consent(each) for each in identifiers} | dict(super().find(identifiers))


@caught_by("empty_calls_are_answered")
class FailsOnEmptyCalls(Saboteur):
    """Writes ``IN ()``, which is no SQL."""

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """Fails on nothing."""
        if not ids:
            raise Unavailable("syntax error")
        return super().get(ids)


@caught_by("many_are_asked_for_at_once")
class TakesFewParameters(Saboteur):
    """Puts every identifier into one statement, which may have 32,766 parameters."""

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """Fails on many."""
        if len(identifiers) > 32_766:
            raise Unavailable("too many parameters")
        return super().find(identifiers)


@caught_by("any_collection_is_taken")
class TakesOnlyLists(Saboteur):
    """Reaches for the first id by its index."""

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """Fails on sets."""
        # that is the sabotage
        return super().get([ids[0], *ids] if ids else [])  # type: ignore[index]


@caught_by("answers_are_the_callers")
class HandsOutItsOwnDict(Saboteur):
    """Answers with the dict that it keeps, when it is asked for all."""

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """Answers with its own."""
        return self._by_id if set(ids) == set(self._by_id) else super().get(ids)


@caught_by("answers_are_the_callers")
class HandsOutItsOwnHistory(Saboteur):
    """Answers with the list that it keeps."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Answers with its own."""
        return self._events.get(consent_id, [])


@caught_by("a_change_is_stored")
class RemembersWhatItRead(Saboteur):
    """Has a cache that no commit empties."""

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """Answers as the first time."""
        known = self.__dict__.setdefault("_known", {})
        known.update(
            {
                each: stored
                for each, stored in super().find(identifiers).items()
                if each not in known
            }
        )
        return {each: known[each] for each in identifiers if each in known}


@caught_by("events_come_with_their_record", "events_lead_to_the_record", "no_change_is_lost")
class KeepsNoSnapshots(Saboteur):
    """Stores that something happened, and shows the record of today for every event."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Gives every event the record as it was created."""
        first, *others = super().history(consent_id) or (None,)
        return [first, *(_as(first, each) for each in others)] if first else []


def _as(first: ConsentEvent, event: ConsentEvent) -> ConsentEvent:
    if isinstance(first, ConsentDeleted) or isinstance(event, ConsentDeleted):
        return event
    return ConsentUpdated(evolve(first.consent, revision=event.sequence))


@caught_by("events_come_with_their_record")
class KeepsTheLastEvent(Saboteur):
    """Writes one event for each change."""

    def _store(self, change: Change) -> None:
        super()._store(change._replace(events=change.events[-1:]))


@caught_by("events_come_with_their_record")
class NewestFirst(Saboteur):
    """Tells a history backwards."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Turns it round."""
        return super().history(consent_id)[::-1]


@caught_by("long_histories_stay_in_order")
class OrdersByText(Saboteur):
    """Has its sequence in a column of text."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Puts the tenth before the second."""
        return sorted(super().history(consent_id), key=lambda event: str(event.sequence))


@caught_by("long_histories_stay_in_order")
class OrdersByDate(Saboteur):
    """Orders events by their date, and leaves those of one moment to chance."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Orders by date, then by id."""
        return sorted(super().history(consent_id), key=lambda event: (event.occurred_at, event.id))


@caught_by("long_histories_stay_in_order")
class OrdersByDateFirst(Saboteur):
    """Orders events by their date, and those of one moment by their sequence."""

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """Trusts the clocks of those who wrote."""
        return sorted(
            super().history(consent_id), key=lambda event: (event.occurred_at, event.sequence)
        )
