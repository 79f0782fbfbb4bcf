"""A warehouse that has an export answers whom ``eligibility`` grants."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import duckdb
import pytest
import sqlalchemy as sa
import sqlglot
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_core import (
    Channel,
    ExtendedField,
    Filter,
    InvalidConsent,
    MarketingConsent,
    Operator,
    Policy,
    Rule,
    TopicDefault,
    eligibility,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_sql,
    create_schema,
    export_select,
)
from consent_core.testing import strategies
from consent_core.testing.arrange import NOON, creation
from tests.adapters.audiences import STORED
from tests.adapters.questions import BOUNCE, RULES, days, questions
from tests.adapters.stores import KINDS, database_of

OTHERS: Final = ("bigquery", "snowflake", "spark")
EXPORTED: Final = Policy(rules=RULES)
TYPES: Final = {datetime: "TIMESTAMPTZ", bool: "BOOLEAN", UUID: "UUID"}


def exported(
    store: sa.Engine | sa.Connection, warehouse: duckdb.DuckDBPyConnection, folder: Path, site: str
) -> None:
    """Export a site to Parquet, as the page says, and load it."""
    rows = export_select(policy=EXPORTED, site=site)
    lines, parquet = folder / f"{uuid4().hex}.ndjson", folder / f"{uuid4().hex}.parquet"
    connection = store.connect() if isinstance(store, sa.Engine) else store
    with lines.open("w", encoding="utf-8") as file:
        for row in connection.execute(rows).mappings():
            print(json.dumps(dict(row), default=str), file=file)
    if isinstance(store, sa.Engine):
        connection.close()
    kinds = {
        each.name: TYPES.get(each.type.python_type, "VARCHAR") for each in rows.selected_columns
    }
    read = f"read_json('{lines}', columns = {kinds})"
    warehouse.execute(f"COPY (FROM {read}) TO '{parquet}' (FORMAT parquet)")
    warehouse.execute(f"CREATE OR REPLACE TABLE consent_records AS FROM '{parquet}'")


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB, in memory."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """An empty store."""
    engine = sa.create_engine(f"sqlite:///{tmp_path_factory.mktemp('store') / 'consents.db'}")
    create_schema(engine)
    yield engine
    engine.dispose()


def granted(
    records: list[MarketingConsent], channel: Channel, asked: Any, now: datetime
) -> set[Any]:
    """What a warehouse answers of those whom ``eligibility`` grants."""
    policy, topic = asked
    return {
        (each.details.key, each.address, each.id)
        for each in records
        if each.details.channel is channel
        and eligibility(each, now=now, policy=policy, topic=topic)
    }


def answers(
    warehouse: duckdb.DuckDBPyConnection, dialect: str, channel: Channel, **asked: Any
) -> set[Any]:
    """What a warehouse answers to the text; that of another dialect is translated back for it."""
    text = audience_sql(channel, dialect=dialect, **asked)
    if dialect != "duckdb":
        (text,) = sqlglot.transpile(text, read=dialect, write="duckdb")
    return set(warehouse.execute(text).fetchall())


@pytest.fixture(scope="module", params=KINDS[::2])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the export of a store of each kind, with people of every kind."""
    folder = tmp_path_factory.mktemp("export")
    engine = sa.create_engine(database_of(request, request.param, folder))
    create_schema(engine)
    SqlAlchemyRepository(engine, site="acme").commit([creation(each) for each in STORED])
    with duckdb.connect() as connection:
        exported(engine, connection, folder, "acme")
        yield connection
    engine.dispose()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions(), moment=days() | strategies.moments())
def test_those_whom_eligibility_grants(
    filled: duckdb.DuckDBPyConnection, asked: tuple[Policy, str | None], moment: datetime
) -> None:
    """Under any policy, at any moment, in every dialect."""
    for channel in Channel:
        expected = granted([*STORED], channel, asked, moment)
        of: Any = {"now": moment, "policy": asked[0], "topic": asked[1], "site": "acme"}
        for dialect in ("duckdb", *OTHERS):
            assert answers(filled, dialect, channel, **of) == expected


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(
        strategies.records(
            dates=days(), fields=st.sampled_from([each.extended_fields for each in STORED])
        ),
        min_size=10,
        max_size=30,
        unique_by=(lambda each: each.details, lambda each: each.id),
    ),
    asked=questions(),
    moment=days(),
)
def test_those_whom_eligibility_grants_among_any_records(
    store: sa.Engine,
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    records: list[MarketingConsent],
    asked: tuple[Policy, str | None],
    moment: datetime,
) -> None:
    """Whatever is stored and exported."""
    with store.connect() as connection:
        site = uuid4().hex
        SqlAlchemyRepository(connection, site=site).commit(
            [creation(evolve(each, revision=1)) for each in records]
        )
        exported(connection, warehouse, tmp_path, site)
        connection.rollback()
    of: Any = {"now": moment, "policy": asked[0], "topic": asked[1], "site": site}
    for channel in Channel:
        found = answers(warehouse, "duckdb", channel, **of)
        assert found == granted(records, channel, asked, moment)


