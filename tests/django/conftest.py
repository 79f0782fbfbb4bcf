"""Databases as fixtures: the app's tables in a SQLite file and in a PostgreSQL database."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import django
import pytest
from sqlalchemy import make_url

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django.settings")
django.setup()

from django.conf import settings  # noqa: E402  # needs the settings
from django.core.management import call_command  # noqa: E402  # needs the settings
from django.db import connections, transaction  # noqa: E402  # as above
from django.test import override_settings  # noqa: E402  # as above

from consent_core import ConsentService  # noqa: E402  # in one order
from consent_core.adapters.django.conf import get_service  # noqa: E402  # needs the settings
from tests.adapters.conftest import database, server  # noqa: E402  # fixtures

__all__ = ["database", "server"]


def add_database(alias: str, **settings: Any) -> None:
    """Make a database known to Django, and create the tables in it."""
    known = connections.configure_settings({"default": settings})
    connections.settings[alias] = known["default"]
    call_command("migrate", database=alias, verbosity=0)


def remove_database(alias: str) -> None:
    """Forget a database."""
    connections[alias].close()
    del connections[alias]
    del connections.settings[alias]


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The alias of a SQLite file for the tests of one module."""
    folder = tmp_path_factory.mktemp("django")
    add_database("sqlite", ENGINE="django.db.backends.sqlite3", NAME=str(folder / "shop.db"))
    yield "sqlite"
    remove_database("sqlite")


@pytest.fixture(scope="module")
def postgresql(database: str) -> Iterator[str]:
    """The alias of a PostgreSQL database for the tests of one module."""
    url = make_url(database)
    host = url.query.get("host", url.host or "")
    add_database(
        "postgresql",
        ENGINE="django.db.backends.postgresql",
        NAME=url.database,
        USER=url.username or "",
        PASSWORD=url.password or "",
        HOST=host,
        PORT=url.port or "",
        OPTIONS={"options": "-c synchronous_commit=off"},
    )
    yield "postgresql"
    remove_database("postgresql")


@pytest.fixture(scope="session")
def _default_tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tables in the default database, which views and the admin use."""
    file = tmp_path_factory.mktemp("django") / "default.db"
    connections["default"].close()
    connections.settings["default"]["NAME"] = str(file)
    call_command("migrate", verbosity=0)


@pytest.fixture
def shop(_default_tables: None) -> Iterator[ConsentService]:
    """The service of the project on the default database, for a new site.

    What else is stored there is rolled back.
    """
    given = {**settings.CONSENT_CORE, "SITE": uuid4().hex}
    with override_settings(CONSENT_CORE=given), transaction.atomic():
        yield get_service()
        transaction.set_rollback(True)


@pytest.fixture(params=["sqlite", "postgresql"])
def using(request: pytest.FixtureRequest) -> str:
    """The alias of each database in turn."""
    alias: str = request.getfixturevalue(request.param)
    return alias


@pytest.fixture
def consents(using: str) -> Iterator[ConsentService]:
    """The service of the project, for a new site in each database in turn."""
    given = {**settings.CONSENT_CORE, "USING": using, "SITE": uuid4().hex}
    with override_settings(CONSENT_CORE=given):
        yield get_service()
