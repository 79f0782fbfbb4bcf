"""Draws a story.

When things happened, when they arrived, and what the record was after each arrival.
"""

from datetime import datetime
from typing import Final

import consent_core as cc
from tests.docs.pictures.stories import REVOKED, Arrival, Step, Story
from tests.docs.pictures.svg import BLUE, FAINT, GREEN, GREY, PAPER, RED, arrow, box, picture, words

LEFT, COLUMN, BOX = 130, 224, 204
HAPPENED, ARRIVED, FIRST_LANE, SECOND_LANE, LEGEND = 20, 150, 190, 270, 360

_LANES: Final = (
    (FIRST_LANE, "by evidence", cc.Ordering.BY_EVIDENCE),
    (SECOND_LANE, "last write", cc.Ordering.LAST_WRITE),
)


def timeline(story: Story) -> str:
    """The story as SVG."""
    right = story.steps(cc.Ordering.BY_EVIDENCE)
    parts = [*_labels(), *_journeys(story.arrivals)]
    for y, _, ordering in _LANES:
        steps = zip(story.steps(ordering), right, strict=True)
        parts += [_after(x, y, *pair) for x, pair in enumerate(steps)]
    parts += _legend()
    return picture(LEFT + COLUMN * len(story.arrivals), LEGEND + 34, story.title, parts)


def _labels() -> list[str]:
    rows = [
        (HAPPENED, "happened"),
        (ARRIVED - 28, "arrived"),
        *((y, label) for y, label, _ in _LANES),
    ]
    return [words(16, y + 28, label, anchor="start", weight="bold") for y, label in rows]


def _journeys(arrivals: tuple[Arrival, ...]) -> list[str]:
    """Every piece in the order in which it happened, with an arrow to its place in the order of
    arrival.
    """
    parts = []
    by_date = sorted(arrivals, key=lambda each: each.happened)
    for column, piece in enumerate(by_date):
        place = arrivals.index(piece)
        lines = [piece.what, f"{piece.state}, {_moment(piece.happened)}"]
        ink = RED if piece.state is REVOKED else BLUE
        parts.append(box(_left(column), HAPPENED, BOX, lines, fill=PAPER))
        parts.append(
            arrow((_middle(column), HAPPENED + 46), (_middle(place), ARRIVED - 18), ink=ink)
        )
        parts.append(words(_middle(place), ARRIVED, _moment(piece.arrived)))
    return parts


def _after(column: int, y: float, step: Step, right: Step) -> str:
    """The record after one arrival.

    Framed in red where the person is treated otherwise than the evidence says.
    """
    lines = [step.state, f"kept: {step.kept}" if step.kept else "taken"]
    wrong = step.granted != right.granted
    return box(
        _left(column),
        y,
        BOX,
        lines,
        fill=GREEN if step.granted else GREY,
        frame=RED if wrong else FAINT,
    )


def _legend() -> list[str]:
    said = [
        (GREEN, FAINT, "may be contacted"),
        (GREY, FAINT, "is left alone"),
        (PAPER, RED, "against the evidence"),
    ]
    parts = []
    for column, (fill, frame, text) in enumerate(said):
        x = LEFT + 10 + 170 * column
        parts.append(
            f'<rect x="{x}" y="{LEGEND}" width="16" height="16" fill="{fill}" stroke="{frame}"/>'
        )
        parts.append(words(x + 24, LEGEND + 13, text, anchor="start", ink=FAINT))
    return parts


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %H:%M}"


def _left(column: int) -> float:
    return LEFT + COLUMN * column + (COLUMN - BOX) / 2


def _middle(column: int) -> float:
    return LEFT + COLUMN * (column + 0.5)
