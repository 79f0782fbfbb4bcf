"""The app as Django knows it."""

from django.apps import AppConfig


class ConsentCoreConfig(AppConfig):
    """Records and events of consents, in tables of the project's own database."""

    name = "consent_core.adapters.django"
    label = "consent_core"
    verbose_name = "Marketing consents"
    default_auto_field = "django.db.models.BigAutoField"
