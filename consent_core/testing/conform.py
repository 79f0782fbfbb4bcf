"""Whether a repository keeps every promise, without pytest."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from consent_core.testing.clauses import CLAUSES
from consent_core.testing.kit import BrokenPromise, Clause, run_clause, run_clause_async


def assert_conforms(
    make_repository: Callable[[], Any],
    *,
    make_sites: Callable[[], tuple[Any, Any]] | None = None,
    exceptions: Mapping[str, str] | None = None,
) -> None:
    """Run every clause on a repository of its own.

    Args:
        make_repository: makes an empty repository, sync or async. It is called outside of any event
            loop; what needs one is made by a coroutine function.
        make_sites: makes two repositories of one empty store, for two sites; without it, clauses on
            sites are left out.
        exceptions: clauses that are known not to be kept, with the reason; one that is kept after
            all is an error.

    Raises:
        BrokenPromise: the first clause that is not kept.
        ValueError: an exception names no clause, or one that is kept.
    """
    known = dict(exceptions or {})
    refuse_unknown(known)
    for clause in CLAUSES:
        if not clause.sites:
            check(clause, lambda: (make_repository(), None), known.get(clause.name))
        elif make_sites is not None:
            check(clause, make_sites, known.get(clause.name))


def refuse_unknown(exceptions: Mapping[str, str]) -> None:
    """Refuse exceptions that name no clause.

    Raises:
        ValueError: at least one does not.
    """
    if unknown := exceptions.keys() - {clause.name for clause in CLAUSES}:
        raise ValueError(f"exceptions that name no clause: {', '.join(sorted(unknown))}")


def check(clause: Clause, make: Callable[[], tuple[Any, Any]], exception: str | None) -> None:
    """Run one clause; a clause with an exception must be broken.

    Args:
        clause: what is promised.
        make: makes the repository and the one of the other site, or None; either may be awaitable.
        exception: why the promise is not kept, if that is known.

    Raises:
        BrokenPromise: it is not kept, and no exception says so.
        ValueError: it is kept, and an exception says otherwise.
    """
    try:
        # In a thread of its own, from the factory on, there is no event loop, wherever the caller
        # is. A store that is called may refuse to be used in one, as Django's does.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_run, clause, make).result()
    except BrokenPromise:
        if exception is None:
            raise
    else:
        if exception is not None:
            raise ValueError(f"{clause.name} is kept: remove its exception ({exception})")


def _run(clause: Clause, make: Callable[[], tuple[Any, Any]]) -> None:
    repository, other = make()
    if inspect.isawaitable(repository) or inspect.iscoroutinefunction(repository.commit):
        asyncio.run(_run_async(clause, repository, other))
    else:
        run_clause(clause, repository, other)


async def _run_async(clause: Clause, *made: Any) -> None:
    repository, other = [await each if inspect.isawaitable(each) else each for each in made]
    await run_clause_async(clause, repository, other)
