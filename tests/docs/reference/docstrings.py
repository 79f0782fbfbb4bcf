"""Reads docstrings in the style of Google."""

import inspect
import re
from textwrap import dedent
from typing import NamedTuple


class Doc(NamedTuple):
    """A docstring.

    Args:
        text: what stands before the sections.
        arguments: the meaning of each argument.
        returns: what comes back.
        raises: when each error is raised.
    """

    text: str
    arguments: dict[str, str]
    returns: str
    raises: dict[str, str]


_SECTION = re.compile(r"^(Args|Returns|Raises):\n((?:(?:    .*)?\n)*)", re.MULTILINE)
_ENTRY = re.compile(r"^(\w+): ", re.MULTILINE)


def parsed(docstring: str | None) -> Doc:
    """A docstring, taken apart."""
    text = inspect.cleandoc(docstring or "") + "\n"
    sections = {match[1]: dedent(match[2]).strip() for match in _SECTION.finditer(text)}
    return Doc(
        _SECTION.sub("", text).strip(),
        _entries(sections.get("Args", "")),
        sections.get("Returns", ""),
        _entries(sections.get("Raises", "")),
    )


def _entries(section: str) -> dict[str, str]:
    parts = _ENTRY.split(section)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))
