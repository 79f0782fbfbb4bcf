"""Checks of single values.

Each check returns None or what is wrong, so that all problems can be reported together.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeAlias

from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.vocabulary import ViolationCode

Finding: TypeAlias = tuple[ViolationCode, str]
"""What is wrong with a value: a code, and a description that follows the field's name."""

Problem: TypeAlias = Finding | None
"""What is wrong with a value, if anything is."""


def refuse(path: str, **problems: Problem) -> None:
    """Raise all problems of the fields below a path at once, if there are any.

    Args:
        path: the record's field that holds the values, or an empty string for the record itself.
        problems: what is wrong, by wire name.

    Raises:
        InvalidConsent: at least one problem is not None.
    """
    if any(problems.values()):
        prefix = f"{path}." if path else ""
        raise InvalidConsent(
            Violation(prefix + name, *problem)
            for name, problem in problems.items()
            if problem is not None
        )


def invalid(path: str, code: ViolationCode, description: str) -> InvalidConsent:
    """The error for a single violation."""
    return InvalidConsent([Violation(path, code, description)])


def wrong_type(value: object, *types: type) -> Problem:
    """What is wrong with a value that must be of one of these types."""
    if isinstance(value, types):
        return None
    return (
        ViolationCode.WRONG_TYPE,
        f"must be {with_article(' or '.join(t.__name__ for t in types))}",
    )


def as_word(value: Any, words: type[StrEnum]) -> Any:
    """The member of an enum that a string names.

    Any other value is returned unchanged; ``wrong_word`` then reports it.
    """
    try:
        return words(value)
    except ValueError:
        return value


def wrong_word(value: object, words: type[StrEnum]) -> Problem:
    """What is wrong with a value that must be a member of an enum."""
    if isinstance(value, words):
        return None
    wanted = f"must be {with_article(words.__name__)}; {nearest(value, list(words))}"
    return ViolationCode.UNKNOWN_VALUE, wanted


def with_article(name: str) -> str:
    """A name behind "a" or "an"."""
    return f"an {name}" if name[0] in "AEIOaeio" else f"a {name}"


def wrong_text(value: object) -> Problem:
    """What is wrong with a text."""
    if not isinstance(value, str):
        return ViolationCode.WRONG_TYPE, "must be a string or absent"
    if not is_storable(value):
        return (
            ViolationCode.INVALID_TEXT,
            "must be text without NUL and without half surrogate pairs",
        )
    return None


def wrong_moment(value: object) -> Problem:
    """What is wrong with a moment that went through ``as_utc``."""
    if not isinstance(value, datetime):
        return ViolationCode.WRONG_TYPE, "must be a datetime"
    if value.tzinfo is UTC:
        return None
    if value.utcoffset() is None:
        return (
            ViolationCode.DATE_WITHOUT_OFFSET,
            "must have an offset from UTC, such as Z or +02:00",
        )
    return ViolationCode.INVALID_DATE, "must be a date that exists in UTC"


def wrong_span(value: object) -> Problem:
    """What is wrong with a span of time."""
    if isinstance(value, timedelta) and value >= timedelta(0):
        return None
    return ViolationCode.INVALID_NUMBER, "must be a timedelta, not negative"


def wrong_bound(value: object) -> Problem:
    """What is wrong with a count."""
    if isinstance(value, int) and value >= 0:
        return None
    return ViolationCode.INVALID_NUMBER, "must be an integer, not negative"


def as_utc(moment: Any) -> Any:
    """The same moment in UTC.

    A value that is no datetime, or has no offset, is returned unchanged; ``wrong_moment`` then
    reports it.
    """
    if not isinstance(moment, datetime) or moment.tzinfo is UTC or moment.utcoffset() is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


def checked_moment(now: datetime, path: str = "now") -> datetime:
    """The moment of a call, in UTC.

    Raises:
        InvalidConsent: it has no offset, or is no moment at all.
    """
    if type(now) is datetime and now.tzinfo is UTC:
        return now
    moment: datetime = as_utc(now)
    if problem := wrong_moment(moment):
        raise invalid(path, *problem)
    return moment


SHORTEST_SECRET: Final = 32
"""Bytes that a secret has at least: whoever has what it made could try all that are shorter."""


def checked_secrets(keys: Sequence[str | bytes], name: str) -> tuple[bytes, ...]:
    """Secrets as bytes, if there are any and none can be guessed.

    Args:
        keys: the newest first.
        name: the argument that has them.

    Raises:
        ValueError: there is none, or one is too short.
    """
    if isinstance(keys, str | bytes) or not keys:
        raise ValueError(f"{name} must be a list of secrets, the newest first")
    secrets = tuple(key.encode() if isinstance(key, str) else key for key in keys)
    if min(map(len, secrets)) < SHORTEST_SECRET:
        raise ValueError(
            f"{name} must have {SHORTEST_SECRET} bytes or more: secrets.token_urlsafe(32) makes one"
        )
    return secrets


def is_storable(text: str) -> bool:
    """Whether every store can hold a text: UTF-8 has no lone surrogates, PostgreSQL has no NUL."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


_SAFE_NAME: Final = re.compile(r"[@$]?[A-Za-z_][A-Za-z_/-]{0,63}[0-9]{0,3}")


def shown(name: object) -> str:
    """A field name as a path may show it: what could be an address or a number is not repeated."""
    return name if isinstance(name, str) and _SAFE_NAME.fullmatch(name) else "?"


def listed(words: Iterable[str]) -> str:
    """Words, separated by commas."""
    return ", ".join(words)


_LONGEST_TYPO: Final = 48
_SHORTEST: Final = 2


def nearest(word: object, known: Collection[str]) -> str:
    """A hint that names the known word nearest to a typo, or all known words.

    It never repeats the typo, which may be an address or a number.
    """
    if isinstance(word, str) and len(word) <= _LONGEST_TYPO:
        folded, typo = {_folded(k): k for k in known}, _folded(word)
        close = get_close_matches(typo, folded, n=1) or [
            k for k in folded if len(typo) > _SHORTEST and typo in k
        ]
        if close:
            return f"did you mean {folded[close[0]]}?"
    return f"known are {listed(known)}"


def _folded(word: str) -> str:
    return word.replace("_", "").upper()
