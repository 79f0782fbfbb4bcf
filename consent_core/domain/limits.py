"""The limits of claims: sets of words, and what is said beyond them."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import Problem, as_word, listed, wrong_word
from consent_core.domain.errors import Violation
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)

SOURCES: Final[Mapping[type[ConfirmationActivity | RevokeActivity], type[StrEnum]]] = {
    ConfirmationActivity: ConfirmationSource,
    RevokeActivity: RevokeSource,
}
"""The sources of each activity."""

NOT_ALLOWED: Final = ViolationCode.NOT_ALLOWED
LEFT_OUT: Final = "must be left out: it is not for this caller to say"


def _words(value: Any, kind: type[StrEnum]) -> Any:
    words = as_texts(value)
    if not isinstance(words, frozenset):
        return value
    return frozenset(as_word(each, kind) for each in words)


def as_states(value: Any) -> Any:
    """A set of states."""
    return _words(value, ConsentState)


def as_levels(value: Any) -> Any:
    """A set of opt-in levels."""
    return _words(value, OptInLevel)


def as_actors(value: Any) -> Any:
    """A set of actors."""
    return _words(value, Actor)


def as_choices(value: Any) -> Any:
    """A set of choices of topics."""
    return _words(value, TopicChoice)


def as_texts(value: Any) -> Any:
    """A set of texts; what is none is returned unchanged, and reported by the class."""
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return frozenset(value)


def says_nothing(word: str) -> bool:
    """Whether a word stands for an absent one: UNKNOWN_SOURCE and its like."""
    return word.startswith("UNKNOWN_")


def telling(words: Collection[str]) -> list[str]:
    """The words of a limit that say something."""
    return [word for word in words if not says_nothing(word)]


def only_one(words: Collection[Any] | None) -> Any:
    """The word of a limit that leaves one choice; None where it leaves more, or none."""
    return next(iter(words)) if words is not None and len(words) == 1 else None


def beyond(path: str, word: Any, allowed: Collection[Any] | None) -> list[Violation]:
    """A violation, if a word was given that is not one of those allowed."""
    if word is None or allowed is None or word in allowed:
        return []
    if path != "state":
        if says_nothing(word):
            return []
        allowed = telling(allowed)
    why = f"must be {' or '.join(sorted(allowed))}: nothing else is for this caller to say"
    return [Violation(path, NOT_ALLOWED, why if allowed else LEFT_OUT)]


def wrong_words(value: Any, kind: type[StrEnum]) -> Problem:
    """What is wrong with a limit of words."""
    if value is None:
        return None
    if not isinstance(value, frozenset):
        return ViolationCode.WRONG_TYPE, f"must be None or a set of {listed(kind)}"
    return next(filter(None, (wrong_word(word, kind) for word in sorted(value, key=str))), None)


def wrong_sources(value: Any) -> Problem:
    """What is wrong with a limit of sources, which may be those of either activity."""
    known = dict.fromkeys(str(word) for kind in SOURCES.values() for word in kind)
    if value is None or (isinstance(value, frozenset) and value <= known.keys()):
        return None
    return ViolationCode.UNKNOWN_VALUE, f"must be None or a set of {listed(known)}"


def wrong_texts(value: Any) -> Problem:
    """What is wrong with a limit of names."""
    if value is None or (
        isinstance(value, frozenset) and all(isinstance(name, str) for name in value)
    ):
        return None
    return ViolationCode.WRONG_TYPE, "must be None or a set of names"
