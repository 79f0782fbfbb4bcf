"""What a clause of the port is, and how one is run against a repository, sync or async."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final, NoReturn, TypeAlias, TypeVar
from unittest import SkipTest

from attrs import frozen

from consent_core.application.drivers import drive, drive_async
from consent_core.application.plans import Ask
from consent_core.application.ports import AsyncRepository, Change, Repository
from consent_core.testing.broken import BrokenPromise, Mismatch
from consent_core.testing.interrupting import interrupted

T = TypeVar("T")


@frozen
class SetUp:
    """Changes that a clause needs and is not about: stored in as few commits as have room."""

    changes: Sequence[Change]


@frozen
class Parallel:
    """Plans that run at the same time: in threads, or as tasks."""

    plans: Sequence["ClausePlan[Any]"]


@frozen
class Relay:
    """A call of the outbox: the method's name and its one argument."""

    method: str
    argument: Any


@frozen
class OnOther:
    """A plan that runs on the other repository of a clause, which its ``needs`` names."""

    plan: "ClausePlan[Any]"


@frozen
class Cancelled:
    """A call whose caller is cancelled when it waits for the ``at``-th time.

    The answer is whether it came to that.
    """

    ask: Ask
    at: int


@frozen
class InTime:
    """A plan that must end within some seconds."""

    plan: "ClausePlan[Any]"
    seconds: float


Step: TypeAlias = Ask | Relay | SetUp | Parallel | OnOther | Cancelled | InTime
"""What a clause may ask for."""

ClausePlan: TypeAlias = Generator[Step, Any, T]
"""A plan that may also ask for company."""

OTHER_SITE: Final = "other_site"
"""What a clause needs: the same store for another site."""

BROKEN: Final = "broken_repository"
"""What a clause needs: a repository whose store fails at every call."""


@frozen
class Clause:
    """One promise of the port.

    Args:
        name: what it is called in exceptions and reports.
        promise: the sentence that a repository keeps.
        since: the version of this library that first asked for it.
        plan: makes a plan that raises ``Mismatch`` where the promise is broken.
        needs: the other repository that it needs, too: ``other_site``, ``broken_repository`` or
            none.
        changes: how many records and events its largest commit has.
        awaited: whether only async repositories promise it.
        relayed: whether only repositories with an outbox promise it.
    """

    name: str
    promise: str
    since: str
    plan: Callable[[], ClausePlan[None]]
    needs: str | None = None
    changes: int = 2
    awaited: bool = False
    relayed: bool = False


class NotApplicable(SkipTest):
    """A clause says nothing about a repository; test runners report it as skipped, with why."""


def clause(
    since: str,
    *,
    needs: str | None = None,
    changes: int = 2,
    awaited: bool = False,
    relayed: bool = False,
) -> Callable[[Callable[[], ClausePlan[None]]], Clause]:
    """Make a clause of a plan: its name is the function's, its promise the docstring.

    Args:
        since: the version that first asked for it.
        needs: as in ``Clause``.
        changes: as there.
        awaited: as there.
        relayed: as there.
    """

    def made(plan: Callable[[], ClausePlan[None]]) -> Clause:
        promise = " ".join((inspect.getdoc(plan) or "").split())
        return Clause(plan.__name__, promise, since, plan, needs, changes, awaited, relayed)

    return made


def expect(found: object, expected: object) -> None:
    """Insist that two values are equal."""
    if found != expected:
        raise Mismatch(expected, found)


def store(changes: Sequence[Change]) -> ClausePlan[None]:
    """Store what a clause needs, in as few commits as the repository has room for."""
    yield SetUp(changes)


def run_clause(clause: Clause, repository: Repository, other: Repository | None = None) -> None:
    """Run a clause against a repository.

    Args:
        clause: what is promised.
        repository: who promises it.
        other: the other repository, where the clause needs one.

    Raises:
        BrokenPromise: it is not kept.
        NotApplicable: it says nothing about this repository.
    """
    refuse_not_applicable(clause, repository)
    if clause.awaited:
        raise NotApplicable(f"{clause.name}: only a call that is awaited can be cancelled")
    try:
        _drive(clause.plan(), repository, other)
    except Exception as error:  # noqa: BLE001  # whatever a repository raises breaks the promise
        _raise_broken(clause, error)


