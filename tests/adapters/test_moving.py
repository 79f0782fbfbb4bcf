"""Everything that a store holds moves to another store as it is, or not at all."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text

from consent_core import (
    ConsentEvent,
    ConsentService,
    MarketingConsent,
    MemoryRepository,
    TombstoneKeys,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.moving import Moved, export_whole, restore
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from consent_core.testing.strategies import MOMENT, records, upsert_sequences
from tests.adapters.moving import (
    HEADER,
    SECRET,
    live,
    moved,
    new,
    opened,
    rows,
)
from tests.adapters.requests import ADA, BOB, applied, confirm, person
from tests.adapters.stores import sqlite_url

SITE: Final = "acme"


@pytest.fixture(scope="module")
def postgres(database: str) -> Iterator[Engine]:
    """A PostgreSQL with the schema."""
    with opened(database) as engine:
        yield engine


@pytest.fixture(scope="module")
def maria(mariadb: str) -> Iterator[Engine]:
    """A MariaDB with the schema."""
    with opened(mariadb) as engine:
        yield engine


@pytest.fixture(params=["postgres", "maria"])
def server_engine(request: pytest.FixtureRequest) -> Engine:
    """Each server."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file with the schema."""
    with opened(sqlite_url(tmp_path)) as engine:
        yield engine


