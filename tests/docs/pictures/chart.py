"""Tables of the lifecycle, read from the compiled chart."""

from collections.abc import Iterable
from itertools import groupby

import consent_core as cc
from consent_core.domain.lifecycle import LIFECYCLE, REASONS


def moves() -> str:
    """A row for each requested state and all stored states that have the same guards."""
    rows = []
    for requested in cc.ConsentState:
        arrows = [
            (stored, LIFECYCLE[stored][requested].guards) for stored in [None, *cc.ConsentState]
        ]
        arrows.sort(key=lambda arrow: _names(guard for guard, _ in arrow[1]))
        for guards, group in groupby(arrows, key=lambda arrow: arrow[1]):
            stored = ", ".join(state or "no record" for state, _ in group)
            names = _names(guard for guard, _ in guards) or "none"
            reasons = (
                ", ".join(dict.fromkeys(f"`{reason}`" for _, reason in guards)) or "always taken"
            )
            rows.append([requested, stored, names, reasons])
    return table(["requested", "stored", "guards, in order", "kept, if one fails, as"], rows)


def guards() -> str:
    """Every guard: its rule, the reason if it fails, and how many transitions have it."""
    arrows = [arrow for row in LIFECYCLE.values() for arrow in row.values()]
    rows = []
    for guard, reason in REASONS.items():
        count = sum(guard in [each for each, _ in arrow.guards] for arrow in arrows)
        rows.append(
            [f"`{guard.__name__}`", " ".join(str(guard.__doc__).split()), f"`{reason}`", str(count)]
        )
    return table(["guard", "rule", "otherwise kept as", "transitions"], rows)


def _names(guards: Iterable[object]) -> str:
    return ", ".join(f"`{getattr(guard, '__name__', guard)}`" for guard in guards)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])
