"""Every question that the library asks of PostgreSQL is answered by an index."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import (
    Column,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    insert,
    select,
    text,
)

from consent_core import (
    Channel,
    ConsentService,
    ConsentState,
    Filter,
    MarketingConsent,
    Operator,
    Policy,
    Query,
    QueryField,
    Upsert,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_clause,
    audience_select,
    create_schema,
)
from consent_core.application.ids import new_consent_id
from consent_core.testing.arrange import phone
from tests.adapters.databases import postgres_database
from tests.adapters.explaining import indexes_of, plans_of, scanned
from tests.adapters.requests import applied, at, confirm, pending, person, revoke, unknown

pytestmark = pytest.mark.xdist_group("plans")

SITES: Final = ("large", "small", "tiny")
SIZES: Final = (14_000, 5_000, 1_000)


def requests(size: int) -> Iterator[Upsert]:
    """As many people, most of them confirmed, by e-mail and by phone."""
    for number in range(size):
        who = person(number) if number % 4 else phone(number)
        match number % 20:
            case 0 | 1:
                yield pending(who)
            case 2 | 3 | 4:
                yield revoke(who)
            case 5:
                yield unknown(who)
            case _:
                yield confirm(who, number / 100)


@pytest.fixture(scope="module")
def engine(server: str) -> Iterator[Engine]:
    """A database with 20,000 records, most of them of one site, and a tenth of the events waiting
    for the relay.
    """
    with postgres_database(server) as url:
        engine = create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
        create_schema(engine)
        for site, size in zip(SITES, SIZES, strict=True):
            clock = iter(range(1_000_000))
            consents = ConsentService(
                SqlAlchemyRepository(engine, site=site),
                clock=lambda clock=clock: at(next(clock) / 10) + timedelta(days=90),  # type: ignore[misc]
                chunk_size=5_000,
            )
            assert sum(1 for _ in applied(consents.bulk_upsert(requests(size)))) == size
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE consent_events SET published = true WHERE shard % 10 <> 0")
            )
            connection.execute(text("ANALYZE"))
        yield engine
        engine.dispose()


@pytest.fixture(params=SITES)
def consents(engine: Engine, request: pytest.FixtureRequest) -> ConsentService:
    """A service for each of the sites."""
    return ConsentService(SqlAlchemyRepository(engine, site=request.param))


def some(consents: ConsentService, query: Query | None = None) -> MarketingConsent:
    """A record in the middle of a page."""
    page = consents.page(query or Query())
    return page.consents[len(page.consents) // 2]


def assert_by_index(engine: Engine, consents: ConsentService, query: Query) -> set[str]:
    """The query's plan reads no table from end to end and sorts nothing that it need not.

    Its indexes.
    """
    (plan,) = plans_of(engine, lambda: consents.page(query))
    assert scanned(plan) == []
    return indexes_of(plan)


def test_what_no_index_helps_with_is_seen(engine: Engine) -> None:
    """The counter-example.

    The tables are large enough for the server to read them all, so these tests can fail.
    """

    def ask() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT id FROM consent_records WHERE document = 'x'"))
            connection.execute(text("SELECT id FROM consent_events WHERE published"))

    assert [scanned(plan) for plan in plans_of(engine, ask)] == [
        ["consent_records"],
        ["consent_events"],
    ]


def test_one_and_many_identifiers(engine: Engine, consents: ConsentService) -> None:
    """``find`` goes by the primary key.

    For one, for a chunk of a bulk, and for those who are not there.
    """
    repository = consents.repository
    for wanted in (
        [person(1)],
        [phone(4)],
        [person(number) for number in range(500)],
        [person(1), phone(4), phone(8)],
    ):
        for plan in plans_of(engine, lambda wanted=wanted: repository.find(wanted)):  # type: ignore[misc]
            assert scanned(plan) == []
            assert indexes_of(plan) == {"pk_consent_records"}


def test_one_and_many_ids(engine: Engine, consents: ConsentService) -> None:
    """``get`` goes by the unique key of the id; in a small site any index of the site will do."""
    known = [consent.id for consent in consents.page(Query(page_size=100)).consents]
    for wanted in (known[:1], known, [uuid4()], [uuid4(), *known], [new_consent_id(person(1))]):
        for plan in plans_of(engine, lambda wanted=wanted: consents.repository.get(wanted)):  # type: ignore[misc]
            assert scanned(plan) == []
            assert indexes_of(plan)
            if consents.page(Query(page_size=5_000)).more:
                assert indexes_of(plan) == {"uq_consent_records_id"}


def test_histories(engine: Engine, consents: ConsentService) -> None:
    """``history`` goes by the unique key of the sequence."""
    for wanted in (some(consents).id, uuid4()):
        (plan,) = plans_of(engine, lambda wanted=wanted: consents.repository.history(wanted))  # type: ignore[misc]
        assert scanned(plan) == []
        assert indexes_of(plan) == {"uq_consent_events_sequence"}


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        (QueryField.ID, "uq_consent_records_id"),
        (QueryField.CREATED_DATE, "ix_consent_records_created"),
        (QueryField.UPDATED_DATE, "ix_consent_records_updated"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("backward", [False, True])
def test_every_order_with_a_position(
    engine: Engine, sort: QueryField, index: str, descending: bool, backward: bool
) -> None:
    """A page begins where the one before ended, without reading what lies before."""
    consents = ConsentService(SqlAlchemyRepository(engine, site="large"))
    query = Query(sort=sort, descending=descending, page_size=50)
    consent = some(consents, query)
    query = query.before(consent) if backward else query.after(consent)
    (plan,) = plans_of(engine, lambda: consents.page(query))
    assert scanned(plan) == []
    assert indexes_of(plan) == {index}
    assert "Sort" not in {node["Node Type"] for node in (plan, *plan["Plans"])}


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("sort", [QueryField.ID, QueryField.CREATED_DATE])
def test_states(
    engine: Engine, consents: ConsentService, state: ConsentState, sort: QueryField
) -> None:
    """Also those that few records, or none, are in."""
    assert_by_index(engine, consents, Query(state=state, sort=sort))


@pytest.mark.parametrize("value", ["person00012", "person", "p", "nobody", ""])
def test_beginnings_of_addresses(engine: Engine, consents: ConsentService, value: str) -> None:
    """However many addresses begin with it."""
    query = Query(where=(Filter(QueryField.EMAIL, Operator.STARTS_WITH, value),))
    indexes = assert_by_index(engine, consents, query)
    if value in ("person00012", "nobody"):
        assert indexes == {"pk_consent_records"}


@pytest.mark.parametrize(
    "policy", [Policy(), Policy.strict(), Policy.wix()], ids=["default", "strict", "wix"]
)
@pytest.mark.parametrize("channel", Channel)
def test_audiences(
    engine: Engine, consents: ConsentService, policy: Policy, channel: Channel
) -> None:
    """The first page and all that follow."""
    consents = ConsentService(consents.repository, policy=policy)
    query = consents.use_cases.audience_query(channel, 100)
    assert_by_index(engine, consents, query)
    assert_by_index(engine, consents, query.after(some(consents, query)))


def test_tables_of_the_application(engine: Engine) -> None:
    """Many customers are joined by the audience's index, and one by the primary key."""
    key: Any = Column("email_key", Text(collation="C"), index=True)
    customers = Table("customers", MetaData(), key)
    with engine.begin() as connection:
        customers.create(connection)
        people = map(person, range(12_500, 15_500))
        connection.execute(insert(customers), [{"email_key": each.key} for each in people])
        connection.execute(text("ANALYZE customers"))
    # Most of the table is in the audience of the large site, so the server may read it all there.
    for site in ("small", "tiny"):
        of: Any = {"now": at(0) + timedelta(days=91), "policy": Policy(), "site": site}
        may = audience_clause(Channel.EMAIL, key=key, **of)
        found = audience_select(Channel.EMAIL, **of).subquery()
        joined = select(key, found.c.address).join(found, found.c.key == key)
        for statement, index in (
            (select(key).where(may), "ix_consent_records_audience"),
            (select(func.count()).where(may), "ix_consent_records_audience"),
            (joined, "ix_consent_records_audience"),
            (select(key).where(may, key == person(13_000).key), "pk_consent_records"),
            (joined.where(key == person(13_000).key), "pk_consent_records"),
        ):
            with engine.connect() as connection:
                (plan,) = plans_of(engine, partial(connection.execute, statement))
            assert "consent_records" not in scanned(plan)
            assert indexes_of(plan) - {"ix_customers_email_key"} == {index}


