"""Transactions on MariaDB: old snapshots, deadlocks, and waits that take too long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Final
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import PendingRollbackError

from consent_core import (
    Conflict,
    ConsentService,
    Identifier,
    Result,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    create_schema,
)
from consent_core.domain.ids import shard_of
from consent_core.testing.arrange import consent, creation, revision_of
from tests.adapters.mariadb import told
from tests.adapters.requests import ADA, BOB, assert_whole, confirm, person, revoke
from tests.adapters.stores import KINDS, Store, database_of, open_store

HERS: Final = consent(ADA)


@pytest.fixture(params=KINDS[4:])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """MariaDB with the schema, called and awaited."""
    url = database_of(request, request.param, tmp_path)
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


def test_a_transaction_of_the_caller_sees_who_was_faster(store: Store) -> None:
    """Under REPEATABLE READ, which is the default: it has read before the other writes, loses, and
    then decides on what is stored now.
    """
    site = uuid4().hex
    others = ConsentService(store.repository(site))
    others.upsert(confirm(ADA, 0))
    with store.connection() as caller:
        repository = caller.repository(site)
        assert {each.revision for each in repository.find([ADA, BOB]).values()} == {1}
        others.upsert(confirm(ADA, 1))
        others.upsert(confirm(BOB, 1))
        assert repository.find([ADA])[ADA].revision == 1, "the snapshot is old"
        mine = ConsentService(repository)
        assert mine.upsert(revoke(ADA, 2)).result is Result.UPDATED
        assert mine.upsert(revoke(BOB, 2)).result is Result.UPDATED
        assert {each.revision for each in repository.find([ADA, BOB]).values()} == {2, 3}
        caller.commit()
    stored = store.repository(site).find([ADA, BOB])
    assert {who: each.revision for who, each in stored.items()} == {ADA: 3, BOB: 2}
    for each in stored.values():
        assert_whole(store.repository(site), each)


def test_a_conflict_names_what_lost_in_an_old_snapshot(store: Store) -> None:
    """And nothing else; a later transaction reads without locks again."""
    site, hers, his = uuid4().hex, consent(ADA), consent(BOB)
    store.repository(site).commit([creation(hers), creation(his)])
    with store.connection() as caller:
        repository = caller.repository(site)
        repository.find([ADA, BOB])
        store.repository(site).commit([revision_of(hers)])
        changes = [revision_of(hers), revision_of(his)]
        with pytest.raises(Conflict) as refused:
            repository.commit(changes)
        assert refused.value.changes == (changes[0],)
        assert [each.sequence for each in repository.history(hers.id)] == [1, 2]
        caller.rollback()
        sent: list[str] = []
        listen = lambda *given: sent.append(given[2])  # noqa: E731  # removed again below
        event.listen(store.engine, "before_cursor_execute", listen)
        assert repository.find([ADA])[ADA].revision == 2
        event.remove(store.engine, "before_cursor_execute", listen)
        assert not [statement for statement in sent if "FOR UPDATE" in statement]


@pytest.fixture
def rival(store: Store) -> Iterator[Connection]:
    """Another transaction, which has stored so much that it wins every deadlock."""
    engine = create_engine(store.engine.url.set(drivername="mariadb+pymysql"))
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS ballast (number INTEGER)"))
        connection.execute(text("INSERT INTO ballast VALUES (1)"), [{}] * 500)
        yield connection
    engine.dispose()


def touch(connection: Connection, site: str, who: Identifier) -> None:
    """Lock the row of a record, and no other, by changing it."""
    sql = """
        UPDATE consent_records SET revision = revision + 1
        WHERE site = :site AND channel = 'EMAIL' AND `key` = :key AND shard = :shard
    """
    values = {"site": site, "key": who.key, "shard": shard_of(who)}
    connection.execute(text(sql), values)


def touch_later(connection: Connection, site: str, who: Identifier) -> None:
    """The same, when another is already waiting."""
    sleep(0.3)
    touch(connection, site, who)


def test_a_deadlock_ends_the_transaction_of_the_caller(store: Store, rival: Connection) -> None:
    """The database has rolled back all of it, and not only the savepoint.

    So the library does not try again, which would store the consent without what the caller stored
    before; and nothing more can be done before the caller rolls back.
    """
    site, hers, his = uuid4().hex, consent(ADA), consent(BOB)
    store.repository(site).commit([creation(hers), creation(his)])
    with store.connection() as caller, ThreadPoolExecutor(1) as pool:
        consents = ConsentService(caller.repository(site))
        consents.upsert(confirm(person(1)))
        consents.upsert(revoke(ADA, 9_000_000))
        touch(rival, site, BOB)
        closing = pool.submit(touch_later, rival, site, ADA)
        with pytest.raises(Unavailable) as failed:
            consents.upsert(revoke(BOB, 9_000_000))
        closing.result(timeout=60)
        assert (failed.value.error_class, failed.value.code) == ("OperationalError", "1213")
        with pytest.raises(PendingRollbackError):
            caller.execute("SELECT 1")
        with pytest.raises(Unavailable):
            consents.upsert(revoke(person(2)))
        with pytest.raises(PendingRollbackError):
            caller.commit()
        caller.rollback()
        rival.rollback()
        consents.upsert(revoke(person(2)))
        caller.commit()
    found = store.repository(site).find([ADA, BOB, person(1), person(2)])
    assert {who: each.revision for who, each in found.items()} == {ADA: 1, BOB: 1, person(2): 1}


def test_so_does_one_that_a_reading_loses(store: Store, rival: Connection) -> None:
    """After a lost race, the repository locks what it reads."""
    site, hers, his = uuid4().hex, consent(ADA), consent(BOB)
    store.repository(site).commit([creation(hers), creation(his)])
    with store.connection() as caller, ThreadPoolExecutor(1) as pool:
        repository = caller.repository(site)
        with pytest.raises(Conflict):
            repository.commit([revision_of(hers, expected=7)])
        touch(rival, site, BOB)
        closing = pool.submit(touch_later, rival, site, ADA)
        with pytest.raises(Unavailable) as failed:
            repository.find([BOB])
        closing.result(timeout=60)
        assert failed.value.code == "1213"
        with pytest.raises(PendingRollbackError):
            caller.execute("SELECT 1")
    rival.rollback()


def test_a_deadlock_of_the_librarys_own_is_a_lost_race(store: Store, rival: Connection) -> None:
    """Nothing is lost with it, so it is tried again."""
    site, hers, his = uuid4().hex, consent(ADA), consent(BOB)
    repository = store.repository(site)
    repository.commit([creation(hers), creation(his)])
    touch(rival, site, BOB)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(touch_later, rival, site, ADA)
        changes = [revision_of(hers), revision_of(his)]
        with pytest.raises(Conflict):
            repository.commit(changes)
        closing.result(timeout=60)
    rival.rollback()
    repository.commit(changes)
    assert {each.revision for each in repository.find([ADA, BOB]).values()} == {2}


def test_a_wait_that_takes_too_long_is_a_lost_race(mariadb: str) -> None:
    """Only the statement is rolled back, so a transaction of the caller can go on; it is told at
    once, because it would wait again for what was stored.
    """
    engine, site = told(mariadb, "SET innodb_lock_wait_timeout = 0"), uuid4().hex
    repository = SqlAlchemyRepository(engine, site=site)
    create_schema(engine)
    repository.commit([creation(HERS)])
    with engine.connect() as other, engine.connect() as connection:
        touch(other, site, ADA)
        change = revision_of(HERS)
        with pytest.raises(Conflict):
            repository.commit([change])
        mine = SqlAlchemyRepository(connection, site=site)
        mine.commit([creation(consent(BOB))])
        with pytest.raises(Unavailable) as failed:
            mine.commit([change])
        assert failed.value.code == "1205"
        connection.commit()
    assert set(repository.find([ADA, BOB])) == {ADA, BOB}
    engine.dispose()


def test_snapshot_isolation(mariadb: str) -> None:
    """The default of MariaDB from 11.6.2 on: whoever writes to a row that has changed since the
    snapshot loses the whole transaction. An engine of the library tries again; the caller is told.
    """
    engine = told(mariadb, "SET innodb_snapshot_isolation = ON")
    create_schema(engine)
    site = uuid4().hex
    others = ConsentService(SqlAlchemyRepository(engine, site=site))
    others.upsert(confirm(ADA, 0))
    with engine.connect() as connection:
        mine = SqlAlchemyRepository(connection, site=site)
        (found,) = mine.find([ADA]).values()
        others.upsert(confirm(ADA, 1))
        with pytest.raises(Unavailable) as failed:
            mine.commit([revision_of(evolve(found, revision=1))])
        assert failed.value.code == "1020"
        with pytest.raises(PendingRollbackError):
            connection.execute(text("SELECT 1"))
        connection.rollback()
        assert ConsentService(mine).upsert(revoke(ADA, 2)).consent.revision == 3
    engine.dispose()
