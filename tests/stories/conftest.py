"""Shops in both colours, on memory and on SQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from consent_core import MemoryRepository, Policy
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.domain.policy import DEFAULT_POLICY
from tests.stories.shop import OpenShop, Shop


@pytest.fixture(params=["sync-memory", "async-memory", "sync-sqlite", "async-sqlite"])
def open_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenShop]:
    """Opens a shop with a policy; the test runs once for each colour and store."""
    colour, _, store = str(request.param).partition("-")
    engine = create_engine(f"sqlite:///{tmp_path / 'consents.db'}")
    if store == "sqlite":
        create_schema(engine)

    def opened(policy: Policy = DEFAULT_POLICY) -> Shop:
        return Shop(
            colour,
            SqlAlchemyRepository(engine) if store == "sqlite" else MemoryRepository(),
            policy,
        )

    yield opened
    engine.dispose()
