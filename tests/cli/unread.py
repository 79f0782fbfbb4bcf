"""What the tests share of output that nobody takes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pytest

from tests.cli.process import body, line

MODULE: Final = [sys.executable, "-m", "consent_core"]

MANY: Final = 1_500
"""People who leave: more answers than a pipe holds."""

FULL: Final = Path("/dev/full")

BARE: Final = {"PATH": os.environ["PATH"], "HOME": os.devnull}
"""An environment with nothing that changes how Python writes.

A stream that is no terminal is buffered.
"""

environments = pytest.mark.parametrize(
    "environment", [BARE, BARE | {"PYTHONUNBUFFERED": "1"}], ids=["bare", "unbuffered"]
)
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")


def running(
    *arguments: str, out: IO[Any], environment: Mapping[str, str] = BARE
) -> tuple[int, str]:
    """Status and standard error of a command that writes to a stream of the test."""
    done = subprocess.run(  # noqa: S603  # our own
        [*MODULE, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        check=False,
        env=environment,
    )
    return done.returncode, done.stderr.decode()


@contextmanager
def unread(mode: str = "wb") -> Iterator[IO[Any]]:
    """A pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, mode) as out:
        yield out


def opt_outs(path: Path) -> str:
    """A file of people who leave."""
    leaving = {"lastRevokeActivity": {"source": "FORM"}}
    path.write_bytes(
        b"".join(
            line(body("REVOKED", f"u{number}@example.org", **leaving)) for number in range(MANY)
        )
    )
    return str(path)
