"""Judges what extended fields hold.

JSON values, nested no deeper and grown no larger than JSON readers bear.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from consent_core.domain.checks import invalid, is_storable
from consent_core.domain.vocabulary import ViolationCode

HARD_DEPTH: Final = 200
"""Levels of extended fields under any policy.

Far above need, far below what JSON readers recurse.
"""

HARD_INTEGER_BITS: Final = 1024
"""Bits of an integer in extended fields.

A double holds no larger one, and most JSON readers lose it.
"""

PATH: Final = "extendedFields"
"""Where extended fields stand in a record."""

_NAMESPACES: Final = f"{PATH}.namespaces"


def as_text(plain: Mapping[str, Any]) -> str:
    """Compact JSON with sorted keys: equal values give equal text."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def checked_namespaces(namespaces: Any) -> dict[str, dict[str, Any]]:
    """Plain dicts of namespaces and fields, whatever mappings they were given as.

    Raises:
        InvalidConsent: they are no mappings.
    """
    if not isinstance(namespaces, Mapping):
        raise invalid(_NAMESPACES, ViolationCode.WRONG_TYPE, "must be an object of namespaces")
    if not all(isinstance(fields, Mapping) for fields in namespaces.values()):
        raise invalid(
            _NAMESPACES, ViolationCode.WRONG_TYPE, "each namespace must be an object of fields"
        )
    return {namespace: dict(fields) for namespace, fields in namespaces.items()}


def checked_levels(value: Any, max_values: int | None) -> int:
    """How deep a JSON value is nested.

    Walks it once, without recursion, and refuses what JSON cannot say.
    """
    deepest, seen = 0, 0
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        value, level = waiting.pop()
        inside = _children(value)
        if inside is not None:
            deepest = max(deepest, level)
            waiting.extend((child, level + 1) for child in inside)
        seen += 1
        if deepest > HARD_DEPTH:
            raise invalid(PATH, ViolationCode.TOO_DEEP, f"may have at most {HARD_DEPTH} levels")
        if max_values is not None and seen + len(waiting) > max_values:
            raise invalid(PATH, ViolationCode.TOO_LARGE, "has too many values")
    return deepest


def _children(value: Any) -> list[Any] | None:
    """The keys and values inside an object or array; None for a plain value."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise invalid(PATH, ViolationCode.INVALID_JSON, "has a key that is not a string")
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    _check_scalar(value)
    return None


def _check_scalar(value: Any) -> None:
    if isinstance(value, str):
        if not is_storable(value):
            raise invalid(
                PATH, ViolationCode.INVALID_TEXT, "has text with NUL or half a surrogate pair"
            )
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise invalid(PATH, ViolationCode.INVALID_NUMBER, "has a number that is not finite")
    elif isinstance(value, int):
        if value.bit_length() > HARD_INTEGER_BITS:
            raise invalid(
                PATH, ViolationCode.INVALID_NUMBER, "has an integer too large for most JSON readers"
            )
    elif value is not None:
        raise invalid(
            PATH, ViolationCode.INVALID_JSON, f"has a {type(value).__name__}, which JSON cannot say"
        )
