"""A store that cannot be filled as a whole is not filled at all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from consent_core import (
    InvalidConsent,
    MemoryRepository,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from consent_core.moving import StoredConsent, export_whole, restore
from consent_core.testing.arrange import consent, creation, erasure_of
from tests.adapters.databases import sqlite_engine
from tests.adapters.moving import (
    END_OF_TOMBSTONE,
    HEADER,
    TOMBSTONE,
    live,
    new,
    of_site,
    opened,
)
from tests.adapters.requests import ADA, BOB, person
from tests.adapters.stores import sqlite_url


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


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file with the schema."""
    with opened(sqlite_url(tmp_path)) as engine:
        yield engine


def occupied_by_a_record(repository: Any) -> None:
    """Somebody is there."""
    repository.commit([creation(consent(person(9)))])


def occupied_by_an_erasure(repository: Any) -> None:
    """Somebody was there."""
    occupied_by_a_record(repository)
    repository.commit([erasure_of(consent(person(9)))])


def occupied_by_a_tombstone(repository: Any) -> None:
    """Somebody was there, and left."""
    restore(repository, of_site([HEADER, TOMBSTONE, END_OF_TOMBSTONE], repository.site))


@pytest.mark.parametrize(
    "occupy", [occupied_by_a_record, occupied_by_an_erasure, occupied_by_a_tombstone]
)
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres", "maria"])
def test_a_store_that_is_not_empty_is_refused(
    request: pytest.FixtureRequest, kind: str, occupy: Callable[[Any], None]
) -> None:
    """Before anything is written or any consent is read."""
    source = MemoryRepository()
    live(source)
    target: Any = MemoryRepository() if kind == "memory" else new(request.getfixturevalue(kind))
    occupy(target)
    before = [*target.everything()]
    lines = iter(of_site([*export_whole(source)], target.site))
    with pytest.raises(InvalidConsent, match="store: must be empty"):
        restore(target, lines)
    assert [*target.everything()] == before
    assert len([*lines]) > len(before)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres", "maria"])
def test_what_comes_twice_is_refused(request: pytest.FixtureRequest, kind: str) -> None:
    """One identifier, one history or one digest twice: nothing is stored."""
    twin = consent(ADA, id=UUID(int=5))
    tombstone = MemoryRepository()
    restore(tombstone, [HEADER, TOMBSTONE, END_OF_TOMBSTONE])
    (buried,) = tombstone.everything()
    ada = StoredConsent(consent(ADA), creation(consent(ADA)).events)
    erased = StoredConsent(None, erasure_of(consent(ADA)).events)
    for second in (
        StoredConsent(twin, creation(twin).events),
        erased,
        buried,
    ):
        target: Any = MemoryRepository() if kind == "memory" else new(request.getfixturevalue(kind))
        twice = [buried, buried] if second is buried else [ada, second]
        if second is erased:
            twice = [erased, erased]
        with pytest.raises(InvalidConsent, match="store: has one of") as refused:
            target.fill(iter(twice))
        assert refused.value.__context__ is None
        assert [*target.everything()] == []
        target.fill(twice[:1])
        assert len([*target.everything()]) == 1


def test_another_writer_meanwhile_is_noticed(postgres: Engine) -> None:
    """Whoever stores a person while the store is filled makes the whole attempt fail, not part."""
    source, target = MemoryRepository(), new(postgres)
    source.commit([creation(consent(ADA)), creation(consent(BOB))])

    def lines() -> Iterator[str]:
        for line in of_site([*export_whole(source)], target.site):
            yield line
            if "events" in line and not target.find([BOB]):
                target.commit([creation(consent(BOB))])

    with pytest.raises(InvalidConsent, match="another process writes"):
        restore(target, lines())
    assert set(target.find([ADA, BOB])) == {BOB}


def test_the_drivers_error_is_the_cause_on_request(sqlite: Engine) -> None:
    """As in ``commit``."""
    target = SqlAlchemyRepository(sqlite, chain_driver_errors=True)
    erased = StoredConsent(None, erasure_of(consent(ADA)).events)
    with pytest.raises(InvalidConsent) as refused:
        target.fill([erased, erased])
    assert "UNIQUE" in str(refused.value.__cause__)


def test_a_store_that_fails_is_unavailable(tmp_path: Path) -> None:
    """Without tables, both ways."""
    engine = sqlite_engine(tmp_path)
    with pytest.raises(Unavailable):
        next(iter(new(engine).everything()))
    with pytest.raises(Unavailable):
        new(engine).fill([])
    engine.dispose()


def test_a_store_that_offers_less_is_refused() -> None:
    """An adapter of the five methods alone says so at once."""
    other: Any = object()
    for call in (export_whole, lambda each: restore(each, [])):
        with pytest.raises(InvalidConsent, match="repository: must be MemoryRepository or Sql"):
            call(other)
