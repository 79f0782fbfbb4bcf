"""The settings of the app, in one dictionary of the project's: ``CONSENT_CORE``.

Every entry may be left out. ``manage.py check`` names each mistake.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import phonenumbers
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import connections
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from consent_core.adapters.django.links import PageLinks
from consent_core.adapters.django.repository import DjangoRepository
from consent_core.application.service import ConsentService
from consent_core.domain.checks import checked_secrets, nearest
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.topic_words import not_declared


class Setting(NamedTuple):
    """One entry of ``CONSENT_CORE``.

    Args:
        default: what stands for an absent entry.
        read: the value that an entry means; raises ``ValueError`` or ``ImportError`` with what is
            wrong.
    """

    default: Any
    read: Callable[[Any], Any]


def _policy(value: Any) -> Policy:
    policy = import_string(value) if isinstance(value, str) else value
    if not isinstance(policy, Policy) and callable(policy):
        policy = policy()
    if not isinstance(policy, Policy):
        raise ValueError("must be a Policy, a function that returns one, or the path to either")  # noqa: TRY004  # as for every setting
    return policy


def _site(value: Any) -> str:
    try:
        return DjangoRepository(site=value).site
    except InvalidConsent as error:
        raise ValueError(error.violations[0].description) from None


def _using(value: Any) -> str:
    if value not in list(connections):
        raise ValueError("must be the alias of a database in DATABASES")
    return str(value)


def _secrets(value: Any) -> list[str | bytes]:
    return list(checked_secrets(value, "keys")) if value else []


def _base_url(value: Any) -> str | None:
    if value is not None:
        PageLinks(str(value), [_SOME_KEY])
    return value if value is None else str(value)


def _labels(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str | Promise) for text in value.values()
    ):
        raise ValueError("must be a dictionary of texts by the names of topics")
    return dict(value)


def _region(value: Any) -> str | None:
    if value is not None and value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a region of two capital letters, such as DE or US")
    return value if value is None else str(value)


_SOME_KEY: Final = b"k" * 32

SETTINGS: Final[Mapping[str, Setting]] = {
    "POLICY": Setting(Policy(), _policy),
    "SITE": Setting("", _site),
    "USING": Setting("default", _using),
    "LINK_BASE_URL": Setting(None, _base_url),
    "LINK_KEYS": Setting((), _secrets),
    "TOMBSTONE_KEYS": Setting((), _secrets),
    "TOPIC_LABELS": Setting({}, _labels),
    "DEFAULT_REGION": Setting(None, _region),
}
"""Every entry of ``CONSENT_CORE``, one row each."""


def mistakes() -> dict[str, str]:
    """What is wrong with the settings, by the name of the entry; empty where nothing is."""
    given = getattr(settings, "CONSENT_CORE", {})
    if not isinstance(given, Mapping):
        return {"": "must be a dictionary"}
    found = {
        str(name): f"is no setting; {nearest(name, SETTINGS)}"
        for name in given
        if name not in SETTINGS
    }
    for name, setting in SETTINGS.items():
        try:
            setting.read(given.get(name, setting.default))
        except (ValueError, ImportError, TypeError) as error:
            found[name] = _without_argument(name, str(error))
    if not found.keys() & {"POLICY", "TOPIC_LABELS"}:
        declared = _policy(given.get("POLICY", SETTINGS["POLICY"].default)).topics
        for name in given.get("TOPIC_LABELS", {}).keys() - declared.keys():
            found["TOPIC_LABELS"] = f"has a name that {not_declared(name, declared)[1]}"
    if bool(given.get("LINK_BASE_URL")) != bool(given.get("LINK_KEYS")):
        there, absent = "LINK_BASE_URL", "LINK_KEYS"
        if not given.get(there):
            there, absent = absent, there
        found.setdefault(absent, f"is required beside {there}: links need both")
    return found


def _without_argument(name: str, message: str) -> str:
    """A message without the argument that it begins with: the setting is named like that."""
    first, _, rest = message.partition(" ")
    return rest if name.lower().endswith(first) else message


def get_setting(name: str) -> Any:
    """The value of one setting, as the library understands it."""
    return _read()[name]


@lru_cache
def _read() -> dict[str, Any]:
    if wrong := mistakes():
        name, why = next(iter(wrong.items()))
        raise ImproperlyConfigured(f"{called(name)} {why}")
    given = getattr(settings, "CONSENT_CORE", {})
    return {
        name: setting.read(given.get(name, setting.default)) for name, setting in SETTINGS.items()
    }


def called(name: str) -> str:
    """What a message calls a setting."""
    return f'CONSENT_CORE["{name}"]' if name else "CONSENT_CORE"


@lru_cache
def get_service() -> ConsentService:
    """The service of the project, as ``CONSENT_CORE`` describes it.

    It is made once and shared by threads.

    Raises:
        ImproperlyConfigured: a setting is wrong; ``manage.py check`` names all that are.
    """
    read = _read()
    links = None
    if read["LINK_KEYS"]:
        links = PageLinks(read["LINK_BASE_URL"], read["LINK_KEYS"], site=read["SITE"])
    return ConsentService(
        DjangoRepository(read["USING"], read["SITE"]),
        policy=read["POLICY"],
        links=links,
        tombstone_keys=read["TOMBSTONE_KEYS"] or None,
    )


def get_links() -> PageLinks:
    """What makes the links of the project.

    Raises:
        ImproperlyConfigured: the settings have no ``LINK_BASE_URL`` and no ``LINK_KEYS``.
    """
    links = get_service().use_cases.links
    if not isinstance(links, PageLinks):
        names = " and ".join(map(called, ("LINK_BASE_URL", "LINK_KEYS")))
        raise ImproperlyConfigured(f"{names} are required where links are made")
    return links


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"CONSENT_CORE", "DATABASES"}:
        _read.cache_clear()
        get_service.cache_clear()


setting_changed.connect(_forget)
