"""The little of SVG that the pictures need: boxes, lines and words on white, the same text on every machine."""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#1f2328"
FAINT: Final = "#59636e"
LETTER: Final = 7.2
"""How wide a letter of 13 px is at the most, on average; a box that is wide enough by this measure holds its words."""


def picture(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    """A whole file: white behind everything, so that it can be read in light and in dark viewers."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" font-family="Helvetica, Arial, sans-serif" font-size="13">'
    )
    background = f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", background, *parts, "</svg>", ""])


def words(x: float, y: float, text: str, *, anchor: str = "middle", weight: str = "normal", ink: str = INK) -> str:
    """One line of words."""
    how = f"text-anchor={quoteattr(anchor)} font-weight={quoteattr(weight)} fill={quoteattr(ink)}"
    return f'<text x="{x:g}" y="{y:g}" {how}>{escape(text)}</text>'


def box(x: float, y: float, width: float, lines: Sequence[str], *, fill: str, frame: str = FAINT) -> str:
    """Lines of words in a frame; the first is the weightiest.

    Raises:
        ValueError: the words are wider than the box.
    """
    if too_long := [line for line in lines if len(line) * LETTER > width]:
        raise ValueError(f"too long for a box of {width}: {too_long}")
    height, thick = 18 * len(lines) + 10, 1 if frame == FAINT else 3
    where = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height}"'
    rect = f'<rect {where} rx="5" fill="{fill}" stroke="{frame}" stroke-width="{thick}"/>'
    inside = [
        words(x + width / 2, y + 19 + 18 * row, line, weight="normal" if row else "bold")
        for row, line in enumerate(lines)
    ]
    return "\n".join([rect, *inside])


def arrow(start: tuple[float, float], end: tuple[float, float], *, ink: str) -> str:
    """A line with a head that points down."""
    (x1, y1), (x2, y2) = start, end
    line = f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2 - 8:g}" stroke="{ink}" stroke-width="2"/>'
    head = f'<polygon points="{x2 - 5:g},{y2 - 9:g} {x2 + 5:g},{y2 - 9:g} {x2:g},{y2:g}" fill="{ink}"/>'
    return f"{line}\n{head}"
