"""The laws hold under the failures of distributed databases (contract, sections 4.1, 4.4 and 10).

It is quick by default; the environment variable CONSENT_CORE_HYPOTHESIS=deep makes it inject more
than 10,000 failures.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Final, TypeVar
from uuid import UUID, uuid4

import pytest
from attrs import frozen
from sqlalchemy import Engine, create_engine

from consent_core import (
    ConsentCreated,
    ConsentDeleted,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    ConsentUpdated,
    Contended,
    Identifier,
    InvalidConsent,
    MemoryRepository,
    Outcome,
    Result,
    Unavailable,
    Upsert,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from tests.adapters.requests import applied, assert_whole, confirm, person, revoke
from tests.adapters.stores import sqlite_url
from tests.adapters.unreliable import KINDS, Unreliable

DEEP: Final = os.environ.get("CONSENT_CORE_HYPOTHESIS") == "deep"
FAILURES: Final = 5_500 if DEEP else 120
"""That are injected into each database."""

RATE: Final = 0.12
WRITERS: Final = 2
PEOPLE: Final = 5
REQUESTS: Final = 8
"""For each person in a round."""

SECRET: Final = "a secret of thirty-two characters"  # noqa: S105  # of these tests only

T = TypeVar("T")


@frozen
class Store:
    """A database that writers reach over connections that fail, and the test over one that works.

    Args:
        site: in the database.
        reliable: an engine.
        engines: one for each writer.
        failures: what makes each of them fail.
    """

    site: str
    reliable: Engine
    engines: Sequence[Engine]
    failures: Sequence[Unreliable]

    @property
    def injected(self) -> Counter[str]:
        """How often what failed."""
        return sum((each.injected for each in self.failures), Counter())

    def service(self, engine: Engine) -> ConsentService:
        """A service that remembers the no of those who were erased."""
        repository = SqlAlchemyRepository(engine, site=self.site)
        return ConsentService(repository, tombstone_keys=[SECRET], chunk_size=3)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each database."""
    is_sqlite = request.param == "sqlite"
    url = sqlite_url(tmp_path) if is_sqlite else request.getfixturevalue("database")
    options = {} if is_sqlite else {"connect_args": {"options": "-c synchronous_commit=off"}}
    with opened(url, options) as store:
        yield store


@contextmanager
def opened(url: str, options: dict[str, dict[str, str]]) -> Iterator[Store]:
    """A new site in a database, with an engine for each writer."""
    with ExitStack() as stack:

        def engine() -> Engine:
            made = create_engine(url, **options)
            stack.callback(made.dispose)
            return made

        reliable, engines = engine(), [engine() for _ in range(WRITERS)]
        create_schema(reliable)
        for each in engines:
            each.connect().close()  # what the dialect asks of a new server is not to fail
        failures = [Unreliable(each, Random(seed), RATE) for seed, each in enumerate(engines)]  # noqa: S311
        yield Store(uuid4().hex, reliable, engines, failures)


def insisted(call: Callable[[], T]) -> T:
    """The answer to a call that is made again as long as the store fails."""
    while True:
        try:
            return call()
        except (Unavailable, Contended):
            continue


def requests(who: Identifier, random: Random) -> list[Upsert]:
    """Yes and no of different dates in any order, each of which leaves a mark of its own."""
    # No two are apart by the skew of clocks: one would be taken for the other (section 4.2).
    minutes = random.sample(range(0, 700, 7), REQUESTS)
    return [
        random.choice((confirm, revoke))(who, minute, {"@app": {f"at{minute}": minute}})
        for minute in minutes
    ]


def delivered(service: ConsentService, asked: Sequence[Upsert], random: Random) -> list[Outcome]:
    """What a writer was answered: some are sent alone, some in bulks, some twice."""
    outcomes = []
    rest = [*asked]
    while rest:
        size = random.choice((1, 1, 4))
        some, rest = rest[:size], rest[size:]
        outcomes += (
            [insisted(partial(service.upsert, some[0]))]
            if size == 1
            else insisted(lambda some=some: [*applied(service.bulk_upsert(some))])  # type: ignore[misc]
        )
        if random.random() < 0.2:
            again = insisted(partial(service.upsert, some[0]))
            assert again.result is not Result.CREATED
    return outcomes


def told(service: ConsentService, asked: Sequence[Upsert], seed: int) -> list[Outcome]:
    """As ``delivered``, and every acknowledged opt-out is seen to stand at once."""
    outcomes = delivered(service, asked, Random(seed))  # noqa: S311  # a test
    for request, outcome in zip(asked, outcomes, strict=True):
        slot = outcome.consent.last_revoke_activity
        if request.state is ConsentState.REVOKED:
            assert slot is not None
            assert slot.updated_date >= request.last_revoke_activity.updated_date  # type: ignore[operator, union-attr]
    return outcomes


