"""The rules are pure.

They touch nothing outside of their arguments, and neither do the use cases.
"""

import ast
import json
import subprocess
import sys

import pytest

from tests.architecture.floors import APPLICATION, DOMAIN, floor_of
from tests.architecture.source import MODULES, ROOT, Module

CLOCKS_AND_CHANCE = frozenset(
    [
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "localtime",
        "gmtime",
        "fromtimestamp",
        "uuid1",
        "uuid4",
        "getnode",
        "random",
        "secrets",
        "randint",
        "randrange",
        "choice",
        "shuffle",
        "urandom",
        "token_bytes",
        "token_hex",
        "token_urlsafe",
        "SystemRandom",
        "open",
        "input",
        "print",
        "environ",
        "getenv",
    ]
)
"""What reads a clock, makes an id by chance or reaches outside."""

USED_BY_APPLICATION = {
    "consent_core.application.use_cases": {"now"},
    "consent_core.application.ids": {"now", "urandom"},
}
"""The defaults of a service's arguments ``clock`` and ``new_id``.

The only places that reach for them.
"""


def _heard(*arguments: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  # this interpreter, with a program of these tests
        [sys.executable, "-m", "tests.architecture.purity_probe", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    heard: list[str] = json.loads(done.stdout)
    return heard


def test_rules_and_use_cases_touch_nothing() -> None:
    """After a first use, no file, socket, process, import or environment variable is touched any
    more.
    """
    assert _heard() == []


@pytest.mark.parametrize(
    "statement",
    [
        "open('pyproject.toml').close()",
        "import colorsys",
        "import socket; socket.socket().close()",
        "os.listdir('.')",
        "subprocess.Popen(['true']).wait()",
    ],
)
def test_the_hook_hears(statement: str) -> None:
    """What must not happen would be heard, if it did."""
    assert _heard(f"import subprocess; {statement}")


def _reached_for(module: Module) -> set[str]:
    """The forbidden names that a module refers to, other than as the name of a parameter or
    variable of its own.
    """
    own = {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
    own |= {
        node.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)} - own
    attributes = {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    imported = {
        alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # A topic has a ``choice``. That of a module of chance comes with the module's name.
    attributes -= {"choice"}
    return (names | attributes | imported) & CLOCKS_AND_CHANCE


@pytest.mark.parametrize(
    "module", [m for m in MODULES if floor_of(m.name) == DOMAIN], ids=lambda module: module.name
)
def test_the_domain_reads_no_clock_and_makes_no_id(module: Module) -> None:
    """No module of the rules refers to a clock, to chance, or to anything outside."""
    assert _reached_for(module) == set()


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if floor_of(m.name) == APPLICATION],
    ids=lambda module: module.name,
)
def test_the_use_cases_reach_for_a_clock_and_ids_only_as_defaults(module: Module) -> None:
    """Clock and ids come in as arguments; what is used without them stands in one place each."""
    assert _reached_for(module) == USED_BY_APPLICATION.get(module.name, set())


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\nx = datetime.now()",
        "import uuid\nid = field(factory=uuid.uuid4)",
        "from uuid import uuid4",
        "from random import choice",
        "import secrets\nx = secrets.choice(y)",
        "from time import time as clock",
        "open('x')",
        "import os\nos.environ['X']",
    ],
)
def test_the_check_sees_a_clock(text: str) -> None:
    """Called or passed on, imported under another name or not: it is seen."""
    assert _reached_for(Module(f"{DOMAIN}.new", text))
