"""The two drivers: how they run a plan, hand it errors, and always close it."""

import asyncio
from collections.abc import Callable, Generator, Mapping
from inspect import GEN_CLOSED, getgeneratorstate
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from consent_core import MemoryRepository, Unavailable
from consent_core.application.drivers import run, run_async
from consent_core.application.plans import Ask, Plan
from tests.application.services import Awaitable
from tests.application.support import NOBODY, Delegate

Drive: TypeAlias = Callable[[Plan[Any], MemoryRepository | Delegate], Any]


def _run_async(plan: Plan[Any], repository: MemoryRepository | Delegate) -> Any:
    return asyncio.run(run_async(plan, Awaitable(repository)))


@pytest.fixture(params=[run, _run_async], ids=["sync", "async"])
def drive(request: pytest.FixtureRequest) -> Any:
    """Either driver, called the same way."""
    return request.param


class Raising(Delegate):
    """A repository that raises whatever it is told to when a record is asked for."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(MemoryRepository())
        self.error = error

    def get(self, ids: Any, /) -> Mapping[UUID, Any]:  # noqa: ARG002  # it never looks
        raise self.error


class Diary:
    """A plan that asks twice and writes down what comes of it."""

    def __init__(self, *handled: type[BaseException]) -> None:
        self.handled = handled
        self.entries: list[object] = []

    def plan(self) -> Generator[Ask, Any, str]:
        try:
            for _ in range(2):
                try:
                    self.entries.append((yield Ask("get", [NOBODY])))
                except self.handled as error:
                    self.entries.append(error)
            return "done"
        finally:
            self.entries.append("closed")


def test_a_plan_is_sent_the_answers_and_its_value_is_returned(drive: Drive) -> None:
    """Each call of the port is answered in turn, and what the plan returns is what the driver
    returns.
    """
    diary = Diary()
    plan = diary.plan()
    assert drive(plan, MemoryRepository()) == "done"
    assert diary.entries == [{}, {}, "closed"]
    assert getgeneratorstate(plan) == GEN_CLOSED


def test_a_plan_may_ask_for_nothing(drive: Drive) -> None:
    """A plan that needs nothing of the repository returns at once."""

    def plan() -> Generator[Ask, Any, int]:
        yield from ()
        return 7

    assert drive(plan(), Raising(AssertionError())) == 7


def test_errors_of_the_repository_are_thrown_into_the_plan(drive: Drive) -> None:
    """A plan that handles an error goes on where it was, with its next call."""
    error, diary = Unavailable("disk"), Diary(Unavailable)
    assert drive(diary.plan(), Raising(error)) == "done"
    assert diary.entries == [error, error, "closed"]


def test_errors_that_the_plan_does_not_handle_propagate(drive: Drive) -> None:
    """The very error of the repository reaches the caller, and the plan was closed."""
    error, diary = LookupError("unexpected"), Diary(Unavailable)
    plan = diary.plan()
    with pytest.raises(LookupError) as caught:
        drive(plan, Raising(error))
    assert caught.value is error
    assert diary.entries == ["closed"]
    assert getgeneratorstate(plan) == GEN_CLOSED


def test_what_is_no_error_but_an_end_closes_the_plan(drive: Drive) -> None:
    """An interrupt is not offered to the plan as something to handle, but the plan's own cleaning
    up is done.
    """
    diary = Diary(Exception, KeyboardInterrupt)
    plan = diary.plan()
    with pytest.raises(KeyboardInterrupt):
        drive(plan, Raising(KeyboardInterrupt()))
    assert diary.entries == ["closed"]
    assert getgeneratorstate(plan) == GEN_CLOSED


def test_an_error_of_the_plan_itself_propagates(drive: Drive) -> None:
    """What a plan raises, before its first call or after an answer, reaches the caller as it is."""

    def plan(*, asks: bool) -> Generator[Ask, Any, None]:
        if asks:
            yield Ask("get", [NOBODY])
        raise ArithmeticError

    for asks in (False, True):
        with pytest.raises(ArithmeticError):
            drive(plan(asks=asks), MemoryRepository())


def test_a_repository_that_stops_an_iteration_is_no_answer(drive: Drive) -> None:
    """A stray StopIteration of a repository is an error, never taken for the plan's value."""
    diary = Diary()
    with pytest.raises(RuntimeError):
        drive(diary.plan(), Raising(StopIteration("stray")))
    assert diary.entries == ["closed"]


@pytest.mark.parametrize("method", ["find", "get", "commit", "query", "history"])
def test_every_call_of_the_port_reaches_the_repository(drive: Drive, method: str) -> None:
    """Each of the five methods is called by its name, with the one argument."""
    called: list[object] = []

    class Named(Delegate):
        """Has every method of the port, all the same."""

        def __getattribute__(self, name: str) -> Any:
            return called.append if name == method else super().__getattribute__(name)

    def plan() -> Generator[Ask, Any, None]:
        yield Ask(method, "argument")  # type: ignore[arg-type]

    assert drive(plan(), Named(MemoryRepository())) is None
    assert called == ["argument"]
