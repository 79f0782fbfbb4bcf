"""Shows the answers of ``apply`` and ``check`` as a table that a person can read."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from consent_core.cli.apply import Answer

_GAP: Final = "  "
_FIXED: Final = {"LINE": 5, "WHO": 9, "ASKED": 15, "CONTACT": 7}
"""The widths of columns that hold one short value."""

_NARROWEST: Final = 72
"""The table does not become narrower: its text would break into single words."""


def rows(answers: Iterable[Answer], width: int) -> Iterator[str]:
    """The rows of the table, each as soon as its answer is there.

    Widths depend on the terminal and not on the content. So no row waits for a later one, and
    memory stays flat.

    Args:
        answers: one for each row.
        width: columns of the terminal.

    Yields:
        The text of a row, with a newline. The first one begins with the heading.
    """
    gaps = (len(_FIXED) + 1) * len(_GAP)
    text = (max(width, _NARROWEST) - sum(_FIXED.values()) - gaps) // 2
    line, who, asked, contact = _FIXED.values()
    widths = (line, who, asked, text, contact, text)
    heading = _row(("LINE", "WHO", "ASKED", "RESULT", "CONTACT", "WHY NOT"), widths)
    for answer in answers:
        yield heading + _row(_cells(answer), widths)
        heading = ""


def _cells(answer: Answer) -> tuple[str, ...]:
    request, body = answer
    start: tuple[str, ...] = (str(body["line"]),)
    if request is not None:
        start += (str(request.details), _words(request.state or "topics"))  # masked
    if "error" in body:
        return (*start, f"rejected: {body['error']['message']}")
    kept = body.get("kept")
    result = f"kept: {_words(kept)}" if kept else _words(body.get("result", "valid"))
    signal = body.get("communicationEligibility")
    if signal is None:
        return (*start, result)
    reasons = ", ".join(map(_words, signal["reasons"]))
    return (*start, result, "yes" if signal["granted"] else "no", reasons)


def _words(code: str) -> str:
    return code.lower().replace("_", " ")


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    """The cells side by side, each wrapped in its column; the last one has the rest of the row."""
    last = len(cells) - 1
    rest = sum(widths[last:]) + len(_GAP) * (len(widths) - len(cells))
    widths = (*widths[:last], rest)
    parts = [wrap(c, w, break_long_words=False) for c, w in zip(cells, widths, strict=True)]
    return "".join(
        _GAP.join(part.ljust(w) for part, w in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in zip_longest(*parts, fillvalue="")
    )
