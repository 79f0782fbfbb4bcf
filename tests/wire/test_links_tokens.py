"""Signed tokens.

Who signed them, for what, and that nothing else is ever read from one (contract, section 6).
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    ConsentService,
    InvalidToken,
    LinkToken,
    LinkType,
    MarketingConsent,
    TokenRefusal,
)
from consent_core.links import SignedLinks
from tests.application.support import Clock, Ids, at, confirm
from tests.wire.serving import LINKS, token_of

CONSENT: MarketingConsent = ConsentService(clock=Clock(), new_id=Ids()).upsert(confirm()).consent
ACTIONS = (LinkType.CONFIRMATION, LinkType.REVOKE_CONFIRMATION)


OLD, NEW = "the old key".ljust(32), "the new key".ljust(32)
ROTATION: list[list[str | bytes]] = [[OLD], [NEW.encode(), OLD], [NEW]]


def issued(
    links: SignedLinks = LINKS,
    action: LinkType = LinkType.CONFIRMATION,
    language: str | None = None,
) -> str:
    """A token for the consent at the minute 1000."""
    return token_of(links.issue(action, CONSENT, now=at(1000), language=language))


def read(token: str, links: SignedLinks = LINKS) -> LinkToken | TokenRefusal:
    """What a token says, or why it says nothing."""
    try:
        return links.read(token)
    except InvalidToken as error:
        return error.reason


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("language", [None, "de", "zh-Hant-TW"])
def test_a_token_says_what_it_was_issued_for(action: LinkType, language: str | None) -> None:
    """Action, consent, moment and language come back as they went in."""
    assert read(issued(action=action, language=language)) == LinkToken(
        action, CONSENT.id, at(1000), CONSENT.revision, language
    )


@given(
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(1, 2**63 - 1),
    st.sampled_from(ACTIONS),
)
def test_every_moment_and_revision_comes_back(
    consent_id: UUID, now: datetime, revision: int, action: LinkType
) -> None:
    """Whatever the consent, its revision and the moment, before 1970 too, to the microsecond."""
    link = LINKS.issue(
        action, evolve(CONSENT, id=consent_id, revision=revision), now=now, language=None
    )
    assert read(token_of(link)) == LinkToken(action, consent_id, now, revision, None)


def test_keys_rotate() -> None:
    """The first key signs and all verify, so a key is retired by leaving it out."""
    old, both, new = (SignedLinks("https://a.example", keys) for keys in ROTATION)
    assert isinstance(read(issued(old), both), LinkToken)
    assert isinstance(read(issued(both), new), LinkToken)
    assert read(issued(both), old) is TokenRefusal.FORGED
    assert read(issued(old), new) is TokenRefusal.FORGED


def test_another_site_is_a_stranger() -> None:
    """Each site has keys of its own, and refuses the tokens of others."""
    assert (
        read(issued(), SignedLinks("https://example.org/consent", ["another site".ljust(32)]))
        is TokenRefusal.FORGED
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_a_token_of_one_site_is_forged_for_another(action: LinkType) -> None:
    """Section 6: the token is signed "over action, site, consent id, ...".

    Sites that share keys share no links.
    """
    keys = ["one key for all tenants, 32 bytes+"]
    acme, other, none = (
        SignedLinks("https://example.org/c", keys, site=site) for site in ("acme", "other", "")
    )
    for links in (acme, other, none):
        token = issued(links, action)
        assert [isinstance(read(token, each), LinkToken) for each in (acme, other, none)] == [
            each is links for each in (acme, other, none)
        ]


def test_no_flipped_bit_says_something_else() -> None:
    """Over the whole token: altered ones are forged.

    Only the idle bits of the last letter decode to the same.
    """
    token = issued(language="de")
    for at_letter, letter in enumerate(token):
        for bit in range(8):
            altered = token[:at_letter] + chr(ord(letter) ^ (1 << bit)) + token[at_letter + 1 :]
            answer = read(altered)
            if at_letter < len(token) - 1:
                assert answer is TokenRefusal.FORGED, (at_letter, bit)
            else:
                assert answer in (TokenRefusal.FORGED, read(token))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_shortened_or_lengthened_token_is_forged(action: LinkType) -> None:
    """Nothing is read from a part of a token, nor from one with something added."""
    token = issued(action=action)
    assert {read(token[:end]) for end in range(len(token))} == {TokenRefusal.FORGED}
    assert read(token + "=") in (TokenRefusal.FORGED, read(token)), "padding says nothing"
    for added in ("A", ".", " ", "\n", ".A"):
        assert read(token + added) is TokenRefusal.FORGED
        assert read(added + token) is TokenRefusal.FORGED


def test_parts_of_two_tokens_do_not_fit() -> None:
    """The payload of one action with the signature of the other is forged."""
    confirm_it = issued(action=ACTIONS[0], language="de").rpartition(".")
    revoke_it = issued(action=ACTIONS[1], language="fr").rpartition(".")
    assert read(f"{confirm_it[0]}.{revoke_it[2]}") is TokenRefusal.FORGED
    assert read(f"{revoke_it[0]}.{confirm_it[2]}") is TokenRefusal.FORGED


@given(st.text(st.characters()) | st.text(".-_=aAzZ09é"))
def test_made_up_tokens_are_forged(token: str) -> None:
    """Any text that nobody signed is refused."""
    assert read(token) is TokenRefusal.FORGED


@pytest.mark.parametrize("token", ["\ud800", "a.\udfff", "\0", "." * 10_000])
def test_hostile_tokens_are_forged(token: str) -> None:
    """Text that has no UTF-8, which JSON can carry, is a forgery like any other, not a failure."""
    assert read(token) is TokenRefusal.FORGED


@pytest.mark.parametrize(
    "keys",
    [[], [""], [b""], [OLD, ""], OLD, OLD.encode(), (), ["secret"], ["x" * 31], [b"x" * 31],
     ["x" * 31, OLD], [OLD, "x" * 31], ["\u00fc" * 15]],
)  # fmt: skip
def test_keys_must_be_secrets(keys: Sequence[str | bytes]) -> None:
    """A single text is no list of keys, and a key of fewer than 32 bytes could be guessed."""
    with pytest.raises(ValueError, match="keys"):
        SignedLinks("https://example.org", keys)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/confirm",
        "example.org",
        "mailto:a@b.example",
        "https://",
        "https://:1/c",
        "ftp://a.example",
    ],
)
def test_the_page_must_be_absolute(url: str) -> None:
    """People click these links in messages."""
    with pytest.raises(ValueError, match="base_url must be absolute"):
        SignedLinks(url, [OLD])


@pytest.mark.parametrize("key", ["x" * 32, b"x" * 32, "\u00fc" * 16, "x" * 200])
def test_a_key_is_measured_in_bytes(key: str | bytes) -> None:
    """A text counts by its UTF-8."""
    links = SignedLinks("https://example.org/consent", [key])
    assert isinstance(read(issued(links), links), LinkToken)


@pytest.mark.parametrize(
    "host",
    ["example.org", "localhost.example.org", "127.0.0.1.example.org", "128.0.0.1", "10.0.0.1",
     "[::2]", "localhost@example.org", "127.0.0.1@example.org", "2130706433"],
)  # fmt: skip
def test_a_link_is_not_sent_in_the_clear(host: str) -> None:
    """A link is a credential: whoever reads it on its way can act for the person."""
    with pytest.raises(ValueError, match="base_url must be https://"):
        SignedLinks(f"http://{host}/consent", [OLD])
    assert SignedLinks(f"https://{host}/consent", [OLD])


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.8.9.10:80", "[::1]", "[::1]:8000"]
)
def test_this_machine_needs_no_https(host: str) -> None:
    """What never leaves the machine is read by nobody on its way.

    Localhost, 127.0.0.0/8 and ::1.
    """
    assert SignedLinks(f"http://{host}/consent", [OLD])


@pytest.mark.parametrize(
    ("url", "query", "fragment"),
    [
        ("https://example.org/c", {}, ""),
        ("https://example.org/c?site=a&b=1", {"site": ["a"], "b": ["1"]}, ""),
        ("http://localhost:8000/#/c", {}, "/c"),
    ],
)
def test_the_token_joins_the_page(url: str, query: dict[str, list[str]], fragment: str) -> None:
    """Whatever the page's own query and fragment, they stay."""
    links = SignedLinks(url, [OLD])
    parts = urlsplit(links.issue(LinkType.CONFIRMATION, CONSENT, now=at(1000), language=None).url)
    found = parse_qs(parts.query)
    assert read(found.pop("token")[0], links) == LinkToken(
        LinkType.CONFIRMATION, CONSENT.id, at(1000), CONSENT.revision
    )
    assert (found, parts.fragment) == (query, fragment)


