"""The app as Django knows it."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _


class ConsentCoreConfig(AppConfig):
    """Records and events of consents, in tables of the project's own database."""

    name = "consent_core.adapters.django"
    label = "consent_core"
    verbose_name = _("Marketing consents")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the project's checks, and watch that keys are saved with their addresses."""
        # Before the app is ready there are no models to import.
        from consent_core.adapters.django.checks import (  # noqa: PLC0415  # as above
            check_pages,
            check_settings,
        )
        from consent_core.adapters.django.keys import refuse_stale_keys  # noqa: PLC0415  # as above

        register(check_settings)
        register(check_pages)
        pre_save.connect(refuse_stale_keys, dispatch_uid="consent_core.refuse_stale_keys")
