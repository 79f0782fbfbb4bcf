"""Moves everything that a store holds to another one, as it is: records, histories, tombstones.

``wire.moved_lines`` has the format, docs/howto/move-to-another-store.md says how to go about it.
"""

from collections.abc import Iterable, Iterator

from consent_core.application.moving import Movable, Moved, Stored, StoredConsent, StoredTombstone
from consent_core.domain.checks import refuse
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.moved_lines import MovedLines, end_line, header_line, stored_line

__all__ = [
    "Movable",
    "Moved",
    "Stored",
    "StoredConsent",
    "StoredTombstone",
    "export_whole",
    "restore",
]


def export_whole(repository: Movable) -> Iterator[str]:
    """Everything that a store holds of its site, as lines that ``restore`` reads.

    Memory does not grow with the store. The lines are what the store held at one moment; in SQLite
    others may have to wait with their changes until the last line was read.

    Args:
        repository: the store.

    Returns:
        The lines, each with its end.

    Raises:
        InvalidConsent: the repository offers no ``Movable``.
        Unavailable: the store cannot be read.
    """
    _require_movable(repository)
    return _lines(repository)


def _lines(repository: Movable) -> Iterator[str]:
    yield header_line(repository.site)
    moved = Moved()
    for stored in repository.everything():
        moved = moved.and_also(stored)
        yield stored_line(stored)
    yield end_line(moved)


def restore(repository: Movable, lines: Iterable[str | bytes]) -> Moved:
    """Fill an empty store with what ``export_whole`` wrote: all of it, or nothing.

    No rule is applied and no link is issued. Nobody may write to the store meanwhile. Memory does
    not grow with the lines, but in ``MemoryRepository``.

    Args:
        repository: the empty store, of the site that was exported.
        lines: the lines, as an open file gives them.

    Returns:
        How much was stored.

    Raises:
        InvalidConsent: the store is not empty, is of another site, or offers no ``Movable``; or a
            line is broken: the path begins with its number. Nothing was stored.
        Unavailable: the store cannot do it. Nothing was stored, unless the connection broke while
            the commit was being confirmed: see whether the store is still empty.
    """
    _require_movable(repository)
    file = MovedLines(lines)
    file.read_header(repository.site)
    repository.fill(file.read_stored())
    return file.moved


def _require_movable(repository: object) -> None:
    why = "must be MemoryRepository or SqlAlchemyRepository, or offer what Movable says"
    movable = isinstance(repository, Movable)
    refuse("", repository=None if movable else (ViolationCode.WRONG_TYPE, why))
