"""An audience of a database is exactly those whom eligibility grants, whatever is stored."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from consent_core import Channel, Identifier, MarketingConsent, Policy, Query, audience, eligibility
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.testing.arrange import creation, phone
from tests.adapters.requests import person
from tests.adapters.stores import KINDS, database_of
from tests.domain.builders import at
from tests.domain.test_audience import any_records, near_policies
from tests.domain.topics import QUESTIONS


@pytest.fixture(params=KINDS[::2])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind with the schema."""
    engine = create_engine(database_of(request, request.param, tmp_path))
    create_schema(engine)
    yield engine
    engine.dispose()


def other(record: MarketingConsent, number: int) -> Identifier:
    """One of many people on the channel of a record."""
    return person(number) if record.details.channel is Channel.EMAIL else phone(number)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(any_records(), min_size=1, max_size=12),
    asked=st.lists(
        st.tuples(near_policies(), st.integers(0, 24), st.sampled_from(QUESTIONS)), max_size=4
    ),
)
def test_an_audience_is_whom_eligibility_grants(
    engine: Engine, drawn: list[MarketingConsent], asked: list[tuple[Policy, int, str]]
) -> None:
    """Contract, section 5, for any records, policies, moments and topics."""
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    # The first keeps its address, which a rule may name.
    stored = [
        evolve(
            each, id=uuid4(), revision=1, details=other(each, number) if number else each.details
        )
        for number, each in enumerate(drawn)
    ]
    repository.commit([creation(each) for each in stored])
    for (policy, minute, question), channel in product(asked, Channel):
        moment, topic = at(minute), question if policy.topics else None
        wanted = audience(channel, now=moment, policy=policy, topic=topic)
        found = repository.query(Query(where=wanted, page_size=100)).consents
        assert {each.id for each in found} == {
            each.id
            for each in stored
            if each.details.channel is channel
            and eligibility(each, now=moment, policy=policy, topic=topic).granted
        }
