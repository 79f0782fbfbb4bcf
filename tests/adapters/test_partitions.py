"""The tables can be partitioned by their shard.

Every promise is kept, and a person lives in one partition.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, MetaData, create_engine, event, text

from consent_core import ConsentService, Identifier, TombstoneKeys, Unavailable
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, metadata
from consent_core.application.ids import new_consent_id
from consent_core.domain.ids import shard_of
from consent_core.testing import RepositoryContract
from consent_core.testing.arrange import phone
from tests.adapters.databases import postgres_database
from tests.adapters.explaining import plans_of, tables_of, visited
from tests.adapters.requests import applied, at, confirm, person, revoke

PARTITIONS: Final = 4

PEOPLE: Final[list[Identifier]] = [
    *(person(number) for number in range(60)),
    *(phone(number) for number in range(60)),
]


@pytest.fixture(scope="module")
def engine(server: str) -> Iterator[Engine]:
    """A database of its own, with its tables in partitions by hash of the shard or the digest."""
    with postgres_database(server) as url:
        engine = create_engine(url)
        create_partitioned(engine)
        yield engine
        engine.dispose()


def create_partitioned(engine: Engine) -> None:
    """Create a copy of the library's own tables, each in partitions."""
    copy = MetaData()
    for table in metadata.sorted_tables:
        column = "shard" if "shard" in table.c else "digest"
        options = table.to_metadata(copy).dialect_options["postgresql"]
        options["partition_by"] = f"HASH ({column})"
    copy.create_all(engine)
    with engine.begin() as connection:
        for name in copy.tables:
            for number in range(PARTITIONS):
                values = f"WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
                connection.execute(
                    text(f"CREATE TABLE {name}_{number} PARTITION OF {name} FOR VALUES {values}")
                )


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


def partitions(engine: Engine, table: str, key: str, site: str) -> dict[object, set[str]]:
    """The number of the partition of each consent's rows in a table."""
    # fixed names
    sql = f"SELECT {key}, tableoid::regclass::text FROM {table} WHERE site = :site"  # noqa: S608
    found: dict[object, set[str]] = {}
    with engine.connect() as connection:
        for consent_id, partition in connection.execute(text(sql), {"site": site}):
            found.setdefault(consent_id, set()).add(partition.rpartition("_")[2])
    return found


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


def partition_of(engine: Engine, who: Identifier) -> int:
    """The number of the partition of an identifier, as the server tells it."""
    sql = """
        SELECT satisfies_hash_partition(
            'consent_records'::regclass, :of, :number, (:shard)::smallint
        )
    """
    with engine.connect() as connection:
        homes = [
            number
            for number in range(PARTITIONS)
            if connection.scalar(
                text(sql), {"of": PARTITIONS, "number": number, "shard": shard_of(who)}
            )
        ]
    (home,) = homes
    return home


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
