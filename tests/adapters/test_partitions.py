"""The tables can be partitioned by their shard.

Every promise is kept, and a person lives in one partition.
"""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event, text

from consent_core import ConsentService, Identifier, Unavailable
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from consent_core.application.ids import new_consent_id
from consent_core.testing import RepositoryContract
from consent_core.testing.arrange import phone
from tests.adapters.databases import postgres_database
from tests.adapters.explaining import plans_of, tables_of, visited
from tests.adapters.partitioned import (
    PARTITIONS,
    create_partitioned,
    partition_of,
    partitioned,
    partitions,
)
from tests.adapters.requests import applied, confirm, person, revoke

PEOPLE: Final[list[Identifier]] = [
    *(person(number) for number in range(60)),
    *(phone(number) for number in range(60)),
]


@pytest.fixture(scope="module")
def engine(server: str) -> Iterator[Engine]:
    """The tables in partitions."""
    with partitioned(server) as engine:
        yield engine


class TestPartitioned(RepositoryContract):
    """The kit, on partitions."""

    has_sites = True

    @pytest.fixture
    def repository(self, engine: Engine) -> SqlAlchemyRepository:
        """One for a new site."""
        return SqlAlchemyRepository(engine, site=uuid4().hex)

    @pytest.fixture
    def other_site(self, engine: Engine) -> SqlAlchemyRepository:
        """One for another new site."""
        return SqlAlchemyRepository(engine, site=uuid4().hex)


@pytest.fixture(scope="module")
def site(engine: Engine) -> str:
    """A site with people who came, went, and some of whom were erased."""
    site = uuid4().hex
    consents = ConsentService(SqlAlchemyRepository(engine, site=site))
    outcomes = [*applied(consents.bulk_upsert(confirm(who) for who in PEOPLE))]
    outcomes = [*applied(consents.bulk_upsert(revoke(who) for who in PEOPLE))]
    for outcome in outcomes[::6]:
        consents.delete(outcome.consent.id)
    return site


def test_records_and_their_events_live_in_partitions_of_one_number(
    engine: Engine, site: str
) -> None:
    """All rows of a consent are together, even the event of its erasure.

    And the partitions are all in use.
    """
    records = partitions(engine, "consent_records", "id", site)
    events = partitions(engine, "consent_events", "consent_id", site)
    assert len(records) == 100
    assert len(events) == 120
    assert all(len(numbers) == 1 for numbers in events.values())
    assert records == {consent_id: events[consent_id] for consent_id in records}
    assert set.union(*records.values()) == {str(number) for number in range(PARTITIONS)}


@pytest.mark.parametrize(
    "who", [PEOPLE[1], PEOPLE[7], PEOPLE[61], PEOPLE[100], person(999)], ids=str
)
def test_one_identifier_is_looked_for_in_one_partition(
    engine: Engine, site: str, who: Identifier
) -> None:
    """``find`` of one names its shard, so that the server looks nowhere else."""
    repository = SqlAlchemyRepository(engine, site=site)
    (plan,) = plans_of(engine, lambda: repository.find([who]))
    assert len(tables_of(plan)) == 1


def test_many_identifiers_are_looked_for_in_their_partitions(engine: Engine, site: str) -> None:
    """A bulk asks for each identifier on its own shard, in one statement."""
    repository = SqlAlchemyRepository(engine, site=site)
    for wanted in ([person(1), person(2)], PEOPLE[:3], PEOPLE[:60]):
        (plan,) = plans_of(engine, lambda wanted=wanted: repository.find(wanted), run=True)  # type: ignore[misc]
        homes = {partition_of(engine, who) for who in wanted}
        assert visited(plan) == sorted(f"consent_records_{home}" for home in homes)


