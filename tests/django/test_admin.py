"""Consents in the admin: what support sees, may do, and may not."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings

import consent_core as cc
from consent_core.adapters.django.conf import get_service, get_setting
from consent_core.adapters.django.models import Record
from consent_core.adapters.django.repository import DjangoRepository
from consent_core.adapters.django.words import told
from consent_core.domain.conditions import Filter
from consent_core.domain.query_fields import Operator, QueryField

ADA = "Ada@example.org"
LIST = "/admin/consent_core/record/"


def staff(*permissions: str) -> Client:
    """The browser of a member of staff."""
    user = User.objects.create(username="support", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def row(shop: cc.ConsentService) -> Any:
    """The row of a person with a past."""
    shop.opt_in(ADA, description="Form with <b>Ada</b>", opt_in_level="DOUBLE_CONFIRMATION")
    shop.opt_out(ADA, description="said no to Grace")
    shop.opt_in(ADA)
    return Record.objects.get(key=ADA.lower(), site=shop.repository.site)  # type: ignore[attr-defined]  # that of this adapter


def text(answer: Any) -> str:
    """What a page shows."""
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_list_is_masked(row: Any) -> None:
    """A user without the permission sees no address, in the list as on the page."""
    browser = staff("view_record")
    for page in (LIST, f"{LIST}{row.pk}/change/"):
        shown = text(browser.get(page))
        assert "A***@e***" in shown
        assert ADA not in shown
        assert "Grace" not in shown


def test_who_may_sees_whom_it_is_about(row: Any) -> None:
    """Addresses and the descriptions of evidence; what others typed is escaped."""
    browser = staff("view_record", "view_personal_data")
    assert ADA in text(browser.get(LIST))
    page = browser.get(f"{LIST}{row.pk}/change/")
    assert "said no to Grace" in text(page)
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page.content.decode()


def test_the_page_says_it_in_words(row: Any, shop: cc.ConsentService) -> None:
    """Why a person may be contacted or not, each reason, and what happened with its evidence."""
    browser = staff("view_record")
    shown = text(browser.get(f"{LIST}{row.pk}/change/"))
    assert "may be contacted by e-mail" in shown
    assert "single opt-in" in shown
    shop.opt_out(ADA)
    shown = text(browser.get(f"{LIST}{row.pk}/change/"))
    assert "may not be contacted by e-mail" in shown
    assert "REVOKED: The person took the consent back." in shown
    assert [f"{number}. " in shown for number in (1, 2, 3, 4)] == [True] * 4


def test_nothing_is_changed_by_hand(row: Any) -> None:
    """Not even by an administrator: the rules change consents."""
    browser = Client()
    browser.force_login(User.objects.create(username="a", is_staff=True, is_superuser=True))
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{row.pk}/change/", {}).status_code == 403
    assert browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert not any(
        "event" in name
        for name in Permission.objects.values_list("codename", flat=True).filter(
            content_type__app_label="consent_core"
        )
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=ada@EXAMPLE.org", True),
        ("q=ada", False),
        ("q=grace@example.org", False),
        ("q=", True),
        ("state=CONFIRMED", True),
        ("state=REVOKED", False),
        ("channel=EMAIL", True),
        ("channel=PHONE", False),
    ],
)
def test_a_person_is_found(row: Any, asked: str, found: bool) -> None:
    """By the whole address in any case, or by state and channel."""
    del row
    assert ("A***@e***" in text(staff("view_record").get(f"{LIST}?{asked}"))) is found


@pytest.mark.parametrize("lookup", ["key__startswith", "document__contains", "site"])
def test_masked_texts_cannot_be_guessed(row: Any, lookup: str) -> None:
    """Letter by letter, by filters in the address of the page."""
    del row
    answer = staff("view_record").get(f"/admin/consent_core/record/?{lookup}=a")
    assert answer.status_code == 400


def test_a_person_is_found_by_id(row: Any) -> None:
    """As the command line shows it."""
    shown = text(staff("view_record").get(f"{LIST}?q={row.consent_id}"))
    assert "A***@e***" in shown


def test_other_sites_are_not_there(row: Any) -> None:
    """The admin shows the site of the settings."""
    cc.ConsentService(DjangoRepository(site="other")).opt_in("x@example.org")
    del row
    assert "x***@e***" not in text(staff("view_record").get(LIST))


def test_support_records_an_opt_out(row: Any, shop: cc.ConsentService) -> None:
    """By the person, with the reason, at once; the admin's own log says who did it."""
    browser = staff("view_record", "record_opt_out")
    page = f"{LIST}{row.pk}/opt-out/"
    assert page in text(browser.get(f"{LIST}{row.pk}/change/"))
    assert "A***@e***" in text(browser.get(page))
    assert "This field is required" in text(browser.post(page, {"reason": ""}))
    assert shop.may_contact(ADA)
    answer = browser.post(page, {"reason": "By telephone."}, follow=True)
    assert "The opt-out is recorded." in text(answer)
    stored = shop.may_contact(ADA).consent
    assert stored is not None
    no = stored.last_revoke_activity
    assert no is not None
    assert (no.actor, no.description) == (cc.Actor.SUBJECT, "By telephone.")
    assert stored.state is cc.ConsentState.REVOKED
    entry = LogEntry.objects.get()
    assert (entry.user.username, "telephone" in entry.change_message) == ("support", False)


