"""A hypothesis state machine that compares a repository with ``MemoryRepository``."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from attrs import evolve
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from consent_core.application.drivers import run
from consent_core.application.memory import MemoryRepository
from consent_core.application.plans import Plan, commit, find, get, history, page
from consent_core.application.ports import Change
from consent_core.application.query import Query
from consent_core.domain.conditions import Filter
from consent_core.domain.decision import decide
from consent_core.domain.errors import Conflict
from consent_core.domain.identifiers import Email
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import erase
from consent_core.testing import strategies
from consent_core.testing.arrange import exact_history, exactly
from consent_core.testing.broken import BrokenPromise

T = TypeVar("T")

Runner = Callable[[Plan[Any]], Any]
"""Runs a plan against the repository that is tested."""

_PEOPLE: Final = 4
_PERSONS: Final = st.integers(0, _PEOPLE - 1)
_IDS: Final = UUID("0d6cc4fb-8a4f-4c35-9ad1-8a3e5f5b6a33")


_NAME: Final = "behaves_like_memory"
_PROMISE: Final = "Random calls are answered as ``MemoryRepository`` answers them."


def behaves_like_memory(
    run_plan: Runner, *, profile: settings | None = None, max_changes: int | None = None
) -> None:
    """Drive a repository and ``MemoryRepository`` through the same random calls.

    Args:
        run_plan: runs a plan against the repository; the store may be shared with others, for each
            run uses addresses of its own.
        profile: hypothesis settings; a short run without them.
        max_changes: how many records and events a commit of the repository has room for.

    Raises:
        BrokenPromise: an answer differs.
    """
    runs = iter(range(10**9))

    class Comparison(_Comparison):
        def __init__(self) -> None:
            super().__init__(run_plan, next(runs), max_changes)

    run_state_machine_as_test(Comparison, settings=profile or _short())


def _short() -> settings:
    """Few and short runs, not made shorter when they fail.

    Databases are slow, and a run is short enough to read.
    """
    return settings(
        max_examples=15,
        stateful_step_count=10,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


class _Comparison(RuleBasedStateMachine):
    def __init__(self, run_plan: Runner, number: int, max_changes: int | None) -> None:
        super().__init__()
        self._run_plan = run_plan
        self._memory = MemoryRepository()
        # Each change has a record and one event.
        self._most = _PEOPLE if max_changes is None else max_changes // 2
        self._prefix = f"Run{number}."
        self._people = [
            Email.restore(f"{self._prefix}{person}@example.com") for person in range(_PEOPLE)
        ]
        self._ids: dict[UUID, None] = {}

    def _same(self, make: Callable[[], Plan[T]], view: Callable[[T], object]) -> None:
        """Both answer alike, or both refuse alike."""
        expected = self._answer(lambda plan: run(plan, self._memory), make, view)
        try:
            found = self._answer(self._run_plan, make, view)
        except Exception as error:
            raise BrokenPromise(_NAME, _PROMISE, expected, f"raised {error!r}") from error
        if found != expected:
            raise BrokenPromise(_NAME, _PROMISE, expected, found)

    @staticmethod
    def _answer(
        run_plan: Runner, make: Callable[[], Plan[T]], view: Callable[[T], object]
    ) -> object:
        try:
            return view(run_plan(make()))
        except Conflict as conflict:
            return "conflict", {change.identifier for change in conflict.changes}

    @initialize(upserts=st.lists(strategies.upserts(), min_size=_PEOPLE, max_size=_PEOPLE))
    def everybody_is_stored(self, upserts: list[Upsert]) -> None:
        """Every run begins with people whom the store does not know, and then does."""
        self._everything_is_alike()
        self.store(dict(enumerate(upserts)), set())

    @rule(
        upserts=st.dictionaries(_PERSONS, strategies.upserts(), min_size=1),
        stale=st.sets(_PERSONS, max_size=2),
    )
    def store(self, upserts: dict[int, Upsert], stale: set[int]) -> None:
        """Decide for some people and commit, sometimes expecting a wrong revision."""
        changes = [
            change
            for number, command in upserts.items()
            for change in self._decided(number, command, stale)
        ]
        for start in range(0, len(changes), self._most):
            some = changes[start : start + self._most]
            # bound now
            self._same(lambda some=some: commit(some), lambda _: "stored")  # type: ignore[misc]
        self._everything_is_alike()

    def _decided(self, number: int, command: Upsert, stale: set[int]) -> Iterator[Change]:
        person = self._people[number]
        before = self._memory.find([person]).get(person)
        new_id = uuid5(_IDS, f"{self._prefix}{len(self._ids)}")
        decision = decide(
            before, evolve(command, details=person), now=strategies.MOMENT, new_id=new_id
        )
        if decision.events:
            self._ids.setdefault(decision.consent.id)
            expected = (0 if before is None else before.revision) + (number in stale)
            yield Change(person, expected, decision.consent, decision.events)

    @rule(number=_PERSONS, stale=st.booleans())
    def remove(self, number: int, stale: bool) -> None:  # noqa: FBT001  # drawn by hypothesis
        """Erase somebody who is stored, sometimes expecting a wrong revision."""
        for before in self._memory.find([self._people[number]]).values():
            event = erase(before, now=strategies.MOMENT)
            change = Change(before.details, before.revision + stale, None, (event,))
            # bound now
            self._same(lambda change=change: commit([change]), lambda _: "stored")  # type: ignore[misc]
        self._everything_is_alike()

    def _everything_is_alike(self) -> None:
        """Both find the same records, and give the same history of everybody who ever had one."""
        ids = list(self._ids)
        self._same(
            lambda: find(self._people), lambda found: {i: exactly(c) for i, c in found.items()}
        )
        self._same(lambda: get(ids), lambda found: {i: exactly(c) for i, c in found.items()})
        for consent_id in ids:
            # bound now
            self._same(lambda consent_id=consent_id: history(consent_id), exact_history)  # type: ignore[misc]

    @rule(
        sort=st.sampled_from([QueryField.ID, QueryField.CREATED_DATE, QueryField.UPDATED_DATE]),
        descending=st.booleans(),
        size=st.integers(1, _PEOPLE),
    )
    # as above
    def lists_are_alike(self, sort: QueryField, descending: bool, size: int) -> None:  # noqa: FBT001
        """Both list the same people in the same order."""
        mine = Filter(QueryField.EMAIL, Operator.STARTS_WITH, self._prefix)
        query = Query(where=[mine], sort=sort, descending=descending, page_size=size)
        self._same(
            lambda: page(query), lambda found: ([exactly(c) for c in found.consents], found.more)
        )
