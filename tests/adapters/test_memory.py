"""The repository in memory keeps every promise of the port."""

import pytest

from consent_core.adapters.memory import AsyncMemoryRepository, MemoryRepository
from consent_core.testing import AsyncRepositoryContract, RepositoryContract


class TestMemoryRepository(RepositoryContract):
    """``MemoryRepository`` conforms."""

    @pytest.fixture
    def repository(self) -> MemoryRepository:
        """An empty one."""
        return MemoryRepository()


class TestAsyncMemoryRepository(AsyncRepositoryContract):
    """``AsyncMemoryRepository`` conforms."""

    @pytest.fixture
    def repository(self) -> AsyncMemoryRepository:
        """An empty one."""
        return AsyncMemoryRepository()
