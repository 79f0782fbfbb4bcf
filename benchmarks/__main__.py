"""``python -m benchmarks``: runs all comparisons and prints a Markdown table; ``--short`` for a quick look."""

import sys

from benchmarks import core
from benchmarks.harness import Result, run

SHORT = (5, 2_000)
FULL = (25, 10_000)


def main() -> None:
    """Run everything and print what came out."""
    rounds, size = SHORT if "--short" in sys.argv else FULL
    print("| measured | compared with | ours, µs | theirs, µs | ratio | quartiles | bar |")
    print("|---|---|---|---|---|---|---|")
    for comparison in core.comparisons(rounds, size):
        print(_row(run(comparison)))


def _row(result: Result) -> str:
    low, high = result.spread
    return (
        f"| {result.name} | {result.against} | {result.ours:.2f} | {result.theirs:.2f} "
        f"| {result.ratio:.2f} | {low:.2f}-{high:.2f} | {result.bar:.2f} |"
    )


if __name__ == "__main__":
    main()
