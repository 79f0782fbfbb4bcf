"""The repository keeps every promise of the port, on a SQLite file and on PostgreSQL."""

import pytest

from consent_core.adapters.django.repository import DjangoRepository
from consent_core.adapters.django.testing import BrokenRepository, TestedRepository
from consent_core.testing import RepositoryContract


class TestSqlite(RepositoryContract):
    """On a SQLite file; each test has sites of its own, so that all can share a database."""

    has_sites = True
    has_broken = True
    test_behaves_like_memory = None  # type: ignore[assignment]  # Django's own runner does it: test_kit

    @pytest.fixture
    def repository(self, sqlite: str) -> DjangoRepository:
        """One for a new site."""
        return TestedRepository(sqlite)

    @pytest.fixture
    def other_site(self, sqlite: str) -> DjangoRepository:
        """One for another new site."""
        return TestedRepository(sqlite)

    @pytest.fixture
    def broken_repository(self, sqlite: str) -> DjangoRepository:
        """One whose database fails, and quotes its values."""
        return BrokenRepository(sqlite)


class TestPostgres(RepositoryContract):
    """On a real PostgreSQL."""

    has_sites = True
    has_broken = True

    @pytest.fixture
    def repository(self, postgresql: str) -> DjangoRepository:
        """One for a new site."""
        return TestedRepository(postgresql)

    @pytest.fixture
    def other_site(self, postgresql: str) -> DjangoRepository:
        """One for another new site."""
        return TestedRepository(postgresql)

    @pytest.fixture
    def broken_repository(self, postgresql: str) -> DjangoRepository:
        """One whose database fails, and quotes its values."""
        return BrokenRepository(postgresql)
