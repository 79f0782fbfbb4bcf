"""The fields that applications keep with a consent: JSON values by namespace and name, frozen."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn, Self

from attrs.exceptions import FrozenInstanceError

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.json_values import PATH, as_text, checked_levels, checked_namespaces
from consent_core.domain.vocabulary import ViolationCode


class ExtendedFields:
    """Fields of applications, by namespace (contract, sections 1 and 4.7).

    Immutable, hashable and compared by content. In a request, a field that is ``None`` removes the
    stored field.

    Args:
        namespaces: ``{namespace: {field: any JSON value}}``; keys are strings, numbers are finite.
        max_values: stop with a violation beyond this many keys and values in one namespace, to stay
            cheap on hostile input.

    Raises:
        InvalidConsent: something in it is not JSON, or it is nested too deep.
    """

    # Either the text or the parsed form is there, or both; each is made from the other when it is
    # asked for.
    __slots__ = ("__weakref__", "_depth", "_json", "_parsed")

    _json: str | None
    _parsed: Mapping[str, "_Namespace"] | None
    _depth: int | None

    def __init__(
        self,
        namespaces: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        max_values: int | None = None,
    ) -> None:
        plain = checked_namespaces({} if namespaces is None else namespaces)
        depth = max(
            (checked_levels({name: fields}, max_values) for name, fields in plain.items()),
            default=1,
        )
        self._set(as_text(plain), None, depth)

    def _set(
        self, text: str | None, parsed: Mapping[str, "_Namespace"] | None, depth: int | None
    ) -> None:
        object.__setattr__(self, "_json", text)
        object.__setattr__(self, "_parsed", parsed)
        object.__setattr__(self, "_depth", depth)

    @classmethod
    def _of(cls, parsed: Mapping[str, "_Namespace"]) -> Self:
        self = cls.__new__(cls)
        self._set(None, parsed, None)
        return self

    @classmethod
    def restore(cls, text: str) -> Self:
        """Rebuild from what ``to_json`` gave, for adapters, without judging it again."""
        self = cls.__new__(cls)
        self._set(text, None, None)
        return self

    def to_json(self) -> str:
        """The namespaces as compact JSON with sorted keys: equal fields give equal text."""
        # In this order, for another thread may do the same: the text is there before the parsed
        # form goes.
        parsed, text = self._parsed, self._json
        if text is None:
            text = as_text({name: namespace.fields for name, namespace in (parsed or {}).items()})
            object.__setattr__(self, "_json", text)
        if parsed is not None:
            # The text takes a fraction of the memory, and is what is kept.
            object.__setattr__(self, "_parsed", None)
        return text

    @property
    def size(self) -> int:
        """Bytes as compact JSON in UTF-8."""
        return len(self.to_json().encode())

    @property
    def depth(self) -> int:
        """Levels of objects and arrays; the namespaces' own object is the first."""
        depth = self._depth
        if depth is None:
            depth = checked_levels(self.namespaces, None)
            object.__setattr__(self, "_depth", depth)
        return depth

    @property
    def namespaces(self) -> dict[str, dict[str, Any]]:
        """A fresh copy, to read or change at will."""
        namespaces: dict[str, dict[str, Any]] = json.loads(self.to_json())
        return namespaces

    def get(self, namespace: str, name: str) -> Any:
        """One value; None where there is none."""
        held = self._namespaces().get(namespace)
        return None if held is None else held.fields.get(name)

    def exceeds(self, size: int) -> bool:
        """Whether a namespace has more bytes, as compact JSON of an object with nothing else."""
        return self.size > size and any(
            each.size_as(name) > size for name, each in self._namespaces().items()
        )

    def merged_with(
        self, patch: "ExtendedFields", *, max_size: int | None = None
    ) -> "ExtendedFields":
        """These fields with those of the patch.

        A ``None`` removes a field, an emptied namespace goes.

        The cost depends on the size of the patch, not of what is stored.

        Args:
            patch: the fields to set or to remove.
            max_size: the most bytes that a namespace may grow to; a larger one may still shrink.

        Returns:
            The merged fields; these fields themselves where the patch changes nothing.

        Raises:
            InvalidConsent: the patch makes a namespace too large.
        """
        if not patch:
            return self
        stored = self._namespaces()
        changed: dict[str, _Namespace] = {}
        for name, given in patch._namespaces().items():  # noqa: SLF001  # of the same class
            before = stored.get(name, _EMPTY)
            after = before.patched(given.fields)
            if max_size is not None and before.size < after.size and after.size_as(name) > max_size:
                raise too_large(max_size)
            if after is not before:
                changed[name] = after
        if not changed:
            return self
        if self._json is not None:
            # What is merged next is most likely merged into the result: the parsed form moves on
            # with it.
            object.__setattr__(self, "_parsed", None)
        return self._of({name: each for name, each in {**stored, **changed}.items() if each.fields})

    def only(self, namespaces: Iterable[str]) -> "ExtendedFields":
        """The part that belongs to the given namespaces."""
        wanted = frozenset(namespaces)
        return self._of({name: each for name, each in self._namespaces().items() if name in wanted})

    def _namespaces(self) -> Mapping[str, "_Namespace"]:
        parsed = self._parsed
        if parsed is None:
            parsed = {
                name: _Namespace(fields) for name, fields in json.loads(self.to_json()).items()
            }
            object.__setattr__(self, "_parsed", parsed)
        return parsed

    def __bool__(self) -> bool:
        parsed = self._parsed
        return self._json != "{}" if parsed is None else bool(parsed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExtendedFields):
            return NotImplemented
        return self is other or self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return f"<ExtendedFields of {self.size} bytes>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        return type(self).restore, (self.to_json(),)


class _Namespace:
    """The fields of one namespace, parsed, and how large they are.

    Shared by all values that hold it, never changed.

    Args:
        fields: by name.
        size: bytes as compact JSON, if they are known.
    """

    __slots__ = ("_size", "fields")

    def __init__(self, fields: Mapping[str, Any], size: int | None = None) -> None:
        self.fields = fields
        self._size = size

    @property
    def size(self) -> int:
        """Bytes as compact JSON in UTF-8."""
        if self._size is None:
            self._size = len(as_text(self.fields).encode())
        return self._size

    def size_as(self, name: str) -> int:
        """Bytes of an object that holds this namespace alone."""
        return self.size + len(as_text({name: 0}).encode()) - 1

    def patched(self, patch: Mapping[str, Any]) -> "_Namespace":
        """With other values for the fields of the patch; itself where they are the same."""
        merged: dict[str, Any] | None = None
        # With a comma behind each field, the size of the whole is the sum of its parts.
        size = self.size + bool(self.fields)
        for name, value in patch.items():
            old, new = _entry(self.fields, name), b"" if value is None else _entry(patch, name)
            if old == new:
                continue
            merged = dict(self.fields) if merged is None else merged
            size += len(new) - len(old)
            if new:
                merged[name] = value
            else:
                del merged[name]
        return self if merged is None else _Namespace(merged, size - bool(merged))


_EMPTY: Final = _Namespace({}, 2)


def _entry(fields: Mapping[str, Any], name: str) -> bytes:
    """A field as it stands in the JSON of its namespace, with a comma.

    Nothing where there is none.
    """
    return f"{as_text({name: fields[name]})[1:-1]},".encode() if name in fields else b""


def too_large(size: int) -> InvalidConsent:
    """The error for a namespace that has more bytes than a policy allows."""
    return invalid(
        PATH, ViolationCode.TOO_LARGE, f"may have at most {size} bytes as JSON in each namespace"
    )


NO_FIELDS: Final = ExtendedFields()
"""No extended fields."""
