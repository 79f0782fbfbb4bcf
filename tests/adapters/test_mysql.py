"""What differs on MySQL and MariaDB: keys, documents, and what sessions must be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import event

from consent_core import (
    Change,
    Email,
    ExtendedFields,
    InvalidConsent,
    Tombstone,
    TombstoneChange,
    TombstoneKeys,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    create_schema,
)
from consent_core.testing.arrange import NOON, consent, creation
from tests.adapters.mariadb import told
from tests.adapters.requests import ADA, assert_whole
from tests.adapters.stores import KINDS, Store, database_of, open_store

HERS: Final = consent(ADA)


@pytest.fixture(params=KINDS[4:])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """MariaDB with the schema, called and awaited."""
    url = database_of(request, request.param, tmp_path)
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


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
    create_schema(engine)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    for _ in range(2):
        with pytest.raises(InvalidConsent, match="STRICT_TRANS_TABLES"):
            SqlAlchemyRepository(engine).commit([creation(HERS)])
    assert sum("@@sql_mode" in statement for statement in sent) == 1
    with engine.connect() as connection, pytest.raises(InvalidConsent, match="must not cut"):
        SqlAlchemyRepository(connection).mark_published([HERS.id])
    engine.dispose()


def test_what_is_found_counts(store: Store) -> None:
    """Also where nothing changes: the driver is told to count rows that are found."""
    repository: Any = store.repository(uuid4().hex)
    (digest,) = TombstoneKeys(["s" * 32]).digests_of(ADA)
    left = Tombstone(revoked_date=NOON)
    for expected in (None, left):
        change = TombstoneChange(digest, expected, left)
        repository.commit([Change(ADA, 0, None, (), (change,))])
    assert repository.find([digest]) == {digest: left}
