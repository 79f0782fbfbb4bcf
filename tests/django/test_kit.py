"""The kit under Django's own test runner, and what it says where it cannot run."""

import asyncio
import unittest
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.test import TransactionTestCase

from consent_core.adapters.django.repository import DjangoRepository
from consent_core.adapters.django.testing import RepositoryTests, TestedRepository
from consent_core.testing import assert_conforms
from consent_core.testing.clauses import CLAUSES
from tests.django.conftest import add_database, remove_database

TESTED = ("one_change_for_a_revision", "sites_do_not_see_each_other", "behaves_like_memory")


def project_case() -> Any:
    """A test case as a project has it; made here, so that pytest does not collect it."""

    class Consents(RepositoryTests, TransactionTestCase):
        using = "sqlite"
        databases = {"sqlite"}  # noqa: RUF012  # Django's own

    return Consents


def run(case: Any) -> unittest.TestResult:
    """What becomes of some tests, among them one whose clause uses threads."""
    result = unittest.TestResult()
    unittest.TestSuite(case(f"test_{name}") for name in TESTED).run(result)
    return result


@pytest.mark.usefixtures("sqlite")
def test_clauses_are_tests_of_a_transaction_test_case() -> None:
    """All are there, and hold on a file."""
    case = project_case()
    names = {name for name in dir(case) if name.startswith("test_")}
    assert {f"test_{clause.name}" for clause in CLAUSES if not clause.awaited} < names
    result = run(case)
    assert (result.testsRun, result.errors, result.failures) == (3, [], [])


def test_a_transaction_around_the_test_is_named(sqlite: str) -> None:
    """Other threads would not see what it stores."""
    with (
        transaction.atomic(using=sqlite),
        pytest.raises(ImproperlyConfigured, match=r"TransactionTestCase.*transaction=True"),
    ):
        TestedRepository(sqlite)


@pytest.mark.parametrize("name", [":memory:", "file:memorydb_x?mode=memory&cache=shared"])
def test_a_database_in_memory_is_named(request: pytest.FixtureRequest, name: str) -> None:
    """Threads would lock each other out of it; the message says what to write.

    The second name is like the one that Django gives a test database without a name.
    """
    add_database("memory", ENGINE="django.db.backends.sqlite3", NAME=name)
    request.addfinalizer(lambda: remove_database("memory"))
    with pytest.raises(ImproperlyConfigured, match=r'"memory".*"TEST".*BASE_DIR / "test.sqlite3"'):
        TestedRepository("memory")


class Enough(Exception):
    """The rest of the clauses would show nothing new."""


def test_assert_conforms_runs_on_django(sqlite: str) -> None:
    """It calls no factory in an event loop, where Django refuses to work, wherever it is called."""
    made: list[DjangoRepository] = []

    def make() -> DjangoRepository:
        if len(made) == len(TESTED):
            raise Enough
        connections[sqlite].ensure_connection()
        made.append(TestedRepository(sqlite))
        return made[-1]

    async def call() -> None:
        assert_conforms(make)

    with pytest.raises(Enough):
        asyncio.run(call())
    assert len({repository.site for repository in made}) == len(TESTED)
