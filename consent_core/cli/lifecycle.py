"""``lifecycle``: the chart as a diagram and as a table, generated from it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from consent_core.domain.lifecycle import LIFECYCLE, Lifecycle
from consent_core.domain.vocabulary import ConsentState


def mermaid() -> str:
    """The chart as a Mermaid state diagram."""
    return format(Lifecycle, "mermaid").rstrip()


def table() -> str:
    """The lookup as a Markdown table.

    What each request becomes in each state, and under which guards.
    """
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
"""What the chart can be printed as."""
