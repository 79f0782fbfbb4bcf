"""The two drivers: they run a plan against a repository, one by calling it, one by awaiting it."""

from typing import TypeVar

from consent_core.application.plans import Plan
from consent_core.application.ports import AsyncRepository, Repository

T = TypeVar("T")


def run(plan: Plan[T], repository: Repository) -> T:
    """Run a plan to its end.

    Args:
        plan: yields calls of the port.
        repository: answers them.

    Returns:
        What the plan returns.
    """
    try:
        ask = next(plan)
        while True:
            try:
                answer = getattr(repository, ask.method)(ask.argument)
            except Exception as error:  # noqa: BLE001  # the plan decides what an error means
                ask = plan.throw(error)
            else:
                ask = plan.send(answer)
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        plan.close()


async def run_async(plan: Plan[T], repository: AsyncRepository) -> T:
    """Run a plan to its end; as ``run``, for asyncio."""
    try:
        ask = next(plan)
        while True:
            try:
                answer = await getattr(repository, ask.method)(ask.argument)
            except Exception as error:  # noqa: BLE001  # as above
                ask = plan.throw(error)
            else:
                ask = plan.send(answer)
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        plan.close()
