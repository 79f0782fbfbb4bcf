"""How field names and words are spelled: three spellings in, two out, and the nearest known one for a typo."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from enum import StrEnum
from typing import Final


class Names(StrEnum):
    """Which spelling of field names goes out."""

    REST = "REST"
    """camelCase, as the REST API: ``id``, ``createdDate``."""
    SDK = "SDK"
    """As the JavaScript SDK: ``_id``, ``_createdDate``, ``_updatedDate``."""


_UNDERSCORED: Final = frozenset({"id", "createdDate", "updatedDate"})
_LONGEST_TYPO: Final = 48
_SHORTEST: Final = 2
_SAFE_NAME: Final = re.compile(r"[@$]?[A-Za-z_][A-Za-z_/-]{0,63}[0-9]{0,3}")


def spellings(name: str) -> tuple[str, ...]:
    """All spellings in which a field is read: camelCase, the SDK's, snake_case."""
    snake = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)
    return tuple(dict.fromkeys((name, sdk(name), snake)))


def sdk(name: str) -> str:
    """The JavaScript SDK's spelling of a field."""
    return f"_{name}" if name in _UNDERSCORED else name


def shown(name: object) -> str:
    """A field name as a path may show it: what could be an address or a number is not repeated."""
    return name if isinstance(name, str) and _SAFE_NAME.fullmatch(name) else "?"


def nearest(word: object, known: Collection[str]) -> str:
    """A sentence that names the known word nearest to a typo, or all of them; never the typo itself."""
    if isinstance(word, str) and len(word) <= _LONGEST_TYPO:
        folded, typo = {_folded(k): k for k in known}, _folded(word)
        close = get_close_matches(typo, folded, n=1) or [k for k in folded if len(typo) > _SHORTEST and typo in k]
        if close:
            return f"did you mean {folded[close[0]]}?"
    return f"known are {', '.join(known)}"


def _folded(word: str) -> str:
    return word.replace("_", "").upper()
