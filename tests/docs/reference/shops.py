"""The small shops of the documents, piece by piece, and how FastAPI answers errors."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import consent_core as cc
from consent_core.fastapi import ANSWERS, RETRY_AFTER
from tests.docs.markdown import ROOT
from tests.docs.reference.tables import block, code, table

EXAMPLES: Final = ROOT / "docs" / "examples"
"""Where the files are."""

_SECTION: Final = re.compile(r"^# --- (?P<name>.+)\n(?P<text>(?:(?!# --- ).*\n)*)", re.MULTILINE)


def sections(name: str) -> Iterator[tuple[str, str]]:
    """The parts of a shop's file, each below a comment with its name."""
    for match in _SECTION.finditer((EXAMPLES / f"{name}.py").read_text("utf-8")):
        yield match["name"], match["text"].strip("\n")


def _parts(name: str) -> Iterator[tuple[str, Callable[[], str]]]:
    for section, text in sections(name):
        part = f"{name}-{section}".lower().replace("_", "-")
        # As "py" and not "python", for a piece is no whole program.
        yield part, partial(block, "py", text)


def _answers() -> str:
    rows = [
        (code(cc.InvalidConsent.__name__), "422", "a list of all violations: `type`, `loc`, `msg`")
    ]
    rows += [
        (
            code(kind.__name__),
            f"{status}, with `Retry-After: {RETRY_AFTER}`" if status == 503 else str(status),
            text,
        )
        for kind, (status, text) in ANSWERS.items()
    ]
    return table(("error", "status", "`detail`"), rows)


SHOPS: Final[dict[str, Callable[[], str]]] = {
    **dict(_parts("fastapi_shop")),
    **dict(_parts("flask_shop")),
    "fastapi-answers": _answers,
}
"""The pieces by name, such as ``fastapi-shop-bridge``."""
