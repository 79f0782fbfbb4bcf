"""What all tests share: the hypothesis profiles, and servers of PostgreSQL and MariaDB."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.adapters.databases import postgres_database, postgres_server
from tests.adapters.mariadb import MISSING, mariadb_database, mariadb_server

settings.register_profile(
    "quick",
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
# For further versions of Python: what differs there does not hide in the examples.
settings.register_profile(
    "brief",
    max_examples=10,
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


@pytest.fixture(scope="session")
def mariadb_server_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a MariaDB server, which all processes of the test run share."""
    folder = tmp_path_factory.getbasetemp()
    url = mariadb_server(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    if url is None:
        pytest.skip(MISSING)
    return url


@pytest.fixture(scope="module")
def mariadb(mariadb_server_url: str) -> Iterator[str]:
    """The URL of a MariaDB database for the tests of one module."""
    with mariadb_database(mariadb_server_url) as url:
        yield url
