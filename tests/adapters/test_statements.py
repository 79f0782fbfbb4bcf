"""What is sent to databases.

No value ever becomes SQL, and the schema is one that they all can read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, inspect, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from consent_core import (
    ConfirmationActivity,
    ConfirmationSource,
    Email,
    ExtendedFields,
    Filter,
    MarketingConsent,
    Operator,
    Query,
    QueryField,
    RevokeActivity,
)
from consent_core.adapters.sqlalchemy import create_schema, metadata
from consent_core.testing.arrange import NOON, consent, creation, erasure_of, exactly, revision_of
from tests.adapters.requests import assert_whole
from tests.adapters.stores import KINDS, Repository, Store, database_of, open_store, sqlite_url

MARK: Final = "qzx"
"""Stands in every value, and in no statement."""

NASTY: Final = [
    f"{MARK}'; DROP TABLE consent_records; --",
    f'{MARK}" OR "1"="1',
    f"100%{MARK} %s %(name)s %%",
    f"back\\slash\\'{MARK}\\",
    f":{MARK} :name ::text \\:x",
    f"? {MARK} $1 ?? ?1",
    f"{{{MARK}}} {{0}}\n\t\r /* */ \x01\x7f",
    f"{MARK}_%ü𝄞\U0010fffd",
]


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A database of each kind with the schema."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("statements"))
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """Every statement that the repositories send during a test."""
    sent: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", listen)
    yield sent
    event.remove(store.engine, "before_cursor_execute", listen)


def nasty_consent(text: str) -> MarketingConsent:
    """A record with the text in every field that takes text."""
    return consent(
        Email.restore(f"{text}@example.org"),
        last_confirmation_activity=ConfirmationActivity(
            source=ConfirmationSource.FORM, description=text, updated_date=NOON
        ),
        last_revoke_activity=RevokeActivity(description=text, updated_date=NOON),
        extended_fields=ExtendedFields({text: {text: [text, {text: text}]}}),
    )


def use_everything(repository: Repository, record: MarketingConsent) -> None:
    """Call all of the port and of the outbox; the record is read as it was written."""
    repository.commit([creation(record)])
    assert exactly(repository.find([record.details]).get(record.details)) == exactly(record)
    assert exactly(repository.get([record.id]).get(record.id)) == exactly(record)
    repository.commit([revision_of(record)])
    stored = repository.find([record.details, Email.restore(f"{MARK}@example.org")])[record.details]
    assert stored.extended_fields == record.extended_fields
    assert_whole(repository, stored)
    (first, second) = repository.unpublished()
    assert (first.consent_id, first.sequence, second.sequence) == (record.id, 1, 2)
    repository.mark_published([first.id, second.id])
    key = record.details.key
    for operator, value, found in [
        (Operator.STARTS_WITH, key[:-8], (record,)),
        (Operator.STARTS_WITH, key, (record,)),
        (Operator.STARTS_WITH, "%", (record,) if key.startswith("%") else ()),
        (Operator.STARTS_WITH, "_", ()),
        (Operator.EQ, key, (record,)),
        (Operator.NE, key, ()),
        (Operator.IN, (key, f"{MARK}'"), (record,)),
    ]:
        page = repository.query(Query(where=(Filter(QueryField.EMAIL, operator, value),)))
        assert tuple(each.id for each in page.consents) == tuple(each.id for each in found), (
            operator,
            value,
        )
    repository.commit([erasure_of(stored)])
    assert len(repository.history(record.id)) == 1


@pytest.mark.parametrize("text", NASTY)
def test_values_survive_in_every_column(store: Store, statements: list[str], text: str) -> None:
    """Quotes, percent signs, backslashes and marks of parameters are text like any other, in values
    and in sites.
    """
    use_everything(store.repository(f"{text}{uuid4()}"), nasty_consent(text.lower()))
    assert len(statements) > 10
    assert not [statement for statement in statements if MARK in statement.lower()]


def test_sites_that_look_alike_are_others(store: Store) -> None:
    """A site is compared as it is written: no wildcards, no case, no blanks that are dropped."""
    record = consent(Email("ada@example.org"))
    prefix = str(uuid4())
    sites = [
        f"{prefix}{each}" for each in ("a", "A", "a ", " a", "%", "_", "", "a%", "ä", "a\u0308")
    ]
    for site in sites:
        store.repository(site).commit([creation(record)])
    for site in sites:
        assert store.repository(site).query(Query()).consents == (record,)
        assert len(store.repository(site).unpublished()) == 1


def test_the_schema_can_be_created_again(store: Store) -> None:
    """What is there stays as it is."""
    repository = store.repository(str(uuid4()))
    record = consent(Email("ada@example.org"))
    repository.commit([creation(record)])
    store.create()
    assert repository.find([record.details]) == {record.details: record}


def test_the_schema_can_be_created_on_a_connection(tmp_path: Path) -> None:
    """Inside a transaction of the caller, too."""
    with open_store(sqlite_url(tmp_path), awaited=False) as store:
        with store.engine.begin() as connection:
            create_schema(connection)
            create_schema(connection)
        assert _tables(store.engine) == {"consent_records", "consent_events", "consent_tombstones"}


@pytest.mark.parametrize("name", ["postgresql", "sqlite", "mysql", "mariadb"])
def test_the_metadata_compiles(name: str) -> None:
    """For migrations: every table and index has DDL for each of the databases."""
    dialect = make_url(f"{name}://").get_dialect()()
    for table in metadata.sorted_tables:
        assert f"CREATE TABLE {table.name}" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            ddl = str(CreateIndex(index).compile(dialect=dialect))
            assert (" WHERE " in ddl) == ("unpublished" in ddl and name in ("postgresql", "sqlite"))


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())
