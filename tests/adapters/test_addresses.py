"""The addresses of an audience, without its records, from every database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent_core import (
    AsyncConsentService,
    Channel,
    ConsentService,
    Policy,
    Query,
    TopicDefault,
    audience,
)
from consent_core.adapters.sqlalchemy import AsyncSqlAlchemyRepository, SqlAlchemyRepository
from consent_core.porting import AddressReader, AsyncAddressReader
from consent_core.testing.arrange import NOON, email
from tests.adapters.audiences import SITE, STORED, shop
from tests.adapters.stores import KINDS, awaited_url, database_of

NOW: Final = NOON + timedelta(days=3)
POLICIES: Final = (
    (Policy(), None),
    (Policy.strict(), None),
    (Policy(confirmation_lifetime=timedelta(days=2)), None),
    (Policy(topics={"news": TopicDefault.OPT_OUT}), "news"),
)


@pytest.fixture(scope="module", params=KINDS[::2])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """A database of each kind."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("addresses"))
    with shop(url) as engine:
        yield engine


def consents(bind: Any, policy: Policy = POLICIES[0][0]) -> ConsentService:
    """A service on the site that has people of every kind."""
    return ConsentService(SqlAlchemyRepository(bind, site=SITE), policy=policy, clock=lambda: NOW)


def awaited(engine: sa.Engine, use: Callable[[AsyncEngine], Any]) -> Any:
    """What is answered over an async engine on the same database."""

    async def main() -> Any:
        made = create_async_engine(awaited_url(engine.url.render_as_string(False)))
        try:
            return await use(made)
        finally:
            await made.dispose()

    return asyncio.run(main())


async def listed(addresses: AsyncIterator[str]) -> list[str]:
    """All of them."""
    return [each async for each in addresses]


@pytest.mark.parametrize(("policy", "topic"), POLICIES)
def test_those_of_the_audience(engine: sa.Engine, policy: Policy, topic: str | None) -> None:
    """Each as it is kept, in the order of the records, called and awaited."""
    service = consents(engine, policy)
    for channel in Channel:
        expected = [each.address for each in service.audience(channel, topic=topic)]
        assert list(service.addresses(channel, topic=topic)) == expected != []

    async def use(made: AsyncEngine) -> list[list[str]]:
        repository = AsyncSqlAlchemyRepository(made, site=SITE)
        service = AsyncConsentService(repository, policy=policy, clock=lambda: NOW)
        return [await listed(service.addresses(each, topic=topic)) for each in Channel]

    found = [list(service.addresses(each, topic=topic)) for each in Channel]
    assert awaited(engine, use) == found


@pytest.mark.parametrize("size", [1, 7, len(STORED), 10_000])
@pytest.mark.parametrize("where", [(), audience(Channel.EMAIL, now=NOW)], ids=["all", "e-mail"])
def test_pages_of_any_size(engine: sa.Engine, where: Any, size: int) -> None:
    """Also of people of both channels, none of them twice."""
    repository = SqlAlchemyRepository(engine, site=SITE)
    assert isinstance(repository, AddressReader)
    expected = [each.address for each in consents(engine).query(Query(where=where))]
    rest: Query | None = Query(where=where, page_size=size)
    found: list[str] = []
    while rest is not None:
        page = repository.address_page(rest)
        assert len(page.addresses) <= size
        found += page.addresses
        rest = page.rest
    assert found == expected


def test_nothing_is_open_between_two_addresses(engine: sa.Engine) -> None:
    """Whoever stops in the middle, or takes hours for one, holds no connection and no lock."""
    pool: Any = engine.pool
    addresses = consents(engine).addresses(Channel.EMAIL)
    assert next(addresses)
    assert pool.checkedout() == 0
    ConsentService(SqlAlchemyRepository(engine, site="written")).opt_in(email("meanwhile"))
    assert len(list(islice(addresses, 3))) == 3
    assert pool.checkedout() == 0

    async def use(made: AsyncEngine) -> int:
        repository = AsyncSqlAlchemyRepository(made, site=SITE)
        assert isinstance(repository, AsyncAddressReader)
        async for _ in AsyncConsentService(repository).addresses(Channel.EMAIL):
            break
        open_pool: Any = made.pool
        held: int = open_pool.checkedout()
        return held

    assert awaited(engine, use) == 0


def test_a_cancelled_read_holds_nothing(engine: sa.Engine) -> None:
    """At whatever step of a page the caller is cancelled."""

    async def use(made: AsyncEngine) -> int:
        service = AsyncConsentService(AsyncSqlAlchemyRepository(made, site=SITE))
        await listed(service.addresses(Channel.EMAIL))
        for steps in range(6):
            reading = asyncio.create_task(listed(service.addresses(Channel.EMAIL)))
            for _ in range(steps):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
        # On SQLite, a read comes to its end behind the caller's back.
        pool: Any = made.pool
        for _ in range(500):
            if not pool.checkedout():
                break
            await asyncio.sleep(0.01)
        held: int = pool.checkedout()
        return held

    assert awaited(engine, use) == 0


def test_whoever_leaves_before_a_page_is_read_is_not_on_it(engine: sa.Engine) -> None:
    """In a transaction of the caller, too, which may be committed between two pages."""
    with engine.connect() as connection:
        service = ConsentService(SqlAlchemyRepository(connection, site="leaving"))
        for number in range(4):
            service.opt_in(email(f"person{number}"))
        connection.commit()
        query: Query | None = service.use_cases.audience_query(Channel.EMAIL, 2)
        left: list[str] = []
        while query is not None:
            page = service.repository.address_page(query)  # type: ignore[attr-defined]
            connection.commit()
            query = page.rest
            if not left:
                gone = [each.details for each in service.audience(Channel.EMAIL)][-1]
                service.opt_out(gone)
            left += page.addresses
        assert len(left) == 3
        assert gone.address not in left
        connection.rollback()


def test_one_statement_for_each_page_without_documents_of_records(engine: sa.Engine) -> None:
    """So a page costs what its addresses cost."""
    sent: list[str] = []

    def listen(*args: Any) -> None:
        sent.append(args[2])

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        assert list(consents(engine).addresses(Channel.PHONE))
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
    (statement,) = sent
    assert "SELECT consent_records.document" not in statement
