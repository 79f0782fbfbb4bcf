"""The command line as a process, and as a function that a test calls."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from consent_core.cli import main

Answer = dict[str, Any]


class Ran(NamedTuple):
    """What became of a call."""

    status: int
    answers: list[Answer]
    errors: str


def body(state: str = "NEVER_CONFIRMED", email: str = "ada@example.org", **more: Any) -> Answer:
    """A valid request."""
    return {"details": {"type": "EMAIL", "email": email}, "state": state} | more


def line(value: Any) -> bytes:
    """A value as a line."""
    return json.dumps(value).encode() + b"\n"


def answers_in(out: str) -> list[Answer]:
    """Every line of the output, which must be JSON, end with a newline, and not be blank."""
    assert out == "" or out.endswith("\n")
    return [json.loads(text) for text in out.removesuffix("\n").split("\n")] if out else []


def process(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> Ran:
    """Run ``python -m consent_core`` in a process of its own."""
    command = [sys.executable, "-m", "consent_core", *arguments]
    # our own
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment)  # noqa: S603
    return Ran(done.returncode, answers_in(done.stdout.decode()), done.stderr.decode())


class Console:
    """Calls the command line in this process."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch = monkeypatch
        self._captured = captured

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        """Run a command that writes lines."""
        status, out, errors = self.text(*arguments, stdin=stdin)
        return Ran(status, answers_in(out), errors)

    def text(self, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Run a command that writes text."""
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(arguments)
        captured = self._captured.readouterr()
        return status, captured.out, captured.err


def codes(answer: Answer) -> set[tuple[str, str]]:
    """Field and code of everything that an error names."""
    return {
        (violation["field"], violation["ruleName"])
        for violation in answer["error"]["details"]["validationError"]["fieldViolations"]
    }


def described(answer: Answer) -> str:
    """What an error says of all fields."""
    violations = answer["error"]["details"]["validationError"]["fieldViolations"]
    return "; ".join(violation["description"] for violation in violations)
