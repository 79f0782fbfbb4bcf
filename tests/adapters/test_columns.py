"""The columns of a record's row say what the record says, and follow the fields of conditions."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa
from attrs import evolve
from hypothesis import HealthCheck, given, settings

import consent_core
from consent_core import (
    Change,
    ConsentDeleted,
    ConsentUpdated,
    Filter,
    MarketingConsent,
    Operator,
    Position,
    Query,
    QueryField,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata, writing
from consent_core.adapters.sqlalchemy.schema import COLUMNS, FIELD_COLUMNS
from consent_core.application.query import SORTS
from consent_core.domain.query_fields import FIELDS, KEYS
from consent_core.testing import BrokenPromise, strategies
from consent_core.testing.arrange import consent, creation, erasure_of
from consent_core.testing.clauses.querying import filters_mean_what_they_say
from consent_core.testing.clauses.reading import HARD_RECORDS
from consent_core.testing.kit import run_clause
from consent_core.wire.documents import dump_record
from tests.adapters.databases import postgres_database
from tests.adapters.requests import ADA, person
from tests.adapters.stores import database_of, sqlite_url

RECORDS, EVENTS = (metadata.tables[name] for name in ("consent_records", "consent_events"))

ZONES: Final = ("UTC", "America/Los_Angeles", "Pacific/Kiritimati")
"""Of sessions with PostgreSQL: 7:52:58 behind UTC in year 1, and 14 hours ahead of it."""

FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
MOMENTS: Final = (
    FIRST,
    FIRST + timedelta(microseconds=1),
    datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 11, 25, 3, tzinfo=UTC),
    datetime(2026, 11, 25, 3, microsecond=1, tzinfo=UTC),
    LAST - timedelta(microseconds=1),
    LAST,
)
"""In their order."""


SESSIONS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "sqlite": ("sqlite", {}),
    **{zone: ("postgresql", {"options": f"-c timezone={zone}"}) for zone in ZONES},
    "mariadb": ("mariadb", {"init_command": "SET time_zone = '-09:00'"}),
}
"""A database of each kind, and what the session is told."""


@pytest.fixture(params=SESSIONS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database of each kind with the schema; PostgreSQL with sessions in several time zones."""
    kind, told = SESSIONS[request.param]
    engine = sa.create_engine(database_of(request, kind, tmp_path), connect_args=told)
    create_schema(engine)
    yield engine
    engine.dispose()


def row_of(engine: sa.Engine, site: str, record: MarketingConsent) -> dict[str, Any]:
    """What the database says of a record."""
    mine = RECORDS.c.site == site, RECORDS.c.id == record.id
    with engine.connect() as connection:
        return dict(connection.execute(sa.select(RECORDS).where(*mine)).mappings().one())


def assert_says(row: dict[str, Any], record: MarketingConsent) -> None:
    """Every column says what the record says."""
    assert row["document"] == dump_record(record)
    assert (row["key"], row["revision"]) == (record.details.key, record.revision)
    for field, described in FIELDS.items():
        if field not in KEYS:
            said = row[COLUMNS[field].name]
            assert (field, said) == (field, described.read(record))
            assert isinstance(said, bool) or described.kind is not bool


def test_every_field_has_a_column() -> None:
    """One for each, but for the keys, which are one column; and no other."""
    names = {COLUMNS[field].name for field in FIELDS}
    assert len(names) == len(FIELDS) - len(KEYS) + 1
    assert names | {"site", "shard", "revision", "document"} == set(RECORDS.c.keys())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=strategies.records(), second=strategies.records())
def test_columns_say_what_the_record_says(
    engine: sa.Engine, first: MarketingConsent, second: MarketingConsent
) -> None:
    """When it is created, and again when it changes."""
    site = uuid4().hex
    repository = SqlAlchemyRepository(engine, site=site)
    first = evolve(first, revision=1)
    repository.commit([creation(first)])
    assert_says(row_of(engine, site, first), first)
    later = evolve(second, id=first.id, details=first.details, revision=2)
    repository.commit([Change(first.details, 1, later, (ConsentUpdated(later),))])
    assert_says(row_of(engine, site, first), later)


def test_columns_of_hard_records(engine: sa.Engine) -> None:
    """From year 1 to 9999, in every time zone of the session."""
    site = uuid4().hex
    repository = SqlAlchemyRepository(engine, site=site)
    for record in HARD_RECORDS:
        repository.commit([creation(record)])
        assert_says(row_of(engine, site, record), record)


def test_moments_are_in_order(engine: sa.Engine) -> None:
    """To the microsecond, whether they are sorted by or compared."""
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    records = [
        consent(person(number), created_date=moment, updated_date=moment)
        for number, moment in enumerate(MOMENTS)
    ]
    assert all(one < other for one, other in pairwise(MOMENTS))
    repository.commit([creation(record) for record in records])
    for sort in SORTS[1:]:
        assert repository.query(Query(sort=sort)).consents == tuple(records)
        for number, record in enumerate(records):
            for operator, expected in (
                (Operator.LT, records[:number]),
                (Operator.EQ, records[number : number + 1]),
                (Operator.GT, records[number + 1 :]),
            ):
                where = [Filter(sort, operator, MOMENTS[number])]
                page = repository.query(Query(where=where, sort=sort))
                assert page.consents == tuple(expected)
            onward = repository.query(Query(sort=sort).after(record))
            assert onward.consents == tuple(records[number + 1 :])


