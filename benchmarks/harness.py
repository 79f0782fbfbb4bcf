"""Times two ways of doing the same, interleaved, on streams of distinct inputs, and tells their
ratio.
"""

import gc
from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final, Protocol, TypeVar, overload

from attrs import evolve, field, frozen

Work = Callable[[Sequence[Any]], object]
"""Does something with every item of a batch."""

TOLERANCE: Final = 0.75
"""A short run is noisy: below this part of its bar, a ratio fails."""


@frozen
class Result:
    """What came out of one comparison.

    Args:
        name: what was measured.
        against: what it was compared with.
        unit: of the two measures.
        ours: the median measure of this library.
        theirs: the same of the other way.
        ratio: theirs divided by ours, the median of all rounds: more is better.
        spread: the quartiles of the ratio.
        bar: the ratio to reach; None where the other way is shown for orientation only.
        accepted: the ratio that is known to be reached instead, where the bar is not; the documents
            say why.
    """

    name: str
    against: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    spread: tuple[float, float]
    bar: float | None
    accepted: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the ratio is at the bar."""
        return self.bar is None or self.ratio >= self.bar

    @property
    def tolerable(self) -> bool:
        """Whether the ratio is so near its bar, or what is accepted instead, that a short run can
        let it pass.
        """
        least = self.accepted or self.bar
        return least is None or self.ratio >= least * TOLERANCE


class Measurable(Protocol):
    """What can be measured."""

    @property
    def name(self) -> str:
        """What is measured."""
        ...

    def measure(self) -> Result:
        """Measure it."""
        ...


@frozen
class Comparison:
    """Two ways of doing something with the same inputs.

    Args:
        name: what is measured.
        against: what it is compared with.
        bar: the ratio to reach, theirs divided by ours; None for orientation only.
        ours: this library.
        theirs: the other way.
        batches: distinct inputs, a batch for each round.
        accepted: as in ``Result``.
    """

    name: str
    against: str
    bar: float | None
    ours: Work
    theirs: Work
    batches: Iterable[Sequence[Any]] = field(repr=False)
    accepted: float | None = None

    def measure(self) -> Result:
        """Time both ways on every batch, in turn one or the other first."""
        ours: list[float] = []
        theirs: list[float] = []
        for number, batch in enumerate(self.batches):
            pairs = [(ours, self.ours), (theirs, self.theirs)]
            for times, work in pairs if number % 2 else reversed(pairs):
                times.append(timed(work, batch) / len(batch) * 1e6)
        return evolve(
            summary(self.name, self.against, "µs", ours, theirs, self.bar), accepted=self.accepted
        )


T = TypeVar("T")


class Batch(Sequence[T]):
    """Items, for classes that add what both ways need to work on them.

    Args:
        items: they.
    """

    def __init__(self, items: Sequence[T]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]


def timed(work: Work, batch: Sequence[Any]) -> float:
    """The seconds that work takes, its garbage included, but not the search for garbage among the
    inputs.
    """
    gc.collect()
    gc.freeze()
    try:
        start = perf_counter()
        work(batch)
        return perf_counter() - start
    finally:
        gc.unfreeze()


def summary(
    name: str,
    against: str,
    unit: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    bar: float | None,
) -> Result:
    """The medians of all rounds, and the quartiles of the ratio."""
    ratios = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Result(
        name, against, unit, median(ours), median(theirs), median(ratios), (low, high), bar
    )
