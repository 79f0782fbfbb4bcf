"""One-click unsubscribe headers (RFC 2369, RFC 8058) and the language of links (BCP 47)."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from consent_core import InvalidConsent, Link, LinkType
from consent_core.domain.language import check_language
from consent_core.links import list_unsubscribe_headers
from tests.application.support import ADA, confirm, yes
from tests.wire.serving import BASE, Site, consent, fields, token_of, violations, wrapped

URL = "https://example.org/u?token=abc.DEF-_"


def link(url: str = URL, kind: LinkType = LinkType.REVOKE_CONFIRMATION) -> Link:
    """A link to revoke."""
    return Link(kind, url)


def test_the_headers_are_those_of_the_rfcs() -> None:
    """The HTTPS target first, in angle brackets; the post header is this very text."""
    assert list_unsubscribe_headers(link()) == {
        "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    headers = list_unsubscribe_headers(link(), "leave+me@example.org?subject=no")
    assert headers["List-Unsubscribe"] == f"<{URL}>, <mailto:leave+me@example.org?subject=no>"


def test_the_headers_survive_a_message() -> None:
    """Written into a message and read again, unfolded, they are what they were."""
    message = EmailMessage(SMTP.clone(max_line_length=0))
    for name, value in list_unsubscribe_headers(link(), "leave@example.org").items():
        message[name] = value
    assert f"List-Unsubscribe: <{URL}>, <mailto:leave@example.org>\r\n" in message.as_string()


INJECTIONS = [
    "\r\nBcc: eve@example.org",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ">",
    "<",
    ",",
    "\x7f",
    "\u0085",
    "\u2028",
    "\u00a0",
    "é",
    "\ud800",
]


@pytest.mark.parametrize("bad", INJECTIONS, ids=ascii)
def test_nothing_breaks_out_of_the_header(bad: str) -> None:
    """Neither URL nor address may have what ends a target or a line, or no header can hold."""
    with pytest.raises(ValueError, match="URL"):
        list_unsubscribe_headers(link(URL + bad))
    for mailto in (f"leave{bad}@example.org", f"leave@example.org{bad}"):
        with pytest.raises(ValueError, match="mailto"):
            list_unsubscribe_headers(link(), mailto)


@pytest.mark.parametrize(
    "url", ["http://example.org/u", "", "mailto:a@b.example", "javascript:x", "//example.org"]
)
def test_the_target_is_https(url: str) -> None:
    """RFC 8058, section 3.1."""
    with pytest.raises(ValueError, match="HTTPS"):
        list_unsubscribe_headers(link(url))


@pytest.mark.parametrize("kind", [LinkType.CONFIRMATION, LinkType.UNKNOWN_LINK_TYPE])
def test_only_a_revocation_unsubscribes(kind: LinkType) -> None:
    """A mail program must never confirm by its unsubscribe button."""
    with pytest.raises(ValueError, match="revoke"):
        list_unsubscribe_headers(link(kind=kind))


@pytest.mark.parametrize("mailto", ["", "nobody", "mailto:x"])
def test_an_address_is_needed_to_take_mails(mailto: str) -> None:
    """What has no at sign takes none."""
    with pytest.raises(ValueError, match="mailto"):
        list_unsubscribe_headers(link(), mailto)


def test_real_links_make_headers(site: Site) -> None:
    """The link of a CONFIRMED consent is one that a mail program can post to."""
    outcome = site.service.upsert(confirm())
    assert outcome.link is not None
    assert token_of(outcome.link) in list_unsubscribe_headers(outcome.link)["List-Unsubscribe"]


GOOD = [
    "de",
    "pt-BR",
    "zh-Hant-TW",
    "sl-rozaj-biske-1994",
    "de-1996",
    "es-419",
    "zh-cmn-Hans-CN",
    "en-US-u-ca-gregory",
    "EN-us",
    "hy-Latn-IT-arevela",
    "az-Arab-x-AZE-derbend",
    "x-pig-latin",
    "de-x-a",
    "yue",
    "abcdefgh",
]
BAD = [
    "",
    "d",
    "de_DE",
    "de-",
    "-de",
    "de--DE",
    "no tag",
    "de\n",
    " de",
    "de-DE-",
    "abcdefghi",
    "12",
    "de-x",
    "de-a",
    "de-Latin1234",
    "d\u0435",
    "de-\u212aK",
    "de\0",
    "<script>",
    "../..",
    "de-" + "-".join(["variant1"] * 8),
]


@pytest.mark.parametrize("tag", GOOD)
def test_a_well_formed_tag_travels(site: Site, tag: str) -> None:
    """It is taken as it is, and comes back from the link."""
    assert check_language(tag) == tag
    answer = site.ok("POST", f"{BASE}/upsert", consent(), query={"linkLanguage": tag})
    assert site.service.preview(token_of(answer["link"])).language == tag


@pytest.mark.parametrize("tag", BAD, ids=ascii)
def test_a_bad_tag_is_a_violation_and_nothing_is_stored(site: Site, tag: str) -> None:
    """Every operation that makes links refuses it before anything is stored."""
    made = site.ok("POST", f"{BASE}/upsert", consent(email="bob@example.org"))["marketingConsent"]
    query, expected = {"linkLanguage": tag}, {("linkLanguage", "INVALID_LANGUAGE")}
    assert violations(site.ask("POST", f"{BASE}/upsert", consent(), query=query)) == expected
    assert violations(site.ask("POST", BASE, wrapped(consent()), query=query)) == expected
    one = f"{BASE}/{made['id']}"
    assert (
        violations(site.ask("PATCH", one, wrapped(fields(app={"x": 1})), query=query)) == expected
    )
    parameters = query | {"type": "EMAIL", "email": "bob@example.org"}
    assert violations(site.ask("GET", f"{BASE}/get-by", query=parameters)) == expected
    for act in (
        lambda: site.service.create(ADA, yes(), link_language=tag),
        lambda: site.service.get_by_identifier(ADA, link_language=tag),
    ):
        with pytest.raises(InvalidConsent):
            act()
    assert site.stored() == [made]


def test_no_tag_is_no_language() -> None:
    """None stays None; what is no text is refused."""
    assert check_language(None) is None
    with pytest.raises(InvalidConsent):
        check_language(5)  # type: ignore[arg-type]
