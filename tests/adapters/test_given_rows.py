"""Rows that PostgreSQL is given as arrays, and SQLite as its driver takes them."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from weakref import ref

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from consent_core import ExtendedFields
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.adapters.sqlalchemy.arrays import given_rows, parameters_of
from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS, TOMBSTONES
from consent_core.testing.arrange import consent, creation, revision_of
from tests.adapters.databases import postgres_database
from tests.adapters.requests import person
from tests.adapters.stores import sqlite_url

TYPES: Final = {
    "text": RECORDS.c.key.type,
    "moment": RECORDS.c.updated_date.type,
    "id": RECORDS.c.id.type,
    "flag": RECORDS.c.unreachable.type,
    "number": RECORDS.c.revision.type,
    "word": RECORDS.c.state.type,
    "names": RECORDS.c.left_topics.type,
}
GIVEN: Final = given_rows(TYPES)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""Quotes, backslashes, braces, commas, line ends and NULL among them."""
ROWS: Final = st.tuples(
    st.none() | TEXTS | st.text('\\"{},\n NULL'),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.uuids(),
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.sampled_from(["PENDING", "null"]),
    st.frozensets(st.sampled_from(["events", "offers"])),
)


@pytest.fixture(scope="module")
def postgres(server: str) -> Iterator[sa.Connection]:
    """A connection to an empty database."""
    with postgres_database(server) as url:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


@given(rows=st.lists(ROWS, min_size=1))
def test_what_is_given_is_what_arrives(postgres: sa.Connection, rows: list[Any]) -> None:
    """Whatever the texts are, in their order."""
    found = postgres.execute(sa.select(*GIVEN.c), parameters_of(GIVEN, rows)).all()
    assert [(*row[:-1], sorted(row[-1].split())) for row in found] == [
        (*row[:-1], sorted(row[-1])) for row in rows
    ]


class Id(UUID):
    """As packages make them that have newer versions of ids."""


class Moment(datetime):
    """As packages make them that have time zones, or that stop the clock in tests."""


class Site(StrEnum):
    """As an application may name its tenants."""

    SHOP = 'the "shop"'


def test_values_of_derived_classes_arrive(postgres: sa.Connection) -> None:
    """They are what they are derived from, as they are for every driver."""
    now, consent_id = Moment(2024, 5, 1, 12, tzinfo=UTC), Id(int=7)
    row: tuple[Any, ...] = (Site.SHOP, now, consent_id, True, 3, "PENDING", frozenset())
    (found,) = postgres.execute(sa.select(*GIVEN.c), parameters_of(GIVEN, [row]))
    assert tuple(found) == (Site.SHOP.value, now, consent_id, True, 3, "PENDING", "")


def test_large_documents_are_sent_in_parts(postgres: sa.Connection) -> None:
    """A parameter of many would be more than a server takes, or has the memory for."""
    create_schema(postgres)
    fields = ExtendedFields({"shop": {"note": '"' * 60_000}})
    people = [consent(person(number), extended_fields=fields) for number in range(36)]
    longest: list[int] = []

    def listen(_connection: Any, _cursor: Any, _sql: str, values: Any, *_rest: Any) -> None:
        texts = [each for each in values.values() if isinstance(each, str)]
        longest.append(max(map(len, texts), default=0))

    repository = SqlAlchemyRepository(postgres, site="large")
    changes = [[creation(each) for each in people], [revision_of(each, 2) for each in people]]
    sa.event.listen(postgres, "before_cursor_execute", listen)
    for some in changes:
        repository.commit(some)
    sa.event.remove(postgres, "before_cursor_execute", listen)
    assert max(longest) < 5_000_000 < sum(longest)
    assert repository.history(people[-1].id) == (*changes[0][-1].events, *changes[1][-1].events)


@pytest.mark.parametrize("table", [RECORDS, EVENTS, TOMBSTONES], ids=lambda table: table.name)
def test_every_column_can_be_given(postgres: sa.Connection, table: sa.Table) -> None:
    """A type that arrays lack would stop the first import."""
    rows = given_rows({column.name: column.type for column in table.c})
    nothing = (None,) * len(table.c)
    assert len(postgres.execute(sa.select(*rows.c), parameters_of(rows, [nothing])).all()) == 1


PEOPLE: Final = [consent(person(number)) for number in range(3)]


@pytest.mark.parametrize("how", ["the driver's", "named", "moved", "not counted"])
def test_sqlite_stores_the_same_however_parameters_are_passed(tmp_path: Path, how: str) -> None:
    """Also where a statement names its parameters, or its tables are in another schema."""
    options = {"paramstyle": "named"} if how == "named" else {}
    engine = sa.create_engine(sqlite_url(tmp_path), **options)
    engine.dialect.supports_sane_multi_rowcount = how != "not counted"
    with engine.connect() as opened:
        connection = opened
        if how == "moved":
            opened.exec_driver_sql("ATTACH DATABASE ':memory:' AS consents")
            connection = opened.execution_options(schema_translate_map={None: "consents"})
        create_schema(connection)
        repository = SqlAlchemyRepository(connection)
        repository.commit([creation(each) for each in PEOPLE])
        repository.commit([revision_of(each) for each in PEOPLE])
        found = repository.get([each.id for each in PEOPLE])
        assert [found[each.id].revision for each in PEOPLE] == [2, 2, 2]
        assert [each.sequence for each in repository.history(PEOPLE[0].id)] == [1, 2]
        if how == "moved":
            assert not sa.inspect(engine).get_table_names()
    engine.dispose()


def test_a_closed_engine_is_let_go_of(tmp_path: Path) -> None:
    """An application may open a file for each tenant."""
    engine = sa.create_engine(sqlite_url(tmp_path))
    create_schema(engine)
    SqlAlchemyRepository(engine).commit([creation(each) for each in PEOPLE])
    engine.dispose()
    dialect = ref(engine.dialect)
    del engine
    gc.collect()
    assert dialect() is None


@pytest.mark.parametrize(("driver", "inner"), [("psycopg", ""), ("asyncpg", " AS TEXT)")])
def test_drivers_that_ask_for_types_are_told_text(driver: str, inner: str) -> None:
    """Another one passes the text of the array on as it is."""
    dialect = sa.make_url(f"postgresql+{driver}://").get_dialect()()
    sql = str(sa.select(GIVEN.c.id).compile(dialect=dialect))
    assert f"{inner} AS UUID[])" in sql
    assert (" AS TEXT) AS UUID[]" in sql) is (driver == "asyncpg")
