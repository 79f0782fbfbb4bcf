"""Output that nobody takes ends a command that only reads, and nothing fails afterwards (design,
section 7).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from consent_core.cli import main
from consent_core.cli.output import write_note
from consent_core.cli.progress import bar
from tests.cli.process import Console, line
from tests.cli.storing import confirmed, lines
from tests.cli.unread import FULL, environments, needs_full, opt_outs, running, unread

READING: Final = (
    ["check", "FILE"],
    ["check", "FILE", "--store", "STORE"],
    ["export", "--store", "STORE"],
    ["audience", "EMAIL", "--store", "STORE"],
    ["get", "u1@example.org", "--store", "STORE"],
    ["lifecycle"],
)
"""The commands that change nothing."""

reading = pytest.mark.parametrize("command", READING, ids=" ".join)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of opt-outs."""
    return opt_outs(tmp_path / "leaving.ndjson")


@pytest.fixture
def filled(console: Console, store: str) -> str:
    """A store of people who may be contacted."""
    console(
        "apply",
        "-",
        "--store",
        store,
        stdin=lines(confirmed(f"u{number}@example.org") for number in range(600)),
    )
    return store


def named(command: list[str], file: str, store: str) -> list[str]:
    """A command with the names of this test."""
    return [{"FILE": file, "STORE": store}.get(word, word) for word in command]


@reading
def test_a_reader_that_has_enough_ends_a_reading_command(
    command: list[str], file: str, filled: str
) -> None:
    """Design 7.

    Where nothing but answers is to be done, a reader that has enough ends it quietly, with 0.
    """
    with unread() as out:
        assert running(*named(command, file, filled), out=out) == (0, "")


@needs_full
@environments
@reading
def test_a_full_disk(
    command: list[str], file: str, filled: str, environment: Mapping[str, str]
) -> None:
    """Design 7.

    Answers that cannot be written end a reading command with a message and status 2, never 0 or
    120.
    """
    with FULL.open("wb") as out:
        status, errors = running(*named(command, file, filled), out=out, environment=environment)
    assert status == 2
    assert errors.endswith("consent_core: output: No space left on device\n")
    assert "Traceback" not in errors


@pytest.mark.parametrize(("command", "status"), [("apply", 3), ("check", 1), ("lifecycle", 0)])
def test_nothing_is_left_to_fail_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, status: int
) -> None:
    """After a closed pipe nothing is left that fails when the interpreter flushes at its end."""
    path = tmp_path / "one.ndjson"
    path.write_bytes(line(confirmed()) if command == "apply" else b"x\n")
    with unread("w") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert main([command, *([] if command == "lifecycle" else [str(path)])]) == status
        out.flush()
        assert os.fstat(out.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


@needs_full
def test_a_full_disk_in_this_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same on a full disk."""
    with FULL.open("w") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert main(["lifecycle"]) == 2
        out.flush()
    assert capsys.readouterr().err == "consent_core: output: No space left on device\n"


def test_what_cannot_be_said_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is no reason to stop.

    Not where standard error is closed, nor where its reader has gone.
    """
    monkeypatch.setattr("sys.stderr", None)
    write_note("Nobody hears this.")
    with bar(1) as progress:
        progress.advance(1)
    with unread("w") as errors:
        monkeypatch.setattr("sys.stderr", errors)
        write_note("Nor this.")
        errors.flush()
