"""The conformance kit in a Django project (extra ``testing``): your databases, your settings.

With Django's own test runner::

    class TestConsents(RepositoryTests, TransactionTestCase):
        pass

With pytest-django, return a ``TestedRepository`` from the fixture ``repository`` of a
``RepositoryContract``, and mark the class with ``pytest.mark.django_db(transaction=True)``.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

from consent_core.adapters.django.repository import DjangoRepository
from consent_core.application.drivers import run
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.testing.clauses import CLAUSES
from consent_core.testing.kit import BROKEN, Clause, run_clause
from consent_core.testing.stateful import behaves_like_memory

P = ParamSpec("P")
T = TypeVar("T")


def _closing(
    method: Callable[Concatenate["TestedRepository", P], T],
) -> Callable[Concatenate["TestedRepository", P], T]:
    def called(self: "TestedRepository", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections[self.using].close()

    return called


class TestedRepository(DjangoRepository):
    """A ``DjangoRepository`` for the kit, whose clauses about races use threads.

    Every thread has a connection of its own in Django. Those of other threads than the main one
    are closed after each call, because their threads end with the clause.

    Args:
        using: the alias of the database.
        site: the tenant; a new one for each repository, without one.

    Raises:
        ImproperlyConfigured: the test runs in a transaction, or on a database in memory: threads
            cannot share it.
    """

    __test__ = False

    def __init__(self, using: str = "default", site: str | None = None) -> None:
        super().__init__(using, uuid4().hex if site is None else site)
        connection: Any = connections[using]
        if connection.in_atomic_block:
            raise ImproperlyConfigured(
                "the test runs in a transaction, whose changes other threads do not see: use "
                "TransactionTestCase in place of TestCase; with pytest-django, mark the test "
                "with django_db(transaction=True)"
            )
        if connection.vendor == "sqlite" and connection.is_in_memory_db():
            raise ImproperlyConfigured(
                "the test database is in memory, where threads lock each other out: set "
                f'DATABASES["{using}"]["TEST"] = {{"NAME": BASE_DIR / "test.sqlite3"}}'
            )

    @_closing
    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """As ``Repository.find``."""
        return super().find(identifiers)

    @_closing
    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        return super().get(ids)

    @_closing
    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        return super().query(query)

    @_closing
    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        return super().history(consent_id)

    @_closing
    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        super().commit(changes)


def _quoting(_execute: Any, sql: str, params: Any, _many: bool, _context: Any) -> Any:  # noqa: FBT001  # Django's own signature
    raise OperationalError(f"the database is gone: {sql} {params}")


class BrokenRepository(TestedRepository):
    """A ``TestedRepository`` whose database fails at every statement, and quotes its values."""

    __test__ = False

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in _METHODS:
            return found

        def failing(*args: Any) -> Any:
            with connections[self.using].execute_wrapper(_quoting):
                return found(*args)

        return failing


_METHODS: Final = frozenset({"find", "get", "commit", "query", "history"})


class RepositoryTests:
    """Every clause as a test for Django's own test runner, to be mixed into a test case.

    Mix it into ``TransactionTestCase``: the clauses about races use threads, which do not see the
    transaction of a ``TestCase``.
    """

    using: ClassVar[str] = "default"
    """The alias of the database that is tested."""

    def test_behaves_like_memory(self) -> None:
        """Random calls are answered as ``MemoryRepository`` answers them."""
        repository = TestedRepository(self.using)
        behaves_like_memory(lambda plan: run(plan, repository))


def _test_of(clause: Clause) -> Callable[[RepositoryTests], None]:
    def test(self: RepositoryTests) -> None:
        other = BrokenRepository if clause.needs == BROKEN else TestedRepository
        run_clause(clause, TestedRepository(self.using), other(self.using))

    test.__name__ = f"test_{clause.name}"
    test.__doc__ = clause.promise
    return test


for _clause in CLAUSES:
    # Django's own connections are not awaited.
    if not _clause.awaited:
        setattr(RepositoryTests, f"test_{_clause.name}", _test_of(_clause))
