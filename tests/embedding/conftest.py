"""The shops, each with a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedding.shops import Shop, fastapi_shop, flask_shop, loaded, mailed


@pytest.fixture(params=[fastapi_shop, flask_shop], ids=lambda each: each.__name__)
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """Each shop, empty."""
    module = loaded(request.param.__name__, tmp_path, monkeypatch)
    yield from request.param(module, mailed(module, monkeypatch))
    module.engine.dispose()
