"""What is erased is gone, and its history with it."""

from uuid import uuid5

from consent_core.application.plans import commit, find, get, history, page
from consent_core.application.query import EVERYTHING
from consent_core.domain.events import ConsentCreated
from consent_core.testing.arrange import (
    consent,
    creation,
    email,
    erasure_of,
    exact_history,
    exactly,
    revision_of,
)
from consent_core.testing.clauses.committing import refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store


@clause(SINCE)
def erasing_takes_the_history_along() -> ClausePlan[None]:
    """Of an erased record nothing is found, and only its ``ConsentDeleted`` remains."""
    first, other = consent(email("ada")), consent(email("bob"))
    yield from store([creation(first), creation(other)])
    second = revision_of(first)
    yield from commit([second])
    assert second.consent is not None  # noqa: S101  # for the type checker
    gone = erasure_of(second.consent)
    yield from commit([gone])
    expect(dict((yield from find([first.details]))), {})
    expect(dict((yield from get([first.id]))), {})
    expect({stored.id for stored in (yield from page(EVERYTHING)).consents}, {other.id})
    expect(exact_history((yield from history(first.id))), exact_history(gone.events))
    expect(exact_history((yield from history(other.id))), exact_history((ConsentCreated(other),)))


@clause(SINCE, changes=4)
def an_erasure_leaves_one_event() -> ClausePlan[None]:
    """Of an erasure that carries several events, only its last remains: its ``ConsentDeleted``."""
    first = consent(email("ada"))
    yield from commit([creation(first)])
    later = revision_of(first, steps=2)
    assert later.consent is not None  # noqa: S101  # for the type checker
    gone = erasure_of(later.consent, expected=1)
    yield from commit([gone._replace(events=(*later.events, *gone.events))])
    expect(dict((yield from find([first.details]))), {})
    expect(exact_history((yield from history(first.id))), exact_history(gone.events))


@clause(SINCE)
def erasing_expects_a_revision_too() -> ClausePlan[None]:
    """An erasure that expects another revision than the stored one is refused.

    Nothing is erased.
    """
    first = consent(email("ada"))
    yield from commit([creation(first)])
    yield from commit([revision_of(first)])
    expect((yield from refused([erasure_of(first)])), {first.details})
    expect((yield from find([first.details]))[first.details].revision, 2)
    expect(len((yield from history(first.id))), 2)


@clause(SINCE)
def erased_identifiers_start_anew() -> ClausePlan[None]:
    """An erased identifier can get a new record with a new id, which has nothing of the old one.

    The old id leads to nothing of the new record.
    """
    first = consent(email("ada"))
    gone = erasure_of(first)
    yield from commit([creation(first)])
    yield from commit([gone])
    again = consent(email("Ada"), id=uuid5(first.id, "again"))
    yield from commit([creation(again)])
    expect(exactly((yield from find([first.details])).get(first.details)), exactly(again))
    expect(exact_history((yield from history(again.id))), exact_history((ConsentCreated(again),)))
    expect(dict((yield from get([first.id]))), {})
    expect(set((yield from get([first.id, again.id]))), {again.id})
    expect(exact_history((yield from history(first.id))), exact_history(gone.events))


@clause(SINCE)
def a_new_record_is_not_the_erased_one() -> ClausePlan[None]:
    """A change of a record is refused once another one has its place, even at its revision."""
    first = consent(email("ada"))
    gone, again = erasure_of(first), consent(email("ada"), id=uuid5(first.id, "again"))
    for change in (creation(first), gone, creation(again)):
        yield from commit([change])
    for late in (revision_of(first), erasure_of(first)):
        expect((yield from refused([late])), {first.details})
        expect(exactly((yield from find([first.details])).get(first.details)), exactly(again))
        expect(
            exact_history((yield from history(again.id))), exact_history((ConsentCreated(again),))
        )
        expect(exact_history((yield from history(first.id))), exact_history(gone.events))
