"""The two drivers: they run a plan against a repository, one by calling it, one by awaiting it."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from consent_core.application.plans import Plan
from consent_core.application.ports import AsyncRepository, Repository

S = TypeVar("S")
T = TypeVar("T")


def run(plan: Plan[T], repository: Repository) -> T:
    """Run a plan to its end.

    Args:
        plan: yields calls of the port.
        repository: answers them.

    Returns:
        What the plan returns.
    """
    return drive(plan, lambda ask: getattr(repository, ask.method)(ask.argument))


async def run_async(plan: Plan[T], repository: AsyncRepository) -> T:
    """Run a plan to its end; as ``run``, for asyncio."""
    return await drive_async(plan, lambda ask: getattr(repository, ask.method)(ask.argument))


def drive(plan: Generator[S, Any, T], answer: Callable[[S], Any]) -> T:
    """Run any generator that yields steps to its end.

    Args:
        plan: is sent the answer to each step, or thrown the error that answering it gave.
        answer: answers a step.

    Returns:
        What the plan returns.
    """
    try:
        step = next(plan)
        while True:
            try:
                answered = answer(step)
            except Exception as error:  # noqa: BLE001  # the plan decides what an error means
                step = plan.throw(error)
            else:
                step = plan.send(answered)
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        plan.close()


async def drive_async(plan: Generator[S, Any, T], answer: Callable[[S], Awaitable[Any]]) -> T:
    """Run any generator that yields steps to its end.

    As ``drive``, with answers that are awaited.
    """
    try:
        step = next(plan)
        while True:
            try:
                answered = await answer(step)
            except Exception as error:  # noqa: BLE001  # as above
                step = plan.throw(error)
            else:
                step = plan.send(answered)
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        plan.close()
