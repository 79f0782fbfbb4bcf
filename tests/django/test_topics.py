"""Topics and tombstones in a Django project."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

import consent_core as cc
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.mail import (
    preferences_link,
    unsubscribe_headers,
    unsubscribe_link,
)
from consent_core.adapters.django.models import TombstoneRow
from consent_core.adapters.django.views import PreferencesView
from tests.django.shop.models import Customer

ADA = "ada@example.org"
POLICY = cc.Policy(topics={"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_IN})


@pytest.fixture
def declared(shop: cc.ConsentService) -> Iterator[cc.ConsentService]:
    """The service of a project that declares topics, on the site of ``shop``."""
    given: Any = settings.CONSENT_CORE
    labels = {"offers": "Our offers"}
    with override_settings(CONSENT_CORE={**given, "POLICY": POLICY, "TOPIC_LABELS": labels}):
        made = get_service()
        assert made is not shop
        yield made


def path_of(link: cc.Link) -> str:
    """The path and query of a link."""
    parts = urlsplit(link.url)
    return f"{parts.path}?{parts.query}"


def test_a_link_for_one_topic_leaves_that_topic(declared: cc.ConsentService) -> None:
    """The page names the topic, and leads to the page to leave everything."""
    declared.opt_in(ADA, topics={"events": "IN"})
    link = unsubscribe_link(ADA, topic="offers")
    page = Client().get(path_of(link)).content.decode()
    assert "no more messages about Our offers" in page
    assert "No messages at all" in page
    done = Client().post(path_of(link)).content.decode()
    assert "no more messages about Our offers" in done
    assert declared.may_contact(ADA, topic="offers").reasons == ("TOPIC_LEFT",)
    assert declared.may_contact(ADA, topic="events")
    everything = Client().get(path_of(unsubscribe_link(ADA))).content.decode()
    assert "about" not in everything
    assert "No messages at all" not in everything


def test_one_click_leaves_the_topic_of_the_message(declared: cc.ConsentService) -> None:
    """RFC 8058, with the link that the headers have."""
    declared.opt_in(ADA)
    (url,) = unsubscribe_headers(ADA, topic="offers")["List-Unsubscribe"].strip("<>").split(">, <")
    answer = Client().post(
        path_of(cc.Link(cc.LinkType.REVOKE_CONFIRMATION, url)), {"List-Unsubscribe": "One-Click"}
    )
    assert answer.status_code == 200
    assert declared.may_contact(ADA, topic="offers").reasons == ("TOPIC_LEFT",)


def boxes(page: Any) -> dict[str, bool]:
    """The topics on a page of preferences, and whether each is ticked."""
    found = re.findall(r'<input type="checkbox" name="topic-([a-z]+)"([^>]*)>', text_of(page))
    return {name: "checked" in rest for name, rest in found}


def text_of(page: Any) -> str:
    """What a page shows."""
    assert page.status_code == 200
    return str(page.content.decode())


def sent(page: Any, **ticked: bool) -> dict[str, str]:
    """What a browser sends when the form of a page is filled in and saved."""
    hidden = re.findall(
        r'<input type="hidden" name="([a-z-]+)" value="([^"]*)"', text_of(page).split("</form>")[0]
    )
    on = {f"topic-{name}": "on" for name, is_on in {**boxes(page), **ticked}.items() if is_on}
    return {**dict(hidden), **on, "choices": "save"}


@pytest.fixture
def preferences(declared: cc.ConsentService) -> str:
    """The path of Ada's page of preferences."""
    declared.opt_in(ADA)
    return path_of(preferences_link(ADA))


def test_the_page_of_preferences_takes_choices(
    declared: cc.ConsentService, preferences: str
) -> None:
    """Each topic with its choice or default, by its label; what was ticked is the person's."""
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(preferences)
    assert boxes(page) == {"offers": True, "events": False}
    assert "Our offers" in text_of(page)
    saved = browser.post(preferences, sent(page, offers=False, events=True))
    assert "Your choices are saved." in text_of(saved)
    assert boxes(saved) == boxes(browser.get(preferences)) == {"offers": False, "events": True}
    assert "saved" not in text_of(browser.get(preferences))
    assert declared.may_contact(ADA, topic="offers").reasons == ("TOPIC_LEFT",)
    # Only the person comes back to what was left.
    browser.post(preferences, sent(saved, offers=True))
    assert declared.may_contact(ADA, topic="offers")
    stored = declared.may_contact(ADA, topic="events").consent
    assert stored is not None
    assert stored.topics["events"].actor is cc.Actor.SUBJECT


