"""The kinds of JSON values that fields may have.

What each accepts, what it says of the rest, and its JSON Schema.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import Kind, Problems


class Text(Kind):
    """A string; what it means is judged later.

    Args:
        nullable: whether null is written where there is none.
    """

    def __init__(self, *, nullable: bool = False) -> None:
        self._nullable = nullable

    def accept(self, value: Any) -> str:
        """As ``Kind.accept``."""
        if isinstance(value, str):
            return value
        raise TypeError

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": ["string", "null"] if self._nullable else "string"}


class Word(Kind):
    """One word of an enum.

    Args:
        words: the enum.
        refused: words that are on the wire but never taken, with what to do instead.
    """

    def __init__(
        self, words: type[StrEnum], refused: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._words = words
        self._refused = refused
        self._members = {word.value: word for word in words}

    def accept(self, value: Any) -> StrEnum:
        """As ``Kind.accept``."""
        return self._members[value]

    def explain(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.explain``."""
        if not isinstance(value, str):
            return super().explain(value, path, problems)
        if value in self._refused:
            return problems.add(path, ViolationCode.NOT_ALLOWED, self._refused[value])
        return problems.unknown(
            path, ViolationCode.UNKNOWN_VALUE, "is not a known word", value, self._words
        )

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "enum": [*self._words]}


class Moment(Kind):
    """A date-time of RFC 3339, with an offset."""

    def accept(self, value: Any) -> datetime:
        """As ``Kind.accept``."""
        if len(value) > LONGEST_DATE or not _DATE_TIME.fullmatch(value):
            raise ValueError
        moment = datetime.fromisoformat(value.upper())
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)

    def explain(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.explain``."""
        if not isinstance(value, str):
            return super().explain(value, path, problems)
        if len(value) <= LONGEST_DATE and _WITHOUT_OFFSET.fullmatch(value):
            return problems.add(
                path,
                ViolationCode.DATE_WITHOUT_OFFSET,
                "must end with Z or an offset such as +02:00",
            )
        return problems.add(path, ViolationCode.INVALID_DATE, _NO_DATE)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "format": "date-time"}


_NO_DATE: Final = "must be a date-time that exists, as in RFC 3339: 2023-05-01T00:00:00Z"
LONGEST_DATE: Final = 64
"""Characters of a date-time."""
_LOCAL: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
)
_WITHOUT_OFFSET: Final = re.compile(_LOCAL)
_DATE_TIME: Final = re.compile(rf"{_LOCAL}(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")


class Guid(Kind):
    """A UUID in its usual form."""

    def accept(self, value: Any) -> UUID:
        """As ``Kind.accept``."""
        if _GUID.fullmatch(value):
            return UUID(value)
        raise ValueError

    def explain(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.explain``."""
        if not isinstance(value, str):
            return super().explain(value, path, problems)
        return problems.add(path, ViolationCode.INVALID_ID, "must be a GUID")

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "format": "uuid"}


_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Revision(Kind):
    """An int64 in a string, as JSON writes those; a plain number is taken, too."""

    def accept(self, value: Any) -> int:
        """As ``Kind.accept``."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if abs(value) < _TOO_MANY else ""
        if _DIGITS.fullmatch(value) and int(value) < _TOO_MANY:
            return int(value)
        raise ValueError

    # all kinds are alike
    def explain(self, value: Any, path: str, problems: Problems) -> Any:  # noqa: ARG002
        """As ``Kind.explain``."""
        return problems.add(
            path, ViolationCode.INVALID_NUMBER, "must be a positive int64 in a string"
        )

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}


_TOO_MANY: Final = 2**63
_DIGITS: Final = re.compile(r"[1-9][0-9]{0,18}")


class Ignored(Kind):
    """A read-only field that clients send back: taken and never looked at."""

    def accept(self, value: Any) -> None:
        """As ``Kind.accept``."""

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {"readOnly": True}


class Json(Kind):
    """Any JSON value; what it means is judged later."""

    def accept(self, value: Any) -> Any:
        """As ``Kind.accept``."""
        return value

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        return {}
