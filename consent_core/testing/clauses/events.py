"""Events are stored with their record: in order, without gaps, and they lead to it."""

from datetime import timedelta

from attrs import evolve

from consent_core.application.plans import commit, find, history
from consent_core.application.ports import Change
from consent_core.domain.events import ConsentCreated, ConsentUpdated, replay
from consent_core.testing.arrange import (
    NOON,
    consent,
    creation,
    email,
    exact_history,
    exactly,
    phone,
    revision_of,
)
from consent_core.testing.clauses.committing import refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store


@clause(SINCE, changes=4)
def events_come_with_their_record() -> ClausePlan[None]:
    """The history has every event of every stored change, in order, each with the whole record."""
    first, other = consent(email("ada")), consent(phone(1))
    second = revision_of(first, steps=3)
    yield from store([creation(first), creation(other)])
    yield from commit([second])
    events = tuple((yield from history(first.id)))
    expect(exact_history(events), exact_history((ConsentCreated(first), *second.events)))
    expect([event.sequence for event in events], [1, 2, 3, 4])
    expect(
        [event.id for event in events],
        [event.id for event in (ConsentCreated(first), *second.events)],
    )
    expect(exact_history((yield from history(other.id))), exact_history((ConsentCreated(other),)))


@clause(SINCE, changes=3)
def long_histories_stay_in_order() -> ClausePlan[None]:
    """A history is in the order of its sequence, not of dates or of text.

    The tenth event comes after the ninth.
    """
    record = consent(email("ada"))
    yield from commit([creation(record)])
    for revision in range(1, 13, 2):
        # In each change, the second event is dated before the first.
        dates = NOON + timedelta(hours=revision + 1), NOON + timedelta(hours=revision)
        later = [
            ConsentUpdated(evolve(record, revision=revision + step, updated_date=date))
            for step, date in enumerate(dates, start=1)
        ]
        yield from commit([Change(record.details, revision, later[-1].consent, tuple(later))])
    events = yield from history(record.id)
    expect([event.sequence for event in events], list(range(1, 14)))


@clause(SINCE, changes=3)
def events_lead_to_the_record() -> ClausePlan[None]:
    """The events of a record, replayed, give the record as it is stored."""
    first = consent(email("ada"))
    yield from commit([creation(first)])
    yield from commit([revision_of(first, steps=2)])
    stored = (yield from find([first.details])).get(first.details)
    expect(exactly(replay((yield from history(first.id)))), exactly(stored))


@clause(SINCE, changes=4)
def refused_changes_leave_no_events() -> ClausePlan[None]:
    """A change that was refused is not in the history either."""
    first, other = consent(email("ada")), consent(email("bob"))
    yield from commit([creation(first)])
    yield from refused([creation(other), revision_of(first, expected=5)])
    expect(exact_history((yield from history(first.id))), exact_history((ConsentCreated(first),)))
    expect(tuple((yield from history(other.id))), ())