def test_a_position_may_be_in_another_time_zone(engine: sa.Engine) -> None:
    """It is a moment, however its offset is written."""
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    record = consent(ADA)
    repository.commit([creation(record)])
    zone, query = timezone(timedelta(hours=-9)), Query(sort=QueryField.CREATED_DATE)
    for seconds, expected in ((-1, (record,)), (1, ())):
        moment = (record.created_date + timedelta(seconds=seconds)).astimezone(zone)
        at = Position(moment, record.id)
        assert repository.query(evolve(query, position=at)).consents == expected


@pytest.mark.parametrize("moment", [FIRST, LAST])
def test_erasures_are_dated(engine: sa.Engine, moment: datetime) -> None:
    """The date of an event without a document is that of its column."""
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    record = consent(ADA)
    repository.commit([creation(record)])
    gone = ConsentDeleted(record.id, 2, moment)
    repository.commit([erasure_of(record)._replace(events=(gone,))])
    assert repository.history(record.id) == (gone,)
    assert repository.unpublished() == (gone,)


def test_a_person_can_read_dates(engine: sa.Engine) -> None:
    """At the prompt of the database: text on SQLite, the type for moments on the others."""
    site = uuid4().hex
    SqlAlchemyRepository(engine, site=site).commit(
        [creation(consent(ADA, created_date=MOMENTS[4], updated_date=MOMENTS[5]))]
    )
    found: list[Any] = []
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET TIME ZONE 'UTC'"))
        for name, column in (
            ("consent_records", "created_date"),
            ("consent_events", "occurred_at"),
        ):
            # fixed names
            kind = "CHAR(40)" if engine.dialect.name == "mariadb" else "TEXT"
            sql = f"SELECT CAST({column} AS {kind}) FROM {name} WHERE site = :site"  # noqa: S608
            found.append(connection.scalar(sa.text(sql), {"site": site}))
    assert (
        found
        == {
            "sqlite": ["2026-11-25T03:00:00.000000Z", "2026-11-25T03:00:00.000001Z"],
            "postgresql": ["2026-11-25 03:00:00+00", "2026-11-25 03:00:00.000001+00"],
            "mariadb": ["2026-11-25 03:00:00.000000", "2026-11-25 03:00:00.000001"],
        }[engine.dialect.name]
    )


READERS: Final = writing._READERS  # noqa: SLF001  # what the test changes


@pytest.mark.parametrize("place", range(len(READERS)), ids=[each.name for each in FIELD_COLUMNS])
@pytest.mark.parametrize("broken", ["left out", "of somebody else"])
def test_a_column_that_is_not_written_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, broken: str
) -> None:
    """By the database or by the kit, so that nobody is written to by a column that is empty."""
    written = READERS[place](HARD_RECORDS[0]) if broken == "of somebody else" else None
    readers = [*READERS[:place], lambda _consent: written, *READERS[place + 1 :]]
    monkeypatch.setattr(writing, "_READERS", readers)
    engine = sa.create_engine(sqlite_url(tmp_path))
    create_schema(engine)
    with pytest.raises((BrokenPromise, Unavailable)):
        run_clause(filters_mean_what_they_say, SqlAlchemyRepository(engine))
    engine.dispose()


NEW_FIELD: Final = (
    ('    DOUBLY_CONFIRMED = "doublyConfirmed"', '    PROVEN_DATE = "provenDate"\n'),
    (
        "        QueryField.DOUBLY_CONFIRMED: Description(",
        """        QueryField.PROVEN_DATE: Description(
            datetime, attrgetter("double_confirmed_date"), _OPTIONAL_DATES
        ),
""",
    ),
)
"""A word and a row, each with the line that it is put before."""

USES_NEW_FIELD: Final = """
import sys
from sqlalchemy import create_engine
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from consent_core.testing.clauses.querying import filters_mean_what_they_say
from consent_core.testing.kit import run_clause

column = metadata.tables["consent_records"].c.proven_date
engine = create_engine(sys.argv[1])
create_schema(engine)
run_clause(filters_mean_what_they_say, SqlAlchemyRepository(engine, site="new field"))
with engine.connect() as connection:
    print(len(connection.execute(column.table.select().where(column.is_not(None))).all()))
"""


def test_a_new_field_needs_no_change_of_the_adapter(tmp_path: Path, server: str) -> None:
    """With a row for an optional date, in a copy of the package.

    Its column is made, written and asked.
    """
    shutil.copytree(Path(consent_core.__file__).parent, tmp_path / "consent_core")
    fields = tmp_path / "consent_core" / "domain" / "query_fields.py"
    source = fields.read_text("utf-8")
    for line, new in NEW_FIELD:
        assert source.count(line) == 1
        source = source.replace(line, new + line)
    fields.write_text(source, "utf-8")
    with postgres_database(server) as postgres:
        for database in (sqlite_url(tmp_path), postgres):
            done = subprocess.run(  # noqa: S603  # our own
                [sys.executable, "-c", USES_NEW_FIELD, database],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(tmp_path)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, "")
            assert int(done.stdout) > 10