def test_an_opt_out_needs_its_permission_and_a_row(row: Any) -> None:
    """Who only looks does not act."""
    browser = staff("view_record")
    page = f"{LIST}{row.pk}/opt-out/"
    assert page not in text(browser.get(f"{LIST}{row.pk}/change/"))
    assert browser.post(page, {"reason": "x"}).status_code == 403
    User.objects.all().delete()
    assert staff("view_record", "record_opt_out").get(f"{LIST}0/opt-out/").status_code == 404


def test_the_rest_of_an_erased_history_is_shown(row: Any, shop: cc.ConsentService) -> None:
    """A row may outlive its history by a moment, and the page still answers."""
    event = shop.delete(row.consent_id)
    assert "erased" in "".join(told(event, named=False))


def test_a_reason_of_the_company_is_told_in_its_own_words(row: Any) -> None:
    """Beside those of the library, which have a text in every language."""
    rule = cc.Rule(
        "BLOCKED",
        Filter(QueryField.REVOKED_DATE, Operator.EXISTS, value=False),
        text="Ask the boss.",
    )
    policy = cc.Policy(rules=[rule])
    with override_settings(CONSENT_CORE={**settings.CONSENT_CORE, "POLICY": policy}):
        shown = text(staff("view_record").get(f"{LIST}{row.pk}/change/"))
    assert "BLOCKED: Ask the boss." in shown


@pytest.fixture
def with_topics(shop: cc.ConsentService) -> Iterator[cc.ConsentService]:
    """The service of a project that declares topics, on the site of ``shop``."""
    del shop
    topics = {"bargains": cc.TopicDefault.OPT_OUT, "rides": cc.TopicDefault.OPT_IN}
    given: Any = {
        **settings.CONSENT_CORE,
        "SITE": get_setting("SITE"),
        "POLICY": cc.Policy(topics=topics),
        "TOPIC_LABELS": {"bargains": "Our bargains"},
    }
    with override_settings(CONSENT_CORE=given):
        yield get_service()


def test_each_topic_is_shown(with_topics: cc.ConsentService) -> None:
    """Who left one topic may get the others; the history tells when it was left and chosen."""
    with_topics.opt_in(ADA)
    with_topics.choose_topics(ADA, {"rides": "IN"}, actor="SUBJECT")
    with_topics.choose_topics(ADA, {"bargains": "OUT"})
    (row,) = Record.objects.filter(site=get_setting("SITE"))
    browser = staff("view_record")
    shown = text(browser.get(f"{LIST}{row.pk}/change/"))
    assert "may not be contacted by e-mail about bargains." in shown
    assert "may be contacted by e-mail about rides." in shown
    assert "TOPIC_LEFT (Our bargains): " in shown
    assert shown.count("Consent was given") == 1
    history = shown[shown.index("3. ") :]
    assert re.search(r"Our bargains: no, \d{4}-\d\d-\d\d \d\d:\d\d UTC<br>", history)
    assert re.search(r"rides: yes, .* UTC, the person<", history)
    with_topics.opt_out(ADA)
    assert "REVOKED: " in text(browser.get(f"{LIST}{row.pk}/change/"))


UNSEEN = f"{LIST}opt-out/"


def test_support_records_an_opt_out_of_somebody_unseen(shop: cc.ConsentService) -> None:
    """By an address that is not stored; the next import does not subscribe the person."""
    browser = staff("view_record", "record_opt_out")
    assert UNSEEN in text(browser.get(LIST))
    assert "whole e-mail address" in text(browser.get(UNSEEN))
    wrong = {"person": "grace@", "reason": "x"}
    assert "Enter a whole e-mail address" in text(browser.post(UNSEEN, wrong))
    body = {"person": "Grace@example.org", "reason": "By telephone."}
    assert "The opt-out is recorded." in text(browser.post(UNSEEN, body, follow=True))
    assert shop.may_contact("grace@example.org").reasons == ("REVOKED",)
    assert LogEntry.objects.count() == 1
    User.objects.all().delete()
    browser = staff("view_record")
    assert UNSEEN not in text(browser.get(LIST))
    assert browser.post(UNSEEN, body).status_code == 403


def test_an_opt_out_of_support_follows_policy_and_region(shop: cc.ConsentService) -> None:
    """A number as people write it; one that is stored is not judged again."""
    shop.opt_in("+49110")
    browser = staff("view_record", "record_opt_out")
    given: Any = {
        **settings.CONSENT_CORE,
        "SITE": get_setting("SITE"),
        "DEFAULT_REGION": "DE",
        "POLICY": cc.Policy(valid_phones_only=True),
        "TOMBSTONE_KEYS": ["k" * 32],
    }
    with override_settings(CONSENT_CORE=given):
        assert "Enter a valid phone" in text(
            browser.post(UNSEEN, {"person": "0112", "reason": "x"})
        )
        stored = {"person": "110", "reason": "x"}
        assert "recorded" in text(browser.post(UNSEEN, stored, follow=True))
        assert "+49***" in text(browser.get(f"{LIST}?q=110"))
        # Who was erased and is remembered has no row, and needs none.
        get_service().delete(get_service().opt_in(ADA).consent.id, suppress=True)
        assert "recorded" in text(browser.post(UNSEEN, {"person": ADA, "reason": "x"}, follow=True))
