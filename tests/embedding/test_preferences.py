"""The page of preferences of the two small shops, and when they mail."""

import re

import consent_core as cc
from tests.embedding.shops import ADA, Answer, Shop, confirmed


def save(shop: Shop, page: str, *ticked: str | None) -> Answer:
    """Press the button of the page as it is, or with other boxes ticked."""
    fields = re.findall(r"<input [^>]+>", shop.get(page).text)
    sent: dict[str, list[str]] = {"topics": [], "checked": []}
    for field in fields:
        name, value = re.findall(r'(?:name|value)="(\w+)"', field)
        is_sent = "disabled" not in field and ("checkbox" not in field or "checked" in field)
        sent[name] += [value] if is_sent else []
    return shop.post(page, sent | ({"topics": [*filter(None, ticked)]} if ticked else {}))


def choices_of(shop: Shop) -> dict[str, cc.TopicChoice]:
    """What Ada has chosen."""
    consent = shop.may_contact(ADA, "news").consent
    assert consent is not None
    return {name: each.choice for name, each in consent.topics.items()}


def test_the_page_stores_only_what_the_person_changes(shop: Shop) -> None:
    """Section 8: a choice is the person's; why a message would not arrive is none."""
    page = confirmed(shop)
    with shop.module.database.begin() as session:
        hard = cc.DeliveryReport(identifier=cc.Email(ADA), event=cc.DeliveryEvent.PERMANENT_BOUNCE)
        shop.module.consents_in(session).report(hard)
    assert shop.may_contact(ADA, "news").reasons == (cc.Reason.UNREACHABLE,)
    assert save(shop, page) == shop.get(page)
    assert choices_of(shop) == {}
    save(shop, page, "news", "offers")
    assert choices_of(shop) == {"offers": cc.TopicChoice.IN}
    # A form of nobody's page, and a topic that nobody declared.
    shop.post(page, {})
    shop.post(page, {"checked": ["colour"]})
    assert choices_of(shop) == {"offers": cc.TopicChoice.IN}


def test_whoever_revoked_has_no_boxes(shop: Shop) -> None:
    """And gets the default again after another sign-up."""
    page = confirmed(shop)
    with shop.module.database.begin() as session:
        shop.module.consents_in(session).opt_out(ADA)
    assert "<input" not in shop.get(page).text
    assert "sign up again" in shop.get(page).text
    save(shop, page)
    assert choices_of(shop) == {}
    shop.sign_up()
    shop.post(shop.link(), {"action": "CONFIRMATION"})
    assert shop.send("news") == ["Ada@example.org"]


def test_whoever_has_confirmed_gets_no_second_mail(shop: Shop) -> None:
    """The answer is the same; a topic that was not chosen yet is confirmed, too."""
    confirmed(shop)
    before = len(shop.mails)
    shop.sign_up()
    assert len(shop.mails) == before
    shop.sign_up("Ada", ADA, "offers")
    assert len(shop.mails) == before + 1
    shop.post(shop.link(), {"action": "CONFIRMATION"})
    assert shop.may_contact(ADA, "offers")
    shop.sign_up("Ada", ADA, "offers")
    assert len(shop.mails) == before + 1


def test_topics_are_chosen_in_the_form_and_on_the_page(shop: Shop) -> None:
    """Only the person joins them: by the link, or on the page behind it."""
    page = confirmed(shop, "offers")
    assert shop.send("offers") == ["Ada@example.org"]
    assert shop.get(page).text.count("checked>") == 2
    assert save(shop, page, "offers") == shop.get(page)
    assert shop.get(page).text.count("checked>") == 1
    assert not shop.may_contact(ADA, "news")
    assert shop.may_contact(ADA, "offers")
    save(shop, page, "news")
    assert shop.may_contact(ADA, "news")
    assert not shop.may_contact(ADA, "offers")
    choices = shop.may_contact(ADA, "news").consent
    assert choices is not None
    assert choices.topics["news"].subject_in_date is not None
