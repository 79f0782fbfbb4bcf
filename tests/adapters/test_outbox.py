"""The outbox.

Every event reaches the relay at least once and in order, and is gone once it was marked.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4, uuid5

import pytest

from consent_core import Conflict, ConsentDeleted, ConsentEvent, ConsentService
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, applied, at, confirm, person, revoke
from tests.adapters.stores import KINDS, Repository, Store, database_of, open_store

HERS = consent(ADA)
HIS = consent(BOB)


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A database of each kind with the schema."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("outbox"))
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


@pytest.fixture
def repository(store: Store) -> Repository:
    """One for a new site."""
    return store.repository(uuid4().hex)


def ids_of(events: Sequence[ConsentEvent]) -> list[UUID]:
    """What marks events."""
    return [event.id for event in events]


def relayed(repository: Repository, limit: int) -> list[ConsentEvent]:
    """Everything that a relay passes on which reads and marks until nothing is left."""
    passed_on: list[ConsentEvent] = []
    for _ in range(10_000):
        events = repository.unpublished(limit)
        if not events:
            return passed_on
        passed_on += events
        repository.mark_published(ids_of(events))
    raise AssertionError("the outbox does not become empty")


def assert_in_sequence(events: Sequence[ConsentEvent]) -> None:
    """The events of each consent come in their order, without gaps and from the first on."""
    sequences = defaultdict(list)
    for event in events:
        sequences[event.consent_id].append(event.sequence)
    assert list(sequences.values()) == [
        list(range(1, len(each) + 1)) for each in sequences.values()
    ]


@pytest.mark.parametrize("limit", [1, 2, 7, 1_000])
def test_everything_comes_in_order(repository: Repository, limit: int) -> None:
    """However little is read at once.

    The oldest first, and each consent's events in sequence, each exactly once.
    """
    consents = ConsentService(repository)
    for step in range(3):
        for number in range(4):
            consents.upsert(confirm(person(number), 2 * step))
        list(consents.bulk_upsert(revoke(person(number), 2 * step + 1) for number in range(4)))
    passed_on = relayed(repository, limit)
    assert len(passed_on) == len(set(ids_of(passed_on))) == 4 * 3 * 2
    assert_in_sequence(passed_on)
    assert all(one.occurred_at <= other.occurred_at for one, other in pairwise(passed_on))
    histories = {consent.id: repository.history(consent.id) for consent in consents.query()}
    assert {event.id: event for event in passed_on} == {
        e.id: e for history in histories.values() for e in history
    }


def test_events_of_one_moment_come_in_sequence(repository: Repository) -> None:
    """A bulk stores several events of one consent at once, all of one moment.

    Ids of consents decide among others.
    """
    consents = ConsentService(repository, clock=lambda: at(1_000))
    answers = consents.bulk_upsert(
        confirm(who, minute) for minute in range(40) for who in (ADA, BOB)
    )
    assert len({answer.consent.updated_date for answer in applied(answers)}) == 1
    for limit in (1, 3, 79, 80, 1_000):
        events = repository.unpublished(limit)
        assert len(events) == min(limit, 80)
        assert_in_sequence(events)


def test_what_is_read_and_not_marked_comes_again(repository: Repository) -> None:
    """A relay that dies between reading and marking loses nothing.

    Its successor reads the same events.
    """
    repository.commit([creation(HERS), creation(HIS)])
    repository.commit([revision_of(HERS, 5)])
    seen = repository.unpublished(4)
    assert repository.unpublished(4) == seen
    repository.mark_published(ids_of(seen[:2]))
    assert repository.unpublished(2) == seen[2:]
    passed_on = [*seen, *relayed(repository, 3)]
    assert {event.id for event in passed_on} == {
        e.id for each in (HERS, HIS) for e in repository.history(each.id)
    }


def test_what_is_stored_meanwhile_is_not_lost(repository: Repository) -> None:
    """Between reading and marking others write, even events that are older than what was read."""
    late = consent(person(1))
    repository.commit([creation(HERS)])
    repository.commit([revision_of(HERS, 3)])
    seen = repository.unpublished()
    repository.commit([creation(late)])
    assert late.updated_date < seen[-1].occurred_at
    repository.mark_published(ids_of(seen))
    assert [event.consent_id for event in repository.unpublished()] == [late.id]


def test_marked_events_do_not_come_back(repository: Repository) -> None:
    """Neither by themselves nor with later changes of the same consent."""
    repository.commit([creation(HERS)])
    assert len(relayed(repository, 10)) == 1
    assert repository.unpublished() == ()
    change = revision_of(HERS)
    repository.commit([change])
    assert repository.unpublished() == change.events
    assert len(repository.history(HERS.id)) == 2


def test_marking_is_idempotent(repository: Repository) -> None:
    """Marked twice, never stored, or nothing at all: no error, and no other event is touched."""
    repository.commit([creation(HERS), creation(HIS)])
    first, second = repository.unpublished()
    for _ in range(2):
        repository.mark_published([first.id, first.id, uuid4()])
        assert repository.unpublished() == (second,)
    repository.mark_published([])
    assert repository.unpublished() == (second,)


def test_sites_are_kept_apart(store: Store) -> None:
    """Two sites may have the same ids of events, and each marks its own only."""
    here, there = (store.repository(uuid4().hex) for _ in range(2))
    for repository in (here, there):
        repository.commit([creation(HERS)])
    assert here.unpublished() == there.unpublished()
    here.mark_published(ids_of(here.unpublished()))
    assert here.unpublished() == ()
    assert len(there.unpublished()) == 1


@pytest.mark.parametrize("already_marked", [False, True])
def test_erased_consents_leave_only_their_erasure(
    repository: Repository, already_marked: bool
) -> None:
    """No personal data waits in the outbox for somebody who was erased."""
    repository.commit([creation(HERS), creation(HIS)])
    change = revision_of(HERS, 3)
    repository.commit([change])
    seen = repository.unpublished()
    if already_marked:
        repository.mark_published(ids_of(seen))
    assert change.consent is not None
    gone = erasure_of(change.consent)
    repository.commit([gone])
    left = [event for event in repository.unpublished() if event.consent_id == HERS.id]
    assert left == list(gone.events)
    assert isinstance(left[0], ConsentDeleted)
    assert left[0].sequence == 5
    repository.mark_published(ids_of(seen))
    assert repository.unpublished() == gone.events
    assert repository.history(HERS.id) == gone.events


def test_who_comes_back_after_an_erasure_is_told_anew(repository: Repository) -> None:
    """The erasure and the new record are both told, the erasure first."""
    repository.commit([creation(HERS)])
    gone = erasure_of(HERS)
    repository.commit([gone])
    moment = gone.events[0].occurred_at + timedelta(microseconds=1)
    again = consent(ADA, id=uuid5(HERS.id, "again"), created_date=moment, updated_date=moment)
    repository.commit([creation(again)])
    told = relayed(repository, 10)
    assert [(event.consent_id, event.sequence) for event in told] == [(HERS.id, 2), (again.id, 1)]


def test_a_refused_commit_tells_nothing(repository: Repository) -> None:
    """What was not stored is not published."""
    with pytest.raises(Conflict):
        repository.commit([creation(HERS), revision_of(HIS)])
    assert repository.unpublished() == ()


def test_many_are_marked_at_once(repository: Repository) -> None:
    """More ids than any of the databases takes in one statement, some of them unknown."""
    change = revision_of(HERS, 1_500)
    repository.commit([creation(HERS)])
    repository.commit([change])
    events = repository.unpublished(100_000)
    assert len(events) == 1_501
    strangers = [uuid5(HERS.id, f"stranger {number}") for number in range(66_000)]
    repository.mark_published([*strangers, *ids_of(events[:-1])])
    assert repository.unpublished(100_000) == events[-1:]


def test_a_limit_is_kept(repository: Repository) -> None:
    """A hundred, if nothing is said."""
    repository.commit([creation(HERS)])
    repository.commit([revision_of(HERS, 120)])
    assert len(repository.unpublished()) == 100
    assert len(repository.unpublished(0)) == 0
    assert len(repository.unpublished(limit=121)) == 121
