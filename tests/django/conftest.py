"""Databases as fixtures: the app's tables in SQLite files and in a PostgreSQL database.

Each is made once. Tests keep apart by sites of their own, by a transaction that is rolled back, or
by deleting the rows that they made.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
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
from django.db.backends.signals import connection_created  # noqa: E402  # as above
from django.test import override_settings  # noqa: E402  # as above

from consent_core import ConsentService  # noqa: E402  # in one order
from consent_core.adapters.django.conf import get_service  # noqa: E402  # needs the settings
from tests.adapters.databases import postgres_database  # noqa: E402  # in one order


def _without_waiting_for_the_disk(*, connection: Any, **_: Any) -> None:
    # Nobody reads these files after a crash of the machine.
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")


connection_created.connect(_without_waiting_for_the_disk)


def add_database(alias: str, **settings: Any) -> None:
    """Make a database known to Django."""
    known = connections.configure_settings({"default": settings})
    connections.settings[alias] = known["default"]


def remove_database(alias: str) -> None:
    """Forget a database."""
    connections[alias].close()
    del connections[alias]
    del connections.settings[alias]


@pytest.fixture(scope="session")
def _default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the default database, with every table of the project."""
    file = tmp_path_factory.mktemp("django") / "default.db"
    connections["default"].close()
    connections.settings["default"]["NAME"] = str(file)
    call_command("migrate", verbosity=0)
    connections["default"].close()
    return file


@pytest.fixture(scope="session")
def sqlite(_default: Path) -> Iterator[str]:
    """The alias of a SQLite file, which begins as the default database."""
    file = shutil.copy(_default, _default.with_name("shop.db"))
    add_database("sqlite", ENGINE="django.db.backends.sqlite3", NAME=str(file))
    yield "sqlite"
    remove_database("sqlite")


@pytest.fixture(scope="session")
def postgresql(server: str) -> Iterator[str]:
    """The alias of a PostgreSQL database with the tables of the app and of the shop."""
    with postgres_database(server) as address:
        url = make_url(address)
        add_database(
            "postgresql",
            ENGINE="django.db.backends.postgresql",
            NAME=url.database,
            USER=url.username or "",
            PASSWORD=url.password or "",
            HOST=url.query.get("host", url.host or ""),
            PORT=url.port or "",
            OPTIONS={"options": "-c synchronous_commit=off"},
        )
        for app in ("consent_core", "shop"):
            call_command("migrate", app, database="postgresql", verbosity=0)
        yield "postgresql"
        remove_database("postgresql")


@pytest.fixture
def shop(_default: Path) -> Iterator[ConsentService]:
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
