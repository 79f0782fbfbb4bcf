"""Cancels a caller at one of its awaits."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from itertools import count
from typing import Any


async def interrupted(call: Awaitable[Any], at: int) -> bool:
    """Await a call, and cancel who awaits it when it waits for the ``at``-th time.

    Args:
        call: what is awaited.
        at: at which of its awaits, counted from 0.

    Returns:
        Whether it came to that; where it did not, it has ended as if nobody had been cancelled.

    Raises:
        Exception: what the call raises.
    """
    interrupting = _Interrupting(call, at)
    task = asyncio.ensure_future(_awaited(interrupting))
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return interrupting.is_done


async def _awaited(call: Awaitable[Any]) -> None:
    await call


class _Interrupting:
    """Passes on what the event loop and a call have to say to each other, and counts."""

    def __init__(self, call: Awaitable[Any], at: int) -> None:
        self._call = call
        self._at = at
        self.is_done = False

    def __await__(self) -> Generator[Any, Any, None]:
        running: Any = self._call.__await__()
        resume: Callable[[], Any] = partial(next, running)
        awaits = count()
        while True:
            try:
                waiting = resume()
            except StopIteration:
                return
            if next(awaits) == self._at:
                task = asyncio.current_task()
                # for the type checker
                assert task is not None, "an event loop runs tasks"  # noqa: S101
                task.cancel()
                self.is_done = True
            try:
                yield waiting
            except BaseException as error:  # noqa: BLE001  # the call decides what it means
                resume = partial(running.throw, error)
            else:
                resume = partial(next, running)
