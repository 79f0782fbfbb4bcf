"""The addresses of the project."""

from typing import Any

urlpatterns: list[Any] = []
