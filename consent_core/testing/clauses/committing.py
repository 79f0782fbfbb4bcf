"""A commit holds for exactly the revisions that it expected, wholly or not at all."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from consent_core.application.plans import commit, find, get, history, page
from consent_core.application.ports import Change
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentUpdated
from consent_core.domain.identifiers import Identifier
from consent_core.testing.arrange import (
    consent,
    creation,
    email,
    erasure_of,
    exactly,
    phone,
    revision_of,
)
from consent_core.testing.clauses.reading import HARD_RECORDS, SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store

STORED: Final = "stored"
"""What is answered where a commit was not refused."""


def refused(changes: Sequence[Change]) -> ClausePlan[set[Identifier] | str]:
    """The identifiers that a commit was refused for; ``STORED`` where it was not refused."""
    try:
        yield from commit(changes)
    except Conflict as conflict:
        return {change.identifier for change in conflict.changes}
    return STORED


@clause(SINCE)
def a_change_is_stored() -> ClausePlan[None]:
    """A change that expects the stored revision replaces the record, with all its fields."""
    first = consent(email("ada"))
    yield from commit([creation(first)])
    change = revision_of(first)
    yield from commit([change])
    expect(exactly((yield from find([first.details])).get(first.details)), exactly(change.consent))
    expect(exactly((yield from get([first.id])).get(first.id)), exactly(change.consent))
    for stored, other in enumerate((*HARD_RECORDS, HARD_RECORDS[0]), start=2):
        later = evolve(other, id=first.id, revision=stored + 1, details=first.details)
        yield from commit([Change(first.details, stored, later, (ConsentUpdated(later),))])
        expect(exactly((yield from find([first.details])).get(first.details)), exactly(later))


@clause(SINCE)
def what_exists_is_not_created_again() -> ClausePlan[None]:
    """A change that expects no record is refused where there is one, whatever its id.

    Nothing changes.
    """
    first = consent(email("ada"))
    yield from commit([creation(first)])
    same, rival = creation(first), creation(consent(email("ADA"), id=consent(email("other")).id))
    expect([(yield from refused([same])), (yield from refused([rival]))], [{first.details}] * 2)
    expect(exactly((yield from find([first.details])).get(first.details)), exactly(first))
    expect(len((yield from history(first.id))), 1)


@clause(SINCE)
def another_revision_is_refused() -> ClausePlan[None]:
    """A change that expects an older or a newer revision than the stored one is refused.

    Nothing changes.
    """
    first = consent(email("ada"))
    second = revision_of(first)
    yield from commit([creation(first)])
    yield from commit([second])
    older, newer = (revision_of(first, expected=expected) for expected in (1, 3))
    expect([(yield from refused([older])), (yield from refused([newer]))], [{first.details}] * 2)
    expect(exactly((yield from find([first.details])).get(first.details)), exactly(second.consent))
    expect(len((yield from history(first.id))), 2)


@clause(SINCE)
def large_revisions_are_told_apart() -> ClausePlan[None]:
    """Revisions above 2 to the power of 53, which floating-point numbers merge, are compared."""
    first = consent(email("ada"), revision=2**53 + 1)
    lower, higher = (revision_of(first, expected=other) for other in (2**53, 2**53 + 2))
    change = revision_of(first)
    yield from commit([creation(first)])
    expect([(yield from refused([lower])), (yield from refused([higher]))], [{first.details}] * 2)
    yield from commit([change])
    expect(exactly((yield from find([first.details])).get(first.details)), exactly(change.consent))


@clause(SINCE)
def what_is_absent_is_not_changed() -> ClausePlan[None]:
    """A change that expects a record is refused where there is none; nothing appears."""
    never = consent(email("nobody"))
    expect((yield from refused([revision_of(never)])), {never.details})
    expect(dict((yield from find([never.details]))), {})
    expect(tuple((yield from history(never.id))), ())


@clause(SINCE, changes=8)
def all_or_nothing() -> ClausePlan[None]:
    """A commit with one change that does not hold stores nothing, wherever that change is in it."""
    kept, gone, stale = consent(email("kept")), consent(phone(1)), consent(email("stale"))
    yield from store([creation(each) for each in (kept, gone, stale)])
    good = [creation(consent(email("new"))), revision_of(kept), erasure_of(gone)]
    bad = revision_of(stale, expected=7)
    for place in range(len(good) + 1):
        expect((yield from refused([*good[:place], bad, *good[place:]])), {stale.details})
        found = yield from find([email("new"), kept.details, gone.details, stale.details])
        expect(
            {i: exactly(c) for i, c in found.items()},
            {c.details: exactly(c) for c in (kept, gone, stale)},
        )
        for each in (kept, gone, stale):
            expect(len((yield from history(each.id))), 1)
        expect(tuple((yield from history(consent(email("new")).id))), ())


@clause(SINCE, changes=10)
def every_conflict_is_named() -> ClausePlan[None]:
    """A refused commit names every change that did not hold, and no other."""
    first, second, third = (consent(email(name)) for name in ("one", "two", "three"))
    yield from store([creation(first), creation(second), creation(third)])
    changes = [
        creation(first),
        revision_of(second),
        revision_of(third, expected=9),
        erasure_of(consent(email("nobody"))),
        creation(consent(email("new"))),
    ]
    expect((yield from refused(changes)), {first.details, third.details, email("nobody")})


@clause(SINCE, changes=8000)
def many_are_stored_at_once() -> ClausePlan[None]:
    """One commit may create and change more records than a database takes parameters for."""
    first = [consent(email(f"person{number}")) for number in range(4_000)]
    yield from commit([creation(each) for each in first])
    found = yield from find([each.details for each in first])
    expect(len(found), len(first))
    listed = yield from page(Query(page_size=len(first)))
    expect((len(listed.consents), listed.more), (len(first), False))
    later = [revision_of(each) for each in first[:500]]
    yield from commit(later)
    found = yield from find([each.details for each in first])
    expect([found[each.details].revision for each in first], [2] * 500 + [1] * 3_500)
    expect((yield from refused(later)), {change.identifier for change in later})
