"""What happened, in the past tense.

Identity, replay, and what was true then (contract, section 2 and law 6).
"""

import random
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.decision import NO_ID, decide
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import (
    ConsentCreated,
    ConsentDeleted,
    ConsentEvent,
    ConsentUpdated,
    as_of,
    replay,
)
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import erase
from tests.domain.builders import (
    CONFIRMED,
    ID,
    NOW,
    REVOKED,
    at,
    confirmed,
    one,
    pending,
    record,
    revoked,
)


def history() -> tuple[list[MarketingConsent], list[ConsentEvent]]:
    """Records and events of a consent that was asked for, given, taken back and erased, ten minutes
    apart.
    """
    consents: list[MarketingConsent] = []
    events: list[ConsentEvent] = []
    before: MarketingConsent | None = None
    for minute, command in ((10, pending(1)), (20, confirmed(2)), (30, revoked(3))):
        decision = one(before, command, now=at(minute))
        before = decision.consent
        consents.append(before)
        events += decision.events
    assert before is not None
    return consents, [*events, erase(before, now=at(40))]


def test_events_tell_what_happened_when_to_whom() -> None:
    """Section 2: slugs created, updated, deleted; a strictly increasing sequence per entity.

    The whole record.
    """
    consents, events = history()
    assert [type(event) for event in events] == [
        ConsentCreated,
        ConsentUpdated,
        ConsentUpdated,
        ConsentDeleted,
    ]
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert [event.occurred_at for event in events] == [at(10), at(20), at(30), at(40)]
    assert {event.consent_id for event in events} == {ID}
    assert [event.consent for event in events if not isinstance(event, ConsentDeleted)] == consents


def test_ids_are_the_same_wherever_an_event_is_read() -> None:
    """Section 2: ``id`` is "for de-duplication".

    Made of the event's moment, the consent and the sequence, and of nothing else.
    """
    _, events = history()
    _, again = history()
    ids = [event.id for event in events]
    assert ids == [event.id for event in again]
    assert len(set(ids)) == 4
    assert ids[0] == UUID("019b7976-fdc0-74b3-80f4-51a999c9f96e")
    other = ConsentDeleted(NO_ID, 4, at(40))
    assert other.id not in ids
    assert sorted(ids) == ids


def test_erasing_leaves_no_personal_data() -> None:
    """Section 2: ``deletedEvent`` is empty; the event names the consent, and nobody."""
    event = erase(record(CONFIRMED, 1), now=NOW)
    assert event == ConsentDeleted(ID, 4, NOW)
    assert "ada" not in repr(event).lower()


def test_the_moment_of_an_erasure_is_kept_in_utc() -> None:
    """Dates are compared and stored in UTC, from wherever they come."""
    east = timezone(timedelta(hours=9))
    assert erase(record(CONFIRMED, 1), now=NOW.astimezone(east)).occurred_at.tzinfo is UTC
    assert ConsentDeleted(ID, 4, NOW.astimezone(east)).occurred_at.tzinfo is UTC


@given(st.randoms(use_true_random=False))
def test_replay_reads_events_in_any_order(shuffle: random.Random) -> None:
    """Law 6, and the last event decides, wherever it stands in the list."""
    consents, events = history()
    for length in range(1, 4):
        part = events[:length]
        shuffle.shuffle(part)
        assert replay(part) == consents[length - 1]
    shuffle.shuffle(events)
    assert replay(events) is None
    assert replay([]) is None
    assert replay(iter(events)) is None


@pytest.mark.parametrize(
    ("minute", "index"),
    [(9.9, None), (10, 0), (19.9, 0), (20, 1), (29, 1), (30, 2), (39.9, 2), (40, None), (50, None)],
)
def test_as_of_answers_what_was_known_then(minute: float, index: int | None) -> None:
    """An event of that very moment has happened.

    Before the first and after the last there is no record.
    """
    consents, events = history()
    assert as_of(events, at(minute)) == (None if index is None else consents[index])
    assert as_of(reversed(events), at(minute)) == (None if index is None else consents[index])


def test_as_of_holds_also_where_the_clock_was_set_back() -> None:
    """A record's updated date never decreases, so its history can be read by date."""
    first = one(None, confirmed(1), now=at(20))
    second = one(first.consent, revoked(2), now=at(10))
    events = [*first.events, *second.events]
    assert as_of(events, at(15)) is None
    assert as_of(events, at(20)) == second.consent


def test_a_new_record_gets_the_id_that_was_given() -> None:
    """Design, principle 1: ids come in as arguments; a preview has the id of none."""
    assert one(None, confirmed(1)).consent.id == ID
    assert decide(None, confirmed(1), now=NOW).consent.id == NO_ID == UUID(int=0)
    kept = record(CONFIRMED, 1)
    changed = decide(kept, revoked(2), now=NOW, new_id=NO_ID).consent
    assert (changed.id, changed.state) == (ID, REVOKED)


def test_a_moment_without_an_offset_asks_for_nothing() -> None:
    """Section 3, rule 7: a date-time without an offset is a violation, here too."""
    with pytest.raises(InvalidConsent, match="DATE_WITHOUT_OFFSET"):
        as_of([], datetime(2026, 1, 1))  # noqa: DTZ001  # that is the test
