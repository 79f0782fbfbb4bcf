"""The promises of the repository in memory about records, changes and history."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from attrs import evolve

from consent_core import (
    AsyncMemoryRepository,
    Change,
    Conflict,
    ConsentCreated,
    ConsentDeleted,
    ConsentUpdated,
    Email,
    MarketingConsent,
    MemoryRepository,
    Query,
    RepositoryError,
    replay,
)
from tests.application.records import change, create, erase, later, record
from tests.application.support import ADA, BOB, CARL, NOBODY


def _everything(store: MemoryRepository) -> list[object]:
    ids = [consent.id for consent in store.query(Query()).consents]
    return [
        store.query(Query()),
        store.find([ADA, BOB, CARL]),
        store.get(ids),
        [store.history(i) for i in ids],
    ]


def test_find_and_get_leave_out_what_is_not_stored() -> None:
    """What has no record is absent from the answer, and what has one is there as it was stored."""
    store, ada = MemoryRepository(), record()
    store.commit([create(ada)])
    assert store.find([BOB, ADA, ADA]) == {ADA: ada}
    assert store.get([NOBODY, ada.id]) == {ada.id: ada}
    assert store.find([]) == store.get([]) == {}
    assert len(store) == 1


def test_answers_are_not_the_store() -> None:
    """What was read stays as it was, whatever is stored afterwards, and cannot be used to change
    the store.
    """
    store, ada = MemoryRepository(), record()
    store.commit([create(ada)])
    found, history = store.find([ADA]), store.history(ada.id)
    store.commit([change(ada, later(ada))])
    assert (found, list(history)) == ({ADA: ada}, [ConsentCreated(ada)])


def test_find_knows_an_identifier_by_its_key() -> None:
    """Another spelling of an address finds its record."""
    store, ada = MemoryRepository(), record()
    store.commit([create(ada)])
    assert store.find([Email("ADA@Example.ORG")]) == {ADA: ada}


def test_a_commit_stores_records_with_their_events() -> None:
    """Several records with several events each are stored together, and replayed they give the
    records.
    """
    store, ada, bob = MemoryRepository(), record(1), record(2, BOB)
    both = Change(ADA, 0, later(ada), (ConsentCreated(ada), ConsentUpdated(later(ada))))
    store.commit([both, create(bob)])
    assert store.find([ADA, BOB]) == {ADA: later(ada), BOB: bob}
    for consent in (later(ada), bob):
        assert replay(store.history(consent.id)) == consent
    assert [event.sequence for event in store.history(ada.id)] == [1, 2]


def test_an_empty_commit_changes_nothing() -> None:
    """To store nothing is allowed."""
    store = MemoryRepository()
    store.commit([])
    assert len(store) == 0


ADA_1, BOB_1 = record(1), record(2, BOB)
ADA_2 = later(ADA_1)
WRONG: dict[str, Change] = {
    "creates what exists": create(record(9)),
    "expects an older revision": change(evolve(ADA_1, revision=1), later(ADA_2)),
    "expects a newer revision": change(later(ADA_2), later(later(ADA_2))),
    "erases another revision": erase(ADA_1),
    "changes what does not exist": change(record(3, CARL), later(record(3, CARL))),
    "erases what does not exist": erase(record(3, CARL)),
    "takes the id of another": create(record(2, CARL)),
    "changes under another id": change(record(7), later(evolve(ADA_2, id=NOBODY))),
    "erases under another id": Change(
        ADA, 2, None, (ConsentDeleted(NOBODY, 3, ADA_2.updated_date),)
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("place", range(3))
def test_one_wrong_expectation_stores_nothing_of_the_commit(wrong: Change, place: int) -> None:
    """A commit is all or nothing, wherever the change stands whose expectation does not hold.

    It alone is named.
    """
    store = MemoryRepository()
    store.commit([create(ADA_1), create(BOB_1)])
    store.commit([change(ADA_1, ADA_2)])
    before = _everything(store)
    changes = [change(BOB_1, later(BOB_1)), create(record(8, Email("dan@example.org")))]
    changes.insert(place, wrong)
    with pytest.raises(Conflict) as caught:
        store.commit(changes)
    assert list(caught.value.changes) == [wrong]
    assert isinstance(caught.value, RepositoryError)
    assert _everything(store) == before
    assert store.find([Email("dan@example.org")]) == {}


def test_a_conflict_names_every_change_that_did_not_hold() -> None:
    """Whoever retries learns at once all that has to be read again."""
    store = MemoryRepository()
    store.commit([create(ADA_1), create(BOB_1)])
    stale = [create(record(5)), create(record(6, BOB))]
    with pytest.raises(Conflict) as caught:
        store.commit([stale[0], create(record(7, CARL)), stale[1]])
    assert list(caught.value.changes) == stale


def test_two_records_of_one_commit_cannot_share_an_id() -> None:
    """Ids are unique also among the changes of one commit.

    Where they are not, nothing is stored.
    """
    store = MemoryRepository()
    with pytest.raises(Conflict):
        store.commit([create(record(1)), create(record(1, BOB))])
    assert len(store) == 0
    assert store.find([ADA, BOB]) == {}


def test_compare_and_set_lets_one_of_two_win() -> None:
    """Of two changes of the same revision the second is refused."""
    store = MemoryRepository()
    store.commit([create(ADA_1)])
    store.commit([change(ADA_1, ADA_2)])
    with pytest.raises(Conflict):
        store.commit([change(ADA_1, later(ADA_1, 5))])
    assert store.find([ADA]) == {ADA: ADA_2}


def test_erasure_takes_the_history_along() -> None:
    """After an erasure only the deleted event is left.

    No record, and no event that tells of the person.
    """
    store = MemoryRepository()
    store.commit([create(ADA_1), create(BOB_1)])
    store.commit([change(ADA_1, ADA_2)])
    store.commit([erase(ADA_2)])
    assert store.find([ADA, BOB]) == {BOB: BOB_1}
    assert store.get([ADA_1.id]) == {}
    assert list(store.history(ADA_1.id)) == [ConsentDeleted(ADA_1.id, 3, ADA_2.updated_date)]
    assert list(store.history(BOB_1.id)) == [ConsentCreated(BOB_1)]
    assert store.query(Query()).consents == (BOB_1,)
    assert "ada" not in str(vars(store))


def test_an_identifier_can_be_used_again_after_an_erasure() -> None:
    """The next record of the same person is a new one, with a history of its own."""
    store, again = MemoryRepository(), record(4)
    store.commit([create(ADA_1)])
    store.commit([erase(ADA_1)])
    store.commit([create(again)])
    assert store.find([ADA]) == {ADA: again}
    assert list(store.history(again.id)) == [ConsentCreated(again)]
    assert len(store.history(ADA_1.id)) == 1


def test_the_id_of_an_erased_record_is_not_used_again() -> None:
    """The sequence of a consent's events only grows, so a new record with an erased one's id is a
    conflict.
    """
    store = MemoryRepository()
    store.commit([create(ADA_1)])
    store.commit([erase(ADA_1)])
    with pytest.raises(Conflict):
        store.commit([create(record(1, BOB))])
    assert len(store) == 0


def test_a_store_without_history_keeps_records_all_the_same() -> None:
    """Without history, records are stored, changed and erased, and no event is kept."""
    store = MemoryRepository(keep_history=False)
    store.commit([create(ADA_1), create(BOB_1)])
    store.commit([change(ADA_1, ADA_2), erase(BOB_1)])
    assert store.find([ADA, BOB]) == {ADA: ADA_2}
    assert list(store.history(ADA_1.id)) == list(store.history(BOB_1.id)) == []


def test_history_of_what_never_was_is_empty() -> None:
    """An unknown id has no events, and asking does not make it known."""
    store = MemoryRepository()
    assert list(store.history(NOBODY)) == []
    assert store.get([NOBODY]) == {}


def test_the_async_repository_is_the_same_store() -> None:
    """Each call of the asynchronous repository is the call of the one it shares."""
    store = MemoryRepository()
    shared = AsyncMemoryRepository(store)

    async def scenario() -> Sequence[object]:
        await shared.commit([create(ADA_1)])
        return [
            await shared.find([ADA]),
            await shared.get([ADA_1.id]),
            await shared.query(Query()),
            await shared.history(ADA_1.id),
        ]

    assert asyncio.run(scenario()) == [
        store.find([ADA]),
        store.get([ADA_1.id]),
        store.query(Query()),
        store.history(ADA_1.id),
    ]
    with pytest.raises(Conflict):
        asyncio.run(shared.commit([create(ADA_1)]))
    assert asyncio.run(AsyncMemoryRepository().find([ADA])) == {}


@pytest.mark.parametrize("step", [create, lambda c: change(c, later(c)), erase])
def test_pages_are_never_older_than_the_last_commit(
    step: Callable[[MarketingConsent], Change],
) -> None:
    """A query after a commit sees it, although the order of the records is remembered between
    queries.
    """
    store = MemoryRepository()
    if step is not create:
        store.commit([create(ADA_1)])
    store.query(Query())
    after = step(ADA_1)
    store.commit([after])
    assert store.query(Query()).consents == (() if after.consent is None else (after.consent,))
