"""Results as JSON, and as a Markdown table."""

import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from attrs import asdict

from benchmarks.harness import Result

RESULTS: Final = Path(__file__).with_name("results.json")
"""The results of the last full run, as they are committed."""

_LIBRARIES: Final = (
    "attrs",
    "email-validator",
    "phonenumbers",
    "python-statemachine",
    "sqlalchemy",
)
_RIVALS: Final = ("msgspec", "pydantic", "pydantic-extra-types", "transitions")


TABLE: Final = RESULTS.with_suffix(".md")
"""The same as a table."""


def save(results: Sequence[Result]) -> None:
    """Write results, with what they were measured on, and their table."""
    libraries = {name: version(name) for name in (*_LIBRARIES, *_RIVALS)}
    run = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": libraries,
        "results": [asdict(result) for result in results],
    }
    RESULTS.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", "utf-8")
    TABLE.write_text(told(), "utf-8")


def load() -> list[Result]:
    """The results that were saved last."""
    run = json.loads(RESULTS.read_text("utf-8"))
    return [Result(**{**fields, "spread": tuple(fields["spread"])}) for fields in run["results"]]


def told() -> str:
    """The saved results as a table, and what they were measured on."""
    return f"{table(load())}\n{_measured_on()}"


FIGURES: Final = (
    ("decide on a stored record", "python-statemachine"),
    ("dict to request, e-mail", "pydantic 2"),
    ("memory for each stored record", "a dict of the same JSON"),
)
"""What the README tells of the table.

What is measured, and how the name of the other way begins.
"""


def figures() -> str:
    """A few of the saved results, in words."""
    results = load()
    chosen = [
        next(r for r in results if r.name == name and r.against.startswith(other))
        for name, other in FIGURES
    ]
    return "".join(
        f"* {result.name}: **{verdict(result)}** than {result.against}\n" for result in chosen
    )


def _measured_on() -> str:
    run = json.loads(RESULTS.read_text("utf-8"))
    libraries = ", ".join(f"{name} {number}" for name, number in run["libraries"].items())
    return f"Measured with Python {run['python']} on {run['machine']}, {libraries}.\n"


def table(results: Iterable[Result]) -> str:
    """A Markdown table, a row for each result."""
    head = (
        "| measured | compared with | consent_core | the other | result | quartiles | to reach |\n"
    )
    return head + "|---|---|--:|--:|---|---|---|\n" + "".join(map(row, results))


def row(result: Result) -> str:
    """One row of the table."""
    low, high = (
        result.spread if result.ratio >= 1 else (1 / each for each in reversed(result.spread))
    )
    cells = (
        result.name,
        result.against,
        f"{_rounded(result.ours)} {result.unit}",
        f"{_rounded(result.theirs)} {result.unit}",
        verdict(result),
        f"{_rounded(low)}-{_rounded(high)}",
        bar(result),
    )
    return f"| {' | '.join(cells)} |\n"


def verdict(result: Result) -> str:
    """The ratio in words."""
    better, worse = (
        ("times less", "times as much")
        if result.unit == "bytes"
        else ("times faster", "times as long")
    )
    words = f"{_rounded(_told(result.ratio))} {better if result.ratio >= 1 else worse}"
    return words if result.reached else f"{words} (missed)"


def bar(result: Result) -> str:
    """The bar in words."""
    if result.bar is None:
        return "for orientation"
    return (
        f"{_rounded(result.bar)} times"
        if result.bar > 1
        else f"at most {_rounded(1 / result.bar)} times"
    )


def _told(ratio: float) -> float:
    """How many times better, or how many times worse."""
    return ratio if ratio >= 1 else 1 / ratio


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= _WHOLE else f"{value:.3g}"


_WHOLE: Final = 100
