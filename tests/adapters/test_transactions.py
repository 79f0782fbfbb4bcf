"""A repository that is bound to a caller's connection works inside the caller's transaction."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from consent_core import Conflict, ConsentService, ConsentState, Query
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, applied, assert_whole, confirm, person, revoke
from tests.adapters.stores import KINDS, Caller, Store, database_of, open_store

HERS = consent(ADA)
HIS = consent(BOB)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of each kind, with the schema and a table of the application."""
    url = database_of(request, request.param, tmp_path)
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        with store.connection() as caller:
            for table in ("consent_records", "consent_events"):
                caller.execute(f"DELETE FROM {table}")  # noqa: S608  # two fixed names
            caller.execute("DROP TABLE IF EXISTS orders")
            caller.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY)")
            caller.commit()
        yield store


def orders(caller: Caller) -> list[int]:
    """What the application stored."""
    return [number for (number,) in caller.execute("SELECT number FROM orders ORDER BY number")]


def order(caller: Caller, number: int) -> None:
    """Let the application store something."""
    caller.execute("INSERT INTO orders VALUES (:number)", number=number)


@pytest.mark.parametrize("first", ["order", "consent"])
def test_a_rollback_takes_the_consents_along(store: Store, first: str) -> None:
    """Whichever of both comes first in the transaction, a rollback leaves neither."""
    with store.connection() as caller:
        if first == "order":
            order(caller, 1)
        caller.repository().commit([creation(HERS)])
        order(caller, 2)
        caller.repository().commit([revision_of(HERS)])
        caller.rollback()
        assert orders(caller) == []
    repository = store.repository()
    assert repository.find([ADA]) == {}
    assert repository.history(HERS.id) == ()
    assert repository.unpublished() == ()


def test_a_commit_keeps_both(store: Store) -> None:
    """What the caller commits is there for everybody, and not before."""
    with store.connection() as caller:
        order(caller, 1)
        caller.repository().commit([creation(HERS)])
        assert caller.repository().find([ADA]) == {ADA: HERS}
        assert store.repository().find([ADA]) == {}
        caller.commit()
        assert orders(caller) == [1]
    assert store.repository().find([ADA]) == {ADA: HERS}
    assert_whole(store.repository(), HERS)


def test_a_connection_that_is_closed_without_commit_stores_nothing(store: Store) -> None:
    """The repository never commits on a connection of the caller."""
    with store.connection() as caller:
        caller.repository().commit([creation(HERS)])
    assert store.repository().find([ADA]) == {}
    assert store.repository().history(HERS.id) == ()


@pytest.mark.parametrize(
    "lost",
    [
        creation(HERS),
        revision_of(HERS, expected=7),
        erasure_of(HERS, expected=7),
        revision_of(consent(BOB)),
    ],
    ids=["create", "update", "erase", "absent"],
)
@pytest.mark.parametrize("with_another", [False, True])
def test_a_conflict_leaves_the_transaction_usable(
    store: Store, lost: object, with_another: bool
) -> None:
    """A refused commit changes nothing of what the caller did before or does later."""
    other = creation(consent(person(1)))
    changes = [*([other] if with_another else []), lost]
    with store.connection() as caller:
        repository = caller.repository()
        order(caller, 1)
        repository.commit([creation(HERS)])
        with pytest.raises(Conflict) as refused:
            # the changes come from a parameter
            repository.commit(changes)  # type: ignore[arg-type]
        assert refused.value.changes == (lost,)
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None
        assert repository.find([ADA, person(1)]) == {ADA: HERS}
        order(caller, 2)
        repository.commit([creation(consent(person(2)))])
        caller.commit()
        assert orders(caller) == [1, 2]
    repository = store.repository()
    assert set(repository.find([ADA, BOB, person(1), person(2)])) == {ADA, person(2)}
    assert_whole(repository, HERS)
    assert len(repository.unpublished()) == 2


def test_a_conflict_as_the_first_thing_leaves_the_transaction_usable(store: Store) -> None:
    """Also where the caller's transaction begins with the refused commit."""
    with store.connection() as caller:
        with pytest.raises(Conflict):
            caller.repository().commit([creation(consent(person(1))), revision_of(HERS)])
        order(caller, 1)
        caller.repository().commit([creation(HIS)])
        caller.rollback()
        assert orders(caller) == []
    assert store.repository().find([person(1), ADA, BOB]) == {}


def test_a_savepoint_of_the_caller_encloses_commits(store: Store) -> None:
    """After a rollback to it, what was stored since is gone and what was before stays."""
    with store.connection() as caller:
        caller.repository().commit([creation(HERS)])
        caller.execute("SAVEPOINT mine")
        caller.repository().commit([creation(HIS), revision_of(HERS)])
        assert set(caller.repository().find([ADA, BOB])) == {ADA, BOB}
        caller.execute("ROLLBACK TO SAVEPOINT mine")
        caller.commit()
    assert store.repository().find([ADA, BOB]) == {ADA: HERS}
    assert store.repository().find([ADA])[ADA].revision == 1
    assert_whole(store.repository(), HERS)


def test_reading_first_changes_nothing(store: Store) -> None:
    """A transaction that began with reading is still the caller's to roll back."""
    with store.connection() as caller:
        assert caller.repository().find([ADA]) == {}
        assert caller.repository().query(Query()).consents == ()
        caller.repository().commit([creation(HERS)])
        caller.repository().commit([erasure_of(HERS)])
        assert [event.sequence for event in caller.repository().history(HERS.id)] == [2]
        caller.rollback()
    assert store.repository().history(HERS.id) == ()


def test_services_work_inside_a_transaction(store: Store) -> None:
    """Upserts, a bulk and an erasure of one transaction: all or, rolled back, none."""
    for end in ("rollback", "commit"):
        with store.connection() as caller:
            consents = ConsentService(caller.repository())
            consents.upsert(confirm())
            outcomes = list(
                applied(consents.bulk_upsert([revoke(), confirm(BOB), confirm(person(1))]))
            )
            consents.delete(outcomes[1].consent.id)
            getattr(caller, end)()
        stored = store.repository().find([ADA, BOB, person(1)])
        if end == "rollback":
            assert stored == {}
            assert store.repository().unpublished() == ()
    assert {who: consent.state for who, consent in stored.items()} == {
        ADA: ConsentState.REVOKED,
        person(1): ConsentState.CONFIRMED,
    }
    for each in stored.values():
        assert_whole(store.repository(), each)


def test_the_outbox_joins_the_transaction(store: Store) -> None:
    """Marking, rolled back, did not happen: the events come again."""
    store.repository().commit([creation(HERS)])
    with store.connection() as caller:
        repository = caller.repository()
        (event,) = repository.unpublished()
        repository.mark_published([event.id])
        assert repository.unpublished() == ()
        caller.rollback()
    assert store.repository().unpublished() == (event,)


def test_errors_of_the_application_take_the_consents_along(store: Store) -> None:
    """The usual way to fail: an exception between two writes, and nobody commits."""
    with suppress(ZeroDivisionError), store.connection() as caller:
        ConsentService(caller.repository()).upsert(confirm())
        order(caller, 1 // 0)
    assert store.repository().find([ADA]) == {}
