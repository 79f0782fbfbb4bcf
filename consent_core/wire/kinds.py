"""The kinds of plain JSON values: text, words, dates, ids and numbers."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from consent_core.domain.checks import is_storable, listed, wrong_text
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import Kind, Problems, wrong_type

dump_text: Final[Callable[[Any], str]] = json.JSONEncoder(ensure_ascii=False).encode
"""The JSON text of a string, or of any other JSON value."""


def _as_it_is(value: Any) -> Any:
    return value


def _accept_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _explain_string(value: Any, path: str, problems: Problems) -> Any:
    return wrong_type(value, "a string", path, problems)


STRING: Final = Kind(
    _accept_string, _explain_string, {"type": "string"}, write=_as_it_is, dump=dump_text
)
"""A string whose content is judged later."""


def _accept_text(value: Any) -> str:
    if type(value) is str and is_storable(value):
        return value
    raise ValueError


def _explain_text(value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, str):
        return wrong_type(value, "a string", path, problems)
    problem = wrong_text(value)
    return str(value) if problem is None else problems.add(path, *problem)


TEXT: Final = Kind(
    _accept_text,
    _explain_text,
    {"type": "string"},
    write=_as_it_is,
    dump=dump_text,
    restore=_as_it_is,
)
"""A string that every store can hold."""


def word(words: type[StrEnum], refused: Mapping[str, str] = MappingProxyType({})) -> Kind:
    """One word of an enum.

    Args:
        words: the enum.
        refused: words of the API that are never taken, with what to do instead.
    """

    def explain(value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, str):
            return wrong_type(value, "a string", path, problems)
        if value in refused:
            return problems.add(path, ViolationCode.NOT_ALLOWED, refused[value])
        code = ViolationCode.UNKNOWN_VALUE
        return problems.add_unknown(path, code, "is not a known word", value, words)

    return Kind(
        {each.value: each for each in words}.__getitem__,
        explain,
        {"type": "string", "enum": [each.value for each in words]},
        write=attrgetter("_value_"),
        required=f"is required: one of {listed(words)}",
    )


LONGEST_DATE: Final = 64
"""Characters of a date-time."""

_LOCAL: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
)
_WITHOUT_OFFSET: Final = re.compile(_LOCAL)
_DATE_TIME: Final = re.compile(rf"{_LOCAL}(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")


def _accept_date_time(value: Any) -> datetime:
    if len(value) > LONGEST_DATE or not _DATE_TIME.fullmatch(value):
        raise ValueError
    moment = datetime.fromisoformat(value.upper())
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _explain_date_time(value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, str):
        return wrong_type(value, "a string", path, problems)
    if len(value) <= LONGEST_DATE and _WITHOUT_OFFSET.fullmatch(value):
        why = "must end with Z or an offset such as +02:00"
        return problems.add(path, ViolationCode.DATE_WITHOUT_OFFSET, why)
    why = "must be a date-time that exists, as in RFC 3339: 2023-05-01T00:00:00Z"
    return problems.add(path, ViolationCode.INVALID_DATE, why)


# As for ``moment_key``: what is created was updated at the same moment.
@lru_cache
def date_time(moment: datetime) -> str:
    """A moment in UTC, as all values hold it, as RFC 3339: ``2023-05-01T00:00:00Z``."""
    # A quarter of the time of isoformat(): a record has up to five dates.
    two, year, fraction = _TWO_DIGITS, moment.year, moment.microsecond
    text = (
        f"{two[year // 100]}{two[year % 100]}-{two[moment.month]}-{two[moment.day]}"
        f"T{two[moment.hour]}:{two[moment.minute]}:{two[moment.second]}"
    )
    if fraction:
        text += f".{two[fraction // 10_000]}{two[fraction // 100 % 100]}{two[fraction % 100]}"
    return text + "Z"


_TWO_DIGITS: Final = tuple(f"{number:02}" for number in range(100))

DATE_TIME: Final = Kind(
    _accept_date_time,
    _explain_date_time,
    {"type": "string", "format": "date-time"},
    write=date_time,
    # Takes other forms of ISO 8601, too. A date in another offset, or without one, is converted or
    # refused by the class that holds it.
    restore=datetime.fromisoformat,
)
"""A date-time of RFC 3339, with an offset."""

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _accept_guid(value: Any) -> UUID:
    if _GUID.fullmatch(value):
        return UUID(value)
    raise ValueError


def _explain_guid(value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, str):
        return wrong_type(value, "a string", path, problems)
    return problems.add(path, ViolationCode.INVALID_ID, "must be a GUID")


GUID: Final = Kind(
    _accept_guid,
    _explain_guid,
    {"type": "string", "format": "uuid"},
    write=str,
    restore=UUID,
)
"""A UUID in its usual form."""


def integer(least: int, largest: int) -> Kind:
    """An integer in these bounds, in the form that JSON writers give one of this size.

    An int64 is written in a string, because readers in JavaScript would lose its last digits; a
    plain number is read, too. An int32 is written as a number.
    """
    if largest <= _LARGEST_INT32:
        return _int32(least, largest)
    pattern = "[1-9][0-9]{0,18}" if least > 0 else "0|-?[1-9][0-9]{0,18}"
    is_integer = re.compile(pattern).fullmatch

    def accept(value: Any) -> int:
        if type(value) is str and is_integer(value):
            value = int(value)
        if type(value) is int and least <= value <= largest:
            return value
        raise ValueError

    def explain(_value: Any, path: str, problems: Problems) -> Any:
        why = f"must be an integer from {least} to {largest}, in a string"
        return problems.add(path, ViolationCode.INVALID_NUMBER, why)

    schema = {"type": "string", "pattern": f"^({pattern})$"}
    return Kind(accept, explain, schema, write=str, restore=_integer_of)


_LARGEST_INT32: Final = 2**31 - 1


def _int32(least: int, largest: int) -> Kind:
    def accept(value: Any) -> int:
        if type(value) is int and least <= value <= largest:
            return value
        raise ValueError

    def explain(_value: Any, path: str, problems: Problems) -> Any:
        why = f"must be an integer from {least} to {largest}"
        return problems.add(path, ViolationCode.INVALID_NUMBER, why)

    schema = {"type": "integer", "minimum": least, "maximum": largest}
    return Kind(accept, explain, schema, write=_as_it_is, dump=str)


def _integer_of(text: Any) -> int:
    # With a base, int() takes nothing but text: a number in its place is not what was written.
    return int(text, 10)


JSON: Final = Kind(_as_it_is, _explain_string, {}, write=_as_it_is, dump=dump_text)
"""Any JSON value; what it means is judged later."""

IGNORED: Final = Kind(lambda _: None, _explain_string, {"readOnly": True}, write=_as_it_is)
"""A read-only field that clients send back: never looked at."""
