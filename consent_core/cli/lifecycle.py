"""``lifecycle``: prints the state chart as a diagram or as a table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from consent_core.domain.lifecycle import LIFECYCLE, Lifecycle
from consent_core.domain.vocabulary import ConsentState


def mermaid() -> str:
    """The chart as a Mermaid state diagram."""
    return format(Lifecycle, "mermaid").rstrip()


def table() -> str:
    """The chart as a Markdown table: the next state for each request and state, with its guards."""
    columns = [None, *ConsentState]
    head = ["requested ↓ / stored →", *(state or "absent" for state in columns)]
    rows = [
        [requested, *(_cell(stored, requested) for stored in columns)] for requested in ConsentState
    ]
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def _cell(stored: ConsentState | None, requested: ConsentState) -> str:
    arrow = LIFECYCLE[stored][requested]
    guards = ", ".join(f"`{guard.__name__}`" for guard, _ in arrow.guards)
    return f"{arrow.target} if {guards}" if guards else arrow.target


FORMATS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {"mermaid": mermaid, "table": table}
)
"""The formats of ``--format``, each with the function that prints it."""
