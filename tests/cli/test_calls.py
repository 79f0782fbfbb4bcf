"""Calls: wrong ones end with status 2 (design, section 7)."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from consent_core.cli import main
from tests.cli.process import Console, process


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["apply"],
        ["check"],
        ["apply", "-", "extra"],
        ["apply", "-", "--frobnicate"],
        ["apply", "-", "--policy", "loose"],
        ["check", "-", "--names", "REST"],
        ["check", "-", "--policy"],
        ["lifecycle", "-"],
        ["lifecycle", "--format", "svg"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Design 7.

    Exit status 2 when the call itself was wrong, with the usage on standard error and no output.
    """
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    captured = capsys.readouterr()
    assert caught.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("usage: python -m consent_core")


@pytest.mark.parametrize("command", ["apply", "check"])
@pytest.mark.parametrize(
    ("name", "why"), [("missing.ndjson", "No such file"), (".", "Is a directory")]
)
def test_files_that_cannot_be_read(
    console: Console, tmp_path: Path, command: str, name: str, why: str
) -> None:
    """Design 7.

    A file that is missing, or none, is a wrong call, told in one line that names it.
    """
    path = tmp_path / name
    status, out, errors = console.text(command, str(path))
    assert (status, out) == (2, "")
    assert errors.startswith(f"consent_core: {path}: {why}")
    assert errors.count("\n") == 1


@pytest.mark.smoke
@pytest.mark.parametrize(
    "arguments", [["apply", "missing.ndjson"], ["check", "."], ["check"], ["apply", "-", "--bogus"]]
)
def test_wrong_calls_of_the_process(arguments: list[str]) -> None:
    """Design 7: the status is the process's own."""
    ran = process(*arguments)
    assert (ran.status, ran.answers) == (2, [])
    assert "Traceback" not in ran.errors


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_closed_standard_streams(stream: str) -> None:
    """Design 7.

    A process that was started without standard input or output was called wrongly, and says so.
    """
    closed = {"stdin": "<&-", "stdout": ">&-"}[stream]
    command = f'"{sys.executable}" -m consent_core check - {closed}'
    done = subprocess.run(  # noqa: S603  # our own
        ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2


def test_the_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Design 7: ``python -m consent_core`` ends with the status of ``main``.

    Importing it runs nothing.
    """
    monkeypatch.setattr("sys.argv", ["consent_core", "check", "missing.ndjson"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("consent_core", run_name="__main__")
    assert caught.value.code == 2
    assert "missing.ndjson" in capsys.readouterr().err
    runpy.run_module("consent_core.__main__", run_name="imported")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [["--help"], ["apply", "--help"], ["lifecycle", "-h"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Design 7: help is no mistake."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m consent_core")
