"""A new record gets an id that is made from its identifier.

A service makes UUIDv7 with the shard by itself.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from consent_core import AsyncConsentService, ConsentService, Identifier
from consent_core.application.ids import new_consent_id
from consent_core.domain.ids import shard_of, shard_of_id
from tests.application.services import MakeService
from tests.application.support import ADA, BOB, CARL, confirm, revoke, yes


def test_an_id_is_made_from_the_identifier_of_a_new_record(make: MakeService) -> None:
    """Once for each new record, and for no other."""
    asked: list[Identifier] = []

    def new_id(identifier: Identifier) -> UUID:
        asked.append(identifier)
        return UUID(int=len(asked))

    service = make(new_id=new_id)
    service.upsert(confirm(ADA))
    service.upsert(revoke(ADA))
    service.create(BOB, yes())
    list(service.bulk_upsert([confirm(BOB), confirm(CARL), revoke(CARL)]))
    assert asked == [ADA, BOB, CARL]
    assert service.get_by_identifier(CARL).consent == service.get(UUID(int=3))


def test_a_service_makes_ids_that_carry_the_shard() -> None:
    """In both colours, where it is given no maker."""
    for who in (ADA, BOB, CARL):
        made = ConsentService().upsert(confirm(who)).consent
        awaited = asyncio.run(AsyncConsentService().upsert(confirm(who))).consent
        assert shard_of_id(made.id) == shard_of_id(awaited.id) == shard_of(who)
        assert made.id != awaited.id


def test_an_id_is_made_of_the_moment_and_of_chance() -> None:
    """No two are equal, and each says when it was made, to the millisecond."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    made = [new_consent_id(ADA) for _ in range(1_000)]
    after = datetime.now(UTC)
    assert len(set(made)) == len(made)
    assert before <= datetime.fromtimestamp((made[0].int >> 80) / 1000, UTC)
    assert datetime.fromtimestamp((made[-1].int >> 80) / 1000, UTC) <= after
