"""Output that nobody takes does not stop what changes a store (design, section 7)."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from consent_core.cli import main
from tests.cli.process import Console, answers_in, line
from tests.cli.storing import confirmed
from tests.cli.unread import (
    BARE,
    FULL,
    MANY,
    MODULE,
    environments,
    needs_full,
    opt_outs,
    running,
    unread,
)


def answers_lost(errors: str, *, of: int) -> int:
    """How many answers were said to be lost, in the sentence in front of the summary."""
    found = re.match(r"consent_core: output: Broken pipe: (\d+) answers lost\n", errors)
    assert found, errors
    assert 0 < int(found[1]) <= of
    return int(found[1])


@pytest.fixture
def nobody() -> Iterator[IO[Any]]:
    """A pipe that nobody reads."""
    with unread() as out:
        yield out


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of opt-outs."""
    return opt_outs(tmp_path / "leaving.ndjson")


def states(console: Console, store: str) -> list[str]:
    """The states of all that a store holds."""
    return [record["state"] for record in console("export", "--store", store).answers]


@pytest.mark.smoke
def test_a_reader_that_has_enough_stops_no_opt_out(console: Console, store: str, file: str) -> None:
    """Design 7, and principle 8, "an opt-out is never lost".

    ``apply FILE | head -1`` applies every line.
    """
    command = [*MODULE, "apply", file, "--store", store]
    # our own
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=BARE) as run:  # noqa: S603
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b'{"line": 1')
        run.stdout.close()
        errors = run.stderr.read().decode()
    assert run.returncode == 3
    assert answers_lost(errors, of=MANY - 1) > 0
    assert errors.endswith(f"\n{MANY} lines: {MANY} created\n")
    assert states(console, store) == ["REVOKED"] * MANY


@environments
def test_a_reader_that_never_reads_stops_no_opt_out(
    console: Console, store: str, file: str, nobody: IO[Any], environment: Mapping[str, str]
) -> None:
    """The same where the first answer is lost already: all are counted."""
    status, errors = running("apply", file, "--store", store, out=nobody, environment=environment)
    assert (status, answers_lost(errors, of=MANY)) == (3, MANY)
    assert states(console, store) == ["REVOKED"] * MANY


def test_where_errors_go_nowhere_either(console: Console, store: str, file: str) -> None:
    """The same for ``apply FILE 2>&1 | head -1``: what cannot be told stops nothing."""
    command = [*MODULE, "apply", file, "--store", store]
    with subprocess.Popen(  # noqa: S603  # our own
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=BARE
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.close()
    assert run.returncode == 3
    assert states(console, store) == ["REVOKED"] * MANY


@pytest.mark.parametrize("out", [">&1", "2>&-"])
def test_without_standard_error_answers_stay_answers(store: str, file: str, out: str) -> None:
    """What is meant for standard error is not written among the answers where that is closed."""
    script = f'"{sys.executable}" -m consent_core apply "$0" --store "$1" {out}'
    done = subprocess.run(["/bin/sh", "-c", script, file, store], capture_output=True, check=False)  # noqa: S603
    assert (done.returncode, len(answers_in(done.stdout.decode()))) == (0, MANY)


def test_a_refused_line_counts_more_than_a_lost_answer(
    store: str, tmp_path: Path, nobody: IO[Any]
) -> None:
    """Design 7: 1 says that a line was not applied, which 3 would deny."""
    path = tmp_path / "mixed.ndjson"
    path.write_bytes(b"x\n" + line(confirmed()))
    status, errors = running("apply", str(path), "--store", store, out=nobody)
    assert (status, errors) == (
        1,
        "consent_core: output: Broken pipe: 2 answers lost\n2 lines: 1 rejected, 1 created\n",
    )


def test_every_lost_answer_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The first answer that cannot be written is lost, and so are all that follow."""
    path = tmp_path / "three.ndjson"
    path.write_bytes(line(confirmed()) * 3)
    with unread("w") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert main(["apply", str(path)]) == 3
    assert capsys.readouterr().err == (
        "consent_core: output: Broken pipe: 3 answers lost\n3 lines: 1 created, 2 unchanged\n"
    )


@environments
def test_a_removal_nobody_reads_of(
    console: Console, store: str, nobody: IO[Any], environment: Mapping[str, str]
) -> None:
    """The person has left, and the status says that the answer is lost."""
    console("apply", "-", "--store", store, stdin=line(confirmed()))
    ran = running(
        "remove", "ada@example.org", "--store", store, out=nobody, environment=environment
    )
    assert ran == (3, "consent_core: output: Broken pipe: 1 answer lost\n")
    assert states(console, store) == ["REVOKED"]
    status, _ = running(
        "remove", "bob@example.org", "--store", store, out=nobody, environment=environment
    )
    assert status == 1


@needs_full
@environments
def test_a_full_disk_stops_no_opt_out(
    console: Console, store: str, file: str, environment: Mapping[str, str]
) -> None:
    """Principle 8.

    ``apply`` and ``remove`` do what they were asked to, whether or not it can be told.
    """
    with FULL.open("wb") as out:
        status, errors = running("apply", file, "--store", store, out=out, environment=environment)
        lost = f"consent_core: output: No space left on device: {MANY} answers lost\n"
        assert (status, errors) == (3, f"{lost}{MANY} lines: {MANY} created\n")
        status, _ = running(
            "remove", "u1@example.org", "--store", store, out=out, environment=environment
        )
        assert status == 3
        status, _ = running("get", "nobody", "--store", store, out=out, environment=environment)
        assert status == 1
    assert states(console, store) == ["REVOKED"] * MANY
