"""Many threads on few identifiers: one record for each, no gaps, nothing lost."""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier, Event
from uuid import UUID

import pytest

from consent_core import (
    Change,
    Conflict,
    ConsentService,
    ConsentState,
    Email,
    Identifier,
    MemoryRepository,
    Outcome,
    Phone,
    Result,
    Upsert,
    replay,
)
from tests.application.records import create, record
from tests.application.support import NOW, Clock, ask, at

PEOPLE: list[Identifier] = [Email(f"person{n}@example.org") for n in range(5)]
PEOPLE += [Phone(f"+1202555017{n}") for n in range(5)]
THREADS = 8
EACH = 240


@pytest.fixture
def _busy() -> Iterator[None]:
    """Threads take turns as often as the interpreter allows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def _requests(thread: int) -> list[Upsert]:
    """Confirmations and revocations, no two of any thread with the same date."""
    dates = [float(n * THREADS + thread) / THREADS for n in range(EACH)]
    random.Random(thread).shuffle(dates)  # noqa: S311  # an order that can be repeated
    states = (ConsentState.CONFIRMED, ConsentState.REVOKED)
    return [
        ask(states[int(date * THREADS) // 3 % 2], date, PEOPLE[n % len(PEOPLE)])
        for n, date in enumerate(dates)
    ]


def _latest(
    requests: list[Upsert], who: Identifier
) -> tuple[ConsentState, float | None, float | None]:
    """What the evidence for a person amounts to, whoever brought it and in whatever order."""
    granted = [
        r.last_confirmation_activity
        for r in requests
        if r.details == who and r.last_confirmation_activity
    ]
    revoked = [
        r.last_revoke_activity for r in requests if r.details == who and r.last_revoke_activity
    ]
    yes = max((a.updated_date.timestamp() for a in granted if a.updated_date), default=None)
    no = max((a.updated_date.timestamp() for a in revoked if a.updated_date), default=None)
    confirmed = yes is not None and (no is None or yes > no)
    return ConsentState.CONFIRMED if confirmed else ConsentState.REVOKED, yes, no


@pytest.mark.usefixtures("_busy")
def test_threads_on_the_same_people_lose_nothing() -> None:
    """Eight threads with their own dated evidence for the same ten people end in what all of it
    proves.
    """
    store = MemoryRepository()
    service = ConsentService(store, clock=Clock())
    work = [_requests(thread) for thread in range(THREADS)]
    start = Barrier(THREADS)

    def worker(requests: list[Upsert]) -> list[Outcome]:
        start.wait(30)
        return [service.upsert(request) for request in requests]

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = [outcome for answers in pool.map(worker, work) for outcome in answers]
    everything = [request for requests in work for request in requests]
    found = store.find(PEOPLE)
    assert len(store) == len(found) == len(PEOPLE)
    assert sum(outcome.result is Result.CREATED for outcome in outcomes) == len(PEOPLE)
    for who, consent in found.items():
        history = store.history(consent.id)
        told = [event for o in outcomes if o.consent.id == consent.id for event in o.events]
        assert [event.sequence for event in history] == list(range(1, consent.revision + 1))
        assert sorted(told, key=lambda event: event.sequence) == list(history)
        assert replay(history) == consent
        slots = [
            date and date.timestamp() for date in (consent.confirmed_date, consent.revoked_date)
        ]
        assert (consent.state, *slots) == _latest(everything, who)
        assert consent.updated_date == at(NOW)


class Slow(Change):
    """A change that dawdles while its expectation is judged."""

    entered = Event()
    resume = Event()

    @property
    def consent_id(self) -> UUID:
        self.entered.set()
        self.resume.wait(30)
        return super().consent_id


def test_a_commit_is_judged_and_stored_without_anybody_in_between() -> None:
    """A commit that comes while another one is judged waits for it, and finds what it stored."""
    store, first, second = MemoryRepository(), create(record(1)), create(record(2))
    slow = Slow(first.identifier, first.expected, first.consent, first.events)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(store.commit, [slow])
        Slow.entered.wait(30)
        other = pool.submit(store.commit, [second])
        wait([other], timeout=0.1)
        Slow.resume.set()
        assert one.exception(30) is None
        assert isinstance(other.exception(30), Conflict)
    assert store.get([UUID(int=1), UUID(int=2)]) == {UUID(int=1): first.consent}


@pytest.mark.usefixtures("_busy")
def test_threads_with_bulks_lose_nothing() -> None:
    """The same for bulks that overlap in their identifiers."""
    store = MemoryRepository()
    service = ConsentService(store, clock=Clock(), chunk_size=7)
    work = [_requests(thread) for thread in range(4)]
    start = Barrier(4)

    def worker(requests: list[Upsert]) -> list[object]:
        start.wait(30)
        return [answer.error for answer in service.bulk_upsert(requests)]

    with ThreadPoolExecutor(4) as pool:
        errors = [error for answers in pool.map(worker, work) for error in answers]
    assert errors == [None] * (4 * EACH)
    everything = [request for requests in work for request in requests]
    for who, consent in store.find(PEOPLE).items():
        assert [event.sequence for event in store.history(consent.id)] == list(
            range(1, consent.revision + 1)
        )
        slots = [
            date and date.timestamp() for date in (consent.confirmed_date, consent.revoked_date)
        ]
        assert (consent.state, *slots) == _latest(everything, who)
