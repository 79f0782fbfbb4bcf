"""The little of SVG that the pictures need.

Boxes, lines and words, in light and dark, the same on every machine.
"""

from collections.abc import Sequence
from math import hypot
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#1f2328"
FAINT: Final = "#59636e"
PAPER: Final = "#ffffff"
GREEN, GREY, AMBER, BLUE_PAPER = "#d3f5d9", "#eaeef2", "#fff1c7", "#ddebfb"
RED, BLUE = "#c4151c", "#0b57a4"

DARK: Final = MappingProxyType(
    {
        PAPER: "#0d1117",
        INK: "#e6edf3",
        FAINT: "#9198a1",
        GREEN: "#12401f",
        GREY: "#262c36",
        AMBER: "#4a3a08",
        BLUE_PAPER: "#10305a",
        RED: "#ff7b72",
        BLUE: "#6cb6ff",
    }
)
"""What each colour becomes where the reader's screen is dark."""
LETTER: Final = 7.2
"""How wide a letter of 13 px is at the most, on average.

A box that is wide enough by this measure holds its words.
"""


def picture(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    """A whole file with its own background, which follows the colour scheme of the page that shows
    it.

    The colours of the light scheme are attributes, so a viewer without style sheets shows them.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" '
        'role="img" font-family="Helvetica, Arial, sans-serif" font-size="13">'
    )
    background = f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", background, _dark_style(), *parts, "</svg>", ""]
    )


def _dark_style() -> str:
    rules = [
        f'[{kind}="{light}"]{{{kind}:{dark}}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    ]
    return "\n".join(["<style>@media (prefers-color-scheme: dark) {", *rules, "}</style>"])


def words(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "middle",
    weight: str = "normal",
    ink: str = INK,
    over: str = "",
) -> str:
    """One line of words; ``over`` is the background that hides the lines behind them."""
    how = f"text-anchor={quoteattr(anchor)} font-weight={quoteattr(weight)} fill={quoteattr(ink)}"
    behind = f' stroke={quoteattr(over)} stroke-width="4" paint-order="stroke"' if over else ""
    return f'<text x="{x:g}" y="{y:g}" {how}{behind}>{escape(text)}</text>'


def box(
    x: float, y: float, width: float, lines: Sequence[str], *, fill: str, frame: str = FAINT
) -> str:
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


def arrow(
    start: tuple[float, float], end: tuple[float, float], *, ink: str, dashed: bool = False
) -> str:
    """A straight line with a head in its direction."""
    (x1, y1), (x2, y2) = start, end
    length = hypot(x2 - x1, y2 - y1)
    across, down = (x2 - x1) / length, (y2 - y1) / length
    x3, y3 = x2 - 9 * across, y2 - 9 * down
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x3:.4g}" y2="{y3:.4g}"'
    line = f'<line {ends} stroke="{ink}" stroke-width="2"{dash}/>'
    corners = [(x3 - 5 * down, y3 + 5 * across), (x3 + 5 * down, y3 - 5 * across), (x2, y2)]
    points = " ".join(f"{x:.4g},{y:.4g}" for x, y in corners)
    return f'{line}\n<polygon points="{points}" fill="{ink}"/>'
