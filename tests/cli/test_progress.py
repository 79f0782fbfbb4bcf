"""A progress bar only where standard error is a terminal, and only where tqdm is installed (design,
section 7).
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import Console, answers_in, body, line
from tests.cli.terminal import on_a_terminal

LINES = 2_000

WITHOUT_TQDM = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tqdm":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from consent_core.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file of many lines."""
    path = tmp_path / "many.ndjson"
    path.write_bytes(line(body()) * LINES)
    return path


def test_on_a_terminal(many: Path) -> None:
    """Design 7: "a progress bar where that is a terminal".

    On standard error, with the answers untouched.
    """
    status, out, shown = on_a_terminal([sys.executable, "-m", "consent_core", "check", str(many)])
    assert status == 0
    assert answers_in(out) == [{"line": number, "valid": True} for number in range(1, LINES + 1)]
    assert "B/s" in shown
    assert "%" in shown
    assert shown.endswith(f"{LINES} lines: {LINES} valid\n")


def test_elsewhere(many: Path) -> None:
    """Design 7: no progress bar where standard error is no terminal.

    The summary is all there is.
    """
    command = [sys.executable, "-m", "consent_core", "check", str(many)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # our own
    assert (done.returncode, done.stderr.decode()) == (0, f"{LINES} lines: {LINES} valid\n")


def test_a_terminal_without_tqdm(many: Path) -> None:
    """Design 2: extras are extras: without tqdm, all but the bar is the same."""
    status, out, shown = on_a_terminal([sys.executable, "-c", WITHOUT_TQDM, "check", str(many)])
    assert (status, len(answers_in(out)), shown) == (0, LINES, f"{LINES} lines: {LINES} valid\n")


def test_without_tqdm_in_this_process(
    console: Console, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 2: the command line imports nothing but what is installed with the core."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    ran = console("apply", str(many))
    assert (ran.status, ran.errors) == (0, f"{LINES} lines: 1 created, {LINES - 1} unchanged\n")
