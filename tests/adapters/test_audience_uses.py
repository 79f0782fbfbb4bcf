"""SELECT, COUNT, EXISTS and INSERT ... SELECT of an application, with the audience as a part."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, aliased

from consent_core import (
    Channel,
    ConsentService,
    ExtendedField,
    Filter,
    InvalidConsent,
    Operator,
    Policy,
    Rule,
    TopicDefault,
)
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_clause,
    audience_select,
    create_schema,
    metadata,
)
from consent_core.testing.arrange import NOON
from tests.adapters.audiences import (
    KEYS,
    SITE,
    STORED,
    Customer,
    Order,
    Recipient,
    granted,
    shop,
)
from tests.adapters.stores import KINDS, awaited_url, database_of

NOW: Final = NOON + timedelta(days=3)
POLICY: Final = Policy(confirmation_lifetime=timedelta(days=730))
MAY: Final = audience_clause(
    Channel.EMAIL, key=Customer.email_key, now=NOW, policy=POLICY, site=SITE
)
EXPECTED: Final = granted(STORED, Channel.EMAIL, NOW, POLICY)

EMAIL_AUDIENCE: Final = audience_select(Channel.EMAIL, now=NOW, policy=POLICY, site=SITE)
FOUND: Final = EMAIL_AUDIENCE.subquery()
BY_KEY: Final = FOUND.c.key == Customer.email_key
ADDRESSES: Final = {each.details.key: each.address for each in STORED}

USES: Final[tuple[tuple[Any, list[Any]], ...]] = (
    (sa.select(Customer.email_key).where(MAY).order_by(Customer.email_key), sorted(EXPECTED)),
    (sa.select(sa.func.count()).select_from(Customer).where(MAY), [len(EXPECTED)]),
    # Also where nothing else names the table.
    (sa.select(sa.func.count()).where(MAY), [len(EXPECTED)]),
    (sa.select(sa.exists().where(Customer.email_key == min(EXPECTED), MAY)), [True]),
    (sa.select(sa.exists().where(Customer.email_key == "stranger@example.com", MAY)), [False]),
    (sa.select(MAY.label("may")).distinct().order_by("may"), [False, True]),
    (
        sa.insert(Recipient).from_select(
            ["customer_id", "address"], sa.select(Customer.id, FOUND.c.address).join(FOUND, BY_KEY)
        ),
        [],
    ),
    (sa.select(Recipient.address), sorted(ADDRESSES[key] for key in EXPECTED)),
    (sa.delete(Customer).where(~MAY), []),
    (sa.select(sa.func.count()).select_from(Customer), [len(EXPECTED)]),
)
"""What an application does, in this order, and the answers where there are any."""


@pytest.fixture(scope="module", params=KINDS[::2])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """A database of each kind."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("audiences"))
    with shop(url) as engine:
        yield engine


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    """A session, which is rolled back."""
    with Session(engine) as session:
        yield session


def test_every_use(session: Session) -> None:
    """SELECT, COUNT, EXISTS, a column, INSERT ... SELECT, and DELETE."""
    for statement, expected in USES:
        result: Any = session.execute(statement)
        if expected:
            assert sorted(result.scalars()) == expected


def test_every_use_awaited(engine: sa.Engine) -> None:
    """The same with an ``AsyncSession``."""
    url = awaited_url(engine.url.render_as_string(hide_password=False))

    async def use() -> None:
        awaited = create_async_engine(url)
        async with AsyncSession(awaited) as session:
            for statement, expected in USES:
                result: Any = await session.execute(statement)
                if expected:
                    assert sorted(result.scalars()) == expected
        await awaited.dispose()

    asyncio.run(use())


def test_every_use_with_tables(engine: sa.Engine) -> None:
    """The same with ``Table`` and ``Connection``."""
    customers: Any = Customer.__table__
    may = audience_clause(
        Channel.EMAIL, key=customers.c.email_key, now=NOW, policy=POLICY, site=SITE
    )
    with engine.connect() as connection:
        found = connection.scalars(sa.select(customers.c.email_key).where(may))
        assert sorted(found) == sorted(EXPECTED)


@pytest.mark.parametrize("channel", Channel)
def test_an_outer_join_tells_the_address_as_it_is_kept(session: Session, channel: Channel) -> None:
    """Of those who may be contacted, and of nobody else."""
    key = KEYS[channel]
    found = audience_select(channel, now=NOW, policy=Policy(), site=SITE).subquery()
    rows = sa.select(key, found.c.address, found.c.id).outerjoin(found, found.c.key == key)
    expected = granted(STORED, channel, NOW, Policy())
    kept = {each.details.key: (each.address, each.id) for each in STORED}
    told = {row[0]: tuple(row[1:]) for row in session.execute(rows) if row[0] is not None}
    assert len(told) > len(expected) > 1
    assert told == {
        each: kept[each] if each in expected else (None, None)
        for each in session.scalars(sa.select(key).where(key.is_not(None)))
    }
    assert channel is Channel.PHONE or "Über@example.com" in kept["über@example.com"]


def test_without_a_join_the_audience_is_complete(session: Session) -> None:
    """Identifiers of one channel, for a list of addresses."""
    assert {row.key for row in session.execute(EMAIL_AUDIENCE)} == EXPECTED


def test_who_forgets_the_site_selects_nobody(session: Session) -> None:
    """And who names another, its people only."""
    for site, expected in ((None, 0), ("", 0), ("other", len(ADDRESSES) - 10)):
        where: dict[str, Any] = {} if site is None else {"site": site}
        may = audience_clause(
            Channel.EMAIL, key=Customer.email_key, now=NOW, policy=POLICY, **where
        )
        assert session.scalar(sa.select(sa.func.count()).where(may)) == expected


