"""Reads newline-delimited JSON in flat memory: a broken line is one error, and the rest goes on."""

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, NoReturn

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import ViolationCode

MAX_LINE: Final = 1 << 20
"""Bytes that a line may have; a longer one is an error, and is skipped without being held."""

_BOM: Final = b"\xef\xbb\xbf"


def read_lines(
    stream: BinaryIO, progress: Callable[[int], object]
) -> Iterator[tuple[int, Any | InvalidConsent]]:
    """Every line that is not blank, with its number from 1 on.

    Args:
        stream: the bytes.
        progress: told how many bytes each line took.

    Returns:
        The number with the JSON value of the line, or with the error that reading it gave.
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
    except (ValueError, RecursionError) as error:
        return _broken(
            f"the line cannot be read: {_WHY.get(str(error), 'numbers too long or nested too deep')}"
        )


def _broken(description: str) -> InvalidConsent:
    return invalid("", ViolationCode.INVALID_JSON, description)


_TWICE: Final = "twice"
_CONSTANT: Final = "constant"
_WHY: Final = {
    _TWICE: "an object has the same field twice",
    _CONSTANT: "NaN and Infinity are no JSON",
}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError(_TWICE)
    return read


def _no_constant(_: str) -> NoReturn:
    raise ValueError(_CONSTANT)
