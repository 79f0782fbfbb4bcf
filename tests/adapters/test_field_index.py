"""An index by an extended field serves the rules of a deployment, and changes no answer."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa
from attrs import evolve

from consent_core import (
    Channel,
    ConsentService,
    ExtendedField,
    ExtendedFields,
    Filter,
    InvalidConsent,
    Operator,
    Policy,
    Rule,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    create_schema,
    extended_field_index,
    metadata,
)
from consent_core.testing.arrange import NOON, consent, creation
from tests.adapters.explaining import indexes_of, nodes_of, plans_of
from tests.adapters.requests import person
from tests.adapters.stores import KINDS, database_of

FIELD: Final = ("crm", "customer's 100 %")
"""With characters that mean something in SQL, or to a driver."""

PEOPLE: Final = 3_000
RARE: Final = (
    (Operator.EQ, "gold", {7}),
    (Operator.IN, ["gold", 1, True], {7, 8, 9}),
    (Operator.EQ, "x" * 300, {10}),
)
"""Rules that few people satisfy, and who does, of a hundred each."""

VALUES: Final = {7: "gold", 8: 1, 9: True, 10: "x" * 300, 11: "x" * 9_000, 12: ["gold"], 13: 1.0}


def stored(number: int) -> Any:
    """One of many records, most of which have a value that many have."""
    fields = {FIELD[0]: {FIELD[1]: VALUES.get(number % 100, "basic")}}
    return consent(person(number), extended_fields=ExtendedFields(fields))


@pytest.fixture(scope="module", params=KINDS[:4:2])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """A database with an index by the field, and a site with many people."""
    engine = sa.create_engine(
        database_of(request, request.param, tmp_path_factory.mktemp("fields"))
    )
    create_schema(engine)
    SqlAlchemyRepository(engine).commit([creation(stored(each)) for each in range(PEOPLE)])
    extended_field_index(*FIELD).create(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    yield engine
    engine.dispose()


def service(bind: Any, operator: Operator, value: Any) -> ConsentService:
    """A service with one rule of its own."""
    rule = Rule("NOT_ASKED", Filter(ExtendedField(*FIELD), operator, value))
    repository = SqlAlchemyRepository(bind)
    return ConsentService(repository, policy=Policy(rules=[rule]), clock=lambda: NOON)


def sqlite_plan(engine: sa.Engine, consents: ConsentService) -> str:
    """How SQLite reads a page."""
    sent: list[tuple[str, Any]] = []

    def listen(*args: Any) -> None:
        sent.append(args[2:4])

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        consents.page(consents.use_cases.audience_query(Channel.EMAIL, 50))
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
    with engine.connect() as connection:
        ((statement, values),) = sent
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return " ".join(row.detail for row in plan)


@pytest.mark.parametrize(("operator", "value", "expected"), RARE)
def test_answers_are_the_same_with_it(
    engine: sa.Engine, operator: Operator, value: Any, expected: set[int]
) -> None:
    """Whatever the values are like, by the index and without it."""
    people = {person(number).address for number in range(PEOPLE) if number % 100 in expected}
    consents = service(engine, operator, value)
    assert set(consents.addresses(Channel.EMAIL)) == people
    assert {each.address for each in consents.audience(Channel.EMAIL)} == people
    with engine.connect() as connection:
        extended_field_index(*FIELD).drop(connection)
        without = service(connection, operator, value)
        assert set(without.addresses(Channel.EMAIL)) == people
        connection.rollback()
        # SQLite's driver has committed by itself.
        extended_field_index(*FIELD).create(connection, checkfirst=True)
        connection.commit()


@pytest.mark.parametrize(("operator", "value"), [each[:2] for each in RARE[:2]])
def test_it_is_used(engine: sa.Engine, operator: Operator, value: Any) -> None:
    """By the statement of a page as it is sent."""
    consents = service(engine, operator, value)
    name = extended_field_index(*FIELD).name
    if engine.dialect.name == "sqlite":
        assert f"USING INDEX {name} (site=? AND <expr>=?" in sqlite_plan(engine, consents)
        return
    query = consents.use_cases.audience_query(Channel.EMAIL, 50)
    (plan,) = plans_of(engine, lambda: consents.page(query))
    assert indexes_of(plan) == {name}


def test_it_is_used_by_plans_that_know_no_values(engine: sa.Engine) -> None:
    """PostgreSQL makes such a plan of a statement that psycopg has prepared, and SQLite always."""
    name = str(extended_field_index(*FIELD).name)
    if engine.dialect.name == "sqlite":
        assert name in sqlite_plan(engine, service(engine, Operator.EQ, "nobody has it"))
        return
    how = {"options": "-c plan_cache_mode=force_generic_plan", "prepare_threshold": 0}
    other = sa.create_engine(engine.url, connect_args=how)
    with other.connect() as connection:
        consents = service(connection, Operator.EQ, "gold")
        consents.page(consents.use_cases.audience_query(Channel.EMAIL, 50))
        prepared = "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
        ours = sa.text(f"{prepared} WHERE statement LIKE 'SELECT consent_records.%'")
        assert connection.execute(ours).all() == [(1, 0)]
        scans = sa.text("SELECT pg_stat_get_xact_numscans(CAST(:name AS regclass))")
        assert connection.scalar(scans, {"name": name}) == 1
    other.dispose()


def test_a_rule_that_most_people_satisfy_needs_none(engine: sa.Engine) -> None:
    """A page is read in the order of an index by id, without sorting the site for it."""
    for operator, value in ((Operator.NE, "gold"), (Operator.EXISTS, True)):
        consents = service(engine, operator, value)
        if engine.dialect.name == "sqlite":
            assert "TEMP B-TREE" not in sqlite_plan(engine, consents)
            continue
        query = consents.use_cases.audience_query(Channel.EMAIL, 50)
        (plan,) = plans_of(engine, lambda: consents.page(query))  # noqa: B023  # called at once
        assert indexes_of(plan) <= {"ix_consent_records_audience", "uq_consent_records_id"}
        assert not {"Sort", "Seq Scan"} & {node["Node Type"] for node in nodes_of(plan)}


def test_it_refuses_no_row(engine: sa.Engine) -> None:
    """However long a value is, or if there is none."""
    with engine.connect() as connection:
        repository = SqlAlchemyRepository(connection, site="long")
        for number, fields in enumerate(({}, {FIELD[0]: {FIELD[1]: "ü" * 9_000}})):
            record = consent(person(number), extended_fields=ExtendedFields(fields))
            repository.commit([creation(evolve(record, revision=1))])
        connection.rollback()


def test_it_is_no_part_of_the_schema() -> None:
    """``create_schema`` and migrations make the same tables whether or not it was asked for."""
    index = extended_field_index(*FIELD)
    assert index.name not in {
        each.name for table in metadata.sorted_tables for each in table.indexes
    }
    names = {extended_field_index(*each).name for each in (("a", "b.c"), ("a.b", "c"), FIELD)}
    assert len(names) == 3
    options = {"postgresql_concurrently": True}
    concurrent = sa.schema.CreateIndex(extended_field_index("crm", "plan", **options))
    engine = sa.create_mock_engine("postgresql+psycopg://", print)
    made = str(concurrent.compile(dialect=engine.dialect))
    assert made.startswith("CREATE INDEX CONCURRENTLY ix_")
    with pytest.raises(InvalidConsent):
        extended_field_index("crm", 'x"')
