"""The pages behind links: GET never acts, and one click never confirms."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings

import consent_core as cc
from consent_core.adapters.django.conf import get_setting
from consent_core.adapters.django.mail import unsubscribe_headers, unsubscribe_link
from consent_core.adapters.django.views import ConfirmView

ADA = "ada@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def browser() -> Client:
    """A browser that would notice a missing CSRF token."""
    return Client(enforce_csrf_checks=True)


def path_of(link: cc.Link | None) -> str:
    """The path and query of a link, as the browser of the tests asks for it."""
    assert link is not None
    parts = urlsplit(link.url)
    assert parts.netloc == "shop.example.org"
    return f"{parts.path}?{parts.query}"


def token_of(link: cc.Link | None) -> str:
    """The token in a link."""
    assert link is not None
    return parse_qs(urlsplit(link.url).query)["token"][0]


def state(shop: cc.ConsentService) -> cc.ConsentState | None:
    """What is stored for Ada."""
    consent = shop.may_contact(ADA).consent
    return consent and consent.state


def test_a_link_to_confirm_leads_to_its_page(shop: cc.ConsentService, browser: Client) -> None:
    """The page asks, and its form confirms; a second time, too."""
    path = path_of(shop.request_opt_in(ADA).link)
    assert path.startswith("/consents/confirm/?token=")
    page = browser.get(path)
    assert page.status_code == 200
    assert "a***@e***" in page.content.decode()
    assert ADA not in page.content.decode()
    assert state(shop) is cc.ConsentState.PENDING
    assert browser.head(path).status_code == 200
    for _ in range(2):
        assert "You have confirmed" in browser.post(path).content.decode()
        assert state(shop) is cc.ConsentState.CONFIRMED


def test_a_link_to_unsubscribe_leads_to_its_page(shop: cc.ConsentService, browser: Client) -> None:
    """The form of the page sends the token itself."""
    link = shop.opt_in(ADA).link
    page = browser.get(path_of(link))
    assert 'value="' + token_of(link) in page.content.decode()
    assert state(shop) is cc.ConsentState.CONFIRMED
    done = browser.post("/consents/unsubscribe/", {"token": token_of(link)})
    assert "no more messages" in done.content.decode()
    assert state(shop) is cc.ConsentState.REVOKED


def test_pages_hide_and_forget_the_token(shop: cc.ConsentService, browser: Client) -> None:
    """It is a credential: neither caches nor other sites are to have it."""
    page = browser.get(path_of(shop.opt_in(ADA).link))
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]


def test_one_click_unsubscribes(shop: cc.ConsentService, browser: Client) -> None:
    """As a mail program does it: a POST to the link, without cookies and without a page."""
    answer = browser.post(path_of(shop.opt_in(ADA).link), ONE_CLICK)
    assert (answer.status_code, answer.content) == (200, b"")
    assert state(shop) is cc.ConsentState.REVOKED


@pytest.mark.parametrize("page", ["confirm", "unsubscribe", "preferences"])
def test_one_click_never_confirms(shop: cc.ConsentService, browser: Client, page: str) -> None:
    """Whatever page it is sent to."""
    token = token_of(shop.request_opt_in(ADA).link)
    assert browser.post(f"/consents/{page}/?token={token}", ONE_CLICK).status_code == 403
    assert state(shop) is cc.ConsentState.PENDING


def test_one_click_is_spelled_as_the_standard_says(
    shop: cc.ConsentService, browser: Client
) -> None:
    """Another value is another request."""
    path = path_of(shop.opt_in(ADA).link)
    assert browser.post(path, {"List-Unsubscribe": "Two-Click"}).status_code == 400
    assert state(shop) is cc.ConsentState.CONFIRMED


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_a_token_for_another_page_is_refused(
    shop: cc.ConsentService, browser: Client, page: str
) -> None:
    """Nobody who wants to unsubscribe confirms."""
    token = token_of(shop.request_opt_in(ADA).link)
    for answer in (
        browser.get(f"/consents/{page}/?token={token}"),
        browser.post(f"/consents/{page}/", {"token": token, "choices": "none"}),
        browser.get(f"/consents/{page}/"),
        browser.post(f"/consents/{page}/", {"choices": "none"}),
    ):
        assert answer.status_code == 403
        assert "does not work" in answer.content.decode()
    assert state(shop) is cc.ConsentState.PENDING


def test_the_link_of_an_erased_consent_is_gone(shop: cc.ConsentService, browser: Client) -> None:
    """There is nothing to take back."""
    outcome = shop.opt_in(ADA)
    shop.delete(outcome.consent.id)
    assert browser.get(path_of(outcome.link)).status_code == 410


def test_preferences_show_what_is_and_take_an_opt_out(
    shop: cc.ConsentService, browser: Client
) -> None:
    """For whoever has the link to unsubscribe."""
    path = f"/consents/preferences/?token={token_of(shop.opt_in(ADA).link)}"
    assert "You get messages" in browser.get(path).content.decode()
    button = '<button name="choices" value="none">Unsubscribe</button>'
    assert button in browser.get(path).content.decode()
    assert "You get no messages" in browser.post(path, {"choices": "none"}).content.decode()
    assert "You get no messages" in browser.get(path).content.decode()


def test_the_page_is_in_the_language_of_the_link(shop: cc.ConsentService, browser: Client) -> None:
    """As the message was that it came with."""
    path = path_of(shop.opt_in(ADA, link_language="de").link)
    assert '<html lang="de">' in browser.get(path).content.decode()
    assert '<html lang="en-us">' in browser.get(path_of(shop.opt_in(ADA).link)).content.decode()


def test_an_application_hears_of_what_was_done(shop: cc.ConsentService) -> None:
    """A subclass sends its message of welcome once, or tells another system."""
    heard: list[cc.Outcome] = []

    class Mine(ConfirmView):
        def acted(self, outcome: cc.Outcome) -> None:
            super().acted(outcome)
            heard.append(outcome)

    link = shop.request_opt_in(ADA).link
    for _ in range(2):
        assert Mine.as_view()(RequestFactory().post(path_of(link))).status_code == 200
    assert [outcome.consent.state for outcome in heard] == [cc.ConsentState.CONFIRMED]


def test_messages_carry_the_link_and_the_headers(shop: cc.ConsentService) -> None:
    """A tag for the text, a function for the headers."""
    shop.opt_in(ADA)
    text = Template("{% load consents %}{% unsubscribe_url who %}").render(Context({"who": ADA}))
    assert text.startswith("https://shop.example.org/consents/unsubscribe/?token=")
    message = EmailMessage("News", "Hello", to=[ADA], headers=unsubscribe_headers(ADA))
    assert message.message()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_there_are_no_headers_on_this_machine(shop: cc.ConsentService) -> None:
    """One click needs HTTPS, which nobody has while developing; the link works all the same."""
    shop.opt_in(ADA)
    given = {**settings.CONSENT_CORE, "SITE": get_setting("SITE")}
    given["LINK_BASE_URL"] = "http://localhost:8000/consents/"
    with override_settings(CONSENT_CORE=given):
        assert unsubscribe_headers(ADA) == {}
        assert unsubscribe_link(ADA).url.startswith("http://localhost:8000/consents/unsubscribe/")


def test_a_link_needs_a_consent_and_keys(shop: cc.ConsentService) -> None:
    """Without a consent there is no message to send; without keys nothing to sign with."""
    with pytest.raises(cc.ConsentNotFound) as caught:
        unsubscribe_link(ADA)
    assert ADA not in str(caught.value)
    shop.opt_in(ADA)
    with override_settings(CONSENT_CORE={}), pytest.raises(ImproperlyConfigured, match="LINK_KEYS"):
        unsubscribe_link(ADA)
