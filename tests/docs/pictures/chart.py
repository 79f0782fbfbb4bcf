"""Tables of the lifecycle, read from the compiled chart."""

from collections.abc import Iterable
from itertools import groupby

import consent_core as cc
from consent_core.domain.lifecycle import LIFECYCLE, REASONS


def moves() -> str:
    """Who moves where: a row for each request and all states whose arrows have the same guards."""
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
    return table(["asked for", "from", "guards, in order", "where one fails"], rows)


def guards() -> str:
    """Every guard.

    What it demands, why a state is kept when it fails, and on how many arrows it stands.
    """
    arrows = [arrow for row in LIFECYCLE.values() for arrow in row.values()]
    rows = []
    for guard, reason in REASONS.items():
        count = sum(guard in [each for each, _ in arrow.guards] for arrow in arrows)
        rows.append([f"`{guard.__name__}`", str(guard.__doc__), f"`{reason}`", str(count)])
    return table(["guard", "the rule", "else kept, because", "arrows"], rows)


def _names(guards: Iterable[object]) -> str:
    return ", ".join(f"`{getattr(guard, '__name__', guard)}`" for guard in guards)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])
