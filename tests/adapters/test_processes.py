"""Four processes write to the same people at the same time.

Nothing is lost, and every history has no gap.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from typing import Final

import pytest
from sqlalchemy import Engine, create_engine

from consent_core import (
    ConsentCreated,
    ConsentService,
    ConsentState,
    ExtendedFields,
    Identifier,
    Query,
    Result,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from tests.adapters.requests import assert_whole
from tests.adapters.stores import new_database
from tests.adapters.upserting import (
    PEOPLE,
    PROCESSES,
    ROUNDS,
    Dated,
    Told,
    begin_with,
    requests,
    upsert_all,
)

ROUNDS_ON: Final = dict.fromkeys(("postgresql", "mariadb"), ROUNDS)
"""How often each process sends a request for each person."""


@pytest.fixture(scope="module", params=ROUNDS_ON)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database of its own with the schema."""
    with new_database(request, request.param, tmp_path_factory.getbasetemp()) as url:
        engine = create_engine(url)
        create_schema(engine)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def rounds(engine: Engine) -> int:
    """How often each process sends a request for each person."""
    return ROUNDS_ON[engine.dialect.name]


@pytest.fixture(scope="module")
def told(engine: Engine, rounds: int) -> list[Told]:
    """What the processes were told, when all have ended."""
    url = engine.url.render_as_string(hide_password=False)
    context = get_context("spawn")
    start = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, begin_with, (start,)) as pool:
        running = [pool.submit(upsert_all, url, process, rounds) for process in range(PROCESSES)]
        return [each.result(timeout=300) for each in running]


@pytest.fixture(scope="module")
def asked(rounds: int) -> Mapping[Identifier, Sequence[Dated]]:
    """Every request of all processes, by person."""
    asked: dict[Identifier, list[Dated]] = defaultdict(list)
    for process in range(PROCESSES):
        for request in requests(process, rounds):
            asked[request.who].append(request)
    return asked


MARKS = [f"process{each}" for each in range(PROCESSES)]

pytestmark = pytest.mark.xdist_group("processes")


def test_processes(
    engine: Engine, told: list[Told], asked: Mapping[Identifier, Sequence[Dated]], rounds: int
) -> None:
    """After many upserts of 200 people by four processes that met, everything is as the requests
    say.
    """
    results: Counter[str] = sum((each.results for each in told), Counter())
    assert results == {Result.CREATED: PEOPLE, Result.UPDATED: (PROCESSES * rounds - 1) * PEOPLE}
    assert sum(each.conflicts for each in told) > 0, "the processes did not meet"

    repository = SqlAlchemyRepository(engine)
    consents = {
        consent.details: consent
        for consent in ConsentService(repository).query(Query(page_size=50))
    }
    assert consents.keys() == asked.keys()
    assert len(consents) == PEOPLE
    for who, consent in consents.items():
        assert consent.revision == len(asked[who]) == PROCESSES * rounds
        assert_whole(repository, consent)
        history = repository.history(consent.id)
        assert isinstance(history[0], ConsentCreated)
        assert all(one.occurred_at <= two.occurred_at for one, two in pairwise(history))
        assert consent.extended_fields == ExtendedFields({"crm": dict.fromkeys(MARKS, rounds - 1)})

        latest = {
            request.state: request.date
            for request in sorted(asked[who], key=lambda request: request.date)
            if request.state in (ConsentState.CONFIRMED, ConsentState.REVOKED)
        }
        if latest:
            assert consent.state is max(latest, key=lambda state: latest[state])
        assert consent.revoked_date == latest.get(ConsentState.REVOKED)
        if consent.state is ConsentState.CONFIRMED:
            assert consent.confirmed_date == latest[ConsentState.CONFIRMED]


def test_every_event_is_told(engine: Engine, told: list[Told], rounds: int) -> None:
    """The outbox has each event of each person once."""
    assert told
    events = SqlAlchemyRepository(engine).unpublished(1_000_000)
    assert len({event.id for event in events}) == len(events) == PEOPLE * PROCESSES * rounds
