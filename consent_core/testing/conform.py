"""Whether a repository keeps every promise, without pytest."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from attrs import field, frozen

from consent_core.testing.broken import BrokenPromise
from consent_core.testing.clauses import CLAUSES
from consent_core.testing.kit import (
    BROKEN,
    OTHER_SITE,
    Clause,
    NotApplicable,
    run_clause,
    run_clause_async,
)


@frozen
class Report:
    """What was found of a repository that keeps what it promises; ``str`` tells it in lines.

    Args:
        kept: the clauses that are kept.
        excepted: the clauses that are known not to be kept, with the reason.
        not_applicable: the clauses that say nothing about this repository, with the reason.
    """

    kept: list[str] = field(factory=list)
    excepted: dict[str, str] = field(factory=dict)
    not_applicable: dict[str, str] = field(factory=dict)

    def __str__(self) -> str:
        lines = [f"kept: {len(self.kept)} clauses"]
        lines += [f"not kept, as known: {name}: {why}" for name, why in self.excepted.items()]
        lines += [f"not applicable: {why}" for why in self.not_applicable.values()]
        return "\n".join(lines)


def assert_conforms(
    make_repository: Callable[[], Any],
    *,
    make_sites: Callable[[], tuple[Any, Any]] | None = None,
    make_broken: Callable[[], Any] | None = None,
    close: Callable[[Any], Any] | None = None,
    exceptions: Mapping[str, str] | None = None,
) -> Report:
    """Run every clause on a repository of its own.

    Random calls are compared with ``MemoryRepository`` only by the contract classes and by
    ``behaves_like_memory``, which needs hypothesis.

    Args:
        make_repository: makes an empty repository, sync or async. It is called outside of any event
            loop; what needs one is made by a coroutine function.
        make_sites: makes two repositories of one empty store, for two sites. Without it, clauses on
            sites are not applicable.
        make_broken: makes a repository whose store fails at every call, as where its server is
            gone. Without it, the clause on errors of the driver is not applicable.
        close: is called with each repository after its clause, and may be a coroutine function: in
            the thread and the event loop that used it. There it closes what was opened.
        exceptions: clauses that are known not to be kept, with the reason; one that is kept after
            all is an error.

    Returns:
        Which clauses are kept, and which are not applicable, and why.

    Raises:
        BrokenPromise: the first clause that is not kept.
        ValueError: an exception names no clause, or one that is kept.
    """
    known = dict(exceptions or {})
    refuse_unknown(known)
    broken = None if make_broken is None else lambda: (make_repository(), make_broken())
    makers: dict[str | None, tuple[Callable[[], tuple[Any, Any]] | None, str]] = {
        None: (lambda: (make_repository(), None), ""),
        OTHER_SITE: (make_sites, "make_sites is not given"),
        BROKEN: (broken, "make_broken is not given"),
    }
    report = Report()
    for clause in CLAUSES:
        make, without = makers[clause.needs]
        exception = known.get(clause.name)
        if make is None:
            report.not_applicable[clause.name] = f"{clause.name}: {without}"
            continue
        try:
            check(clause, make, exception, close)
        except NotApplicable as why:
            report.not_applicable[clause.name] = str(why)
        else:
            if exception is None:
                report.kept.append(clause.name)
            else:
                report.excepted[clause.name] = exception
    return report


def refuse_unknown(exceptions: Mapping[str, str]) -> None:
    """Refuse exceptions that name no clause.

    Raises:
        ValueError: at least one does not.
    """
    if unknown := exceptions.keys() - {clause.name for clause in CLAUSES}:
        raise ValueError(f"exceptions that name no clause: {', '.join(sorted(unknown))}")


def check(
    clause: Clause,
    make: Callable[[], tuple[Any, Any]],
    exception: str | None,
    close: Callable[[Any], Any] | None = None,
) -> None:
    """Run one clause; a clause with an exception must be broken.

    Args:
        clause: what is promised.
        make: makes the repository and the other one, or None; either may be awaitable.
        exception: why the promise is not kept, if that is known.
        close: closes a repository.

    Raises:
        BrokenPromise: it is not kept, and no exception says so.
        NotApplicable: it says nothing about this repository.
        ValueError: it is kept, and an exception says otherwise.
    """
    try:
        # In a thread of its own, from the factory on, there is no event loop, wherever the caller
        # is. A store that is called may refuse to be used in one, as Django's does.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_run, clause, make, close or _leave_open).result()
    except BrokenPromise:
        if exception is None:
            raise
    else:
        if exception is not None:
            raise ValueError(f"{clause.name} is kept: remove its exception ({exception})")


def _leave_open(_repository: Any) -> None:
    """What is done with a repository where its author gives no ``close``."""


def _run(clause: Clause, make: Callable[[], tuple[Any, Any]], close: Callable[[Any], Any]) -> None:
    made = make()
    repository = made[0]
    if inspect.isawaitable(repository) or inspect.iscoroutinefunction(repository.commit):
        asyncio.run(_run_async(clause, made, close))
        return
    try:
        run_clause(clause, *made)
    finally:
        for each in _opened(made):
            close(each)


async def _run_async(clause: Clause, made: tuple[Any, Any], close: Callable[[Any], Any]) -> None:
    repository, other = [await each if inspect.isawaitable(each) else each for each in made]
    try:
        await run_clause_async(clause, repository, other)
    finally:
        for each in _opened((repository, other)):
            closing = close(each)
            if inspect.isawaitable(closing):
                await closing


def _opened(made: tuple[Any, Any]) -> list[Any]:
    # A repository may be falsy, as an empty one with a length is.
    return [each for each in made if each is not None]
