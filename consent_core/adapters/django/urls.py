"""The pages: ``path("consents/", include("consent_core.adapters.django.urls"))``."""

from typing import Final

from django.urls import path

from consent_core.adapters.django.views import ConfirmView, PreferencesView, UnsubscribeView

app_name: Final = "consent_core"

urlpatterns: Final = [
    path("confirm/", ConfirmView.as_view(), name="confirm"),
    path("unsubscribe/", UnsubscribeView.as_view(), name="unsubscribe"),
    path("preferences/", PreferencesView.as_view(), name="preferences"),
]
"""What ``include`` takes."""
