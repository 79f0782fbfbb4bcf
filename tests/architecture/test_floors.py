"""Imports go down only, on every floor, wherever in a module they stand."""

import pytest

from tests.architecture.floors import (
    ADAPTERS,
    APPLICATION,
    CLI,
    DOMAIN,
    FLOORS,
    WIRE,
    floor_of,
    trespasses,
)
from tests.architecture.source import MODULES, Module, imports


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_imports_only_what_its_floor_allows(module: Module) -> None:
    """No module reaches up, sideways, or for a library that is not its floor's."""
    assert trespasses(module) == []


def test_every_module_is_on_a_floor() -> None:
    """A new part of the package has to be entered into the table before it can be built."""
    assert [module.name for module in MODULES if floor_of(module.name) is None] == []


def test_nothing_imports_the_command_line() -> None:
    """The command line is the roof: only ``__main__`` and ``manage.py`` open its doors."""
    importers = {
        module.name
        for module in MODULES
        for name in imports(module)
        if f"{name}.".startswith(f"{CLI}.")
    }
    doors = {
        "consent_core.__main__",
        "consent_core.adapters.django.management.commands.consents",
    }
    assert {name for name in importers if floor_of(name) != CLI} <= doors


def test_the_floors_have_no_stairs_in_a_circle() -> None:
    """Whatever a floor may reach, through however many others, is never itself."""
    for start in FLOORS:
        reached: set[str] = set()
        waiting = list(FLOORS[start].below)
        while waiting:
            floor = waiting.pop()
            if floor not in reached:
                reached.add(floor)
                waiting += FLOORS[floor].below
        assert start not in reached


TRESPASSES: list[tuple[str, str]] = [
    (DOMAIN, "import os"),
    (DOMAIN, "from time import time"),
    (DOMAIN, "import consent_core"),
    (DOMAIN, "from consent_core import Policy"),
    (DOMAIN, "from consent_core.application.query import Query"),
    (DOMAIN, "from consent_core.application import query"),
    (DOMAIN, "from ..application import query"),
    (DOMAIN, "from .. import application"),
    (DOMAIN, "def late():\n    import sqlalchemy"),
    (
        DOMAIN,
        "import typing\nif typing.TYPE_CHECKING:\n    from consent_core.wire import records",
    ),
    (DOMAIN, "import consent_core.domain.nowhere"),
    (APPLICATION, "import statemachine"),
    (APPLICATION, "from consent_core.adapters.memory import MemoryRepository"),
    (APPLICATION, "import consent_core.wire"),
    (WIRE, "from consent_core.adapters import memory"),
    (WIRE, "from consent_core.cli import main"),
    (ADAPTERS, "from consent_core.wire import records"),
    (ADAPTERS, "import sqlalchemy"),
    (f"{ADAPTERS}.sqlalchemy", "import tqdm"),
    (CLI, "import pytest"),
]


@pytest.mark.parametrize(("floor", "text"), TRESPASSES)
def test_the_check_sees_a_trespass(floor: str, text: str) -> None:
    """Each way to import what is not allowed is seen.

    Plainly, relatively, late, or for types only.
    """
    module = Module(f"{floor}.new", text)
    assert len(trespasses(module)) == 1


def test_the_check_lets_pass_what_is_allowed() -> None:
    """Down the stairs, along the floor, and the libraries of the floor are no trespass."""
    text = "import re, attrs\nfrom . import checks\nfrom .checks import refuse\n"
    text += "from statemachine import State"
    assert trespasses(Module(f"{DOMAIN}.new", text)) == []
    assert trespasses(Module(f"{ADAPTERS}.sqlalchemy.new", "import sqlalchemy.orm, sqlite3")) == []
    assert trespasses(Module(DOMAIN, "from .checks import refuse", is_package=True)) == []
    assert trespasses(Module("consent_core.attic", "")) == ["consent_core.attic is on no floor"]