def test_it_is_about_the_row_wherever_it_stands(session: Session) -> None:
    """Under an alias, inside another condition, in an ON, and beside the records themselves."""
    expected = sorted(EXPECTED)
    other = aliased(Customer)
    of_other = audience_clause(
        Channel.EMAIL, key=other.email_key, now=NOW, policy=POLICY, site=SITE
    )
    records = metadata.tables["consent_records"]
    raw = sa.select(Customer.email_key).join(
        records, sa.and_(records.c.key == Customer.email_key, records.c.site == SITE)
    )
    order_of = Order.customer_id == Customer.id
    ordered = sa.select(Customer.email_key).join(Order, order_of)
    some = sa.exists().where(order_of, MAY)
    statements: tuple[Any, ...] = (
        sa.select(other.email_key).where(of_other),
        sa.select(other.email_key).where(other.id.in_(sa.select(Customer.id).where(MAY))),
        raw.where(MAY),
        ordered.where(MAY),
        # Two levels below the table that it is about.
        sa.select(Customer.email_key).where(sa.exists().where(order_of, MAY)),
        sa.select(Customer.email_key).join(Order, sa.and_(order_of, MAY)),
    )
    for statement in statements:
        assert sorted(session.scalars(statement)) == expected
    orders = sa.select(sa.func.count()).select_from(Order).where(some)
    assert session.scalar(orders) == len(expected)


def test_who_forgets_to_join_the_own_table_is_warned(session: Session) -> None:
    """By SQLAlchemy, as with every condition on a table that is not joined."""
    with pytest.warns(SAWarning, match='cartesian product between FROM element.* "orders"'):
        session.execute(sa.select(Order.id).where(MAY))


WITH_TOPICS: Final = Policy(topics={"news": TopicDefault.OPT_OUT})


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"key": "ada@example.org"}, "audience.key", "WRONG_TYPE"),
        ({"key": sa.literal("ada@example.org")}, "audience.key", "WRONG_TYPE"),
        ({"key": Customer}, "audience.key", "WRONG_TYPE"),
        ({"key": sa.text("email_key")}, "audience.key", "WRONG_TYPE"),
        ({"policy": None}, "audience.policy", "WRONG_TYPE"),
        ({"site": None}, "audience.site", "WRONG_TYPE"),
        ({"site": "\0"}, "audience.site", "INVALID_TEXT"),
        ({"now": datetime(2024, 5, 1)}, "now", "DATE_WITHOUT_OFFSET"),  # noqa: DTZ001  # the point
        ({"topic": "news"}, "topic", "UNKNOWN_VALUE"),
        ({"policy": WITH_TOPICS}, "topic", "REQUIRED"),
        ({"policy": WITH_TOPICS, "topic": "new"}, "topic", "UNKNOWN_VALUE"),
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any], path: str, code: str) -> None:
    """A value instead of a column would select all or none."""
    given = {"key": Customer.email_key, "now": NOW, "policy": Policy(), **wrong}
    with pytest.raises(InvalidConsent) as refused:
        audience_clause(Channel.EMAIL, **given)
    (violation,) = refused.value.violations
    assert (violation.path, violation.code) == (path, code)


def test_statements_that_are_kept_answer_for_the_values_of_now(engine: sa.Engine) -> None:
    """The same statement with another moment, site, lifetime or rule gives another answer.

    One is kept for each of the two fields.
    """
    kept: dict[Any, Any] = {}
    answers = set()
    with engine.execution_options(compiled_cache=kept).connect() as connection:
        for days, bounce, site, namespace in (
            (3, "hard", SITE, "crm"),
            (900, "hard", SITE, "crm"),
            (3, "soft", SITE, "crm"),
            (3, "soft", SITE, "other"),
            (3, "soft", "elsewhere", "other"),
        ):
            bounced = Filter(ExtendedField(namespace, "bounce"), Operator.NE, bounce)
            rule = Rule("BOUNCED", bounced)
            policy = Policy(confirmation_lifetime=timedelta(days=7), rules=[rule])
            now = NOON + timedelta(days=days)
            may = audience_clause(
                Channel.EMAIL, key=Customer.email_key, now=now, policy=policy, site=site
            )
            statement = sa.select(Customer.email_key).where(may)
            answer = frozenset(connection.scalars(statement))
            stored = STORED if site == SITE else []
            assert answer == granted(stored, Channel.EMAIL, now, policy)
            answers.add(answer)
    assert (len(kept), len(answers)) == (2, 4)


def test_tables_in_another_schema(engine: sa.Engine) -> None:
    """Where ``schema_translate_map`` puts the repository's tables, the clause finds them."""
    elsewhere, name = f"elsewhere_{uuid4().hex}", engine.dialect.name
    # A schema of MariaDB is what others call a database.
    own = {"sqlite": "main", "postgresql": "public"}.get(name, engine.url.database)
    make = "ATTACH ':memory:' AS" if name == "sqlite" else "CREATE SCHEMA"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{make} {elsewhere}")
        moved = connection.execution_options(schema_translate_map={None: elsewhere})
        create_schema(moved)
        ConsentService(SqlAlchemyRepository(moved)).opt_in("stranger@example.com")
        customers = sa.Table(
            "customers", sa.MetaData(), sa.Column("email_key", sa.Text), schema=own
        )
        may = audience_clause(
            Channel.EMAIL, key=customers.c.email_key, now=datetime.now(UTC), policy=Policy()
        )
        found = moved.scalars(sa.select(customers.c.email_key).where(may))
        assert [*found] == ["stranger@example.com"]
        connection.rollback()
        if name == "mariadb":
            connection.exec_driver_sql(f"DROP SCHEMA {elsewhere}")
