"""MariaDB reads pages in the order of an index, from their position on, and sorts nothing."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, create_engine, event

from consent_core import (
    Channel,
    ConsentService,
    ConsentState,
    Filter,
    Operator,
    Query,
    QueryField,
    audience,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.adapters.sqlalchemy.hints import hinted
from consent_core.adapters.sqlalchemy.schema import RECORDS
from tests.adapters.requests import applied, at, confirm, person, revoke

CHANNEL: Final = Filter(QueryField.CHANNEL, Operator.EQ, Channel.EMAIL)
STATES: Final = [ConsentState.CONFIRMED, ConsentState.NEVER_CONFIRMED]
OF_ONE_STATE: Final = "ix_consent_records_audience"
BY_ID: Final = "uq_consent_records_id"

INDEXES: Final[list[tuple[Query, str | None]]] = [
    (Query(), BY_ID),
    (Query(sort=QueryField.CREATED_DATE), "ix_consent_records_created"),
    (Query(sort=QueryField.UPDATED_DATE), "ix_consent_records_updated"),
    (Query(where=audience(Channel.EMAIL, now=at(0))), OF_ONE_STATE),
    (
        Query(where=audience(Channel.EMAIL, now=at(0)), sort=QueryField.CREATED_DATE),
        "ix_consent_records_created",
    ),
    (Query(where=[CHANNEL, Filter(QueryField.STATE, Operator.EQ, STATES[0])]), OF_ONE_STATE),
    (Query(where=[CHANNEL, Filter(QueryField.STATE, Operator.IN, STATES)]), BY_ID),
    (Query(where=[CHANNEL, Filter(QueryField.STATE, Operator.NE, STATES[0])]), BY_ID),
    (Query(where=[Filter(QueryField.STATE, Operator.EQ, STATES[0])]), BY_ID),
    (Query(where=[CHANNEL]), BY_ID),
    (Query(where=[Filter(QueryField.EMAIL, Operator.STARTS_WITH, "a")]), None),
    (Query(where=[Filter(QueryField.CREATED_DATE, Operator.GT, at(0))]), None),
]
"""Queries, and the index that they are to be read from; None where the database may choose."""


@pytest.mark.parametrize(("query", "index"), INDEXES, ids=str)
@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_the_index_follows_from_the_query(name: str, query: Query, index: str | None) -> None:
    """On these two databases; the others find it themselves."""
    statement = sa.select(RECORDS.c.document)
    sql = str(
        hinted(statement, query, name).compile(dialect=sa.make_url(f"{name}://").get_dialect()())
    )
    assert ("FORCE INDEX" in sql) is (index is not None)
    assert index is None or f"consent_records FORCE INDEX ({index})" in sql
    assert hinted(statement, query, "postgresql") is statement


@pytest.fixture(scope="module")
def engine(mariadb: str) -> Iterator[Engine]:
    """A database in which most people are CONFIRMED."""
    engine = create_engine(mariadb)
    create_schema(engine)
    consents = ConsentService(SqlAlchemyRepository(engine))
    people = [*range(600)]
    list(applied(consents.bulk_upsert(confirm(person(each)) for each in people)))
    list(applied(consents.bulk_upsert(revoke(person(each)) for each in people[::5])))
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE TABLE consent_records").all()
    yield engine
    engine.dispose()


def explained(engine: Engine, query: Query) -> Any:
    """What the database does with the statement of a query."""
    sent: list[Any] = []

    def listen(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        sent.append((sql, values))

    event.listen(engine, "before_cursor_execute", listen)
    SqlAlchemyRepository(engine).query(query)
    event.remove(engine, "before_cursor_execute", listen)
    ((sql, values),) = sent
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"EXPLAIN {sql}", values).mappings().one()


@pytest.mark.parametrize(("query", "index"), [each for each in INDEXES if each[1]], ids=str)
def test_a_page_begins_where_the_last_one_ended(engine: Engine, query: Query, index: str) -> None:
    """It is a range of the index, whose end the limit is, and has its order already."""
    middle = [*ConsentService(SqlAlchemyRepository(engine)).query()][300]
    plan = explained(engine, query.after(middle))
    assert (plan["type"], plan["key"]) == ("range", index)
    assert "filesort" not in plan["Extra"]
