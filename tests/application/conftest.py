"""Runs the tests of the services for each of the two."""

from typing import cast

import pytest

from tests.application.services import MakeService, make_async, make_sync


@pytest.fixture(params=[make_sync, make_async], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> MakeService:
    """Makes services of one kind; the test runs once for each kind."""
    return cast("MakeService", request.param)