def test_topics_are_found_without_spaces_at_their_ends(
    filled: duckdb.DuckDBPyConnection,
) -> None:
    """A loader that trims texts lets nobody in who left."""
    policy = Policy(topics={"events": TopicDefault.OPT_IN, "offers": TopicDefault.OPT_OUT})
    table = "(SELECT * REPLACE (trim(left_topics) AS left_topics, "
    table += "trim(chosen_topics) AS chosen_topics) FROM consent_records)"
    for topic in policy.topics:
        of: Any = {"now": NOON, "policy": policy, "topic": topic, "site": "acme"}
        expected = granted([*STORED], Channel.EMAIL, (policy, topic), NOON)
        assert answers(filled, "duckdb", Channel.EMAIL, **of, table=table) == expected


HOSTILE: Final = st.lists(
    st.sampled_from(
        [*"'\"\\`;-/*%_{}$()#&:?@\n\r\t|\x7f", "--", "/*", "' OR 1=1 --", "ü", "\u2028"]
    )
    | strategies.texts(),
    max_size=8,
).map("".join)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(site=HOSTILE, value=HOSTILE)
def test_values_are_values_whatever_is_in_them(
    warehouse: duckdb.DuckDBPyConnection, site: str, value: str
) -> None:
    """In every dialect, although they disagree on backslashes, quotes and comments.

    So no quoted text has a character that means something in any of them.
    """
    rule = Rule("NOT_IT", Filter(BOUNCE, Operator.EQ, value))
    of: Any = {"now": NOON, "policy": Policy(rules=[rule]), "site": site}
    (column,) = set(re.findall(r"field_\w+", audience_sql(Channel.EMAIL, dialect="duckdb", **of)))
    columns = {
        "channel": "EMAIL",
        "key": "k",
        "address": "a",
        "id": "i",
        "state": "CONFIRMED",
        "unreachable": False,
        "last_bounce_date": None,
        "site": site,
        column: json.dumps(value, ensure_ascii=False),
    }
    for changed in ("", "site", column):
        row = {name: f"{held}x" if name == changed else held for name, held in columns.items()}
        listed = ", ".join(f"? AS {name}" for name in row)
        warehouse.execute(
            f"CREATE OR REPLACE TABLE consent_records AS SELECT {listed}", [*row.values()]
        )
        for dialect in ("duckdb", *OTHERS):
            expected = set() if changed else {("k", "a", "i")}
            assert answers(warehouse, dialect, Channel.EMAIL, **of) == expected
    for dialect in OTHERS:
        quoted = re.findall("'([^']*)'", audience_sql(Channel.EMAIL, dialect=dialect, **of))
        assert not re.findall(r'[^A-Za-z0-9 _.,:@+/"\x80-\U0010ffff-]', "".join(quoted))


def test_moments_have_an_offset() -> None:
    """By the name that each dialect has for their type."""
    policy = Policy(confirmation_lifetime=timedelta(days=1))
    for dialect, kind in (
        ("duckdb", "TIMESTAMPTZ"),
        ("bigquery", "TIMESTAMP"),
        ("snowflake", "TIMESTAMP_TZ"),
        ("spark", "TIMESTAMP"),
    ):
        text = audience_sql(Channel.EMAIL, dialect=dialect, now=NOON, policy=policy)
        moment = (NOON - timedelta(days=1)).isoformat()
        assert moment.endswith("+00:00")
        assert f"confirmed_date > CAST('{moment}' AS {kind})" in text


def test_the_table_is_written_as_it_is() -> None:
    """It may be whatever stands behind FROM in a warehouse."""
    of: Any = {"dialect": "duckdb", "now": NOON, "policy": Policy()}
    for table in (
        "consent_records",
        "`my-project.shop.consents`",
        "read_parquet('s3://b/c.parquet')",
    ):
        assert f"FROM {table} \nWHERE" in audience_sql(Channel.EMAIL, table=table, **of)


def test_an_export_has_what_is_asked_and_nothing_more() -> None:
    """No evidence, no document, and of extended fields those of the rules only."""
    names = [column.name for column in export_select(policy=EXPORTED).selected_columns]
    assert {"document", "revision", "shard"}.isdisjoint(names)
    assert len([name for name in names if name.startswith("field_")]) == 1
    other = Policy(rules=[Rule("X", Filter(ExtendedField("crm", "x"), Operator.EQ, 1))])
    text = audience_sql(Channel.EMAIL, dialect="duckdb", now=NOON, policy=other)
    assert re.findall(r"field_\w+", text)[0] not in names


@pytest.mark.parametrize(
    "wrong",
    [
        {"dialect": "oracle"},
        {"dialect": []},
        {"policy": None},
        {"site": 1},
        {"site": "\0"},
        {"table": None},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    """Before any text is made."""
    of: dict[str, Any] = {"dialect": "duckdb", "now": NOON, "policy": Policy()}
    with pytest.raises(InvalidConsent) as caught:
        audience_sql(Channel.EMAIL, **of | wrong)
    assert [each.path for each in caught.value.violations] == [f"audience.{key}" for key in wrong]
    for part in ("policy", "site"):
        if part in wrong:
            with pytest.raises(InvalidConsent):
                export_select(**{"policy": Policy()} | wrong)
