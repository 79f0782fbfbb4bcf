"""The settings in one dictionary, and what ``manage.py check`` says of mistakes."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

import consent_core as cc
from consent_core.adapters.django.conf import get_service, get_setting
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
    with override_settings():
        from django.conf import settings  # noqa: PLC0415  # of this block

        del settings.CONSENT_CORE
        assert said({}) == []
        assert get_setting("DEFAULT_REGION") is None
