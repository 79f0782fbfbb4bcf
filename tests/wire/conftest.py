"""Runs the tests of the HTTP layer for each colour."""

import pytest

from tests.wire.serving import COLOURS, Site


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    """The colour that the test is run for."""
    return str(request.param)


@pytest.fixture
def site(colour: str) -> Site:
    """An empty deployment."""
    return Site(colour)
