"""Every statement about one person looks into one partition of its table."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from consent_core import ConsentService, TombstoneKeys
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from tests.adapters.explaining import plans_of, tables_of
from tests.adapters.partitioned import partition_of, partitioned, partitions
from tests.adapters.requests import at, confirm, person, revoke


@pytest.fixture(scope="module")
def engine(server: str) -> Iterator[Engine]:
    """The tables in partitions."""
    with partitioned(server) as engine:
        yield engine


SECRET: Final = "a secret of thirty-two characters"  # noqa: S105  # of these tests only

HERS: Final = person(700)
LIFE: Final[dict[str, tuple[Callable[[ConsentService, UUID], object], dict[str, int]]]] = {
    "never seen": (
        lambda consents, _: consents.get_by_identifier(HERS),
        {"consent_records": 1, "consent_tombstones": 1},
    ),
    "created": (
        lambda consents, _: consents.upsert(confirm(HERS, 1)),
        # Found, and after the insert that claims the digest, taken away again.
        {"consent_records": 1, "consent_tombstones": 2},
    ),
    "read": (
        lambda consents, _: consents.get_by_identifier(HERS),
        {"consent_records": 1, "consent_tombstones": 1},
    ),
    "read by id": (lambda consents, her_id: consents.get(her_id), {"consent_records": 1}),
    "updated": (
        lambda consents, _: consents.upsert(revoke(HERS, 2)),
        {"consent_records": 2, "consent_tombstones": 1},
    ),
    "its history": (lambda consents, her_id: consents.history(her_id), {"consent_events": 1}),
    "erased": (
        lambda consents, her_id: consents.delete(her_id),
        {"consent_records": 2, "consent_events": 1, "consent_tombstones": 1},
    ),
    "kept erased": (
        lambda consents, _: consents.upsert(confirm(HERS, 0)),
        {"consent_records": 1, "consent_tombstones": 1},
    ),
    "left once more": (
        lambda consents, _: consents.upsert(revoke(HERS, 3)),
        {"consent_records": 1, "consent_tombstones": 2},
    ),
    "back": (
        lambda consents, _: consents.upsert(confirm(HERS, 4)),
        {"consent_records": 1, "consent_tombstones": 2},
    ),
}
"""The life of one person, and how many statements look into each table; inserts look nowhere."""


def test_every_hot_statement_touches_one_partition(engine: Engine) -> None:
    """All that happens to one person, from the first look to the way back after an erasure.

    Each statement names what its table is partitioned by, so that the server plans one partition.
    """
    repository = SqlAlchemyRepository(engine, site=uuid4().hex)
    consents = ConsentService(repository, tombstone_keys=[SECRET])
    for moment, (call, expected) in LIFE.items():
        her_id = next((each.id for each in repository.find([HERS]).values()), uuid4())
        seen: Counter[str] = Counter()
        for plan in plans_of(engine, partial(call, consents, her_id)):
            tables = tables_of(plan)
            assert len(tables) <= 1, moment
            is_insert = plan.get("Operation") == "Insert"
            assert is_insert == (not tables), moment
            seen.update(table.rpartition("_")[0] for table in tables)
        assert seen == expected, moment


def test_a_row_is_inserted_into_the_partition_that_is_asked(engine: Engine) -> None:
    """The plan of an insert names no partition, so the rows themselves are asked where they are."""
    site = uuid4().hex
    consents = ConsentService(
        SqlAlchemyRepository(engine, site=site), tombstone_keys=[SECRET], clock=lambda: at(99)
    )
    made = consents.upsert(confirm(HERS)).consent
    consents.upsert(revoke(HERS))
    home = {str(partition_of(engine, HERS))}
    assert partitions(engine, "consent_records", "id", site) == {made.id: home}
    assert partitions(engine, "consent_events", "consent_id", site) == {made.id: home}
    consents.delete(made.id)
    ((digest, _),) = TombstoneKeys([SECRET], site=site).digests_of(HERS)
    (found,) = partitions(engine, "consent_tombstones", "digest", site).items()
    assert found[0] == digest
    assert len(found[1]) == 1
