"""Tombstones in real databases: nothing of the person is left, and no race brings anyone back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from consent_core import (
    Change,
    Conflict,
    ConsentService,
    KeptReason,
    Outcome,
    Tombstone,
    TombstoneChange,
    TombstoneKeys,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from consent_core.testing.arrange import NOON, consent, creation, erasure_of
from tests.adapters.requests import ADA, BOB, confirm, person, revoke
from tests.adapters.stores import KINDS, Repository, Store, database_of, new_database, open_store

SECRETS: Final = ["n" * 32, "o" * 32]
(DIGEST, OLD) = TombstoneKeys(SECRETS).digests_of(ADA)
LEFT: Final = Tombstone(revoked_date=NOON)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new database of each kind with the schema."""
    awaited = request.param.endswith("async")
    with (
        new_database(request, request.param, tmp_path) as url,
        open_store(url, awaited=awaited) as store,
    ):
        store.create()
        yield store


class OfSite:
    """A repository behind the face of a sync one, which says its site."""

    site = ""

    def __init__(self, inner: Repository) -> None:
        self.find, self.get, self.commit = inner.find, inner.get, inner.commit
        self.query, self.history = inner.query, inner.history


def rows(store: Store) -> dict[str, list[str]]:
    """Everything that is stored, as text."""
    with store.connection() as caller:
        return {
            name: [str(tuple(row)) for row in caller.execute(f"SELECT * FROM {name}")]  # noqa: S608  # our own names
            for name in metadata.tables
        }


def test_nothing_of_the_person_is_left(store: Store) -> None:
    """No address, no text, no id: a digest, the number of its secret, and dates."""
    consents = ConsentService(OfSite(store.repository()), tombstone_keys=SECRETS)
    erased = consents.upsert(confirm(fields={"app": {"name": "Ada Lovelace"}})).consent
    consents.delete(erased.id)
    assert consents.upsert(confirm()).kept is KeptReason.STALE_EVIDENCE
    consents.upsert(revoke(minute=3))
    stored = rows(store)
    assert [len(stored[name]) for name in sorted(stored)] == [1, 0, 1]
    (tombstone,) = stored["consent_tombstones"]
    assert DIGEST.digest in tombstone
    assert DIGEST.key_number in tombstone
    for secret in ("ada@", "Ada", "example", str(erased.id), erased.id.hex, *SECRETS):
        assert secret not in tombstone
        assert secret not in str(stored["consent_events"]) or secret in (
            str(erased.id),
            erased.id.hex,
        )


def test_an_old_list_brings_nobody_back(store: Store) -> None:
    """In a bulk of many people, under two secrets; whoever was not erased is created."""
    consents = ConsentService(OfSite(store.repository()), tombstone_keys=SECRETS)
    people = [ADA, BOB, *(person(number) for number in range(20))]
    for answer in [*consents.bulk_upsert(confirm(who) for who in people[:12])]:
        assert isinstance(answer, Outcome)
        consents.delete(answer.consent.id)
    answers = consents.bulk_upsert(confirm(who, minute=1) for who in people)
    results = [each.kept for each in answers if isinstance(each, Outcome) and not each.record]
    assert results == [KeptReason.STALE_EVIDENCE] * 12
    assert set(store.repository().find(people)) == set(people[12:])


def gone(before: Change) -> Change:
    """The erasure of a record, with its tombstone."""
    assert before.consent is not None
    erasure = erasure_of(before.consent)
    return erasure._replace(tombstones=(TombstoneChange(DIGEST, None, LEFT),))


def founded(change: Change) -> Change:
    """A creation that has found no tombstone."""
    return change._replace(tombstones=(TombstoneChange(DIGEST, None, None),))


LEVELS: Final = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]


@pytest.mark.parametrize(
    ("kind", "level"),
    [("sqlite", None), *((kind, level) for kind in KINDS[2::2] for level in LEVELS)],
)
def test_a_creation_waits_for_the_erasure_that_it_would_miss(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, level: str | None
) -> None:
    """It has looked before the erasure, and is stored after it: at every level of isolation it
    meets the tombstone.
    """
    site = uuid4().hex
    told: Any = {} if level is None else {"isolation_level": level}
    engine = create_engine(database_of(request, kind, tmp_path), **told)
    create_schema(engine)
    first, again = creation(consent(ADA)), founded(creation(consent(ADA, id=uuid4())))
    repository = SqlAlchemyRepository(engine, site=site)
    repository.commit([first])
    with engine.connect() as connection, ThreadPoolExecutor(1) as pool:
        SqlAlchemyRepository(connection, site=site).commit([gone(first)])
        waiting = pool.submit(repository.commit, [again])
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        connection.commit()
        with pytest.raises(Conflict) as refused:
            waiting.result(timeout=60)
    assert refused.value.changes == (again,)
    assert repository.find([ADA, DIGEST]) == {DIGEST: LEFT}
    engine.dispose()


@pytest.mark.parametrize(
    ("kind", "level"), [*(("postgresql", level) for level in LEVELS[1:]), ("mariadb", LEVELS[1])]
)
def test_nor_does_an_old_snapshot_hide_it(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, level: str
) -> None:
    """A transaction of the caller that began before the erasure sees neither record nor tombstone
    come and go, and yet creates nothing. (SERIALIZABLE of MariaDB lets nobody write what it read.)
    """
    site = uuid4().hex
    engine = create_engine(database_of(request, kind, tmp_path), isolation_level=level)
    create_schema(engine)
    others = SqlAlchemyRepository(engine, site=site)
    first, again = creation(consent(ADA)), founded(creation(consent(ADA, id=uuid4())))
    with engine.connect() as connection:
        mine = SqlAlchemyRepository(connection, site=site)
        assert mine.find([ADA, DIGEST]) == {}
        others.commit([first])
        others.commit([gone(first)])
        with pytest.raises(Conflict):
            mine.commit([again])
    assert others.find([ADA, DIGEST]) == {DIGEST: LEFT}
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS[::2])
def test_whoever_is_erased_stays_erased_whatever_races(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """An old list is imported while people are erased: nobody of them has a record afterwards."""
    engine = create_engine(database_of(request, kind, tmp_path))
    create_schema(engine)
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    consents = ConsentService(repository, tombstone_keys=SECRETS)
    people = [person(number) for number in range(20)]
    ids = [consents.upsert(confirm(who, minute=2)).consent.id for who in people]

    def read_in() -> list[KeptReason | None]:
        return [consents.upsert(confirm(who, minute=1)).kept for who in people]

    with ThreadPoolExecutor(4) as pool:
        imports = [pool.submit(read_in) for _ in range(3)]
        list(pool.map(consents.delete, ids))
        for each in imports:
            assert each.result() == [KeptReason.STALE_EVIDENCE] * len(people)
    assert repository.find(people) == {}
    keys = TombstoneKeys(SECRETS, site=repository.site)
    assert len(repository.find([keys.digests_of(who)[0] for who in people])) == len(people)
    engine.dispose()
