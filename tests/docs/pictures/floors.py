"""The floors of the package as a picture, read from its imports."""

from collections import defaultdict
from typing import Final

from tests.architecture.floors import APPLICATION, CLI, DOMAIN, FLOORS, floor_of
from tests.architecture.source import MODULES, imports, is_standard
from tests.docs.pictures.svg import BLUE, GREEN, GREY, arrow, box, picture

COLUMN, GAP = 154, 44
ACROSS: Final = frozenset({DOMAIN, APPLICATION, CLI, "consent_core.__main__"})
"""Drawn over the whole width: all others stand on these, or stand below them."""

PURE_FLOORS: Final = frozenset({DOMAIN})
"""Drawn in another colour: they do no input and output."""


def diagram() -> str:
    """The floors as SVG: each stands on what it imports.

    An arrow that follows from others is left out.
    """
    below, libraries = read()
    levels, columns = _levels(below), _columns(below)
    width, top = COLUMN * len(columns), max(levels.values())
    lines = {floor: _lines(floor, sorted(libraries[floor])) for floor in FLOORS}
    heights = [
        max(18 * len(lines[floor]) + 10 for floor in FLOORS if levels[floor] == level)
        for level in range(top + 1)
    ]
    tops = {level: 12 + sum(heights[level + 1 :]) + GAP * (top - level) for level in range(top + 1)}
    boxes, arrows = [], []
    for floor, level in levels.items():
        x, wide = (0, width) if floor in ACROSS else (COLUMN * columns[floor], COLUMN)
        boxes.append(
            box(
                x + 8,
                tops[level],
                wide - 16,
                lines[floor],
                fill=GREEN if floor in PURE_FLOORS else GREY,
            )
        )
        for other in sorted(_direct(floor, below)):
            sides = [each for each in (floor, other) if each not in ACROSS]
            x1, x2 = (
                COLUMN * (columns[sides[place]] + 0.5) if sides else width / 2 for place in (0, -1)
            )
            bottom = tops[level] + 18 * len(lines[floor]) + 10
            arrows.append(arrow((x1, bottom), (x2, tops[levels[other]]), ink=BLUE))
    title = "The floors of the package and the libraries that each uses; imports only go down."
    return picture(width, tops[0] + heights[0] + 12, title, [*arrows, *boxes])


def _lines(floor: str, libraries: list[str]) -> list[str]:
    if floor in ACROSS:
        libraries = [", ".join(libraries)] if libraries else []
    return [_short(floor), *libraries]


def drawn() -> set[tuple[str, str]]:
    """The arrows of the picture, from floor to floor."""
    below, _ = read()
    return {(floor, other) for floor in FLOORS for other in _direct(floor, below)}


def _levels(below: dict[str, set[str]]) -> dict[str, int]:
    """One more than the highest floor that each imports.

    What is drawn across has a level for itself.
    """
    levels: dict[str, int] = {}
    for floor in sorted(FLOORS, key=lambda each: len(_reached(each, below))):
        above_all = max(levels.values(), default=-1) + 1
        lowest = max((levels[other] + 1 for other in below[floor]), default=0)
        while lowest in {levels[other] for other in ACROSS & levels.keys()}:
            lowest += 1
        levels[floor] = above_all if floor in ACROSS else lowest
    return levels


def _columns(below: dict[str, set[str]]) -> dict[str, int]:
    """The columns of the floors that are not drawn across.

    One that stands on another is beside it.
    """
    order = [floor for floor in FLOORS if floor not in ACROSS]
    for floor in list(order):
        for other in sorted(_direct(floor, below) - ACROSS):
            order.remove(floor)
            order.insert(order.index(other), floor)
    return {floor: column for column, floor in enumerate(order)}


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


def _short(floor: str) -> str:
    return floor.removeprefix("consent_core.")
