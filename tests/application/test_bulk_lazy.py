"""How lazily bulks are consumed.

What is read ahead, what is stored by then, and what happens when one stops.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count, islice
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import URLSafeSerializer

from consent_core import (
    AsyncConsentService,
    AsyncMemoryRepository,
    ConsentService,
    Email,
    MemoryRepository,
    Outcome,
    Upsert,
)
from consent_core.links import SignedLinks
from tests.application.services import collected, stream
from tests.application.support import ADA, BOB, Clock, confirm


class Endless:
    """Requests without end that count how many of them were taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self) -> Iterator[Upsert]:
        for n in count():
            self.taken += 1
            yield confirm(Email(f"person{n}@example.org"))

    async def forever(self) -> AsyncIterator[Upsert]:
        for command in self:
            await asyncio.sleep(0)
            yield command


def test_an_endless_bulk_is_consumed_step_by_step() -> None:
    """Nothing is read before the first answer is asked for, and never more than one chunk."""
    source, repository = Endless(), MemoryRepository()
    answers = ConsentService(repository, chunk_size=4).bulk_upsert(source)
    assert source.taken == 0
    read = [(source.taken, len(repository)) for _ in islice(answers, 10)]
    assert read == [(4, 4)] * 4 + [(8, 8)] * 4 + [(12, 12)] * 2


def test_a_bulk_that_nobody_iterates_does_nothing() -> None:
    """Calling alone reads nothing and stores nothing."""
    source, repository = Endless(), MemoryRepository()
    ConsentService(repository).bulk_upsert(source)
    assert (source.taken, len(repository)) == (0, 0)


def test_a_stopped_bulk_has_stored_what_it_answered() -> None:
    """Whoever stops in the middle has whole chunks stored and no more read."""
    source, repository = Endless(), MemoryRepository()
    answers = ConsentService(repository, chunk_size=4).bulk_upsert(source)
    answered = list(islice(answers, 5))
    del answers
    assert (len(answered), source.taken, len(repository)) == (5, 8, 8)


async def _reads(source: Endless, *, asynchronous: bool) -> list[tuple[int, int]]:
    repository = MemoryRepository()
    service = AsyncConsentService(AsyncMemoryRepository(repository), chunk_size=4)
    answers = service.bulk_upsert(source.forever() if asynchronous else source)
    read = [(source.taken, len(repository))]
    async for _ in answers:
        read.append((source.taken, len(repository)))
        if len(read) == 7:
            break
    return read


def test_an_endless_async_bulk_is_consumed_step_by_step() -> None:
    """The same for asyncio, from a plain iterable and from an asynchronous one."""
    for asynchronous in (False, True):
        read = asyncio.run(_reads(Endless(), asynchronous=asynchronous))
        assert read == [(0, 0)] + [(4, 4)] * 4 + [(8, 8)] * 2


def test_an_asynchronous_source_is_chunked_to_its_end() -> None:
    """A source whose length is no multiple of the chunk, or is, loses nothing at its end."""
    for length in (0, 1, 3, 4, 5, 8):
        service = AsyncConsentService(clock=Clock(), chunk_size=4)
        commands = [confirm(Email(f"person{n}@example.org")) for n in range(length)]
        answers = asyncio.run(collected(service.bulk_upsert(stream(commands))))
        assert len(answers) == length
        assert [a.consent.details for a in answers if a.error is None] == [
            c.details for c in commands
        ]


def test_queries_are_lazy_too() -> None:
    """A query reads no page before it is iterated, and reflects what is stored by then."""
    service = ConsentService(clock=Clock())
    found = service.query()
    service.upsert(confirm())
    assert len(list(found)) == 1


def test_a_link_is_signed_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing takes as long as to read and to decide, and an import reads no link."""
    signed: list[object] = []
    dumps = URLSafeSerializer.dumps

    def counted(self: URLSafeSerializer, value: object) -> str | bytes:
        signed.append(value)
        return dumps(self, value)

    monkeypatch.setattr(URLSafeSerializer, "dumps", counted)
    links = SignedLinks("https://example.org/consent", keys=["the secret of these tests".ljust(32)])
    service = ConsentService(links=links, clock=Clock())
    first, second = service.bulk_upsert([confirm(ADA), confirm(BOB)])
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert first.link is not None
    assert second.link is not None
    assert signed == []
    token = parse_qs(urlsplit(second.link.url).query)["token"][0]
    assert (links.read(token).consent_id, len(signed)) == (second.consent.id, 1)
