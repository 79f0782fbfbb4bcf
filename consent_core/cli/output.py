"""Writes to standard output and standard error, also where nobody reads them any more."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

Pause = Callable[[], AbstractContextManager[None]]
"""Makes a block in which the progress bar is hidden, for text on the same terminal."""


class CannotWrite(Exception):
    """Standard output cannot be written to; the message says why.

    Args:
        error: the error of writing.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.closed = isinstance(error, BrokenPipeError)
        """Whether the reader has gone, as ``head`` does when it has enough."""


def as_line(answer: dict[str, Any]) -> str:
    """An answer as one line of JSON."""
    return json.dumps(answer, ensure_ascii=False) + "\n"


def write_lines(lines: Iterable[str], pause: Pause = nullcontext) -> None:
    """Write lines, and stop where they cannot be written: the command has nothing else to do.

    Raises:
        CannotWrite: writing failed.
    """
    for line in lines:
        with _writing(), pause():
            sys.stdout.write(line)


def flush() -> None:
    """Write what is still in the buffer.

    Raises:
        CannotWrite: writing failed.
    """
    with _writing():
        sys.stdout.flush()


def write_to_the_end(lines: Iterable[str], pause: Pause = nullcontext) -> int:
    """Write lines, and go through all of them even where they cannot be written.

    Each line answers a change of the store, such as an opt-out, and is made when the change is
    stored. So a reader that goes away must not stop the iteration. Each line is flushed, so that
    the number of lost lines is known; standard error names it.

    Returns:
        How many lines were lost.
    """
    lost, why = 0, ""
    try:
        for line in lines:
            if not lost:
                try:
                    with _writing(), pause():
                        sys.stdout.write(line)
                        sys.stdout.flush()
                    continue
                except CannotWrite as error:
                    why = str(error)
            lost += 1
    finally:
        if lost:
            write_note(f"consent_core: output: {why}: {lost} answer{'' if lost == 1 else 's'} lost")
    return lost


def write_note(text: str) -> None:
    """Write a line for people to standard error, if that is open."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _discard(sys.stdout)
        raise CannotWrite(error) from None


def _discard(stream: TextIO) -> None:
    """Send to nowhere what a stream still holds.

    Otherwise the interpreter would write it at its end, fail, and end with status 120.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
