"""Calls: wrong ones end with status 2, and a reader that has enough ends a run quietly (design, section 7)."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from consent_core.cli import main
from tests.cli.process import Console, body, line, process

MODULE = [sys.executable, "-m", "consent_core"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["frobnicate"], ["apply"], ["check"], ["apply", "-", "extra"], ["apply", "-", "--frobnicate"],
     ["apply", "-", "--policy", "loose"], ["check", "-", "--names", "REST"], ["check", "-", "--policy"],
     ["lifecycle", "-"], ["lifecycle", "--format", "svg"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Design 7: exit status 2 when the call itself was wrong, with the usage on standard error and no output."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    captured = capsys.readouterr()
    assert caught.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("usage: python -m consent_core")


@pytest.mark.parametrize("command", ["apply", "check"])
@pytest.mark.parametrize(("name", "why"), [("missing.ndjson", "No such file"), (".", "Is a directory")])
def test_files_that_cannot_be_read(console: Console, tmp_path: Path, command: str, name: str, why: str) -> None:
    """Design 7: a file that is missing, or none, is a wrong call, told in one line that names it."""
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
    """Design 7: a process that was started without standard input or output was called wrongly, and says so."""
    closed = {"stdin": "<&-", "stdout": ">&-"}[stream]
    command = f'"{sys.executable}" -m consent_core check - {closed}'
    done = subprocess.run(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk() -> None:
    """Design 7: answers that cannot be written end the run with a message and a status that is not 0."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603  # our own
            [*MODULE, "check", "-"], input=line(body()), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.smoke
@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_reader_that_has_enough(command: str, tmp_path: Path) -> None:
    """Design 7: where the output is closed, as by ``head -1``, the run ends quietly."""
    path = tmp_path / "many.ndjson"
    path.write_bytes(line(body()) * 5_000)
    with subprocess.Popen(  # noqa: S603  # our own
        [*MODULE, command, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith(b'{"line": 1')
        running.stdout.close()
        errors = running.stderr.read()
    assert (running.returncode, errors) == (0, b"")


def test_a_reader_that_never_reads() -> None:
    """Design 7: the same where the answers are still to be flushed when all lines are read."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        done = subprocess.run(  # noqa: S603  # our own
            [*MODULE, "lifecycle"], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_pipe_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Design 7: after a closed pipe nothing is left that could fail when the process flushes at its end."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert main(["lifecycle"]) == 0
        out.flush()
        assert os.fstat(out.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


def test_the_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Design 7: ``python -m consent_core`` ends with the status of ``main``; importing it runs nothing."""
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
