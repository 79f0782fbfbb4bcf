"""A writer that was slower is told so.

Every other refusal of the database is unavailability, at once.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event

from consent_core import Change, Conflict, ConsentService, Email, Unavailable
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from consent_core.domain.ids import shard_of
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, applied, assert_whole, confirm, person
from tests.adapters.stores import KINDS, Repository, Store, new_database, open_store

HERS: Final = consent(ADA)
RIVAL: Final = consent(ADA, id=uuid4())


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


@contextmanager
def watched(engine: Engine) -> Iterator[tuple[list[str], list[BaseException]]]:
    """The statements that are sent, and the errors that the database answers with."""
    sent: list[str] = []
    errors: list[BaseException] = []

    def note_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    def note_error(context: Any) -> None:
        errors.append(context.original_exception)

    event.listen(engine, "before_cursor_execute", note_statement)
    event.listen(engine, "handle_error", note_error)
    try:
        yield sent, errors
    finally:
        event.remove(engine, "before_cursor_execute", note_statement)
        event.remove(engine, "handle_error", note_error)


def execute(store: Store, sql: str) -> None:
    """Change the database behind the library's back."""
    with store.connection() as caller:
        caller.execute(sql)
        caller.commit()


def assert_lost(repository: Repository, change: Change) -> None:
    """The change is refused as one that met another revision than it expected."""
    with pytest.raises(Conflict) as refused:
        repository.commit([change])
    assert refused.value.changes == (change,)


QUIET: Final = pytest.mark.parametrize("store", KINDS[:4], indirect=True)
"""On the databases that can tell without an error; MariaDB writes none to its log."""


@QUIET
@pytest.mark.parametrize("others", [0, 3])
def test_a_creation_that_comes_too_late_is_no_error_of_the_database(
    store: Store, others: int
) -> None:
    """So nothing is written to the server's log, where the error of a unique key would quote the
    address.
    """
    repository = store.repository()
    repository.commit([creation(HERS)])
    changes = [creation(RIVAL), *(creation(consent(person(number))) for number in range(others))]
    with watched(store.engine) as (_, errors), pytest.raises(Conflict) as refused:
        repository.commit(changes)
    assert errors == []
    assert refused.value.changes == (changes[0],)
    assert repository.find([ADA, *(person(number) for number in range(others))]) == {ADA: HERS}
    assert len(repository.unpublished()) == 1


def test_nor_is_one_that_waits_for_the_other(database: str) -> None:
    """Two create one record at once.

    The second waits until the first has committed, and is told without an error.
    """
    with open_store(database, awaited=False) as store, ThreadPoolExecutor(1) as pool:
        store.create()
        site = uuid4().hex
        with store.connection() as caller, watched(store.engine) as (sent, errors):
            caller.repository(site).commit([creation(HERS)])
            before = len(sent)
            waiting = pool.submit(assert_lost, store.repository(site), creation(RIVAL))
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            assert len(sent) == before + 1
            caller.commit()
            waiting.result(timeout=60)
        assert errors == []
        assert store.repository(site).find([ADA]) == {ADA: HERS}


@pytest.mark.parametrize("ends", ["commit", "rollback"])
@pytest.mark.parametrize(
    ("before", "rival", "change"),
    [
        ([], creation, creation),
        ([creation], revision_of, lambda each: revision_of(each, 2)),
        ([creation], erasure_of, revision_of),
    ],
    ids=["created", "replaced", "erased"],
)
def test_nor_are_many_of_which_one_waits(
    database: str, before: Any, rival: Any, change: Any, ends: str
) -> None:
    """The rival changes the one in the middle: all wait for it, and are stored if it gives up."""
    people = [consent(person(number)) for number in range(3)]
    with open_store(database, awaited=False) as store, ThreadPoolExecutor(1) as pool:
        store.create()
        site = uuid4().hex
        repository = store.repository(site)
        repository.commit([make(each) for make in before for each in people])
        changes = [change(each) for each in people]
        with store.connection() as caller, watched(store.engine) as (_, errors):
            caller.repository(site).commit([rival(people[1])])
            waiting = pool.submit(repository.commit, changes)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            getattr(caller, ends)()
            lost = waiting.exception(timeout=60)
        assert errors == []
        if ends == "rollback":
            assert lost is None
        else:
            assert isinstance(lost, Conflict)
            assert lost.changes == (changes[1],)


def test_rows_are_taken_in_one_order(store: Store) -> None:
    """Whatever the order of the changes is, so that two writers wait for each other.

    In different orders they would deadlock.
    """
    records = [consent(person(number)) for number in range(4)]
    keys = [record.details.key for record in records]
    taken: list[list[str]] = []

    def listen(_connection: Any, _cursor: Any, _sql: str, values: Any, *_rest: Any) -> None:
        taken.append([*dict.fromkeys(re.findall("|".join(keys), str(values)))])

    event.listen(store.engine, "before_cursor_execute", listen)
    store.repository().commit([creation(record) for record in reversed(records)])
    store.repository().commit([revision_of(records[number]) for number in (2, 0, 3, 1)])
    event.remove(store.engine, "before_cursor_execute", listen)
    # Records and events, first created, then replaced. PostgreSQL takes both at once.
    statements = 2 if store.engine.dialect.name == "postgresql" else 4
    assert [each for each in taken if each] == [keys] * statements


