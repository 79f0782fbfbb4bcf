"""All saboteurs.

Repositories that are broken in one way each, with the clauses that must catch them.
"""

from typing import Any, Final

from consent_core.testing import CLAUSES, Clause
from consent_core.testing.kit import BROKEN, OTHER_SITE
from tests.testing import (
    saboteurs_burying,
    saboteurs_erasing,
    saboteurs_failing,
    saboteurs_naming,
    saboteurs_paging,
    saboteurs_querying,
    saboteurs_racing,
    saboteurs_reading,
    saboteurs_relaying,
    saboteurs_values,
    saboteurs_writing,
)
from tests.testing.sabotage import SABOTEURS, Saboteur

__all__ = ["BY_NAME", "SABOTEURS", "Saboteur", "repositories_for"]

MODULES: Final = (
    saboteurs_writing,
    saboteurs_values,
    saboteurs_reading,
    saboteurs_erasing,
    saboteurs_burying,
    saboteurs_querying,
    saboteurs_naming,
    saboteurs_paging,
    saboteurs_racing,
    saboteurs_failing,
    saboteurs_relaying,
)
"""Importing them registers what they define."""

BY_NAME: Final[dict[str, Clause]] = {clause.name: clause for clause in CLAUSES}
"""Every clause by its name."""


def repositories_for(clause: Clause, saboteur: type[Saboteur]) -> tuple[Any, Any]:
    """The repository and, where the clause needs it, the other one."""
    if clause.needs == BROKEN:
        return saboteur(), saboteur.broken()
    return saboteur.pair() if clause.needs == OTHER_SITE else (saboteur(), None)
