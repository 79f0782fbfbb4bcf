"""Ids are looked for on the shard that they carry, and found wherever their record is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest

from consent_core import ConsentDeleted, ConsentService, Identifier
from consent_core.domain.ids import consent_id, shard_of, shard_of_id
from consent_core.testing.arrange import NOON, consent, creation, erasure_of, phone, revision_of
from tests.adapters.requests import ADA, BOB, assert_whole, confirm, person, revoke
from tests.adapters.stores import KINDS, Repository, Store, database_of, open_store

CHANCE: Final = bytes(range(8))

SOMEBODY: Final = person(1)

KNOWN: Final = {
    "of the library": consent(ADA, id=consent_id(ADA, NOON, CHANCE)),
    "of the library, too": consent(phone(7), id=consent_id(phone(7), NOON, CHANCE)),
    "made by others": consent(BOB, id=UUID(int=7)),
    "UUIDv7 made by others": consent(SOMEBODY, id=consent_id(person(2), NOON, CHANCE)),
}
"""Records by what their id is."""

UNKNOWN: Final = [UUID(int=8), consent_id(person(3), NOON, CHANCE)]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of each kind."""
    url = database_of(request, request.param, tmp_path)
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


@pytest.fixture
def repository(store: Store) -> Repository:
    """The records, in a new site; those of another site have the same ids."""
    for site in (other := uuid4().hex, other[::-1]):
        store.repository(site).commit([creation(record) for record in KNOWN.values()])
    return store.repository(other)


def test_the_ids_are_what_their_names_say() -> None:
    """The tests below ask for ids with the right shard, with none, and with a wrong one."""
    shards = {
        name: (shard_of_id(record.id), shard_of(record.details)) for name, record in KNOWN.items()
    }
    assert [carried == shard for carried, shard in shards.values()] == [True, True, False, False]
    assert shards["made by others"][0] is None


@pytest.mark.parametrize("name", KNOWN)
def test_one_id_is_found(repository: Repository, name: str) -> None:
    """Also one that others made, even where it looks like one of the library."""
    wanted = KNOWN[name]
    assert repository.get([wanted.id]) == {wanted.id: wanted}
    assert_whole(repository, wanted)


def test_many_ids_are_found(repository: Repository) -> None:
    """Together with some that no record has."""
    wanted = [record.id for record in KNOWN.values()]
    assert repository.get([*UNKNOWN, *wanted, *wanted]) == {
        record.id: record for record in KNOWN.values()
    }


@pytest.mark.parametrize("wanted", [UNKNOWN, UNKNOWN[:1], UNKNOWN[1:], []])
def test_ids_that_no_record_has_are_not_found(repository: Repository, wanted: list[UUID]) -> None:
    """Of this site: none, and no history."""
    assert repository.get(wanted) == {}
    assert all(repository.history(each) == () for each in wanted)


def test_all_are_erased_together(repository: Repository) -> None:
    """Each with the whole of its history, whatever its id is; nobody else."""
    revised = {name: revision_of(record) for name, record in KNOWN.items()}
    repository.commit([*revised.values()])
    kept = revised.pop("of the library, too")
    gone = [erasure_of(change.consent) for change in revised.values() if change.consent]
    repository.commit(gone)
    assert [repository.history(change.consent_id) for change in gone] == [
        change.events for change in gone
    ]
    assert kept.consent is not None
    assert repository.get([record.id for record in KNOWN.values()]) == {
        kept.consent_id: kept.consent
    }
    assert_whole(repository, kept.consent)


@pytest.mark.parametrize("number", range(2))
def test_a_service_may_make_any_uuid(store: Store, number: int) -> None:
    """``new_id`` of the caller: what it makes is found, changed and erased by id."""
    made = UNKNOWN[number]

    def new_id(identifier: Identifier) -> UUID:
        assert identifier == ADA
        return made

    consents = ConsentService(store.repository(uuid4().hex), new_id=new_id)
    consents.upsert(confirm())
    consents.upsert(revoke())
    assert consents.update(made, extended_fields={"crm": {"seen": True}}).consent == consents.get(
        made
    )
    assert [event.sequence for event in consents.history(made)] == [1, 2, 3]
    consents.delete(made)
    (left,) = consents.history(made)
    assert isinstance(left, ConsentDeleted)
