"""The kinds of JSON values that fields may have: how each is read, and described in JSON Schema."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import Problems, wrong_type


@frozen
class Text:
    """A string; what it means is judged later.

    Args:
        nullable: whether null is written where there is none.
    """

    nullable: bool = False

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        return value if isinstance(value, str) else wrong_type(value, "a string", path, problems)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": ["string", "null"] if self.nullable else "string"}


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
            return wrong_type(value, "a string", path, problems)
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
            return wrong_type(value, "a string", path, problems)
        match = _DATE_TIME.fullmatch(value) if len(value) <= _LONGEST_DATE else None
        if match is None:
            return problems.add(path, ViolationCode.INVALID_DATE, _NO_DATE)
        if match["offset"] is None:
            return problems.add(path, ViolationCode.DATE_WITHOUT_OFFSET, "must end with Z or an offset such as +02:00")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            return problems.add(path, ViolationCode.INVALID_DATE, _NO_DATE)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "format": "date-time"}


_NO_DATE: Final = "must be a date-time that exists, as in RFC 3339: 2023-05-01T00:00:00Z"
_LONGEST_DATE: Final = 64
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"(?P<offset>[Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
)


class Guid:
    """A UUID in its usual form."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.read``."""
        if not isinstance(value, str):
            return wrong_type(value, "a string", path, problems)
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
        if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) < _TOO_MANY:
            return int(value)
        return problems.add(path, ViolationCode.INVALID_NUMBER, "must be a positive int64 in a string")

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}


_TOO_MANY: Final = 2**63
_DIGITS: Final = re.compile(r"[1-9][0-9]{0,18}")


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
