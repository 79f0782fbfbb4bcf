"""What the kit does with stores that have little room, must be closed, or can be broken."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from consent_core.application.drivers import run
from consent_core.application.memory import AsyncMemoryRepository, MemoryRepository
from consent_core.application.ports import Change
from consent_core.domain.errors import Unavailable
from consent_core.testing import (
    CLAUSES,
    AsyncRepositoryContract,
    BrokenPromise,
    NotApplicable,
    Report,
    RepositoryContract,
    assert_conforms,
)
from consent_core.testing.interrupting import interrupted
from consent_core.testing.kit import BROKEN, Clause, clause, run_clause, run_clause_async
from consent_core.testing.stateful import behaves_like_memory
from tests.testing.sabotage import Failing
from tests.testing.saboteurs import BY_NAME
from tests.testing.saboteurs_failing import LetsDriverErrorsThrough
from tests.testing.saboteurs_values import RevisionsOf32Bits

LARGE = "many_are_stored_at_once"
GONE = "driver_errors_are_unavailable"
CANCELLED = "a_cancelled_call_leaves_nothing_behind"


class Small(MemoryRepository):
    """Has room for few records and events in one commit."""

    max_changes: int | None = 2
    largest = 0

    def commit(self, changes: Sequence[Change], /) -> None:
        """Remembers the largest, and refuses what is too large."""
        size = sum(len(each.events) + bool(each.events) for each in changes)
        self.largest = max(size, self.largest)
        if self.max_changes is not None and size > self.max_changes:
            raise Unavailable("transaction too large")
        super().commit(changes)


def measured(clause: Clause, repository: Any) -> None:
    """Run a clause, whatever kind it needs."""
    if clause.awaited:
        asyncio.run(run_clause_async(clause, AsyncMemoryRepository(repository)))
    else:
        other = Failing() if clause.needs == BROKEN else MemoryRepository()
        run_clause(clause, repository, other)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_clause_says_how_large_its_commits_are(name: str) -> None:
    """It holds where there is just so much room, uses all of it, and applies to no smaller one."""
    clause = BY_NAME[name]
    repository = Small()
    repository.max_changes = clause.changes
    measured(clause, repository)
    assert max(2, repository.largest) == clause.changes
    repository.max_changes = clause.changes - 1
    with pytest.raises(NotApplicable, match=f"^{name}: its largest commit has {clause.changes}"):
        measured(clause, repository)


def test_what_is_not_applicable_is_reported() -> None:
    """Never passed over: each has a line with the reason."""
    report = assert_conforms(Small)
    small = [each.name for each in CLAUSES if each.changes > 2]
    assert {*report.not_applicable} == {*small, "sites_do_not_see_each_other", GONE, CANCELLED}
    assert {*report.kept} == {*BY_NAME} - {*report.not_applicable}
    assert report.excepted == {}
    lines = str(report).splitlines()
    assert lines[0] == f"kept: {len(report.kept)} clauses"
    assert f"not applicable: {LARGE}: its largest commit has 8000 records and events" in str(report)
    assert f"not applicable: {GONE}: make_broken is not given" in lines
    assert len(lines) == 1 + len(report.not_applicable)


def test_a_full_report_has_exceptions_too() -> None:
    """With everything given, only what is excepted is not kept."""
    known = {"every_field_is_read_as_written": "32 bits", "large_revisions_are_told_apart": "too"}
    report = assert_conforms(
        lambda: AsyncMemoryRepository(RevisionsOf32Bits()),
        make_sites=lambda: (AsyncMemoryRepository(), AsyncMemoryRepository()),
        make_broken=lambda: AsyncMemoryRepository(Failing()),
        exceptions=known,
    )
    assert report == Report([name for name in BY_NAME if name not in known], known, {})
    assert "not kept, as known: every_field_is_read_as_written: 32 bits" in str(report)


def test_a_repository_that_cannot_fail_well_is_judged() -> None:
    """Where its author gives a broken one."""
    with pytest.raises(BrokenPromise, match=GONE):
        assert_conforms(MemoryRepository, make_broken=LetsDriverErrorsThrough.broken)


def test_random_calls_fit_into_the_room() -> None:
    """The comparison stores one person after the other there."""
    small = Small()
    behaves_like_memory(lambda plan: run(plan, small), max_changes=2)
    assert small.largest == 2


@pytest.mark.parametrize("base", [RepositoryContract, AsyncRepositoryContract])
def test_a_contract_skips_what_is_not_applicable(base: Any) -> None:
    """As a skipped test with the reason, which is no error of the repository."""
    contract: Any = type("Mine", (base,), {})()
    test = getattr(contract, f"test_{LARGE}")
    if base is RepositoryContract:
        with pytest.raises(NotApplicable, match=LARGE):
            test(Small())
    else:
        with asyncio.Runner() as runner, pytest.raises(NotApplicable, match=LARGE):
            test(runner, AsyncMemoryRepository(Small()))


@pytest.mark.parametrize("base", [RepositoryContract, AsyncRepositoryContract])
def test_a_contract_judges_a_broken_repository(base: Any) -> None:
    """That of the fixture ``broken_repository``."""
    contract: Any = type("Mine", (base,), {"has_broken": True})()
    test = getattr(contract, f"test_{GONE}")
    broken = LetsDriverErrorsThrough.broken()
    if base is RepositoryContract:
        test(MemoryRepository(), Failing())
        with pytest.raises(BrokenPromise, match=GONE):
            test(MemoryRepository(), broken)
    else:
        with asyncio.Runner() as runner:
            test(runner, AsyncMemoryRepository(), AsyncMemoryRepository(Failing()))
            with pytest.raises(BrokenPromise, match=GONE):
                test(runner, AsyncMemoryRepository(), AsyncMemoryRepository(broken))


def test_every_repository_is_closed() -> None:
    """In the thread, and the event loop, that used it; the broken one and that of a site, too."""
    made: list[Any] = []
    closed: list[Any] = []

    def opened(kind: Callable[[], Any]) -> Callable[[], Any]:
        def make() -> Any:
            made.append(kind())
            return made[-1]

        return make

    async def close_async(repository: Any) -> None:
        asyncio.get_running_loop()
        closed.append(repository)

    for kind, close in ((MemoryRepository, closed.append), (AsyncMemoryRepository, close_async)):
        make: Callable[[], Any] = opened(kind)
        failing: Any = Failing() if kind is MemoryRepository else AsyncMemoryRepository(Failing())
        assert_conforms(
            make,
            make_sites=lambda make=make: (make(), make()),  # type: ignore[misc]  # bound now
            make_broken=opened(lambda failing=failing: failing),  # type: ignore[misc]  # bound now
            close=close,
        )
        assert [id(each) for each in closed] == [id(each) for each in made]


def test_a_call_is_cancelled_at_the_await_that_is_asked_for() -> None:
    """At no other, and not where it has fewer; what it raises is raised."""

    async def call(passed: list[int], error: Exception | None = None) -> None:
        for number in range(3):
            await asyncio.sleep(0)
            passed.append(number)
        if error is not None:
            raise error

    async def scenario() -> None:
        for at in range(5):
            passed: list[int] = []
            assert await interrupted(call(passed), at) == (at < 3)
            assert passed == list(range(min(at, 3)))
        with pytest.raises(KeyError):
            await interrupted(call([], KeyError()), 9)

    asyncio.run(scenario())


def test_set_up_is_split_by_the_room_there_is() -> None:
    """In as few commits as have room for it, changes in order."""
    sizes: list[int] = []

    class Written(Small):
        max_changes = 5

        def commit(self, changes: Sequence[Change], /) -> None:
            sizes.append(len(changes))
            super().commit(changes)

    run_clause(BY_NAME["pages_go_backward"], Written())
    assert set(sizes[:-1]) == {2}
    assert sizes[-1] in (1, 2)


def test_a_clause_is_made_of_a_function() -> None:
    """With what it needs."""

    def a_promise() -> Any:
        """It is kept."""
        yield from ()

    made = clause("0.2", needs="other_site", changes=3, awaited=True)(a_promise)
    assert (made.name, made.promise, made.since) == ("a_promise", "It is kept.", "0.2")
    assert (made.needs, made.changes, made.awaited) == ("other_site", 3, True)
