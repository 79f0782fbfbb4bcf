"""A broken promise, and how it is told: what was behind it, and only what differs."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from consent_core.testing.arrange import Exactly


class Mismatch(Exception):
    """What a clause found is not what it expected."""

    def __init__(self, expected: object, found: object) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)

    def __str__(self) -> str:
        return "another answer than expected"


class BrokenPromise(AssertionError):
    """A repository does not keep a clause.

    Args:
        clause: its name.
        promise: what was promised.
        expected: what would have kept it.
        found: what was found instead.
    """

    def __init__(self, clause: str, promise: str, expected: object, found: object) -> None:
        self.clause = clause
        self.promise = promise
        self.expected = expected
        self.found = found
        super().__init__(clause, promise, expected, found)

    def __str__(self) -> str:
        lines = [f"{self.clause}: {self.promise}"]
        if (cause := _first_cause(self)) is not None:
            lines.append(f"  cause:    {_cut(f'{type(cause).__name__}: {cause}')}")
        expected, found = repr(self.expected), repr(self.found)
        differing: list[tuple[str, object, object]] = []
        if max(len(expected), len(found)) > _SHORT:
            differing = list(islice(_differences(self.expected, self.found, ""), _MOST))
        if not differing or not differing[0][0]:
            expected, found = _where_they_differ(expected, found)
            return "\n".join([*lines, f"  expected: {expected}", f"  found:    {found}"])
        for path, wanted, there in differing:
            lines += [
                f"  at {path}",
                f"    expected: {_cut(repr(wanted))}",
                f"    found:    {_cut(repr(there))}",
            ]
        return "\n".join(lines)


def _first_cause(error: BaseException) -> BaseException | None:
    """The error beneath the one that was raised, such as that of a driver; None without one."""
    first: BaseException | None = None
    raised = error.__cause__
    beneath = None if raised is None or isinstance(raised, Mismatch) else _beneath(raised)
    while beneath is not None:
        first, beneath = beneath, _beneath(beneath)
    return first


def _beneath(error: BaseException) -> BaseException | None:
    return error.__cause__ or error.__context__


_SHORT: Final = 200
"""Characters of an answer that is shown whole, whatever differs in it."""

_MOST: Final = 10
"""Differences that are shown; more say no more."""


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


_ABSENT: Final = _Absent()


def _differences(expected: Any, found: Any, path: str) -> Iterator[tuple[str, object, object]]:
    """What differs in two answers, each with where it is and the two values."""
    if expected == found:
        return
    parts = _parts(expected), _parts(found)
    if type(expected) is not type(found) or parts[0] is None or parts[1] is None:
        yield path, expected, found
        return
    for name in dict.fromkeys([*parts[0], *parts[1]]):
        here, there = (each.get(name, _ABSENT) for each in parts)  # type: ignore[union-attr]  # not None
        yield from _differences(here, there, f"{path}{name}")


def _parts(value: Any) -> dict[str, Any] | None:
    """The parts of a value by what leads to them; None for a value that has none."""
    if isinstance(value, Mapping):
        return {f"[{key!r}]": each for key, each in value.items()}
    if isinstance(value, list | tuple):
        return {f"[{number}]": each for number, each in enumerate(value)}
    if isinstance(value, Exactly):
        return {f".{name}": each for name, each in value.compared().items()}
    return None


_SHOWN: Final = 2_000
"""Characters of an answer that a message shows."""


def _cut(text: str) -> str:
    return _from(text, 0)


def _where_they_differ(expected: str, found: str) -> tuple[str, str]:
    """Two answers.

    Long ones from a little before they differ, so that the difference is not lost in the rest.
    """
    if max(len(expected), len(found)) <= _SHOWN:
        return expected, found
    pairs = enumerate(zip(expected, found, strict=False))
    differ = next(
        (at for at, (one, other) in pairs if one != other), min(len(expected), len(found))
    )
    return _from(expected, max(0, differ - _SHOWN // 4)), _from(found, max(0, differ - _SHOWN // 4))


def _from(text: str, start: int) -> str:
    rest = text[start:]
    return f"{'... ' if start else ''}{rest[:_SHOWN]}{' ...' if len(rest) > _SHOWN else ''}"