def test_the_outbox(engine: Engine) -> None:
    """Reading goes by the partial index alone; marking by the primary key."""
    for site in SITES:
        repository = SqlAlchemyRepository(engine, site=site)
        (plan,) = plans_of(engine, lambda repository=repository: repository.unpublished())  # type: ignore[misc]
        assert scanned(plan) == []
        assert indexes_of(plan) == {"ix_consent_events_unpublished"}
        ids = [event.id for event in repository.unpublished(50)]
        assert len(ids) == 50
        marked: Iterable[dict[str, object]] = plans_of(
            engine,
            lambda repository=repository, ids=ids: repository.mark_published(ids),  # type: ignore[misc]
        )
        for each in marked:
            assert scanned(each) == []
            assert indexes_of(each) == {"pk_consent_events"}


def test_writing(engine: Engine, consents: ConsentService) -> None:
    """An upsert finds its row by the primary key, twice; an erasure finds the events by theirs."""
    consent = some(consents, Query(state=ConsentState.CONFIRMED))
    plans = plans_of(engine, lambda: consents.upsert(confirm(consent.details, 100_000)))
    plans += plans_of(engine, lambda: consents.delete(consent.id))
    assert [scanned(plan) for plan in plans] == [[]] * len(plans)
    assert set().union(*map(indexes_of, plans)) == {
        "pk_consent_records",
        "uq_consent_records_id",
        "uq_consent_events_sequence",
    }
