"""A store that takes few records and events in one commit is never given more."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from consent_core import (
    AsyncConsentService,
    AsyncMemoryRepository,
    Change,
    ConsentService,
    DeliveryEvent,
    DeliveryReport,
    Email,
    MemoryRepository,
    Outcome,
    Unavailable,
)
from consent_core.application.bulk import BulkAnswer
from tests.application.support import ADA, at, confirm, revoke

PEOPLE = [Email(f"person{n}@example.org") for n in range(7)]


class Limited(MemoryRepository):
    """Takes five records and events at once, as a store with small transactions."""

    max_changes = 5

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def commit(self, changes: Sequence[Change], /) -> None:
        """Refuses what is too large."""
        self.sizes.append(sum(len(each.events) + bool(each.events) for each in changes))
        if self.sizes[-1] > 5:
            raise Unavailable("transaction too large")
        super().commit(changes)


def test_a_bulk_is_stored_in_commits_that_the_store_takes() -> None:
    """Requests and reports, called and awaited, however large the chunks are."""
    for size, sizes in ((500, [4, 4, 4, 2]), (1, [2] * 7)):
        called, awaited = Limited(), Limited()
        answers = list(ConsentService(called, chunk_size=size).bulk_upsert(map(confirm, PEOPLE)))

        async def all_awaited(store: Limited = awaited, size: int = size) -> list[BulkAnswer]:
            service = AsyncConsentService(AsyncMemoryRepository(store), chunk_size=size)
            return [each async for each in service.bulk_upsert(map(confirm, PEOPLE))]

        assert [each.error for each in answers + asyncio.run(all_awaited())] == [None] * 14
        assert called.sizes == awaited.sizes == sizes
    reports = [
        DeliveryReport(identifier=who, event=DeliveryEvent.PERMANENT_BOUNCE, reported_date=at(1))
        for who in PEOPLE
    ]
    assert len(list(ConsentService(called).bulk_report(reports))) == 7
    assert max(called.sizes) <= 5


def test_one_plan_for_many_requests_is_split() -> None:
    """The REST layer gives all of its items to one plan; several of one person count alike."""
    store = Limited()
    service = ConsentService(store)
    items = [step(ADA, minute) for minute in range(4) for step in (confirm, revoke)]
    answers = service.run(service.use_cases.upsert_all(items))
    assert all(isinstance(each, Outcome) for each in answers)
    assert len(answers) == 8
    assert max(store.sizes) <= 5


def test_what_was_stored_before_a_failure_is_answered() -> None:
    """Where a later piece fails, its requests are answered with the error."""

    class Full(Limited):
        def commit(self, changes: Sequence[Change], /) -> None:
            if len(self.sizes) == 2:
                raise Unavailable("disk")
            super().commit(changes)

    service = ConsentService(Full())
    answers = service.run(service.use_cases.upsert_all(list(map(confirm, PEOPLE))))
    assert [each.error is None for each in answers] == [True] * 4 + [False] * 3


@pytest.mark.parametrize("most", [1, 0, True, "100"])
@pytest.mark.parametrize("make", [ConsentService, AsyncConsentService])
def test_a_store_without_room_for_one_request_is_refused(
    make: Callable[..., object], most: Any
) -> None:
    """A record and its event must fit into one commit."""
    store = Limited()
    store.max_changes = most
    with pytest.raises(ValueError, match="max_changes of a repository must be an integer, 2"):
        make(store)
