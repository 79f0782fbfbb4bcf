"""Arguments and exit statuses: 0 when every line was applied, 1 when some were rejected, 2 when the call was wrong."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from consent_core.adapters.memory import MemoryRepository
from consent_core.application.service import ConsentService
from consent_core.cli import lifecycle
from consent_core.cli.apply import Run, summary, write_lines
from consent_core.cli.progress import bar
from consent_core.domain.policy import Policy
from consent_core.wire import Names

POLICIES: Final[dict[str, Callable[[], Policy]]] = {"default": Policy, "wix": Policy.wix, "strict": Policy.strict}

OK: Final = 0
REJECTED: Final = 1
MISUSED: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what stands behind ``python -m consent_core``; by default what the process was given.

    Returns:
        The exit status.
    """
    called = _parser().parse_args(arguments)
    if sys.stdin is None or sys.stdout is None:
        print("consent_core: standard input and output must be open", file=sys.stderr)
        return MISUSED
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream in every process
    try:
        status: int = called.command(called)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads the answers has enough of them, as ``head`` has; nothing is left to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        print(f"consent_core: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return MISUSED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m consent_core", description="Marketing consent, decided.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (
        ("apply", _apply, "apply consents, one upsert for each line of NDJSON, and tell what became of each"),
        ("check", _check, "tell what is wrong with consents, without applying them"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("file", metavar="FILE", help="NDJSON; - for standard input")
        command.add_argument("--policy", choices=POLICIES, default="default", help="the choices to decide by")
        command.add_argument("--names", choices=[n.lower() for n in Names], default="rest", help="spelling of answers")
        command.set_defaults(command=run)
    command = commands.add_parser("lifecycle", help="print the lifecycle of a consent")
    command.add_argument("--format", choices=lifecycle.FORMATS, default="mermaid")
    command.set_defaults(command=_lifecycle)
    return parser


def _apply(called: argparse.Namespace) -> int:
    return _over_lines(called, check=False)


def _check(called: argparse.Namespace) -> int:
    return _over_lines(called, check=True)


def _over_lines(called: argparse.Namespace, *, check: bool) -> int:
    store = MemoryRepository(keep_history=False)
    run = Run(ConsentService(store, policy=POLICIES[called.policy]()), Names(called.names.upper()))
    with _opened(called.file) as (stream, size), bar(size) as progress:
        write_lines((run.check if check else run.apply)(stream, progress), sys.stdout)
    print(summary(run.tally), file=sys.stderr)
    return REJECTED if run.tally["rejected"] else OK


def _lifecycle(called: argparse.Namespace) -> int:
    print(lifecycle.FORMATS[called.format]())
    return OK


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The bytes of a file with their number, or those of standard input."""
    if name == "-":
        yield sys.stdin.buffer, None
    else:
        with Path(name).open("rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
