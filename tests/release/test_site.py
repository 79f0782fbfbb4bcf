"""What the builder of the site does not warn of.

Markdown that it reads in another way than code hosts do.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.markdown import pages

_ITEM = re.compile(r"(?P<indent> *)([*+-]|\d+\.) ")
_GOES_ON = re.compile(r" |[*+-] |\d+\. |#|<!--|$")


def prose(text: str) -> Iterator[str]:
    """The lines of a page outside its fences."""
    fenced = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        yield "" if fenced or fence else line


def misread(text: str) -> list[str]:
    """The items of lists that would become part of the paragraph before, or lose their nesting."""
    items = [(before, line, _ITEM.match(line)) for before, line in pairwise(["", *prose(text)])]
    return [
        line
        for before, line, item in items
        if item and (not _GOES_ON.match(before) or len(item["indent"]) % 4)
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_lists_are_read_as_lists(page: Path) -> None:
    """An empty line stands before a list, and nested items are indented by four spaces."""
    assert misread(page.read_text("utf-8")) == []


def test_misread_lists_are_found() -> None:
    """The check can tell."""
    assert misread(
        "text\n* lost\n\n* kept\n  - flattened\n    - nested\n\n```\ntext\n* code\n```\n"
    ) == [
        "* lost",
        "  - flattened",
    ]
