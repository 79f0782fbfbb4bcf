"""The floors of the house as a diagram, read from the imports of the package."""

from collections import defaultdict

from tests.architecture.floors import FLOORS, floor_of
from tests.architecture.source import MODULES, imports, is_standard


def diagram() -> str:
    """The floors as a Mermaid diagram; an arrow that follows from others is left out."""
    below, libraries = read()
    lines = ["flowchart TD"]
    for floor in FLOORS:
        label = " ".join([f"<b>{_short(floor)}</b>", *(f"<br>{name}" for name in sorted(libraries[floor]))])
        lines.append(f'    {_node(floor)}["{label}"]')
    for floor in FLOORS:
        lines += [f"    {_node(floor)} --> {_node(other)}" for other in sorted(_direct(floor, below))]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def read() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The floors, and the libraries, that each floor imports."""
    below: dict[str, set[str]] = defaultdict(set)
    libraries: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        floor = floor_of(module.name) or ""
        for name in imports(module):
            other = floor_of(name)
            if other is not None:
                below[floor].add(other)
            elif not is_standard(name):
                libraries[floor].add(name.partition(".")[0])
        below[floor].discard(floor)
    return below, libraries


def _direct(floor: str, below: dict[str, set[str]]) -> set[str]:
    through = {far for near in below[floor] for far in _reached(near, below)}
    return below[floor] - through


def _reached(floor: str, below: dict[str, set[str]]) -> set[str]:
    """All floors that a floor stands on, directly or through others."""
    return below[floor] | {far for near in below[floor] for far in _reached(near, below)}


def _node(floor: str) -> str:
    return floor.replace(".", "_")


def _short(floor: str) -> str:
    return floor.removeprefix("consent_core.")
