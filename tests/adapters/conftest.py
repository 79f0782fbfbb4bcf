"""Databases as fixtures."""

from collections.abc import Iterator

import pytest

from tests.adapters.databases import postgres_database, postgres_server


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
