"""A progress bar on standard error, where that is a terminal and tqdm (extra ``cli``) is installed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(total: int | None) -> Iterator[Callable[[int], object]]:
    """A bar for as long as the block runs.

    Args:
        total: bytes that will be read, if that is known.

    Returns:
        What to tell how many bytes were read.
    """
    if sys.stderr is None:  # as with 2>&-
        yield _ignored
        return
    try:
        from tqdm import tqdm  # noqa: PLC0415  # optional: the command line works without it
    except ModuleNotFoundError:
        yield _ignored
        return
    with tqdm(
        total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, disable=None
    ) as shown:
        yield shown.update


def _ignored(_: int) -> None:
    """Nobody watches."""
