"""The adapter keeps every promise, in the emulator of moto."""

from collections.abc import Iterator
from threading import Lock
from typing import Any, ClassVar
from uuid import uuid4

import boto3
import pytest
from dynamodb_store import DynamoDBPlans
from dynamodb_tables import create_tables
from moto import mock_aws

from consent_core.porting import PlannedRepository
from consent_core.testing import RepositoryContract


class Emulated(DynamoDBPlans):
    """Spares the emulator of moto what it is not made for.

    It does not keep threads apart, so it is asked by one at a time. And it is slow,
    so it is asked nothing again while nothing was written.
    """

    lock = Lock()
    answers: ClassVar[dict[str, Any]] = {}

    def ask(self, step: Any, /) -> Any:
        """Ask, or repeat the answer."""
        operation, arguments = step
        with self.lock:
            if operation in ("transact_write_items", "delete_item"):
                self.answers.clear()
                return super().ask(step)
            asked = f"{operation} {arguments}"
            if asked not in self.answers:
                self.answers[asked] = super().ask(step)
            return self.answers[asked]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of an emulator in this process; each test has tables of its own."""
    with mock_aws():
        yield boto3.client("dynamodb", "eu-central-1")


class TestDynamoDB(RepositoryContract):
    """Called."""

    has_sites = has_broken = True

    @pytest.fixture
    def prefix(self, client: Any) -> str:
        """The prefix of new tables."""
        prefix = f"{uuid4().hex}_"
        create_tables(client, prefix)
        return prefix

    @pytest.fixture
    def repository(self, client: Any, prefix: str) -> PlannedRepository:
        """One for the new tables."""
        return PlannedRepository(Emulated(client, "acme", prefix))

    @pytest.fixture
    def other_site(self, client: Any, prefix: str) -> PlannedRepository:
        """One for the same tables; the name of its site begins alike."""
        return PlannedRepository(Emulated(client, "acme:record", prefix))

    @pytest.fixture
    def broken_repository(self, client: Any) -> PlannedRepository:
        """One whose tables are missing."""
        return PlannedRepository(Emulated(client, prefix="missing_"))
