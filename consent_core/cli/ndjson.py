"""Reads newline-delimited JSON, one line at a time; a broken line is an error of its own."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import ViolationCode

MAX_LINE: Final = 1 << 20
"""Bytes in a line; a longer line is an error, and is skipped without being kept in memory."""

_BOM: Final = b"\xef\xbb\xbf"


@contextmanager
def open_lines(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The bytes of a file with their number, or standard input for ``-``."""
    if name == "-":
        yield sys.stdin.buffer, None
    else:
        with Path(name).open("rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size


def read_lines(
    stream: BinaryIO, progress: Callable[[int], object]
) -> Iterator[tuple[int, Any | InvalidConsent]]:
    """Every line that is not blank, with its number, beginning with 1.

    Args:
        stream: the bytes.
        progress: is called with the number of bytes of each line.

    Yields:
        The number of the line and its JSON value, or the error if it cannot be read.
    """
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        taken = len(line)
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            taken += _skip_rest(stream)
            yield (
                number,
                invalid("", ViolationCode.TOO_LONG, f"the line may have at most {MAX_LINE} bytes"),
            )
        elif (text := (line.removeprefix(_BOM) if number == 1 else line).rstrip()).strip():
            yield number, _parsed(text)
        progress(taken)


def _skip_rest(stream: BinaryIO) -> int:
    skipped = 0
    while more := stream.readline(MAX_LINE):
        skipped += len(more)
        if more.endswith(b"\n"):
            break
    return skipped


def _parsed(line: bytes) -> Any | InvalidConsent:
    try:
        return json.loads(
            line.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        return _broken(f"the line is not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return _broken(
            f"the line is not JSON: {error.msg.removesuffix(' at')} at column {error.colno}"
        )
    except _NotJsonError as error:
        return _broken(f"the line cannot be read: {error}")
    except (ValueError, RecursionError):  # of int() and of nesting
        return _broken(
            "the line cannot be read: a number is too long, or objects are nested too deep"
        )


def _broken(description: str) -> InvalidConsent:
    return invalid("", ViolationCode.INVALID_JSON, description)


class _NotJsonError(ValueError):
    """What ``json`` accepts, and RFC 8259 does not allow or leaves open."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise _NotJsonError("an object has the same field twice")
    return read


def _no_constant(_: str) -> NoReturn:
    raise _NotJsonError("NaN and Infinity are not JSON")
