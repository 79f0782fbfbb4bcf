"""What all tests share: the hypothesis profiles, and one PostgreSQL server for each process."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.adapters.databases import postgres_database, postgres_server

settings.register_profile(
    "quick",
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.register_profile(
    "deep",
    max_examples=5_000,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "mutation",
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("CONSENT_CORE_HYPOTHESIS", "quick"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running PostgreSQL server."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database for the tests of one module."""
    with postgres_database(server) as url:
        yield url
