"""Draws the five states and the moves that evidence makes between them, read from the compiled
chart.
"""

from typing import Final, NamedTuple, TypeAlias

import consent_core as cc
from tests.docs.pictures.matrix import KEPT, STATES, TAKEN, cell
from tests.docs.pictures.svg import AMBER, BLUE, FAINT, GREEN, GREY, RED, arrow, box, picture, words

PENDING, CONFIRMED, REVOKED = (
    cc.ConsentState.PENDING,
    cc.ConsentState.CONFIRMED,
    cc.ConsentState.REVOKED,
)
EVIDENCE: Final = (PENDING, CONFIRMED, REVOKED)
"""The states that a request needs evidence for.

The others are drawn in one frame, "nothing said".
"""

Move: TypeAlias = tuple[cc.ConsentState | None, cc.ConsentState]
"""From a state, or None from the frame, to a state."""

Point: TypeAlias = tuple[float, float]


class Drawn(NamedTuple):
    """How a move is drawn.

    Args:
        what: what the person does, in few words.
        way: the points of its line.
        words_at: where its words begin, or end.
        anchor: which of both.
    """

    what: str
    way: tuple[Point, ...]
    words_at: Point
    anchor: str


MOVES: Final[dict[Move, Drawn]] = {
    (None, CONFIRMED): Drawn(
        "says yes", ((102, 70), (102, 34), (715, 34), (715, 90)), (405, 28), "middle"
    ),
    (None, PENDING): Drawn("is asked", ((190, 116), (330, 116)), (258, 109), "middle"),
    (None, REVOKED): Drawn("says no", ((190, 306), (330, 306)), (258, 299), "middle"),
    (PENDING, CONFIRMED): Drawn("answers yes", ((480, 108), (640, 108)), (560, 101), "middle"),
    (PENDING, REVOKED): Drawn("says no", ((360, 136), (360, 282)), (352, 215), "end"),
    (REVOKED, PENDING): Drawn("is asked again", ((450, 282), (450, 136)), (458, 182), "start"),
    (CONFIRMED, REVOKED): Drawn("leaves", ((670, 136), (670, 282)), (662, 240), "end"),
    (REVOKED, CONFIRMED): Drawn("says yes again", ((760, 282), (760, 136)), (768, 203), "start"),
}
"""Every move, with its place.

A move of the chart that has no place here is an error, and the other way round.
"""


def moves() -> dict[Move, str]:
    """The moves that evidence makes under the default policy, each with what the matrix says of it.

    From the frame, conditions are left out: nothing was said there, unless the record was reset.
    """
    found: dict[Move, str] = {}
    for stored in STATES:
        for requested in EVIDENCE:
            cell_text = cell(stored, requested)
            if stored is not requested and not cell_text.startswith(KEPT):
                framed = stored not in EVIDENCE
                found[None if framed else stored, requested] = TAKEN if framed else cell_text
    return found


def picture_of_states() -> str:
    """The lifecycle as SVG.

    Raises:
        ValueError: the chart has a move without a place in the picture, or the picture one that the
            chart has not.
    """
    conditions = moves()
    if conditions.keys() != MOVES.keys():
        only_one = conditions.keys() ^ MOVES.keys()
        raise ValueError(f"moves that are only in the chart or only in the picture: {only_one}")
    frame = '<rect x="14" y="70" width="176" height="268" rx="5" fill="none" '
    frame += f'stroke="{FAINT}" stroke-dasharray="4 4"/>'
    parts = [
        frame,
        words(102, 92, "nothing said", weight="bold"),
        box(26, 106, 152, ["no record"], fill=GREY),
        box(26, 160, 152, ["UNKNOWN_STATE", "not known"], fill=GREY),
        box(26, 232, 152, ["NEVER_CONFIRMED", "never said yes"], fill=GREY),
        box(330, 90, 150, ["PENDING", "asked, no answer"], fill=AMBER),
        box(640, 90, 150, ["CONFIRMED", "may be contacted"], fill=GREEN),
        box(330, 282, 460, ["REVOKED", "said no"], fill=GREY),
    ]
    for move, drawn in MOVES.items():
        parts.append(_line(drawn.way, ink=RED if move[1] is REVOKED else BLUE))
        parts += _said(drawn, conditions[move])
    return picture(
        930, 352, "The states of a consent, and the moves that evidence makes between them.", parts
    )


def _line(way: tuple[Point, ...], *, ink: str) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in way[:-1])
    bends = (
        f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="2"/>\n'
        if len(way) > 2
        else ""
    )
    return bends + arrow(way[-2], way[-1], ink=ink)


def _said(drawn: Drawn, cell_text: str) -> list[str]:
    """What the person does, and the condition.

    Where the words stand above a line, the condition stands below it.
    """
    (x, y), condition = drawn.words_at, cell_text.removeprefix(TAKEN).strip()
    step = 24 if drawn.anchor == "middle" else 17
    said = [words(x, y, drawn.what, anchor=drawn.anchor, weight="bold")]
    return [*said, words(x, y + step, condition, anchor=drawn.anchor)] if condition else said
