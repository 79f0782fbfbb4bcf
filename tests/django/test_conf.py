"""The settings in one dictionary, and what ``manage.py check`` says of mistakes."""

from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.urls import include, path

import consent_core as cc
from consent_core.adapters.django.conf import get_service, get_setting
from consent_core.adapters.django.models import require_app
from consent_core.adapters.django.repository import DjangoRepository

POLICY = cc.Policy.strict()
WITH_TOPICS = cc.Policy(topics={"events": cc.TopicDefault.OPT_IN})
KEY = "k" * 32


def named(name: str, why: str) -> str:
    """A message of the checks."""
    return f'CONSENT_CORE["{name}"] {why}'


def said(given: Any) -> list[str]:
    """What the checks say of settings."""
    with override_settings(CONSENT_CORE=given):
        return [each.msg for each in run_checks() if each.id == "consent_core.E001"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "CONSENT_CORE must be a dictionary"),
        (
            {"TOMBSTONE_KEYS": ["short"]},
            named(
                "TOMBSTONE_KEYS",
                "must have 32 bytes or more: secrets.token_urlsafe(32) makes one",
            ),
        ),
        ({"POLICIES": 1}, 'CONSENT_CORE["POLICIES"] is no setting; did you mean POLICY?'),
        (
            {"POLICY": 7},
            named(
                "POLICY",
                "must be a Policy, a function that returns one, or the path to either",
            ),
        ),
        (
            {"POLICY": "tests.nowhere.POLICY"},
            named("POLICY", "No module named 'tests.nowhere'"),
        ),
        ({"SITE": "s" * 101}, 'CONSENT_CORE["SITE"] may have at most 100 characters'),
        (
            {"USING": "elsewhere"},
            'CONSENT_CORE["USING"] must be the alias of a database in DATABASES',
        ),
        (
            {"LINK_BASE_URL": "http://shop.example.org/", "LINK_KEYS": [KEY]},
            named(
                "LINK_BASE_URL",
                "must be https://...; http:// is taken for this machine only, as localhost",
            ),
        ),
        (
            {"LINK_BASE_URL": "https://shop.example.org/"},
            named("LINK_KEYS", "is required beside LINK_BASE_URL: links need both"),
        ),
        (
            {"LINK_KEYS": [KEY]},
            named("LINK_BASE_URL", "is required beside LINK_KEYS: links need both"),
        ),
        (
            {"LINK_BASE_URL": "https://shop.example.org/", "LINK_KEYS": ["short"]},
            named(
                "LINK_KEYS",
                "must have 32 bytes or more: secrets.token_urlsafe(32) makes one",
            ),
        ),
        (
            {"TOPIC_LABELS": ["events"]},
            named("TOPIC_LABELS", "must be a dictionary of texts by the names of topics"),
        ),
        (
            {"TOPIC_LABELS": {"event": "Our events"}, "POLICY": WITH_TOPICS},
            named(
                "TOPIC_LABELS",
                "has a name that is no topic that the policy declares; did you mean events?",
            ),
        ),
        (
            {"DEFAULT_REGION": "Germany"},
            named(
                "DEFAULT_REGION",
                "must be a region of two capital letters, such as DE or US",
            ),
        ),
    ],
)
def test_each_mistake_is_named(given: Any, message: str) -> None:
    """By its place and its remedy; the service refuses to be made."""
    assert said(given) == [message]
    with override_settings(CONSENT_CORE=given), pytest.raises(ImproperlyConfigured) as caught:
        get_service()
    assert str(caught.value) == message


def test_all_mistakes_are_named_at_once() -> None:
    """One run of the checks is enough."""
    assert len(said({"POLICY": 7, "SITE": 7, "DEFAULT_REGION": 7})) == 3


@pytest.mark.parametrize("policy", [POLICY, cc.Policy.strict, f"{__name__}.POLICY"])
def test_a_policy_is_given_in_any_way(policy: Any) -> None:
    """As it is, by a function, or by its path."""
    with override_settings(CONSENT_CORE={"POLICY": policy}):
        assert said({"POLICY": policy}) == []
        assert get_service().use_cases.policy == POLICY


def test_the_service_is_made_once() -> None:
    """And anew where a test changes the settings."""
    service = get_service()
    assert get_service() is service
    assert service.use_cases.links is not None
    with override_settings(CONSENT_CORE={"SITE": "other"}):
        other = get_service().repository
        assert isinstance(other, DjangoRepository)
        assert (other.site, get_service().use_cases.links) == ("other", None)
    with override_settings(ALLOWED_HOSTS=[]):
        assert get_service() is get_service()


def test_without_settings_everything_has_its_default() -> None:
    """The dictionary may be left out, and so may each of its entries."""
    with override_settings(CONSENT_CORE={"DEFAULT_REGION": "DE"}):
        del settings.CONSENT_CORE
        assert get_setting("DEFAULT_REGION") is None
        # That all of it was forgotten is not silent.
        assert sorted(each.id for each in run_checks()) == [
            "consent_core.W001",
            "consent_core.W003",
        ]
        assert said({}) == []


def warned(given: Any, **more: Any) -> list[tuple[str, str]]:
    """What the checks say of links and pages: message and hint."""
    with override_settings(CONSENT_CORE=given, **more):
        return [(each.msg, each.hint or "") for each in run_checks() if each.id != "urls.W005"]


def links_to(path: str) -> dict[str, Any]:
    """Settings whose links lead to a path."""
    return {"LINK_BASE_URL": f"https://shop.example.org{path}", "LINK_KEYS": [KEY]}


class NoPages:
    """A project that does not include the app's pages."""

    urlpatterns: tuple[Any, ...] = ()


class SomeElsewhere:
    """A project with the pages of the app at another place."""

    urlpatterns = (path("mail/", include("consent_core.adapters.django.urls")),)


def test_links_that_lead_to_no_page_are_named() -> None:
    """Before the first person clicks one; the hint says where the pages are, or what to write."""
    assert warned(links_to("/consents")) == []
    ((message, hint),) = warned(links_to("/mine/"))
    assert message == named(
        "LINK_BASE_URL",
        "leads to no page: nothing answers /mine/confirm/, /mine/unsubscribe/, /mine/preferences/.",
    )
    assert "included at /consents/." in hint
    ((_, hint),) = warned(links_to("/consents/"), ROOT_URLCONF=SomeElsewhere)
    assert "included at /mail/." in hint
    ((_, hint),) = warned(links_to("/consents/"), ROOT_URLCONF=NoPages)
    assert 'include("consent_core.adapters.django.urls")' in hint


def test_pages_without_links_are_named() -> None:
    """By the check, and by whoever asks for a page; a project may have neither."""
    ((message, hint),) = warned({})
    assert message == "The page /consents/confirm/ answers nobody, for there are no links."
    assert 'CONSENT_CORE["LINK_KEYS"]' in hint
    assert warned({}, ROOT_URLCONF=NoPages) == warned({}, ROOT_URLCONF=None) == []
    with (
        override_settings(CONSENT_CORE={}),
        pytest.raises(ImproperlyConfigured, match=r"LINK_KEYS.* are required"),
    ):
        Client().get("/consents/confirm/?token=x")


def test_an_app_that_is_not_installed_is_named() -> None:
    """Before Django speaks of labels."""
    require_app()
    with (
        override_settings(INSTALLED_APPS=[]),
        pytest.raises(ImproperlyConfigured, match=r'must have "consent_core\.adapters\.django"'),
    ):
        require_app()