def erased(service: ConsentService, consent_id: UUID) -> None:
    """Erase a record; one that is gone after an attempt that nobody answered was erased by it."""
    attempts = 0

    def attempt() -> None:
        nonlocal attempts
        attempts += 1
        try:
            service.delete(consent_id)
        except ConsentNotFound:
            assert attempts > 1

    insisted(attempt)


def test_the_laws_hold_whatever_fails(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Two writers, the same people, every request until it is acknowledged."""
    random = Random(1)  # noqa: S311  # a test
    rounds = people = 0
    while store.injected.total() < FAILURES:
        rounds += 1
        crowd = [person(people + number) for number in range(PEOPLE)]
        people += PEOPLE
        asked: dict[Identifier, list[Upsert]] = {who: requests(who, random) for who in crowd}
        play(store, asked, random)
    assert set(store.injected) == set(KINDS)
    if DEEP:
        with capsys.disabled():
            sys.stdout.write(f"\n{rounds} rounds, {people} people, {store.injected}\n")


def play(store: Store, asked: dict[Identifier, list[Upsert]], random: Random) -> None:
    """One round: all are told, some are erased, and old requests come once more."""
    mixed = random.sample([*chain.from_iterable(asked.values())], len(asked) * REQUESTS)
    services = [store.service(engine) for engine in store.engines]
    with ThreadPoolExecutor(WRITERS) as pool:
        # Half of it comes to one writer, half to the other, and some to both.
        shares = [mixed[: len(mixed) // 2 + 3], mixed[len(mixed) // 2 - 3 :]]
        seeds = [random.randrange(10**6) for _ in shares]
        outcomes = [*pool.map(told, services, shares, seeds)]
    check(store, asked, [*chain.from_iterable(outcomes)])
    forget(store, asked, services)


def check(store: Store, asked: dict[Identifier, list[Upsert]], answers: list[Outcome]) -> None:
    """No lost update, no double application, whole histories, and what memory would have decided.

    Every acknowledged answer is in the history as it was answered.
    """
    repository = SqlAlchemyRepository(store.reliable, site=store.site)
    memory = MemoryRepository()
    found = repository.find(asked)
    for who, requests in asked.items():
        list(ConsentService(memory).bulk_upsert(requests))
        expected, stored = memory.find([who])[who], found[who]
        assert_whole(repository, stored)
        for name in ("state", "extended_fields", "last_revoke_activity"):
            assert getattr(stored, name) == getattr(expected, name)
        assert stored.last_confirmation_activity == expected.last_confirmation_activity
        history = [each.consent for each in stored_history(repository, stored.id)]
        marks = [set(json.loads(each.extended_fields.to_json())["@app"]) for each in history]
        # A request that was applied twice would be a revision without a mark of its own.
        assert all(before < after for before, after in pairwise(marks))
        assert len(marks[-1]) == len(requests)
        for outcome in answers:
            if outcome.consent.details == who:
                assert outcome.consent == history[outcome.consent.revision - 1]


def stored_history(
    repository: SqlAlchemyRepository, consent_id: UUID
) -> list[ConsentCreated | ConsentUpdated]:
    """The history of somebody who is there."""
    events = repository.history(consent_id)
    return [each for each in events if not isinstance(each, ConsentDeleted)]


def forget(
    store: Store, asked: dict[Identifier, list[Upsert]], services: Sequence[ConsentService]
) -> None:
    """Erase two people; what they had said before brings nobody back, whoever says it again."""
    repository = SqlAlchemyRepository(store.reliable, site=store.site)
    gone = [*repository.find(asked).values()][:WRITERS]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(erased, services, [each.id for each in gone]))
    for consent, service in zip(gone, services, strict=True):
        (event,) = repository.history(consent.id)
        assert isinstance(event, ConsentDeleted)
        assert event.sequence == consent.revision + 1
        for request in asked[consent.details]:
            if request.state is ConsentState.CONFIRMED:
                assert insisted(partial(service.upsert, request)).record is None
    assert not repository.find([each.details for each in gone])


def test_the_failures_are_noticed(store: Store) -> None:
    """The counter-example: without insisting, calls fail, and some of what failed was stored."""
    service = store.service(store.engines[0])
    stored, failed = set(), set()
    for number in range(150):
        try:
            service.upsert(confirm(person(number)))
        except Unavailable:
            failed.add(person(number))
        except InvalidConsent:
            raise AssertionError from None
    repository = SqlAlchemyRepository(store.reliable, site=store.site)
    stored = set(repository.find([person(number) for number in range(150)]))
    assert failed & stored
    assert failed - stored
    assert len(stored | failed) == 150
