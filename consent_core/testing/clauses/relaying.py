"""The outbox of a store that has one: events wait for a relay, in order, until it has them."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from consent_core.application.plans import commit
from consent_core.domain.events import ConsentEvent
from consent_core.testing.arrange import (
    consent,
    creation,
    email,
    erasure_of,
    exact_history,
    phone,
    revision_of,
)
from consent_core.testing.clauses.committing import refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, Relay, clause, expect

_ALL: Final = 1_000


def _waiting(limit: int = _ALL) -> ClausePlan[tuple[ConsentEvent, ...]]:
    return tuple((yield Relay("unpublished", limit)))


def _mark(ids: Collection[UUID]) -> ClausePlan[None]:
    yield Relay("mark_published", ids)


@clause(SINCE, relayed=True, changes=3)
def events_wait_until_they_are_published() -> ClausePlan[None]:
    """Every event of a stored change waits once, the oldest first, and until it is marked.

    Marking is about these events alone, and may be repeated.
    """
    first, other = consent(email("ada")), consent(phone(1))
    created, changed, late = creation(first), revision_of(first, steps=2), creation(other)
    expect((yield from _waiting()), ())
    for change in (created, changed, late):
        yield from commit([change])
    found = yield from _waiting()
    hers = [event for event in found if event.consent_id == first.id]
    expect(exact_history(hers), exact_history((*created.events, *changed.events)))
    expect(len(found), len(hers) + 1)
    expect([event.occurred_at for event in found], sorted(event.occurred_at for event in found))
    rest = [found[0], *found[2:]]
    for _ in range(2):
        yield from _mark([found[1].id, other.id])
        expect(exact_history((yield from _waiting())), exact_history(rest))
    expect(exact_history((yield from _waiting(2))), exact_history(rest[:2]))
    yield from _mark([])
    yield from _mark([event.id for event in rest])
    expect((yield from _waiting()), ())
    assert changed.consent is not None  # noqa: S101  # for the type checker
    again = revision_of(changed.consent)
    yield from commit([again])
    expect(exact_history((yield from _waiting())), exact_history(again.events))


@clause(SINCE, relayed=True, changes=4)
def what_is_refused_or_erased_does_not_wait() -> ClausePlan[None]:
    """No event of a refused change waits, and of an erased record only its ``ConsentDeleted``."""
    first, other = consent(email("ada")), consent(email("bob"))
    yield from commit([creation(first)])
    yield from refused([creation(other), revision_of(first, expected=5)])
    expect(exact_history((yield from _waiting())), exact_history(creation(first).events))
    gone = erasure_of(first)
    yield from commit([gone])
    expect(exact_history((yield from _waiting())), exact_history(gone.events))
