"""What the tests of the command line share."""

import pytest

from tests.cli.process import Console


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """The command line in this process, with its own standard input."""
    return Console(monkeypatch, capsys)