@pytest.mark.parametrize("who", [PEOPLE[1], PEOPLE[7], PEOPLE[61], PEOPLE[100]], ids=str)
def test_one_id_is_looked_for_in_one_partition(engine: Engine, site: str, who: Identifier) -> None:
    """``get`` and ``history`` read the shard from the id, so that the server looks nowhere else."""
    repository = SqlAlchemyRepository(engine, site=site)
    consent_id, home = repository.find([who])[who].id, partition_of(engine, who)
    for name, ask in (
        ("records", lambda: repository.get([consent_id])),
        ("events", lambda: repository.history(consent_id)),
    ):
        (plan,) = plans_of(engine, ask)
        assert tables_of(plan) == [f"consent_{name}_{home}"]


def test_many_ids_are_looked_for_in_their_partitions(engine: Engine, site: str) -> None:
    """Each on its own shard, in one statement."""
    repository = SqlAlchemyRepository(engine, site=site)
    known = [*repository.find(PEOPLE).values()]
    for wanted in (known[:2], known[2:5], known):
        (plan,) = plans_of(
            engine,
            lambda wanted=wanted: repository.get([each.id for each in wanted]),  # type: ignore[misc]
            run=True,
        )
        homes = {partition_of(engine, each.details) for each in wanted}
        assert visited(plan) == sorted(f"consent_records_{home}" for home in homes)


def test_ids_of_others_are_looked_for_everywhere(engine: Engine, site: str) -> None:
    """The counter-example.

    Without a shard the server asks every partition, so the tests above can fail.
    """
    repository = SqlAlchemyRepository(engine, site=site)
    for ask in (lambda: repository.get([uuid4()]), lambda: repository.history(uuid4())):
        (plan,) = plans_of(engine, ask, run=True)
        assert visited(plan) == tables_of(plan)
        assert len(visited(plan)) == PARTITIONS


def test_ids_that_are_not_on_their_shard_are_looked_for_everywhere(
    engine: Engine, site: str
) -> None:
    """The second look-up is for those that the first did not find, and for them alone."""
    repository = SqlAlchemyRepository(engine, site=site)
    (known,), absent = repository.find(PEOPLE[1:2]).values(), new_consent_id(person(999))
    first, second = plans_of(engine, lambda: repository.get([known.id, absent]), run=True)
    assert visited(first) == sorted(
        {f"consent_records_{partition_of(engine, who)}" for who in (PEOPLE[1], person(999))}
    )
    assert len(visited(second)) == PARTITIONS
    assert second["Actual Rows"] == 0


def test_a_change_touches_one_partition_of_each_table(engine: Engine, site: str) -> None:
    """Read and replaced.

    An upsert looks into one partition, and its events need not be looked for.
    """
    consents = ConsentService(SqlAlchemyRepository(engine, site=site))
    find, update, insert = plans_of(engine, lambda: consents.upsert(confirm(PEOPLE[1], 9)))
    assert tables_of(find) == tables_of(update)
    assert len(tables_of(update)) == 1
    assert tables_of(insert) == []


def test_an_erasure_touches_one_partition_of_each_table(engine: Engine, site: str) -> None:
    """Read by id, erased with its history, and what remains: all on the shard of the id."""
    consents = ConsentService(SqlAlchemyRepository(engine, site=site))
    made = consents.upsert(confirm(person(500))).consent
    home = partition_of(engine, made.details)
    get, delete, history, insert = plans_of(engine, lambda: consents.delete(made.id))
    assert tables_of(get) == tables_of(delete) == [f"consent_records_{home}"]
    assert tables_of(history) == [f"consent_events_{home}"]
    assert tables_of(insert) == []


def test_a_missing_partition_is_no_race(server: str) -> None:
    """Nobody was faster: the first attempt is the last, and it is told as what it is."""
    with postgres_database(server) as url:
        engine = create_engine(url)
        create_partitioned(engine)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE consent_records_1"))
        sent: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
        with pytest.raises(Unavailable) as failed:
            list(
                ConsentService(SqlAlchemyRepository(engine)).bulk_upsert(
                    confirm(person(n)) for n in range(500)
                )
            )
        assert (failed.value.error_class, failed.value.code) == ("CheckViolation", "23514")
        assert len(sent) <= 3
        engine.dispose()
