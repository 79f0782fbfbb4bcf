"""Standard output and standard error.

Answers as NDJSON, and what is done where nobody takes them.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class CannotWrite(Exception):
    """Standard output takes nothing any more; the message says why.

    Args:
        error: of writing.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.closed = isinstance(error, BrokenPipeError)
        """Whether its reader has gone, as ``head`` does when it has enough."""


@contextmanager
def writing(out: TextIO) -> Iterator[None]:
    """A block that does nothing but write.

    Raises:
        CannotWrite: it failed, and so would all that is written later.
    """
    try:
        yield
    except OSError as error:
        _discard(out)
        raise CannotWrite(error) from None


def write_lines(answers: Iterable[dict[str, Any]], out: TextIO) -> None:
    """Write answers that are all there is to do: nothing is left where they cannot be written.

    Raises:
        CannotWrite: as ``writing``.
    """
    for answer in answers:
        with writing(out):
            out.write(_line(answer))


def write_to_the_end(answers: Iterable[dict[str, Any]], out: TextIO) -> int:
    """Write answers to what is done while they are taken, such as opt-outs that are applied.

    Take all of them.

    Each is flushed, so that it is known how many were lost: those that nobody took are said on
    standard error.

    Returns:
        How many were lost.
    """
    lost, why = 0, ""
    try:
        for answer in answers:
            if not lost:
                try:
                    with writing(out):
                        out.write(_line(answer))
                        out.flush()
                    continue
                except CannotWrite as error:
                    why = str(error)
            lost += 1
    finally:
        if lost:
            say(f"consent_core: output: {why}: {lost} answer{'' if lost == 1 else 's'} lost")
    return lost


def say(text: str) -> None:
    """Tell a person something on standard error; where that is closed, nobody is told."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def _line(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _discard(stream: TextIO) -> None:
    """Send what a stream still holds nowhere.

    The interpreter writes it at its end, and ends with 120 on failure.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
