"""``python -m benchmarks``.

Runs all comparisons, prints a Markdown table, and saves results, table and picture.

``--short`` measures in a minute or two and saves nothing; it fails where a ratio falls below three
quarters of its bar.
"""

import argparse
import sys
from collections.abc import Iterator

from benchmarks import core, growth, plot, reading, report, stores
from benchmarks.harness import Measurable


def _short() -> Iterator[Measurable]:
    yield from core.comparisons(rounds=9, size=2_000)
    yield from reading.comparisons(rounds=9, size=1_000)
    yield from growth.measures(rounds=5, size=1_000, people=50_000)
    yield from stores.comparisons(rounds=3, size=5_000)


def _full() -> Iterator[Measurable]:
    yield from core.comparisons(rounds=25, size=10_000)
    yield from reading.comparisons(rounds=25, size=4_000)
    yield from growth.measures(rounds=15, size=10_000, people=1_000_000)
    yield from stores.comparisons(rounds=3, size=100_000)


def main() -> None:
    """Measure, print, and save or judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--short",
        action="store_true",
        help="a quick look that fails where a ratio is far from its bar",
    )
    short = parser.parse_args().short
    print(report.table([]), end="")
    results = []
    for measurable in _short() if short else _full():
        results.append(measurable.measure())
        print(report.row(results[-1]), end="", flush=True)
    if not short:
        report.save(results)
        plot.draw(results)
    elif failed := [result for result in results if not result.tolerable]:
        sys.exit(f"below three quarters of the bar: {', '.join(result.name for result in failed)}")


if __name__ == "__main__":
    main()
