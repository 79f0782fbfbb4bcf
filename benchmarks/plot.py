"""Results as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.harness import Result
from benchmarks.report import verdict

PICTURE: Final = Path(__file__).parents[1] / "docs" / "images" / "benchmarks.svg"

_OURS: Final = "#2f6f4f"
_MISSED: Final = "#b3672b"


def draw(results: Sequence[Result]) -> None:
    """Draw every result with a bar: how many times less time, or memory, than the other way.

    The mark is the bar.
    """
    shown = [result for result in results if result.bar is not None][::-1]
    places = range(len(shown))
    mpl.rcParams.update(
        {"svg.hashsalt": "consent_core", "svg.fonttype": "none", "font.family": "sans-serif"}
    )
    figure = Figure(figsize=(11, 0.52 * len(shown) + 1.2), facecolor="white", layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.barh(
        places,
        [r.ratio - 1 for r in shown],
        left=1,
        height=0.55,
        color=[_OURS if r.reached else _MISSED for r in shown],
    )
    axes.scatter(
        [r.bar or 1 for r in shown],
        places,
        marker="|",
        s=260,
        color="black",
        zorder=3,
        label="to reach; brown: missed",
    )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(places, [f"{r.name}\nagainst {r.against}" for r in shown], fontsize=7)
    for place, result in zip(places, shown, strict=True):
        axes.annotate(
            verdict(result),
            (max(result.ratio, result.bar or 1, 1), place),
            (7, -3),
            textcoords="offset points",
            fontsize=7,
        )
    axes.set_xlim(0.05, 1_000)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("times faster (or smaller) than the other way; left of 1: slower")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    figure.savefig(PICTURE, metadata={"Date": None})
