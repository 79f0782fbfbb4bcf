"""What ``manage.py check`` says about the app."""

from typing import Any

from django.core.checks import Error

from consent_core.adapters.django import conf


def check_settings(**_: Any) -> list[Any]:
    """An error for each mistake in ``CONSENT_CORE``."""
    return [
        Error(f"{conf.called(name)} {why}", id="consent_core.E001")
        for name, why in conf.mistakes().items()
    ]
