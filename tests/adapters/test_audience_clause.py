"""An application joins its own tables with the audience, and gets whom ``eligibility`` grants."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consent_core import Channel, MarketingConsent, Policy
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_clause,
    audience_select,
)
from consent_core.testing import strategies
from consent_core.testing.arrange import creation
from tests.adapters.audiences import (
    KEYS,
    SITE,
    STORED,
    Customer,
    customers_of,
    granted,
    shop,
)
from tests.adapters.questions import days, questions
from tests.adapters.stores import KINDS, database_of


@pytest.fixture(scope="module", params=KINDS[::2])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """A database of each kind."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("audiences"))
    with shop(url) as engine:
        yield engine


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(
        strategies.records(
            dates=days(), fields=st.sampled_from([each.extended_fields for each in STORED])
        ),
        max_size=4,
        unique_by=lambda each: each.details,
    ),
    asked=questions(),
    moment=days(),
)
def test_those_whom_eligibility_grants_among_any_records(
    engine: sa.Engine,
    records: list[MarketingConsent],
    asked: tuple[Policy, str | None],
    moment: datetime,
) -> None:
    """Whatever is stored, by the condition and by the join alike."""
    with Session(engine) as session:
        site = uuid4().hex
        SqlAlchemyRepository(session.connection(), site=site).commit(
            [creation(evolve(each, revision=1)) for each in records]
        )
        session.execute(sa.delete(Customer))
        session.execute(sa.insert(Customer), customers_of(records))
        for channel in Channel:
            assert_selects(session, records, channel, asked, moment, site)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions(), moment=strategies.moments() | days())
def test_those_whom_eligibility_grants_under_any_policy(
    engine: sa.Engine, asked: tuple[Policy, str | None], moment: datetime
) -> None:
    """At any moment, with rules about extended fields and with topics."""
    with Session(engine) as session:
        for channel in Channel:
            assert_selects(session, STORED, channel, asked, moment, SITE)


def assert_selects(
    session: Session,
    records: Sequence[MarketingConsent],
    channel: Channel,
    asked: tuple[Policy, str | None],
    moment: datetime,
    site: str,
) -> None:
    """The condition and the join select the granted, and its opposite selects all others."""
    (policy, topic), key = asked, KEYS[channel]
    expected = sorted(granted(records, channel, moment, policy, topic))
    may = audience_clause(channel, key=key, now=moment, policy=policy, site=site, topic=topic)
    found = audience_select(channel, now=moment, policy=policy, site=site, topic=topic).subquery()
    assert sorted(session.scalars(sa.select(key).where(may))) == expected
    assert sorted(session.scalars(sa.select(key).join(found, found.c.key == key))) == expected
    others = session.scalar(sa.select(sa.func.count()).where(~may))
    everybody = session.scalar(sa.select(sa.func.count()).select_from(Customer))
    assert (others or 0) + len(expected) == everybody
