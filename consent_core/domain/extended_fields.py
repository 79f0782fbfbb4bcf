"""What applications keep beside a consent: JSON values by namespace and field, frozen."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import frozen

from consent_core.domain.checks import invalid, is_storable
from consent_core.domain.vocabulary import ViolationCode

HARD_DEPTH: Final = 200
"""Levels that no policy can allow to exceed: far above need, far below what JSON readers recurse."""

HARD_INTEGER_BITS: Final = 1024
"""Integers beyond what a double can hold in magnitude are refused: most JSON readers lose them."""

_PATH: Final = "extendedFields"
_NAMESPACES: Final = f"{_PATH}.namespaces"


@frozen(repr=False, init=False)
class ExtendedFields:
    """Fields of applications, by namespace (contract, sections 1 and 4.7).

    Immutable, hashable and compared by content. In a request, a field that is ``None`` removes the stored field.

    Args:
        namespaces: ``{namespace: {field: any JSON value}}``; keys are strings, numbers are finite.
        max_values: stop with a violation beyond this many keys and values, to stay cheap on hostile input.

    Raises:
        InvalidConsent: something in it is not JSON, or it is nested too deep.
    """

    _json: str

    def __init__(
        self, namespaces: Mapping[str, Mapping[str, Any]] | None = None, *, max_values: int | None = None
    ) -> None:
        plain = _plain({} if namespaces is None else namespaces)
        if plain:
            _depth(plain, max_values)
        self._set(json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")))

    def _set(self, text: str) -> None:
        object.__setattr__(self, "_json", text)

    @classmethod
    def restore(cls, text: str) -> Self:
        """Rebuild from what ``to_json`` gave, for adapters, without judging it again."""
        self = cls.__new__(cls)
        self._set(text)
        return self

    def to_json(self) -> str:
        """The namespaces as compact JSON with sorted keys: equal fields give equal text."""
        return self._json

    @property
    def size(self) -> int:
        """Bytes as compact JSON in UTF-8."""
        return len(self._json.encode())

    @property
    def depth(self) -> int:
        """Levels of objects and arrays; the namespaces' own object is the first."""
        return _depth(self.namespaces, None)

    @property
    def namespaces(self) -> dict[str, dict[str, Any]]:
        """A fresh copy, to read or change at will."""
        namespaces: dict[str, dict[str, Any]] = json.loads(self._json)
        return namespaces

    def get(self, namespace: str, name: str) -> Any:
        """One value; None where there is none."""
        return self.namespaces.get(namespace, {}).get(name) if self else None

    def merged_with(self, patch: "ExtendedFields") -> "ExtendedFields":
        """These fields with those of the patch: a ``None`` removes a field, an emptied namespace goes."""
        if not patch:
            return self
        merged = self.namespaces
        for namespace, fields in patch.namespaces.items():
            both = merged.get(namespace, {}) | fields
            merged[namespace] = {name: value for name, value in both.items() if value is not None}
        return ExtendedFields({namespace: fields for namespace, fields in merged.items() if fields})

    def only(self, namespaces: Iterable[str]) -> "ExtendedFields":
        """The part that belongs to the given namespaces."""
        wanted = frozenset(namespaces)
        return ExtendedFields({name: fields for name, fields in self.namespaces.items() if name in wanted})

    def __bool__(self) -> bool:
        return self._json != "{}"

    def __repr__(self) -> str:
        return f"<ExtendedFields of {self.size} bytes>"


def _plain(namespaces: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(namespaces, Mapping):
        raise invalid(_NAMESPACES, ViolationCode.WRONG_TYPE, "must be an object of namespaces")
    if not all(isinstance(fields, Mapping) for fields in namespaces.values()):
        raise invalid(_NAMESPACES, ViolationCode.WRONG_TYPE, "each namespace must be an object of fields")
    return {namespace: dict(fields) for namespace, fields in namespaces.items()}


def _depth(value: Any, max_values: int | None) -> int:
    """How deep a JSON value is nested; walks it once, without recursion, and refuses what JSON cannot say."""
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
            raise invalid(_PATH, ViolationCode.TOO_DEEP, f"may have at most {HARD_DEPTH} levels")
        if max_values is not None and seen + len(waiting) > max_values:
            raise invalid(_PATH, ViolationCode.TOO_LARGE, "has too many values")
    return deepest


def _children(value: Any) -> list[Any] | None:
    """The keys and values inside an object or array; None for a plain value."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise invalid(_PATH, ViolationCode.INVALID_JSON, "has a key that is not a string")
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    _check_scalar(value)
    return None


def _check_scalar(value: Any) -> None:
    if isinstance(value, str):
        if not is_storable(value):
            raise invalid(_PATH, ViolationCode.INVALID_TEXT, "has text with NUL or half a surrogate pair")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise invalid(_PATH, ViolationCode.INVALID_NUMBER, "has a number that is not finite")
    elif isinstance(value, int):
        if value.bit_length() > HARD_INTEGER_BITS:
            raise invalid(_PATH, ViolationCode.INVALID_NUMBER, "has an integer too large for most JSON readers")
    elif value is not None:
        raise invalid(_PATH, ViolationCode.INVALID_JSON, f"has a {type(value).__name__}, which JSON cannot say")


NO_FIELDS: Final = ExtendedFields()
"""No extended fields."""
