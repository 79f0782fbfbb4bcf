"""Draws who calls whom, from top to bottom, as a sequence diagram."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tests.docs.pictures.svg import BLUE, FAINT, GREY, LETTER, PAPER, arrow, box, picture, words

HEAD, LINE, LOOP = 20, 17, 26
_MARGIN: Final = 14


class Message(NamedTuple):
    """One call, or the answer to one.

    Args:
        sender: the key of a participant.
        receiver: the key of a participant; the sender's own for a call inside it.
        lines: what it says; the first is the weightiest.
        answer: whether it is an answer, which is drawn dashed.
    """

    sender: str
    receiver: str
    lines: tuple[str, ...]
    answer: bool = False


def sequence(
    title: str,
    participants: Mapping[str, Sequence[str]],
    messages: Sequence[Message],
    *,
    column: int,
    note: str = "",
) -> str:
    """The diagram as SVG.

    Args:
        title: what it shows, in one sentence.
        participants: the lines in each one's box, from left to right.
        messages: in their order.
        column: the distance between two participants.
        note: what holds in the end.

    Raises:
        ValueError: a text is wider than its place.
    """
    middles = {name: column * (place + 0.5) for place, name in enumerate(participants)}
    width = column * len(participants)
    y = HEAD + 18 * max(map(len, participants.values())) + 10 + 14
    start, drawn = y, list[str]()
    for message in messages:
        y += LINE * len(message.lines) + 6
        drawn += _message(message, middles, y, column)
        y += LOOP if message.sender == message.receiver else 14
    end = y + 6
    lifelines = [
        f'<line x1="{x:g}" y1="{start - 14:g}" x2="{x:g}" y2="{end:g}" '
        f'stroke="{FAINT}" stroke-dasharray="2 4"/>'
        for x in middles.values()
    ]
    boxes = [
        box(middles[name] - column / 2 + _MARGIN, HEAD, column - 2 * _MARGIN, lines, fill=GREY)
        for name, lines in participants.items()
    ]
    if note:
        drawn.append(box(_MARGIN, end + 8, width - 2 * _MARGIN, [note], fill=GREY))
    return picture(width, int(end + (52 if note else 16)), title, [*lifelines, *boxes, *drawn])


def _message(message: Message, middles: Mapping[str, float], y: float, column: int) -> list[str]:
    """The words stand above the line.

    Those of a call inside a participant stand beside its lifeline.
    """
    x1, x2 = middles[message.sender], middles[message.receiver]
    room = (
        column * (len(middles) - list(middles).index(message.sender) - 0.5)
        if x1 == x2
        else abs(x2 - x1)
    )
    if too_long := [line for line in message.lines if len(line) * LETTER * 0.9 > room]:
        raise ValueError(f"too long for {room:g}: {too_long}")
    x, anchor = (x1 + 8, "start") if x1 == x2 else ((x1 + x2) / 2, "middle")
    top = y - LINE * (len(message.lines) - 1) - 5
    said = [
        words(
            x,
            top + LINE * row,
            line,
            anchor=anchor,
            weight="normal" if row or message.answer else "bold",
            over=PAPER,
        )
        for row, line in enumerate(message.lines)
    ]
    if x1 != x2:
        return [
            *said,
            arrow((x1, y), (x2, y), ink=FAINT if message.answer else BLUE, dashed=message.answer),
        ]
    points = f"{x1:g},{y:g} {x1 + 26:g},{y:g} {x1 + 26:g},{y + 14:g}"
    out = f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    return [*said, out, arrow((x1 + 26, y + 14), (x1, y + 14), ink=BLUE)]