def test_a_page_that_was_open_for_long_undoes_nothing(
    declared: cc.ConsentService, preferences: str
) -> None:
    """What the person did not change on it is no choice, and nothing at all stores nothing."""
    page = Client().get(preferences)
    declared.choose_topics(ADA, {"offers": "OUT"}, actor="SUBJECT")
    before = declared.get_by_identifier(ADA, topic="events").consent
    assert boxes(Client().post(preferences, sent(page))) == {"offers": False, "events": False}
    assert declared.get_by_identifier(ADA, topic="events").consent == before
    Client().post(preferences, sent(page, events=True))
    assert declared.may_contact(ADA, topic="offers").reasons == ("TOPIC_LEFT",)
    assert declared.may_contact(ADA, topic="events")


def test_who_left_all_topics_comes_back_and_who_opted_out_does_not(
    declared: cc.ConsentService, preferences: str
) -> None:
    """A choice never changes the state, so without a consent there is nothing to choose."""
    page = Client().get(preferences)
    left = Client().post(preferences, sent(page, offers=False))
    assert "You get no messages" in text_of(left)
    assert "You get messages" in text_of(Client().post(preferences, sent(left, events=True)))
    gone = Client().post(preferences, {"choices": "none"})
    assert "You get no messages" in text_of(gone)
    assert "<form" not in text_of(gone)
    Client().post(preferences, sent(page, events=True))
    assert declared.may_contact(ADA, topic=cc.ANY_TOPIC).reasons == ("REVOKED",)


@pytest.mark.parametrize("body", [{"choices": "save"}, {"choices": "save", "topic-nothing": "on"}])
def test_a_forged_form_chooses_nothing(
    declared: cc.ConsentService, preferences: str, body: dict[str, str]
) -> None:
    """A box that is missing was not unticked, and a topic that nobody declares is none."""
    assert Client().post(preferences, body).status_code == 200
    assert declared.may_contact(ADA, topic="offers")
    forged = preferences.replace("token=", "token=x")
    assert Client().post(forged, {**body, "topic-events": "on"}).status_code == 403
    assert not declared.may_contact(ADA, topic="events")


@pytest.mark.parametrize("body", [{}, {"choices": ""}, {"choices": "safe", "topic-events": "on"}])
def test_a_form_that_says_nothing_known_is_refused(
    declared: cc.ConsentService, preferences: str, body: dict[str, str]
) -> None:
    """A template that forgot the name of its button revokes nothing."""
    assert Client().post(preferences, body).status_code == 400
    assert declared.may_contact(ADA, topic="offers")


def test_pages_lead_to_each_other(declared: cc.ConsentService) -> None:
    """From a link for one topic to the choices, and to the page to leave everything."""
    declared.opt_in(ADA, topics={"events": "IN"})
    for page in (
        Client().get(path_of(unsubscribe_link(ADA, topic="events"))),
        Client().post(path_of(unsubscribe_link(ADA, topic="events"))),
    ):
        url = re.findall(r'href="([^"]*)">Choose what you get', text_of(page))[0]
        chosen = Client().get(path_of(cc.Link(cc.LinkType.REVOKE_CONFIRMATION, url)))
        assert boxes(chosen).keys() == POLICY.topics.keys()
        url = re.findall(r'href="([^"]*)">No messages at all', text_of(chosen))[0]
        assert "/unsubscribe/" in url


def test_a_confirmation_names_the_topics_that_it_joins(declared: cc.ConsentService) -> None:
    """They are stored with the click."""
    asked = declared.request_opt_in(ADA, topics={"events": "IN"}).link
    assert asked is not None
    page = text_of(Client().get(path_of(asked)))
    assert "You have chosen: events." in page
    assert "Choose what you get" not in page
    Client().post(path_of(asked))
    assert declared.may_contact(ADA, topic="events")


