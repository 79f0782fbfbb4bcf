"""Writes Markdown: tables, blocks and text of docstrings."""

import json
import re
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. A cell is one line, and a bar inside it is escaped."""
    lines = [
        head,
        ["---"] * len(head),
        *([" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def block(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```\n"


def as_json(value: Any) -> str:
    """A block of JSON."""
    return block("json", json.dumps(value, indent=2, ensure_ascii=False))


def code(text: object) -> str:
    """Code inside a line; nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Several pieces of code inside a line."""
    return ", ".join(code(text) for text in texts)


def prose(text: str) -> str:
    """The text of a docstring as Markdown: one line for each paragraph, single back-ticks."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(paragraphs).replace("``", "`")


def wrapped(text: str, first: str = "") -> str:
    """A paragraph or an item of a list in lines of readable length."""
    indent = " " * len(first)
    return fill(
        text,
        120,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def items(texts: Iterable[str]) -> str:
    """A list."""
    return "".join(wrapped(text, "* ") + "\n" for text in texts)


def paragraphs(text: str) -> str:
    """The text of a docstring, each paragraph wrapped, with an empty line behind it."""
    return "".join(wrapped(part) + "\n\n" for part in prose(text).split("\n\n") if part)