@pytest.fixture(params=["sqlite", "postgres", "maria"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each database."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


def test_there_and_back_again_is_equal(
    sqlite: Engine, server_engine: Engine, tmp_path: Path
) -> None:
    """From SQLite to a server and back: the same rows, flags of the outbox included, and the
    same lines.
    """
    here, there = new(sqlite, SITE), new(server_engine, SITE)
    live(here)
    lines = [*export_whole(here)]
    told = restore(there, lines)
    back_engine = create_engine(f"sqlite:///{tmp_path / 'back.db'}")
    create_schema(back_engine)
    back = new(back_engine, SITE)
    restore(back, export_whole(there))
    assert lines == [*export_whole(there)] == [*export_whole(back)]
    before = rows(here, sqlite)
    assert before == rows(there, server_engine) == rows(back, back_engine)
    assert told == Moved(
        *(len(before[f"consent_{n}"]) for n in ("records", "events", "tombstones"))
    )
    assert min(told) >= 2
    assert there.unpublished(99) == here.unpublished(99)
    keys = TombstoneKeys([SECRET], site=SITE)
    assert there.find(keys.digests_of(person(0)))
    back_engine.dispose()


def test_a_moved_store_decides_as_the_old_one(sqlite: Engine, postgres: Engine) -> None:
    """Who was erased stays erased, who left is brought back by no old evidence, and the next change
    has the next revision.
    """
    here, there = new(sqlite, "two"), new(postgres, "two")
    live(here)
    moved(here, there)
    for repository in (here, there):
        consents = ConsentService(repository, tombstone_keys=[SECRET])
        told = [
            (outcome.result, outcome.kept, outcome.record and outcome.record.revision)
            for outcome in applied(consents.bulk_upsert(confirm(person(n), 1.5) for n in range(7)))
        ]
        if repository is here:
            expected = told
    assert told == expected
    assert len({result for result, _, _ in told}) == 3


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_stored_is_moved(sqlite: Engine, data: st.DataObject) -> None:
    """Random histories, by way of the memory store."""
    memory = MemoryRepository()
    consents = ConsentService(memory, clock=lambda: MOMENT, tombstone_keys=[SECRET])
    for upsert in data.draw(upsert_sequences()):
        outcome = consents.upsert(upsert)
        if outcome.record is not None and data.draw(st.integers(0, 5)) == 0:
            consents.delete(outcome.record.id)
    for record in data.draw(st.lists(records(), max_size=3)):
        try:
            memory.commit([creation(record)] if record.revision == 1 else [])
        except Exception:  # noqa: BLE001, S112  # the identifier or the id is there already
            continue
    target, back = new(sqlite), MemoryRepository()
    lines = moved(memory, target)
    moved(target, back)
    assert [*back.everything()] == [*memory.everything()]
    assert [*export_whole(back)] == lines


def test_more_than_one_page(engine: Engine) -> None:
    """Pages and batches lose nothing at their borders, in histories longer than a page, too."""
    source, target = new(engine), new(engine)
    source.commit([creation(consent(person(number))) for number in range(1_100)])
    long = consent(ADA)
    source.commit([creation(long)])
    source.commit([revision_of(long, 1_050)])
    moved(source, target)
    assert rows(target, engine) == rows(source, engine)


def test_ids_of_other_makers_and_cut_histories(engine: Engine) -> None:
    """Erased people whose ids carry no shard, and records whose older events were dropped."""
    source, target = new(engine), new(engine)
    gone = consent(BOB, id=uuid4())
    for each in (consent(ADA), gone):
        source.commit([creation(each)])
    source.commit([revision_of(consent(ADA), 3)])
    source.commit([erasure_of(gone)])
    with engine.begin() as connection:
        drop = "DELETE FROM consent_events WHERE sequence < 3 AND kind <> 'deleted' AND site = :s"
        connection.execute(text(drop), {"s": source.site})
    moved(source, target)
    for who in (consent(ADA), gone):
        assert target.history(who.id) == source.history(who.id) != ()
    assert target.find([ADA]) == source.find([ADA])
    forgetful = MemoryRepository(keep_history=False)
    moved(target, forgetful)
    moved(forgetful, again := new(engine))
    assert again.find([ADA]) == source.find([ADA])
    assert again.history(consent(ADA).id) == ()


def test_the_export_is_of_one_moment(server_engine: Engine) -> None:
    """What others store while lines are read is not in them."""
    source = new(server_engine)
    live(source)
    expected = [*export_whole(source)]
    lines = export_whole(source)
    read = [next(lines), next(lines)]
    later = [confirm(person(number), 9) for number in range(12)]
    list(ConsentService(source).bulk_upsert(later))
    assert [*read, *lines] == expected


def test_within_a_transaction_of_the_caller(sqlite: Engine) -> None:
    """A connection of the caller: what it sees is exported, and what is filled is rolled back with
    it.
    """
    with sqlite.connect() as connection:
        repository = SqlAlchemyRepository(connection)
        source = MemoryRepository()
        live(source)
        restore(repository, export_whole(source))
        exported = [*repository.everything()]
        assert [each[:2] for each in exported] == [each[:2] for each in source.everything()]
        connection.rollback()
    assert [*new(sqlite, "").everything()] == []


def test_memory_stays_flat(sqlite: Engine) -> None:
    """However many there are, a few pages of records are in memory, at both ends together."""
    people = 3_000
    source = new(sqlite)
    for start in range(0, people, 500):
        source.commit([creation(consent(person(start + n))) for n in range(500)])
    held: list[int] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(export_whole(source)):
            yield line if number else HEADER.replace('""', '"target"')
            if number % 600 == 599:
                held.append(sum(type(each) is MarketingConsent for each in gc.get_objects()))

    gc.collect()
    before = sum(type(each) is MarketingConsent for each in gc.get_objects())
    other = create_engine("sqlite://")
    create_schema(other)
    assert restore(new(other, "target"), lines()) == Moved(people, people)
    assert len(held) == 5
    assert max(held) - before <= 1_500
    other.dispose()


def ids(events: list[ConsentEvent]) -> set[UUID]:
    """What marks events."""
    return {each.id for each in events}


def test_what_a_relay_has_published_stays_published(sqlite: Engine) -> None:
    """From a database into memory and back: the same events wait."""
    source, target, memory = new(sqlite), new(sqlite), MemoryRepository()
    source.commit([creation(consent(ADA)), creation(consent(BOB))])
    source.mark_published(ids([*source.unpublished(1)]))
    moved(source, memory)
    moved(memory, target)
    assert len(source.unpublished()) == 1
    assert memory.unpublished() == target.unpublished() == source.unpublished()
