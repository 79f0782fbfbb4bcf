"""The clauses of the port, in the order in which they build on each other."""

from collections.abc import Callable
from importlib import import_module
from itertools import groupby
from typing import Final

from consent_core.testing import CLAUSES, Clause
from consent_core.testing.kit import BROKEN, OTHER_SITE
from tests.docs.markdown import ROOT
from tests.docs.reference.tables import code, prose, table


def _clauses() -> str:
    return "\n".join(_group(module, list(group)) for module, group in groupby(CLAUSES, _module_of))


def _module_of(clause: Clause) -> str:
    return clause.plan.__module__


def _group(module: str, clauses: list[Clause]) -> str:
    title = module.rpartition(".")[2].capitalize()
    rows = [(code(clause.name), prose(clause.promise), clause.since) for clause in clauses]
    return f"## {title}\n\n{prose(import_module(module).__doc__ or '')}\n\n" + table(
        ("clause", "promise", "since"), rows
    )


def _needy() -> str:
    rows = [
        (code(clause.name), prose(_needed_by(clause)))
        for clause in CLAUSES
        if clause.needs or clause.awaited or clause.relayed
    ]
    return table(("clause", "what it needs"), rows)


def _needed_by(clause: Clause) -> str:
    if clause.needs is not None:
        return _NEEDED[clause.needs]
    return "the methods of ``Outbox``" if clause.relayed else "an async repository"


_NEEDED: Final = {
    OTHER_SITE: "the same store for a second site: the fixture ``other_site``, or ``make_sites``",
    BROKEN: "a repository whose store fails: the fixture ``broken_repository``, or ``make_broken``",
}


def _large() -> str:
    rows = [(code(each.name), str(each.changes)) for each in CLAUSES if each.changes > _SMALLEST]
    return table(("clause", "records and events in its largest commit"), rows)


_SMALLEST: Final = 2


FILES: Final[dict[str, Callable[[], str]]] = {
    "dynamodb-store": lambda: _file("dynamodb_store.py"),
    "dynamodb-tables": lambda: _file("dynamodb_tables.py"),
    "dynamodb-tests": lambda: _file("test_dynamodb_store.py"),
    "redis-store": lambda: _file("redis_store.py"),
    "redis-tests": lambda: _file("test_redis_store.py"),
}
"""The files of examples that pages show."""

EXAMPLES: Final = ROOT / "docs" / "examples"


def _file(name: str) -> str:
    return f"```python\n{(EXAMPLES / name).read_text('utf-8')}```\n"


PORT: Final[dict[str, Callable[[], str]]] = {
    "clauses": _clauses,
    "clauses-that-need": _needy,
    "clauses-by-size": _large,
}
"""The parts of the page on clauses, by name."""