def test_an_application_hears_of_choices(declared: cc.ConsentService, preferences: str) -> None:
    """As of everything else; not of a form that changes nothing."""
    heard: list[cc.Outcome] = []

    class Mine(PreferencesView):
        def acted(self, outcome: cc.Outcome) -> None:
            heard.append(outcome)

    page = Client().get(preferences)
    for body in (sent(page, events=True), sent(page)):
        assert Mine.as_view()(RequestFactory().post(preferences, body)).status_code == 200
    assert [outcome.consent.chosen_topics for outcome in heard] == [{"events"}]
    assert declared.may_contact(ADA, topic="events")


def test_the_template_tag_takes_a_topic(declared: cc.ConsentService) -> None:
    """For the text of the message; another leads to the preferences."""
    declared.opt_in(ADA)
    given = Template("{% load consents %}{% preferences_url who %}").render(Context({"who": ADA}))
    assert given.startswith("https://shop.example.org/consents/preferences/?token=")
    text = '{% load consents %}{% unsubscribe_url who topic="offers" %}'
    url = Template(text).render(Context({"who": ADA}))
    page = Client().get(path_of(cc.Link(cc.LinkType.REVOKE_CONFIRMATION, url)))
    assert "about Our offers" in page.content.decode()


def test_the_audience_of_a_topic(declared: cc.ConsentService) -> None:
    """In one statement with the application's own rows."""
    for name in ("ada", "bob"):
        Customer.objects.create(name=name, email=f"{name}@example.org")
        declared.opt_in(f"{name}@example.org")
    declared.choose_topics(ADA, {"offers": "OUT", "events": "IN"})
    everybody: Any = Customer.objects
    asked = {
        topic: [*everybody.may_be_contacted("EMAIL", topic=topic).values_list("name", flat=True)]
        for topic in ("offers", "events", cc.ANY_TOPIC)
    }
    assert {topic: sorted(names) for topic, names in asked.items()} == {
        "offers": ["bob"],
        "events": ["ada"],
        cc.ANY_TOPIC: ["ada", "bob"],
    }
    with pytest.raises(cc.InvalidConsent):
        everybody.may_be_contacted("EMAIL")
    everybody.all().delete()


def test_a_mailing_is_one_query(declared: cc.ConsentService) -> None:
    """The record comes with the row, and the links from the record."""
    for name in ("ada", "bob"):
        Customer.objects.create(name=name, email=f"{name}@example.org")
        declared.opt_in(f"{name}@example.org")
    everybody: Any = Customer.objects
    tag = Template("{% load consents %}{% preferences_url who %}{% unsubscribe_url who %}")
    with CaptureQueriesContext(connection) as asked:
        for row in everybody.may_be_contacted("EMAIL", topic="offers", consent_as="consent"):
            assert row.consent.details == cc.Email(row.email)
            assert "List-Unsubscribe" in unsubscribe_headers(row.consent, topic="offers")
            assert tag.render(Context({"who": row.consent})).count("?token=") == 2
            assert "/preferences/" in preferences_link(row.consent).url
    assert len(asked) == 1
    with pytest.raises(cc.InvalidConsent, match="did you mean offers"):
        unsubscribe_headers(ADA, topic="offer")


def test_erasing_remembers_the_opt_out(shop: cc.ConsentService) -> None:
    """With secrets in the settings; the next import brings nobody back."""
    given: Any = settings.CONSENT_CORE
    with override_settings(CONSENT_CORE={**given, "TOMBSTONE_KEYS": ["k" * 32]}):
        consents = get_service()
        consents.opt_in(ADA)
        consents.opt_out(ADA)
        found = consents.get_by_identifier(ADA).consent
        assert found is not None
        consents.delete(found.id)
        assert consents.may_contact(ADA).reasons == ("REVOKED",)
        assert all(ADA not in str(row) for row in TombstoneRow.objects.all())
        revoked = found.revoked_date
        assert revoked is not None
        dated = cc.ConfirmationActivity(updated_date=found.created_date)
        again = cc.Upsert(
            details=cc.Email(ADA),
            state=cc.ConsentState.CONFIRMED,
            last_confirmation_activity=dated,
        )
        assert consents.upsert(again).record is None
        assert consents.opt_in(ADA).record is not None
    assert shop.may_contact(ADA)
