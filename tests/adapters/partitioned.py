"""The tables in partitions, and what is in which."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine, MetaData, create_engine, text

from consent_core import Identifier
from consent_core.adapters.sqlalchemy import metadata
from consent_core.domain.ids import shard_of
from tests.adapters.databases import postgres_database

PARTITIONS: Final = 4


@contextmanager
def partitioned(server: str) -> Iterator[Engine]:
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


def partitions(engine: Engine, table: str, key: str, site: str) -> dict[object, set[str]]:
    """The number of the partition of each consent's rows in a table."""
    # fixed names
    sql = f"SELECT {key}, tableoid::regclass::text FROM {table} WHERE site = :site"  # noqa: S608
    found: dict[object, set[str]] = {}
    with engine.connect() as connection:
        for consent_id, partition in connection.execute(text(sql), {"site": site}):
            found.setdefault(consent_id, set()).add(partition.rpartition("_")[2])
    return found


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
