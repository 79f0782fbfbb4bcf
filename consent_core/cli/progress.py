"""A progress bar on standard error, if that is a terminal and tqdm (extra ``cli``) is installed."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Final, NamedTuple

from consent_core.cli.output import Pause


class Bar(NamedTuple):
    """How a command uses the bar.

    Args:
        advance: is called with the number of bytes that were read.
        pause: hides the bar while something else writes to the terminal.
    """

    advance: Callable[[int], object]
    pause: Pause

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines, each of which advances the bar."""
        for line in lines:
            self.advance(len(line))
            yield line


_NO_BAR: Final = Bar(lambda _: None, nullcontext)


@contextmanager
def bar(total: int | None) -> Iterator[Bar]:
    """A bar that is shown while the block runs.

    Args:
        total: how many bytes will be read, if that is known.
    """
    if sys.stderr is None:  # as with 2>&-
        yield _NO_BAR
        return
    try:
        from tqdm import tqdm  # noqa: PLC0415  # optional: the command line works without it
    except ModuleNotFoundError:
        yield _NO_BAR
        return
    with tqdm(
        total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, disable=None
    ) as shown:
        yield Bar(shown.update, partial(tqdm.external_write_mode, file=sys.stdout))