def test_an_id_that_is_taken_is_a_lost_race(store: Store) -> None:
    """The other unique keys are ours, too.

    Here that of the record's id, for two people of one shard.
    """
    repository = store.repository()
    repository.commit([creation(HERS)])
    neighbour = next(who for who in map(person, count()) if shard_of(who) == shard_of(ADA))
    assert_lost(repository, creation(consent(neighbour, id=HERS.id)))
    assert repository.find([ADA, neighbour]) == {ADA: HERS}


def test_an_event_that_is_there_is_a_lost_race(store: Store) -> None:
    """Its id, and its place in the history of its consent, are unique."""
    repository = store.repository()
    repository.commit([creation(HERS)])
    assert_lost(repository, revision_of(HERS)._replace(events=creation(HERS).events))
    execute(store, "UPDATE consent_events SET sequence = 2")
    assert_lost(repository, revision_of(HERS))
    assert repository.find([ADA])[ADA].revision == 1


def test_a_serialization_failure_is_a_lost_race(database: str) -> None:
    """A transaction of the caller that saw the record before another one changed it."""
    engine = create_engine(database, isolation_level="REPEATABLE READ")
    with open_store(database, awaited=False) as store, engine.connect() as connection:
        store.create()
        site = uuid4().hex
        store.repository(site).commit([creation(HERS)])
        repository = SqlAlchemyRepository(connection, site=site)
        assert repository.find([ADA]) == {ADA: HERS}
        store.repository(site).commit([revision_of(HERS)])
        assert_lost(repository, revision_of(HERS))
    engine.dispose()


def test_a_unique_key_of_somebody_else_is_no_race(store: Store) -> None:
    """Trying again would not help.

    The first attempt is the last, and nothing of the chunk is stored.
    """
    consents = ConsentService(store.repository())
    repository = store.repository()
    execute(store, "CREATE UNIQUE INDEX one_each ON consent_records (site, state)")
    with watched(store.engine) as (sent, errors), pytest.raises(Unavailable) as failed:
        list(consents.bulk_upsert(confirm(person(number)) for number in range(500)))
    assert len(errors) == 1
    assert len(sent) <= 3
    name, code, constraint = {
        "postgresql": ("UniqueViolation", "23505", "one_each"),
        "mariadb": ("IntegrityError", "1062", "one_each"),
        "sqlite": ("IntegrityError", "SQLITE_CONSTRAINT_UNIQUE", None),
    }[store.engine.dialect.name]
    assert (failed.value.error_class, failed.value.code) == (name, code)
    assert failed.value.constraint == constraint
    told = f"{code}, {constraint}" if constraint else code
    assert str(failed.value) == f"the store is unavailable: {name} ({told})"
    assert repository.find([person(number) for number in range(500)]) == {}


def test_a_missing_value_is_no_race(store: Store) -> None:
    """Nor is any other rule that a row breaks, whatever the values look like that the message
    quotes.
    """
    who = Email("pk_consent_records@example.org")
    column = "ALTER TABLE consent_events ADD COLUMN pk_consent_records TEXT NOT NULL"
    trigger = (
        "CREATE TRIGGER t BEFORE INSERT ON consent_events BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    execute(store, trigger if store.engine.dialect.name == "sqlite" else column)
    with watched(store.engine) as (_, errors), pytest.raises(Unavailable) as failed:
        store.repository().commit([creation(consent(who))])
    assert len(errors) == 1
    assert failed.value.code in ("23502", "1364", "SQLITE_CONSTRAINT_TRIGGER")


def test_another_database_tells_by_an_error(store: Store) -> None:
    """Where the dialect has no other way, a violation of our own keys is the answer to who was
    faster.
    """
    store.engine.dialect.name = "another"
    repository = store.repository()
    repository.commit([creation(HERS)])
    assert_lost(repository, creation(RIVAL))
    changes = [creation(consent(BOB)), erasure_of(HERS, expected=4)]
    with pytest.raises(Conflict) as refused:
        repository.commit(changes)
    assert refused.value.changes == (changes[1],)
    consents = ConsentService(repository)
    for outcome in applied(consents.bulk_upsert(confirm(person(number)) for number in range(20))):
        assert_whole(repository, outcome.consent)


def test_a_rule_of_another_database_is_no_race(store: Store) -> None:
    """Its errors are told from races by the name of the key."""
    store.engine.dialect.name = "another"
    execute(store, "CREATE UNIQUE INDEX one_each ON consent_records (site, state)")
    repository = store.repository()
    repository.commit([creation(HERS)])
    with pytest.raises(Unavailable):
        repository.commit([creation(consent(BOB))])


@QUIET
def test_counts_are_those_of_rows_that_were_inserted(store: Store) -> None:
    """Also with a driver of SQLite that does not tell how many rows it has inserted."""
    store.engine.dialect.supports_sane_multi_rowcount = False
    repository = store.repository()
    repository.commit([creation(HERS)])
    with watched(store.engine) as (_, errors), pytest.raises(Conflict):
        repository.commit([creation(consent(BOB)), creation(RIVAL), creation(consent(person(1)))])
    assert errors == []
    assert set(repository.find([ADA, BOB, person(1)])) == {ADA}
