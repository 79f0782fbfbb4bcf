"""Memory stays flat whatever the size of the stream (design, section 7)."""

import subprocess
import sys
from typing import Final

import pytest

PRODUCER: Final = """
import itertools, json, sys
from datetime import UTC, datetime, timedelta
kind, count = sys.argv[1], int(sys.argv[2])
start = datetime(2000, 1, 1, tzinfo=UTC)
def request(i, date):
    activity = {"updatedDate": date.isoformat()}
    return {"details": {"type": "EMAIL", "email": f"u{i % 5}@example.org"}, "state": "CONFIRMED",
            "lastConfirmationActivity": activity}
letters = ["".join(w) for w in itertools.islice(itertools.product("abcdefghij", repeat=5), 15_000)]
hostile = json.dumps(dict.fromkeys(letters, 0))
make = {
    "same": lambda i: json.dumps(request(i, start)),
    "newer": lambda i: json.dumps(request(i, start + timedelta(minutes=i))),
    "broken": lambda i: "x" * 200,
    "hostile": lambda i: hostile,
}
if kind == "long":
    for _ in range(count):
        sys.stdout.write("x" * 1_000_000)
    sys.stdout.write("\\n" + json.dumps(request(0, start)))
else:
    sys.stdout.writelines(make[kind](i) + "\\n" for i in range(count))
"""

CONSUMER: Final = """
import resource, sys
from consent_core.cli import main
main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""

UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes in which a peak is measured."""

SLACK: Final = 2 * 1024 * 1024
"""What allocators may add."""


def peak(command: str, kind: str, count: int, *options: str) -> int:
    """The most bytes that a command held while it read a stream that was never held as a whole.

    Both ends are started by a shell, because a process inherits the peak of the process that starts
    it.
    """
    produce, consume = '"$0" -c "$1" "$2" "$3"', '"$0" -c "$consumer" "$@" >/dev/null'
    script = f'consumer="$4"; {produce} | {{ shift 4; {consume}; }}'
    arguments = [sys.executable, PRODUCER, kind, str(count), CONSUMER, command, "-", *options]
    # our own
    done = subprocess.run(["/bin/sh", "-c", script, *arguments], capture_output=True, check=True)  # noqa: S603
    _, _, measured = done.stderr.decode().rpartition("peak ")
    return int(measured) * UNIT


@pytest.mark.parametrize(
    ("command", "kind", "few", "many"),
    [
        ("check", "same", 3_000, 30_000),
        ("apply", "same", 3_000, 20_000),
        ("apply", "newer", 3_000, 30_000),
        ("check", "broken", 3_000, 15_000),
        ("apply", "broken", 3_000, 15_000),
        ("check", "hostile", 2, 10),
        ("apply", "hostile", 2, 10),
        ("check", "long", 2, 50),
        ("apply", "long", 2, 50),
    ],
)
def test_a_longer_stream_holds_no_more(command: str, kind: str, few: int, many: int) -> None:
    """Design 7.

    "memory stays flat whatever the file's size", for few distinct identifiers and no other store.
    """
    small, large = peak(command, kind, few), peak(command, kind, many)
    assert large <= small * 1.2 + SLACK
