"""What a clause of the port is, and how one is run against a repository, sync or async."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

from attrs import frozen

from consent_core.application.drivers import drive, drive_async
from consent_core.application.plans import Ask
from consent_core.application.ports import AsyncRepository, Repository

T = TypeVar("T")


@frozen
class Parallel:
    """Plans that run at the same time: in threads, or as tasks."""

    plans: Sequence["ClausePlan[Any]"]


@frozen
class OnOtherSite:
    """A plan that runs on the repository of another site of the same store."""

    plan: "ClausePlan[Any]"


ClausePlan: TypeAlias = Generator[Ask | Parallel | OnOtherSite, Any, T]
"""A plan that may also ask for company."""


class Mismatch(Exception):
    """What a clause found is not what it expected."""

    def __init__(self, expected: object, found: object) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)

    def __str__(self) -> str:
        return "another answer than expected"


@frozen
class Clause:
    """One promise of the port.

    Args:
        name: what it is called in exceptions and reports.
        promise: the sentence that a repository keeps.
        since: the version of this library that first asked for it.
        plan: makes a plan that raises ``Mismatch`` where the promise is broken.
        sites: whether it needs a repository of another site, too.
    """

    name: str
    promise: str
    since: str
    plan: Callable[[], ClausePlan[None]]
    sites: bool = False


class BrokenPromise(AssertionError):
    """A repository does not keep a clause.

    Args:
        clause: its name.
        promise: what was promised.
        expected: what would have kept it.
        found: what was found instead.
    """

    def __init__(self, clause: str, promise: str, expected: object, found: object) -> None:
        self.clause = clause
        self.promise = promise
        self.expected = expected
        self.found = found
        super().__init__(clause, promise, expected, found)

    def __str__(self) -> str:
        expected, found = _where_they_differ(repr(self.expected), repr(self.found))
        return f"{self.clause}: {self.promise}\n  expected: {expected}\n  found:    {found}"


_SHOWN: Final = 2_000
"""Characters of an answer that a message shows."""


def _where_they_differ(expected: str, found: str) -> tuple[str, str]:
    """Two answers.

    Long ones from a little before they differ, so that the difference is not lost in the rest.
    """
    if max(len(expected), len(found)) <= _SHOWN:
        return expected, found
    pairs = enumerate(zip(expected, found, strict=False))
    differ = next(
        (at for at, (one, other) in pairs if one != other), min(len(expected), len(found))
    )
    return _from(expected, max(0, differ - _SHOWN // 4)), _from(found, max(0, differ - _SHOWN // 4))


def _from(text: str, start: int) -> str:
    rest = text[start:]
    return f"{'... ' if start else ''}{rest[:_SHOWN]}{' ...' if len(rest) > _SHOWN else ''}"


def clause(
    since: str, *, sites: bool = False
) -> Callable[[Callable[[], ClausePlan[None]]], Clause]:
    """Make a clause of a plan: its name is the function's, its promise the docstring.

    Args:
        since: the version that first asked for it.
        sites: whether it needs a repository of another site.
    """

    def made(plan: Callable[[], ClausePlan[None]]) -> Clause:
        promise = " ".join((inspect.getdoc(plan) or "").split())
        return Clause(plan.__name__, promise, since, plan, sites)

    return made


def expect(found: object, expected: object) -> None:
    """Insist that two values are equal."""
    if found != expected:
        raise Mismatch(expected, found)


def run_clause(clause: Clause, repository: Repository, other: Repository | None = None) -> None:
    """Run a clause against a repository.

    Args:
        clause: what is promised.
        repository: who promises it.
        other: the same store for another site, where the clause needs one.

    Raises:
        BrokenPromise: it is not kept.
    """
    try:
        _drive(clause.plan(), repository, other)
    except Exception as error:  # noqa: BLE001  # whatever a repository raises breaks the promise
        _raise_broken(clause, error)


async def run_clause_async(
    clause: Clause, repository: AsyncRepository, other: AsyncRepository | None = None
) -> None:
    """Run a clause against an async repository; as ``run_clause``."""
    try:
        await _drive_async(clause.plan(), repository, other)
    except Exception as error:  # noqa: BLE001  # as above
        _raise_broken(clause, error)


def _raise_broken(clause: Clause, error: Exception) -> NoReturn:
    expected, found = (
        (error.expected, error.found)
        if isinstance(error, Mismatch)
        else (NO_ERROR, f"raised {error!r}")
    )
    raise BrokenPromise(clause.name, clause.promise, expected, found) from error


NO_ERROR: Final = "no error"


def _drive(plan: ClausePlan[T], repository: Repository, other: Repository | None) -> T:
    return drive(plan, lambda step: _answer(step, repository, other))


def _answer(
    step: Ask | Parallel | OnOtherSite, repository: Repository, other: Repository | None
) -> Any:
    match step:
        case Ask(method, argument):
            return getattr(repository, method)(argument)
        case Parallel(plans):
            start = Barrier(len(plans))

            def run(plan: ClausePlan[Any]) -> Any:
                start.wait()
                return _drive(plan, repository, other)

            with ThreadPoolExecutor(len(plans)) as pool:
                return [future.result() for future in [pool.submit(run, plan) for plan in plans]]
    # for the type checker
    assert other is not None, "clauses with sites run with another one"  # noqa: S101
    return _drive(step.plan, other, None)


async def _drive_async(
    plan: ClausePlan[T], repository: AsyncRepository, other: AsyncRepository | None
) -> T:
    return await drive_async(plan, lambda step: _answer_async(step, repository, other))


def _answer_async(
    step: Ask | Parallel | OnOtherSite, repository: AsyncRepository, other: AsyncRepository | None
) -> Awaitable[Any]:
    match step:
        case Ask(method, argument):
            answer: Awaitable[Any] = getattr(repository, method)(argument)
            return answer
        case Parallel(plans):
            return asyncio.gather(*(_drive_async(plan, repository, other) for plan in plans))
    # for the type checker
    assert other is not None, "clauses with sites run with another one"  # noqa: S101
    return _drive_async(step.plan, other, None)
