"""The receipt as a page for people."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

import consent_core as cc
from consent_core import receipt_page
from consent_core.wire import receipts
from consent_core.wire.receipt_pages import _ACTORS, _STATUSES
from tests.domain.builders import CONFIRMED, LINE, REVOKED, at, no, record, yes

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "<!--",
    "</dd></li></ol></section></main></body></html>",
    "&lt;b&gt; is not <b>",
    "javascript:alert('1')",
]


class Elements(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def receipt(text: str | None = None) -> dict[str, Any]:
    """The receipt of a consent that was given with a text, and withdrawn."""
    before = record(CONFIRMED, yes(1, text=text), revision=1, updated_date=at(1))
    after = record(REVOKED, yes(1, text=text), no(5, text=text), revision=2, updated_date=at(6))
    return cc.consent_receipt(after, [cc.ConsentCreated(before), cc.ConsentUpdated(after)])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """A description is shown letter by letter, and changes no element of the page."""
    page = Elements(receipt_page(receipt(text)))
    assert page.tags == Elements(receipt_page(receipt("plain"))).tags
    assert page.text.count(text) == 2
    assert not page.open


def test_every_part_of_a_receipt_is_text() -> None:
    """A receipt may come from elsewhere: no string of it reaches the page as markup."""
    hostile = json.loads(json.dumps(receipt("ada")), object_hook=_hostile)
    page = Elements(receipt_page(hostile))
    assert "script" not in page.tags
    assert "<script>" in page.text


def _hostile(found: dict[str, Any]) -> dict[str, Any]:
    kept = ("@type", "actor", "dpv:hasConsentStatus")
    return {
        name: f"{value}<script>" if isinstance(value, str) and name not in kept else value
        for name, value in found.items()
    }


def test_marks_of_direction_are_shown() -> None:
    """They could make the text around them read backwards."""
    page = receipt_page(receipt("a\N{RIGHT-TO-LEFT OVERRIDE}b\N{FIRST STRONG ISOLATE}c"))
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c" in page


def test_it_needs_no_other_file() -> None:
    """No address of anything to load, no script, and a policy that forbids both."""
    page = Elements(receipt_page(receipt("plain")))
    assert not {"script", "img", "link", "iframe", "a"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert "url(" not in receipt_page(receipt())
    policies = [value for name, value in page.attributes if name == "content"]
    assert any(value and value.startswith("default-src 'none'") for value in policies)


def test_a_screen_reader_finds_its_way() -> None:
    """A language, a title, one main heading, headings without a gap, and lists."""
    page = Elements(receipt_page(receipt("plain")))
    assert ("lang", "en") in page.attributes
    levels = [int(tag[1]) for tag in page.tags if tag in ("h1", "h2", "h3")]
    assert levels == [1, 2, 2, 3, 3]
    assert page.tags.count("title") == page.tags.count("main") == 1
    labels = [value for name, value in page.attributes if name == "aria-labelledby"]
    ids = [value for name, value in page.attributes if name == "id"]
    assert labels == ids == ["annex"]
    assert page.tags.count("dt") == page.tags.count("dd")


def test_what_it_says() -> None:
    """Who, the state, the answer, and each piece of evidence with both dates."""
    text = Elements(receipt_page(receipt("Newsletter form"))).text
    for said in (
        "ada@example.org",
        "Revoked",
        "Contact was not allowed at that moment.",
        "Consent withdrawn by the person.",
        "The annex has 2 pieces of evidence.",
        "2026-01-01 12:05:00 UTC",
        "2026-01-01 12:06:00 UTC",
        "Newsletter form",
        "Revoke link",
    ):
        assert said in text
    granted = record(CONFIRMED, yes(1), details=LINE, revision=3)
    text = Elements(receipt_page(cc.consent_receipt(granted, []))).text
    for said in (
        "+12025550172",
        "Contact was allowed at that moment.",
        "The annex has one piece of evidence.",
        "StoredNot known",
        "TextNone",
    ):
        assert said in text


def test_every_term_has_words() -> None:
    """What a receipt can say, the page can."""
    assert set(receipts.STATUSES.values()) < _STATUSES.keys()
    assert _ACTORS.keys() == set(cc.Actor)
