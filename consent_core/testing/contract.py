"""The conformance kit for pytest.

Subclass, give a ``repository`` fixture, and every clause is a test.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pytest

from consent_core.application.drivers import run, run_async
from consent_core.application.plans import Plan
from consent_core.testing.broken import BrokenPromise
from consent_core.testing.clauses import CLAUSES
from consent_core.testing.conform import refuse_unknown
from consent_core.testing.kit import (
    BROKEN,
    OTHER_SITE,
    Clause,
    run_clause,
    run_clause_async,
)
from consent_core.testing.stateful import behaves_like_memory


def _documented(test: Callable[..., None], clause: Clause) -> Callable[..., None]:
    test.__name__ = f"test_{clause.name}"
    test.__doc__ = clause.promise
    return test


class _Contract:
    """What both contracts share.

    ``exceptions`` maps the names of clauses that are known not to be kept to the reason. It is
    strict: a clause that is kept after all fails, so that a lifted limitation does not go
    unnoticed.

    ``has_sites`` says that the store keeps sites apart; then a fixture ``other_site`` gives the
    same store for another. ``has_broken`` says that a fixture ``broken_repository`` gives a
    repository whose store fails at every call, as where its server is gone.

    A clause that needs larger commits than ``max_changes`` of the repository is skipped, and says
    so. Fixtures that yield the repository close what they opened.
    """

    exceptions: ClassVar[Mapping[str, str]] = {}
    has_sites: ClassVar[bool] = False
    has_broken: ClassVar[bool] = False
    is_awaited: ClassVar[bool]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_unknown(cls.exceptions)
        for clause in CLAUSES:
            given = {None: True, OTHER_SITE: cls.has_sites, BROKEN: cls.has_broken}[clause.needs]
            if given and (cls.is_awaited or not clause.awaited):
                setattr(cls, f"test_{clause.name}", cls._test_of(clause))

    @classmethod
    @abstractmethod
    def _test_of(cls, clause: Clause) -> Callable[..., None]:
        """The test for a clause."""
        ...

    def _judge(self, clause: Clause, run_it: Callable[[], None]) -> None:
        exception = self.exceptions.get(clause.name)
        try:
            run_it()
        except BrokenPromise:
            if exception is None:
                raise
        else:
            if exception is not None:
                raise AssertionError(f"{clause.name} is kept: remove its exception ({exception})")


class RepositoryContract(_Contract):
    """Everything that ``Repository`` promises, a test for each clause.

    Subclasses give a fixture ``repository``: an empty repository of yours.
    """

    is_awaited = False

    @classmethod
    def _test_of(cls, clause: Clause) -> Callable[..., None]:
        def test(self: _Contract, repository: Any) -> None:
            self._judge(clause, lambda: run_clause(clause, repository))

        def test_sites(self: _Contract, repository: Any, other_site: Any) -> None:
            self._judge(clause, lambda: run_clause(clause, repository, other_site))

        def test_broken(self: _Contract, repository: Any, broken_repository: Any) -> None:
            self._judge(clause, lambda: run_clause(clause, repository, broken_repository))

        tests: dict[str | None, Callable[..., None]] = {
            None: test,
            OTHER_SITE: test_sites,
            BROKEN: test_broken,
        }
        return _documented(tests[clause.needs], clause)

    def test_behaves_like_memory(self, repository: Any) -> None:
        """Random calls are answered as ``MemoryRepository`` answers them."""

        def run_plan(plan: Plan[Any]) -> Any:
            return run(plan, repository)

        behaves_like_memory(run_plan, max_changes=getattr(repository, "max_changes", None))


class AsyncRepositoryContract(_Contract):
    """Everything that ``AsyncRepository`` promises, a test for each clause.

    Subclasses give a fixture ``repository``: an empty repository of yours. Each test runs in the
    event loop of the fixture ``runner``, an ``asyncio.Runner``, which your fixtures may use to set
    up and to tear down.
    """

    is_awaited = True

    @pytest.fixture
    def runner(self) -> Iterator[asyncio.Runner]:
        """The event loop of one test."""
        with asyncio.Runner() as runner:
            yield runner

    @classmethod
    def _test_of(cls, clause: Clause) -> Callable[..., None]:
        def test(self: _Contract, runner: asyncio.Runner, repository: Any) -> None:
            self._judge(clause, lambda: runner.run(run_clause_async(clause, repository)))

        def test_sites(
            self: _Contract, runner: asyncio.Runner, repository: Any, other_site: Any
        ) -> None:
            self._judge(
                clause, lambda: runner.run(run_clause_async(clause, repository, other_site))
            )

        def test_broken(
            self: _Contract, runner: asyncio.Runner, repository: Any, broken_repository: Any
        ) -> None:
            self._judge(
                clause, lambda: runner.run(run_clause_async(clause, repository, broken_repository))
            )

        tests: dict[str | None, Callable[..., None]] = {
            None: test,
            OTHER_SITE: test_sites,
            BROKEN: test_broken,
        }
        return _documented(tests[clause.needs], clause)

    def test_behaves_like_memory(self, runner: asyncio.Runner, repository: Any) -> None:
        """Random calls are answered as ``MemoryRepository`` answers them."""

        def run_plan(plan: Plan[Any]) -> Any:
            return runner.run(run_async(plan, repository))

        behaves_like_memory(run_plan, max_changes=getattr(repository, "max_changes", None))
