"""Reads untrusted JSON values by declared shapes, collecting every violation with the path that the caller sent."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from attrs import frozen

from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.spelling import nearest, shown, spellings

FAULTY: Final = object()
"""Stands for a value that was given and is wrong: it is told already, and is not missing."""

_SUGGESTIONS: Final = 20
"""Typos beyond this many in one request are listed without a suggestion, to stay cheap on hostile input."""


class Problems:
    """The violations found so far in one record.

    Args:
        data: the record as the caller sent it.
        root: its path from the body's root; empty where it is the body.
    """

    def __init__(self, data: Any, root: str) -> None:
        self.found: list[Violation] = []
        self._data = data
        self._root = root

    def add(self, path: str, code: ViolationCode, description: str) -> Any:
        """Note one; answers FAULTY, to stand in the value's place."""
        self.found.append(Violation(path or "request", code, description))
        return FAULTY

    def unknown(self, path: str, code: ViolationCode, what: str, word: object, known: Iterable[str]) -> Any:
        """Note a word that is not known, with the nearest one that is."""
        hint = nearest(word, list(known)) if len(self.found) < _SUGGESTIONS else "see the documentation"
        return self.add(path, code, f"{what}; {hint}")

    def note(self, path: str, code: ViolationCode, description: str) -> Any:
        """Note one at a path from the record's root by camelCase names, in the caller's own spelling."""
        return self.add(join(self._root, sent_path(self._data, path)), code, description)

    def adopt(self, error: InvalidConsent) -> Any:
        """Note what the rules found in the record."""
        for violation in error.violations:
            self.note(violation.path, violation.code, violation.description)
        return FAULTY

    def raise_if_any(self) -> None:
        """Raise all at once."""
        if self.found:
            raise InvalidConsent(self.found)


class Kind(Protocol):
    """How one kind of JSON value is read, and described in JSON Schema."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """The value as the rules take it, or FAULTY when a problem was noted."""
        ...

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what is written."""
        ...


class Text:
    """A string; what it means is judged later."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        return value if isinstance(value, str) else _wrong_type(value, "a string", path, problems)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string"}


@frozen
class Word:
    """One word of an enum.

    Args:
        words: the enum.
        refused: words that are on the wire but never taken, with what to do instead.
    """

    words: type[StrEnum]
    refused: Mapping[str, str] = {}

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        if not isinstance(value, str):
            return _wrong_type(value, "a string", path, problems)
        member = self.words.__members__.get(value)
        if member is not None:
            return member
        if value in self.refused:
            return problems.add(path, ViolationCode.NOT_ALLOWED, self.refused[value])
        return problems.unknown(path, ViolationCode.UNKNOWN_VALUE, "is not a known word", value, self.words)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "enum": [*self.words]}


class Moment:
    """A date-time of RFC 3339, with an offset."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        if not isinstance(value, str):
            return _wrong_type(value, "a string", path, problems)
        match = _DATE_TIME.fullmatch(value) if len(value) <= _LONGEST_DATE else None
        if match is None:
            return problems.add(path, ViolationCode.INVALID_DATE, _NO_DATE)
        if match["offset"] is None:
            return problems.add(path, ViolationCode.DATE_WITHOUT_OFFSET, "must end with Z or an offset such as +02:00")
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            return problems.add(path, ViolationCode.INVALID_DATE, _NO_DATE)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "format": "date-time"}


_NO_DATE: Final = "must be a date-time that exists, as in RFC 3339: 2023-05-01T00:00:00Z"
_LONGEST_DATE: Final = 64
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


class Guid:
    """A UUID in its usual form."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        if not isinstance(value, str):
            return _wrong_type(value, "a string", path, problems)
        if not _GUID.fullmatch(value):
            return problems.add(path, ViolationCode.INVALID_ID, "must be a GUID")
        return UUID(value)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "format": "uuid"}


_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Revision:
    """An int64 in a string, as JSON writes those."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``; a plain number is taken, too."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if abs(value) < _TOO_MANY else ""
        if isinstance(value, str) and _DIGITS.fullmatch(value) and 1 <= int(value) < _TOO_MANY:
            return int(value)
        return problems.add(path, ViolationCode.INVALID_NUMBER, "must be a positive int64 in a string")

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}


_TOO_MANY: Final = 2**63
_DIGITS: Final = re.compile(r"[0-9]{1,19}")


class Ignored:
    """A read-only field that clients send back: taken and never looked at."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:  # noqa: ARG002  # all kinds are read alike
        """As ``Kind.read``."""
        return None

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"readOnly": True}


class Json:
    """Any JSON value; what it means is judged later."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:  # noqa: ARG002  # as above
        """As ``Kind.read``."""
        return value

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {}


class Shape:
    """An object with declared fields; what it reads is a dict by camelCase name, None for null.

    Args:
        title: what it is called in descriptions.
        fields: the kind of each field, by camelCase name.
    """

    def __init__(self, title: str, fields: Mapping[str, Kind]) -> None:
        self.title = title
        self.fields = fields
        self._spellings = {spelling: (name, fields[name]) for name in fields for spelling in spellings(name)}
        inside = [(name, inner) for name, kind in fields.items() if isinstance(kind, Shape) for inner in kind.fields]
        self._homes = {spelling: name for name, inner in reversed(inside) for spelling in spellings(inner)}

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        if not isinstance(value, Mapping):
            return _wrong_type(value, "an object", path, problems)
        values: dict[str, Any] = {}
        for key, given in value.items():
            known = self._spellings.get(key)
            if known is None:
                self._note_unknown(key, path, problems)
                continue
            name, kind = known
            if name in values:
                problems.add(join(path, key), ViolationCode.GIVEN_TWICE, f"is {name}, which is given already")
            values[name] = None if given is None else kind.read(given, join(path, key), problems)
        return values

    def _note_unknown(self, key: object, path: str, problems: Problems) -> None:
        code, sent = ViolationCode.UNKNOWN_FIELD, join(path, shown(key))
        home = self._homes.get(key) if isinstance(key, str) else None
        if home is not None:
            problems.add(sent, code, f"is not known here: it belongs into {home}")
        else:
            problems.unknown(sent, code, "is not a known field", key, self.fields)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        properties = {name: kind.schema() for name, kind in self.fields.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


def join(path: str, name: str) -> str:
    """A path one step further."""
    return f"{path}.{name}" if path else name


def sent_path(data: Any, path: str) -> str:
    """A path by camelCase names, as the caller spelled them; what the caller did not send stays as it is."""
    sent = []
    for name in path.split("."):
        keys = [key for key in spellings(name) if isinstance(data, Mapping) and key in data]
        sent.append(keys[0] if keys else name)
        data = data[keys[0]] if keys else None
    return ".".join(sent)


def _wrong_type(value: Any, wanted: str, path: str, problems: Problems) -> Any:
    return problems.add(path, ViolationCode.WRONG_TYPE, f"must be {wanted}, not {_JSON_TYPES.get(type(value), 'this')}")


_JSON_TYPES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
