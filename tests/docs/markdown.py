"""Finds code blocks and generated parts in Markdown."""

import re
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WIDTH = 84
"""Columns of code that the site shows; what is wider is cut off."""

_BLOCK = re.compile(
    r"(?:`(?P<file>[\w/-]+\.(?:py|csv|ndjson|html))`:\n\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_GENERATED = re.compile(
    r"<!-- generated: (?P<name>[\w-]+) -->\n(?P<body>.*?)<!-- /generated -->", re.DOTALL
)


def pages() -> list[Path]:
    """The README and every page of the documents."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language on a page, without those that are files (see ``steps``)."""
    found = _BLOCK.finditer(page.read_text("utf-8"))
    return [
        match["code"] for match in found if match["language"] == language and match["file"] is None
    ]


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return _BLOCK.sub("", page.read_text("utf-8"))


def steps(page: Path) -> list[tuple[str | None, str]]:
    """What a reader does on a page, in order: files to save, and transcripts of commands to type.

    A block is a file where the line before it ends with the file's name in backticks and a colon; a
    transcript is a block of the language ``console``, whose commands begin with a dollar sign.

    Returns:
        Each file's name and text; for a transcript, None and the transcript.
    """
    found = _BLOCK.finditer(page.read_text("utf-8"))
    return [
        (match["file"], match["code"])
        for match in found
        if match["file"] or match["language"] == "console"
    ]


def typed(transcript: str) -> list[tuple[str, str]]:
    """The commands of a transcript, each with the lines that it printed."""
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", transcript, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def printed(page: Path) -> list[tuple[str, str]]:
    """Programs whose output stands in the next block of a page, with that output."""
    found = [
        (match["language"], match["code"]) for match in _BLOCK.finditer(page.read_text("utf-8"))
    ]
    return [
        (program, output)
        for (language, program), (following, output) in pairwise(found)
        if (language, following) == ("python", "text") and "print(" in program
    ]


def generated(page: Path) -> dict[str, str]:
    """The parts of a page that are generated, by name."""
    return {match["name"]: match["body"] for match in _GENERATED.finditer(page.read_text("utf-8"))}


def regenerate(page: Path, bodies: dict[str, str]) -> None:
    """Write generated parts anew."""

    def fresh(match: re.Match[str]) -> str:
        return f"<!-- generated: {match['name']} -->\n{bodies[match['name']]}<!-- /generated -->"

    page.write_text(_GENERATED.sub(fresh, page.read_text("utf-8")), "utf-8")
