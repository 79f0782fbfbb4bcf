"""How field names are spelled: three spellings in, two out."""

import re
from enum import StrEnum
from typing import Final


class Names(StrEnum):
    """Which spelling of field names goes out."""

    REST = "REST"
    """camelCase, as the REST API: ``id``, ``createdDate``."""
    SDK = "SDK"
    """As the JavaScript SDK: ``_id``, ``_createdDate``, ``_updatedDate``."""


_UNDERSCORED: Final = frozenset({"id", "createdDate", "updatedDate"})


def spellings(name: str) -> tuple[str, ...]:
    """All spellings in which a field is read: camelCase, the SDK's, snake_case."""
    snake = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)
    return tuple(dict.fromkeys((name, sdk(name), snake)))


def sdk(name: str) -> str:
    """The JavaScript SDK's spelling of a field."""
    return f"_{name}" if name in _UNDERSCORED else name
