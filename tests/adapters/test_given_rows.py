"""Rows that PostgreSQL is given as arrays, and SQLite as its driver takes them."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

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
