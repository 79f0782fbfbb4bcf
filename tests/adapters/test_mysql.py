"""What differs on MySQL and MariaDB: keys, documents, what sessions must be, and transactions."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.schema import CreateTable

from consent_core import (
    Change,
    Conflict,
    ConsentService,
    Email,
    ExtendedFields,
    Identifier,
    InvalidConsent,
    Result,
    Tombstone,
    TombstoneChange,
    TombstoneKeys,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, metadata
from consent_core.testing.arrange import NOON, consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, assert_whole, confirm, person, revoke
from tests.adapters.stores import KINDS, Store, database_of, open_store

HERS: Final = consent(ADA)

BYTES_OF_A_KEY: Final = 3_072
"""What InnoDB takes."""

BYTES: Final = {"utf8mb4": 4, "ascii": 1, "DATETIME": 8, "BIGINT": 8, "SMALLINT": 2, "BOOL": 1}


@pytest.fixture(params=KINDS[4:])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """MariaDB with the schema, called and awaited."""
    url = database_of(request, request.param, tmp_path)
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


def told(url: str, statement: str) -> Engine:
    """An engine each of whose sessions is told something first."""
    return create_engine(url, connect_args={"init_command": statement})


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_every_key_is_short_enough(name: str) -> None:
    """However many bytes its characters take."""
    dialect = make_url(f"{name}://").get_dialect()()
    for table in metadata.sorted_tables:
        for key in (*table.constraints, *table.indexes):
            length = 0
            for column in getattr(key, "columns", ()):
                kind = column.type.compile(dialect=dialect)
                each = next(size for word, size in BYTES.items() if word in kind)
                length += each * (int(kind.split("(")[1].split(")")[0]) if "SET" in kind else 1)
            assert length <= BYTES_OF_A_KEY, (table.name, key.name)


@pytest.mark.parametrize(
    ("url", "server_is_mariadb", "collation"),
    [
        ("mysql://", False, "utf8mb4_0900_bin"),
        ("mysql://", True, "utf8mb4_nopad_bin"),
        ("mariadb://", True, "utf8mb4_nopad_bin"),
    ],
)
def test_the_collation_is_that_of_the_server(
    url: str, server_is_mariadb: bool, collation: str
) -> None:
    """A URL of ``mysql`` often leads to MariaDB, which SQLAlchemy sees when it connects."""
    dialect: Any = make_url(url).get_dialect()()
    dialect.is_mariadb = server_is_mariadb
    for table in metadata.sorted_tables:
        ddl = str(CreateTable(table).compile(dialect=dialect))
        assert f"site VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL" in ddl


def test_a_url_of_mysql_leads_to_mariadb_too(mariadb: str) -> None:
    """The schema is the same, and what was stored by the one is read by the other."""
    with (
        open_store(mariadb, awaited=False) as named,
        open_store(mariadb.replace("mariadb+", "mysql+"), awaited=False) as other,
    ):
        other.create()
        named.create()
        site = uuid4().hex
        other.repository(site).commit([creation(HERS)])
        assert named.repository(site).find([ADA]) == {ADA: HERS}


LONG: Final = Email.restore(f"{'𝄞' * 308}@example.org")


def test_the_longest_keys(store: Store) -> None:
    """320 characters of four bytes each, on a site of 255; what is longer is not stored, and not
    cut.
    """
    repository = store.repository("𝄞" * 223 + uuid4().hex)
    repository.commit([creation(consent(LONG))])
    assert set(repository.find([LONG])) == {LONG}
    assert_whole(repository, repository.find([LONG])[LONG])
    longer = Email.restore(f"a{LONG.key}")
    for refusing, who in ((repository, longer), (store.repository("a" * 256), ADA)):
        with pytest.raises(Unavailable) as failed:
            refusing.commit([creation(consent(who))])
        assert failed.value.code == "1406"
        assert refusing.find([who]) == {}


def test_documents_of_any_length(store: Store) -> None:
    """Longer than a TEXT, which ends at 64 KiB, in bytes."""
    repository = store.repository(uuid4().hex)
    large = ExtendedFields({"crm": {"note": "ü𝄞" * 30_000}})
    record = consent(ADA, extended_fields=large)
    repository.commit([creation(record)])
    assert repository.find([ADA])[ADA].extended_fields == large
    assert_whole(repository, repository.find([ADA])[ADA])


def test_a_lenient_session_is_refused(mariadb: str) -> None:
    """It would cut a key that is too long, and so make two people one; it is asked once."""
    engine = told(mariadb, "SET sql_mode = 'ANSI_QUOTES'")
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    for _ in range(2):
        with pytest.raises(InvalidConsent, match="must not cut values.*STRICT_TRANS_TABLES"):
            SqlAlchemyRepository(engine).commit([creation(HERS)])
    assert sum("@@sql_mode" in statement for statement in sent) == 1
    with engine.connect() as connection, pytest.raises(InvalidConsent, match="must not cut"):
        SqlAlchemyRepository(connection).mark_published([HERS.id])
    engine.dispose()


def test_what_is_found_counts(store: Store) -> None:
    """Also where nothing changes: the driver is told to count rows that are found."""
    repository = store.repository(uuid4().hex)
    digest = TombstoneKeys(["s" * 32], site="").digests_of(ADA)[0]
    same = Tombstone(revoked_date=NOON)
    repository.commit(
        [erasure_of(HERS, expected=0)._replace(events=(), tombstones=(TombstoneChange(digest, None, same),))]
    )
    again = Change(ADA, 0, None, (), (TombstoneChange(digest, same, same),))
    repository.commit([again])
    assert repository.find([digest]) == {digest: same}


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
        assert mine.get(others.get_by_identifier(BOB).consent.id).revision == 2
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


def _deadlock(store: Store, site: str, act: Callable[[Any], object]) -> None:
    """Let a transaction that has stored something lose a deadlock against one that stored more."""
    store.repository(site).commit([creation(consent(who)) for who in (ADA, BOB)])
    hers, his = revision_of(consent(ADA)), revision_of(consent(BOB))
    with store.engine.connect() as heavy if False else store.connection() as caller:  # type: ignore[attr-defined]
        act((caller, heavy, hers, his))  # type: ignore[name-defined]
