"""What the tests of the command line share."""

from pathlib import Path

import pytest

from tests.cli.process import Console


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """The command line in this process, with its own standard input."""
    return Console(monkeypatch, capsys)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'consents.db'}"