async def run_clause_async(
    clause: Clause, repository: AsyncRepository, other: AsyncRepository | None = None
) -> None:
    """Run a clause against an async repository; as ``run_clause``."""
    refuse_not_applicable(clause, repository)
    try:
        await _drive_async(clause.plan(), repository, other)
    except Exception as error:  # noqa: BLE001  # as above
        _raise_broken(clause, error)


def refuse_not_applicable(clause: Clause, repository: object) -> None:
    """Refuse a clause that needs larger commits than a repository takes, or an outbox.

    Raises:
        NotApplicable: it does.
    """
    if clause.relayed and not hasattr(repository, "unpublished"):
        raise NotApplicable(f"{clause.name}: the repository has no outbox")
    most = getattr(repository, "max_changes", None)
    if most is not None and most < clause.changes:
        raise NotApplicable(
            f"{clause.name}: its largest commit has {clause.changes} records and events, and "
            f"max_changes is {most}"
        )


def _raise_broken(clause: Clause, error: Exception) -> NoReturn:
    expected, found = (
        (error.expected, error.found)
        if isinstance(error, Mismatch)
        else (NO_ERROR, f"raised {error!r}")
    )
    raise BrokenPromise(clause.name, clause.promise, expected, found) from error


NO_ERROR: Final = "no error"


def _pieces(changes: Sequence[Change], most: int | None) -> Iterator[Sequence[Change]]:
    """Changes in as many commits as are needed, each with no more records and events."""
    some: list[Change] = []
    room = most
    for change in changes:
        size = len(change.events) + bool(change.events)
        if room is not None and size > room and some:
            yield some
            some, room = [], most
        some.append(change)
        room = None if room is None else room - size
    yield some


def _drive(plan: ClausePlan[T], repository: Repository, other: Repository | None) -> T:
    return drive(plan, lambda step: _answer(step, repository, other))


def _answer(step: Any, repository: Any, other: Any) -> Any:
    match step:
        case Ask(method, argument) | Relay(method, argument):
            return getattr(repository, method)(argument)
        case OnOther(plan):
            return _drive(plan, other, None)
        case Parallel(plans):
            start = Barrier(len(plans))

            def run(plan: ClausePlan[Any]) -> Any:
                start.wait()
                return _drive(plan, repository, other)

            with ThreadPoolExecutor(len(plans)) as pool:
                return [future.result() for future in [pool.submit(run, plan) for plan in plans]]
        case _:
            # Calls are cancelled only where they are awaited, so it is a set-up.
            for some in _pieces(step.changes, getattr(repository, "max_changes", None)):
                repository.commit(some)
    return None


async def _drive_async(plan: ClausePlan[T], repository: Any, other: Any) -> T:
    return await drive_async(plan, lambda step: _answer_async(step, repository, other))


def _answer_async(step: Any, repository: Any, other: Any) -> Awaitable[Any]:
    match step:
        case Ask(method, argument) | Relay(method, argument):
            answer: Awaitable[Any] = getattr(repository, method)(argument)
            return answer
        case SetUp(changes):
            pieces = _pieces(changes, getattr(repository, "max_changes", None))
            return _drive_async((Ask("commit", some) for some in pieces), repository, other)
        case Parallel(plans):
            return asyncio.gather(*(_drive_async(plan, repository, other) for plan in plans))
        case Cancelled(Ask(method, argument), at):
            return interrupted(getattr(repository, method)(argument), at)
        case InTime(plan, seconds):
            return _in_time(_drive_async(plan, repository, other), seconds)
        case _:
            return _drive_async(step.plan, other, None)


async def _in_time(answer: Awaitable[T], seconds: float) -> T:
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        raise Mismatch(f"an answer within {seconds} seconds", "none") from None