def test_a_token_carries_no_personal_data() -> None:
    """Links end up in logs and histories; neither address nor number is in them."""
    url = LINKS.issue(LinkType.CONFIRMATION, CONSENT, now=at(1000), language=None).url
    assert "ada" not in url.lower()
    assert "@" not in url
    assert urlsplit(url).scheme == "https"


PROBE = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "itsdangerous":
            raise ModuleNotFoundError("No module named 'itsdangerous'", name="itsdangerous")
sys.meta_path.insert(0, Blocker())
import consent_core, consent_core.rest
try:
    import consent_core.links
except ModuleNotFoundError as error:
    print(error)
"""


def test_without_the_package_the_extra_is_named() -> None:
    """Everything else works without itsdangerous, and the message says what to install."""
    done = subprocess.run(  # noqa: S603  # a program of this test
        [sys.executable, "-c", PROBE],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env=dict(os.environ),
    )
    assert "consent_core[links]" in done.stdout
    assert "itsdangerous" in done.stdout


def test_the_extra_is_named_in_this_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, where the module is imported anew."""
    monkeypatch.setitem(sys.modules, "itsdangerous", None)
    monkeypatch.delitem(sys.modules, "consent_core.links")
    with pytest.raises(ModuleNotFoundError, match="links"):
        importlib.import_module("consent_core.links")


def test_what_no_token_can_say_is_refused_at_once() -> None:
    """Only signing waits until the URL is read, no error does."""
    confirmation, naive = LinkType.CONFIRMATION, at(0).replace(tzinfo=None)
    with pytest.raises(TypeError, match="naive"):
        LINKS.issue(confirmation, CONSENT, now=naive, language=None)
    with pytest.raises(KeyError):
        LINKS.issue("OTHER", CONSENT, now=at(0), language=None)  # type: ignore[arg-type]  # tested
