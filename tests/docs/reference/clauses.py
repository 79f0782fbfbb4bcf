"""The clauses of the port, in the order in which they build on each other."""

from collections.abc import Callable
from importlib import import_module
from itertools import groupby
from typing import Final

from consent_core.testing import CLAUSES, Clause
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


def _sited() -> str:
    names = [f"* {code(clause.name)}\n" for clause in CLAUSES if clause.sites]
    return "".join(names)


PORT: Final[dict[str, Callable[[], str]]] = {"clauses": _clauses, "clauses-of-sites": _sited}
"""The parts of the page on clauses, by name."""
