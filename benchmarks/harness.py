"""Times two ways of doing the same, interleaved, on streams of distinct inputs, and tells their ratio."""

import gc
from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from attrs import frozen

Work = Callable[[Sequence[Any]], object]
"""Does something with every item of a batch."""


@frozen
class Comparison:
    """What is compared.

    Args:
        name: what is measured.
        against: what it is compared with.
        bar: the ratio to reach, theirs divided by ours.
        ours: this library.
        theirs: the other way.
        batches: distinct inputs, a batch for each round.
    """

    name: str
    against: str
    bar: float
    ours: Work
    theirs: Work
    batches: Iterable[Sequence[Any]]


@frozen
class Result:
    """What came out.

    Args:
        name: what was measured.
        against: what it was compared with.
        bar: the ratio to reach.
        ours: microseconds for each item, the median of all rounds.
        theirs: the same for the other way.
        ratio: theirs divided by ours, the median of all rounds.
        spread: the quartiles of the ratio.
    """

    name: str
    against: str
    bar: float
    ours: float
    theirs: float
    ratio: float
    spread: tuple[float, float]


def run(comparison: Comparison) -> Result:
    """Time both ways on every batch, in turn one or the other first."""
    ours: list[float] = []
    theirs: list[float] = []
    for number, batch in enumerate(comparison.batches):
        pairs = [(ours, comparison.ours), (theirs, comparison.theirs)]
        for times, work in pairs if number % 2 else reversed(pairs):
            times.append(_timed(work, batch) / len(batch) * 1e6)
    ratios = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    return Result(
        comparison.name,
        comparison.against,
        comparison.bar,
        median(ours),
        median(theirs),
        median(ratios),
        (low, high),
    )


def _timed(work: Work, batch: Sequence[Any]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = perf_counter()
        work(batch)
        return perf_counter() - start
    finally:
        gc.enable()
