"""The addresses of the project."""

from typing import Any, Final

from django.contrib import admin
from django.urls import include, path

urlpatterns: Final[list[Any]] = [
    path("consents/", include("consent_core.adapters.django.urls")),
    path("admin/", admin.site.urls),
]
