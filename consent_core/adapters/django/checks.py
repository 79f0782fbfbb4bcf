"""What ``manage.py check`` says about the app."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from consent_core.adapters.django import conf

_PAGES: Final = ("confirm", "unsubscribe", "preferences")
_INCLUDE: Final = 'path("consents/", include("consent_core.adapters.django.urls"))'


def check_settings(**_: Any) -> list[Any]:
    """An error for each mistake in ``CONSENT_CORE``, and a warning where there is none of it."""
    found: list[Any] = [
        checks.Error(f"{conf.called(name)} {why}", id="consent_core.E001")
        for name, why in conf.mistakes().items()
    ]
    if not hasattr(settings, "CONSENT_CORE"):
        found.append(
            checks.Warning(
                "CONSENT_CORE is absent, so every entry has its default: there are no links.",
                hint="CONSENT_CORE = {} says that this is meant.",
                id="consent_core.W001",
            )
        )
    return found


def check_pages(**_: Any) -> list[Any]:
    """A warning where links lead to no page, or where pages are there without links."""
    if conf.mistakes() or not getattr(settings, "ROOT_URLCONF", None):
        return []
    if not conf.get_setting("LINK_KEYS"):
        return [
            checks.Warning(
                f"The page {there} answers nobody, for there are no links.",
                hint=f"Set {conf.called('LINK_BASE_URL')} and {conf.called('LINK_KEYS')}.",
                id="consent_core.W003",
            )
            for there in _included("confirm")
        ]
    base = urlsplit(conf.get_setting("LINK_BASE_URL")).path.removesuffix("/")
    lost = [path for page in _PAGES if not _leads_anywhere(path := f"{base}/{page}/")]
    if not lost:
        return []
    there = [path.removesuffix("confirm/") for path in _included("confirm")]
    hint = f"They are included at {there[0]}." if there else f"Include them: {_INCLUDE}"
    return [
        checks.Warning(
            f"{conf.called('LINK_BASE_URL')} leads to no page: nothing answers {', '.join(lost)}.",
            hint=f"{hint} Where a proxy changes paths, silence this check.",
            id="consent_core.W002",
        )
    ]


def _included(page: str) -> Iterator[str]:
    try:
        yield reverse(f"consent_core:{page}")
    except NoReverseMatch:
        return


def _leads_anywhere(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
