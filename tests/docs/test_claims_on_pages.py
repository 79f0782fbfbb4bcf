"""What a page shows to copy does not trust the public: it reads requests with claims."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.docs.markdown import ROOT, blocks, prose, steps

READERS: Final = {
    "consent_core.wire": "read_upsert",
    "consent_core.rest": "Request",
    "consent_core.pydantic": "Limits",
}
"""What reads a request from outside, by module."""

TRUSTED: Final = {
    "serve-over-http.md": "come from your authentication",
    "import.md": "whoever gives you a list is trusted",
}
"""Pages for callers who are trusted, each with the words that say so there."""


def without_claims(text: str) -> list[str]:
    """The calls in a program that read a request and do not say what its caller may claim."""
    tree = ast.parse(text)
    readers = {name.asname or name.name: name.name for name in _imported(tree)}
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in readers
        and not _limits(node, readers[node.func.id])
    ]


def _imported(tree: ast.Module) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in READERS:
            yield from (name for name in node.names if name.name == READERS[node.module or ""])


def _limits(call: ast.Call, reader: str) -> bool:
    """Whether a call has claims, and they limit anything."""
    given = [each.value for each in call.keywords if each.arg == "claims"]
    if reader == "Limits":
        given += call.args[:1]
    return any(
        not isinstance(each, ast.Call)
        or each.args
        or each.keywords
        or not ast.unparse(each.func).endswith("Claims")
        for each in given
        if ast.unparse(each) != "None"
    )


def programs(page: Path) -> list[str]:
    """The programs and the files of a page."""
    files = [text for name, text in steps(page) if name and name.endswith(".py")]
    return blocks(page, "python") + files


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "howto").glob("*.md")), ids=lambda page: page.name
)
def test_a_page_reads_requests_with_claims_or_says_whom_it_trusts(page: Path) -> None:
    """A page that is listed has such a call, and says in its words that its callers are trusted."""
    found = [call for text in programs(page) for call in without_claims(text)]
    words = TRUSTED.get(page.name)
    assert bool(found) == (words is not None), found
    assert words is None or words in " ".join(prose(page).split())


@pytest.mark.parametrize(
    "file", sorted((ROOT / "docs" / "examples").glob("*_shop.py")), ids=lambda file: file.name
)
def test_the_applications_read_requests_with_claims(file: Path) -> None:
    """All that they take comes from the public."""
    text = file.read_text("utf-8")
    assert without_claims(text) == []
    assert "Claims." in text


@pytest.mark.parametrize(
    ("call", "is_found"),
    [
        ("read_upsert(body)", True),
        ("read_upsert(body, claims=None)", True),
        ("read_upsert(body, claims=cc.Claims())", True),
        ("read_upsert(body, claims=cc.Claims.sign_up_form())", False),
        ("read_upsert(body, claims=cc.Claims(dated=False))", False),
        ("read_upsert(body, claims=till)", False),
        ("Asked('POST', '/', body=body)", True),
        ("Asked('POST', '/', body=body, claims=till)", False),
        ("Limits(cc.Claims())", True),
        ("Limits(cc.Claims.preference_page(), POLICY)", False),
        ("Request(1)", False),
    ],
)
def test_the_check_tells_them_apart(call: str, is_found: bool) -> None:
    """Also under another name; a request of the framework is another class."""
    imports = (
        "from consent_core.wire import read_upsert",
        "from consent_core.rest import Request as Asked",
        "from consent_core.pydantic import Limits",
        "from fastapi import Request",
    )
    assert without_claims("\n".join((*imports, call))) == ([call] if is_found else [])
