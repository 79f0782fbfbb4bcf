"""A cancelled task leaves nothing half done.

At whatever await it is cancelled, a request is stored wholly or not.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from inspect import GEN_CLOSED, getgeneratorstate
from uuid import UUID

import pytest

from consent_core import (
    AsyncConsentService,
    Change,
    ConsentEvent,
    ConsentService,
    ConsentState,
    Email,
    Identifier,
    MarketingConsent,
    MemoryRepository,
    Page,
    Query,
    replay,
)
from consent_core.application.plans import Plan
from consent_core.domain.outcome import Outcome
from tests.application.services import collected
from tests.application.support import ADA, Clock, confirm, revoke


class Gated:
    """A repository that waits before and after each call; the n-th of these waits never ends."""

    def __init__(self, inner: MemoryRepository, stop: int, *, lose_first: bool = False) -> None:
        self.inner = inner
        self.stop = stop
        self.waits = 0
        self.reached = asyncio.Event()
        self.lose_first = lose_first

    async def wait(self) -> None:
        if self.waits == self.stop:
            self.reached.set()
            await asyncio.Event().wait()
        self.waits += 1
        await asyncio.sleep(0)

    async def find(
        self, identifiers: Collection[Identifier], /
    ) -> Mapping[Identifier, MarketingConsent]:
        await self.wait()
        found = self.inner.find(identifiers)
        await self.wait()
        return found

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        return self.inner.get(ids)

    async def commit(self, changes: Sequence[Change], /) -> None:
        await self.wait()
        if self.lose_first:
            self.lose_first = False
            ConsentService(self.inner, clock=Clock()).upsert(confirm(minute=2))
        self.inner.commit(changes)
        await self.wait()

    async def query(self, query: Query, /) -> Page:
        return self.inner.query(query)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        return self.inner.history(consent_id)


async def _cancel_at_the_gate(
    service: AsyncConsentService, gate: Gated, plan: Plan[Outcome]
) -> None:
    task = asyncio.create_task(service.run(plan))
    await asyncio.wait_for(gate.reached.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def _sound(store: MemoryRepository, consent: MarketingConsent) -> bool:
    history = store.history(consent.id)
    return replay(history) == consent and [event.sequence for event in history] == list(
        range(1, consent.revision + 1)
    )


@pytest.mark.parametrize(("stop", "stored"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_cancelled_upsert_is_stored_wholly_or_not_at_all(stop: int, stored: bool) -> None:
    """Before the commit nothing is stored, after it record and event are.

    The plan is closed either way.
    """
    store = MemoryRepository()

    async def scenario() -> Plan[Outcome]:
        gate = Gated(store, stop)
        service = AsyncConsentService(gate, clock=Clock())
        plan = service.use_cases.upsert(confirm(minute=1))
        await _cancel_at_the_gate(service, gate, plan)
        return plan

    plan = asyncio.run(scenario())
    assert getgeneratorstate(plan) == GEN_CLOSED
    consents = list(store.find([ADA]).values())
    assert len(consents) == stored
    assert all(_sound(store, consent) for consent in consents)


@pytest.mark.parametrize("stop", range(7))
def test_a_cancelled_retry_leaves_the_rivals_record_or_both(stop: int) -> None:
    """Cancelled anywhere in an attempt or in the one after a lost race, the history stays without
    gaps.
    """
    store = MemoryRepository()
    before = ConsentService(store, clock=Clock()).upsert(confirm(minute=1)).consent

    async def scenario() -> Plan[Outcome]:
        gate = Gated(store, stop, lose_first=True)
        service = AsyncConsentService(gate, clock=Clock())
        plan = service.use_cases.upsert(revoke(minute=9))
        await _cancel_at_the_gate(service, gate, plan)
        return plan

    plan = asyncio.run(scenario())
    assert getgeneratorstate(plan) == GEN_CLOSED
    consent = store.get([before.id])[before.id]
    assert _sound(store, consent)
    revisions = [1, 1, 1, 2, 2, 2, 3]
    assert consent.revision == revisions[stop]
    assert consent.state is (
        ConsentState.REVOKED if consent.revision == 3 else ConsentState.CONFIRMED
    )


@pytest.mark.parametrize("stop", range(8))
def test_a_cancelled_bulk_has_stored_whole_chunks(stop: int) -> None:
    """Cancelled anywhere, a bulk of two chunks has stored none, the first, or both."""
    store = MemoryRepository()
    people = [Email(f"person{n}@example.org") for n in range(4)]

    async def scenario() -> None:
        gate = Gated(store, stop)
        service = AsyncConsentService(gate, clock=Clock(), chunk_size=2)
        task = asyncio.create_task(collected(service.bulk_upsert(confirm(who) for who in people)))
        await asyncio.wait_for(gate.reached.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert len(store) == [0, 0, 0, 2, 2, 2, 2, 4][stop]


def test_after_a_cancellation_the_same_request_can_be_sent_again() -> None:
    """The caller of a cancelled request, who cannot know whether it was stored, repeats it without
    harm.
    """
    for stop in range(4):
        store = MemoryRepository()

        async def scenario(stop: int = stop, store: MemoryRepository = store) -> Outcome:
            gate = Gated(store, stop)
            service = AsyncConsentService(gate, clock=Clock())
            await _cancel_at_the_gate(service, gate, service.use_cases.upsert(confirm(minute=1)))
            gate.stop = -1
            return await service.upsert(confirm(minute=1))

        outcome = asyncio.run(scenario())
        assert (outcome.consent.revision, outcome.kept, len(store)) == (1, None, 1)
