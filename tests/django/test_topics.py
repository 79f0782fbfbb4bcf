"""Topics and tombstones in a Django project."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, override_settings

import consent_core as cc
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.mail import unsubscribe_headers, unsubscribe_link
from consent_core.adapters.django.models import TombstoneRow
from tests.django.shop.models import Customer

ADA = "ada@example.org"
POLICY = cc.Policy(topics={"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_IN})


@pytest.fixture
def declared(shop: cc.ConsentService) -> Iterator[cc.ConsentService]:
    """The service of a project that declares topics, on the site of ``shop``."""
    given: Any = settings.CONSENT_CORE
    with override_settings(CONSENT_CORE={**given, "POLICY": POLICY}):
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
    assert "no more messages about offers" in page
    assert "No messages at all" in page
    done = Client().post(path_of(link)).content.decode()
    assert "no more messages about offers" in done
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


def test_the_page_of_preferences_knows_topics(declared: cc.ConsentService) -> None:
    """Who left one topic still gets messages, and can leave the others."""
    declared.opt_in(ADA, topics={"events": "IN"})
    declared.choose_topics(ADA, {"offers": "OUT"})
    path = path_of(unsubscribe_link(ADA)).replace("/unsubscribe/", "/preferences/")
    page = Client().get(path).content.decode()
    assert "You get messages" in page
    path = path_of(unsubscribe_link(ADA, topic="events")).replace("/unsubscribe/", "/preferences/")
    page = Client().get(path).content.decode()
    assert "This leaves messages about events only." in page
    assert "No messages at all" in page


def test_the_template_tag_takes_a_topic(declared: cc.ConsentService) -> None:
    """For the text of the message."""
    declared.opt_in(ADA)
    text = '{% load consents %}{% unsubscribe_url who topic="offers" %}'
    url = Template(text).render(Context({"who": ADA}))
    page = Client().get(path_of(cc.Link(cc.LinkType.REVOKE_CONFIRMATION, url)))
    assert "about offers" in page.content.decode()


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
