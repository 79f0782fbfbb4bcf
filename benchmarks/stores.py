"""The comparisons of the SQL adapters, on real databases.

Storing many requests, and reading a whole audience.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, overload

from sqlalchemy import (
    Engine,
    Table,
    Text,
    Uuid,
    cast,
    create_engine,
    func,
    insert,
    literal_column,
    select,
    text,
)

import consent_core as cc
from benchmarks.harness import Comparison
from benchmarks.inputs import command
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from tests.adapters.databases import postgres_database, postgres_server, sqlite_engine

CHUNK: Final = 500
"""Requests in one transaction, of ours by default and so of theirs."""

RECORDS_FOR_EACH_REQUEST: Final = 10
"""An audience has so many times the records that a bulk has requests."""

RECORDS, EVENTS = (metadata.tables[name] for name in ("consent_records", "consent_events"))

Database = Callable[[], AbstractContextManager[Engine]]
"""Makes a new database with the schema, which is gone afterwards."""


def comparisons(rounds: int, size: int) -> Iterator[Comparison]:
    """All of them.

    Args:
        rounds: batches of each.
        size: requests of a bulk; an audience has ten times as many records.
    """
    with postgres_server() as server:
        for name, database in (("SQLite", _sqlite), ("PostgreSQL", partial(_postgres, server))):
            yield Comparison(
                f"bulk upsert into {name}, with events",
                "Core executemany of the same rows, made beforehand, in equal transactions",
                1 / 1.5,
                _upsert,
                _insert,
                _bulks(database, rounds, size),
                accepted=1 / 1.8,
            )
        streamed = "a streamed SELECT of the same documents"
        for against, other, bar, accepted in (
            (f"{streamed}, each parsed by json.loads", _parse, 1 / 2, 1 / 3.2),
            (f"{streamed}, not parsed", _select, None, None),
        ):
            yield Comparison(
                "audience in PostgreSQL",
                against,
                bar,
                _audience,
                other,
                _audiences(partial(_postgres, server), rounds, size * RECORDS_FOR_EACH_REQUEST),
                accepted=accepted,
            )


class Bulk(Sequence[cc.Upsert]):
    """Requests, with what both ways need to store them.

    Args:
        requests: they.
        ours: an empty database for the library.
        theirs: another one for the other way.
    """

    def __init__(self, requests: Sequence[cc.Upsert], ours: Engine, theirs: Engine) -> None:
        self._requests = requests
        self.ours = ours
        self.theirs = theirs
        self.rows = _rows(requests)

    def __len__(self) -> int:
        return len(self._requests)

    @overload
    def __getitem__(self, index: int) -> cc.Upsert: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[cc.Upsert]: ...
    def __getitem__(self, index: int | slice) -> cc.Upsert | Sequence[cc.Upsert]:
        return self._requests[index]


def _rows(requests: Sequence[cc.Upsert]) -> dict[Table, list[dict[str, Any]]]:
    """The rows that the requests lead to, in the order in which the library stores them."""
    engine = create_engine("sqlite://")
    create_schema(engine)
    _apply(engine, requests)
    with engine.connect() as connection:
        stored = {
            table: connection.execute(select(table).order_by(text("rowid")))
            for table in (RECORDS, EVENTS)
        }
        rows = {table: [dict(row) for row in result.mappings()] for table, result in stored.items()}
    engine.dispose()
    return rows


def _bulks(database: Database, rounds: int, size: int) -> Iterator[Bulk]:
    for number in range(rounds):
        requests = [command(f"bulk{number}.{person}", 10) for person in range(size)]
        with database() as ours, database() as theirs:
            yield Bulk(requests, ours, theirs)


def _apply(engine: Engine, requests: Sequence[cc.Upsert]) -> None:
    answers = cc.ConsentService(SqlAlchemyRepository(engine)).bulk_upsert(requests)
    _expect(len(requests), sum(1 for answer in answers if answer.error is None))


def _upsert(bulk: Any) -> None:
    _apply(bulk.ours, bulk)


def _insert(bulk: Any) -> None:
    for start in range(0, len(bulk), CHUNK):
        with bulk.theirs.begin() as connection:
            for table, rows in bulk.rows.items():
                connection.execute(insert(table), rows[start : start + CHUNK])


class Stored(Sequence[int]):
    """The numbers of the people who are stored, for the harness to count.

    Args:
        size: how many.
        engine: their database.
    """

    def __init__(self, size: int, engine: Engine) -> None:
        self._numbers = range(size)
        self.engine = engine

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self._numbers[index]


def _audiences(database: Database, rounds: int, size: int) -> Iterator[Stored]:
    """The same audience in every round: reading leaves nothing behind."""
    with database() as engine:
        _fill(engine, size)
        for _ in range(rounds):
            yield Stored(size, engine)


def _fill(engine: Engine, size: int) -> None:
    """Store one consent, and copy it with other addresses and ids inside the database."""
    _apply(engine, [command("first", 10)])
    number = func.generate_series(2, size).table_valued("number").render_derived()
    address = func.concat(number.c.number, "@example.com")
    new_id = cast(func.lpad(func.to_hex(number.c.number), 32, "0"), Uuid)
    with_new_id = func.replace(RECORDS.c.document, cast(RECORDS.c.id, Text), cast(new_id, Text))
    others = {
        "id": new_id,
        "key": address,
        "shard": number.c.number % 1024,
        "document": func.replace(with_new_id, "first@example.com", address),
    }
    copies = select(*(others.get(column.name, column) for column in RECORDS.c)).join_from(
        RECORDS, number, literal_column("true")
    )
    with engine.begin() as connection:
        connection.execute(insert(RECORDS).from_select(RECORDS.c.keys(), copies))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE consent_records"))


def _audience(stored: Any) -> None:
    consents = cc.ConsentService(SqlAlchemyRepository(stored.engine))
    _expect(len(stored), sum(1 for _ in consents.audience(cc.Channel.EMAIL)))


def _documents(engine: Engine) -> Iterator[str]:
    audience = RECORDS.c.site == "", RECORDS.c.channel == "EMAIL", RECORDS.c.state == "CONFIRMED"
    query = select(RECORDS.c.document).where(*audience).order_by(RECORDS.c.id)
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=CHUNK).execute(query).scalars()


def _parse(stored: Any) -> None:
    _expect(len(stored), sum(1 for document in _documents(stored.engine) if json.loads(document)))


def _select(stored: Any) -> None:
    _expect(len(stored), sum(1 for _ in _documents(stored.engine)))


def _expect(expected: int, found: int) -> None:
    """A way that does only a part of the work is not compared."""
    if found != expected:
        raise RuntimeError(f"{found} instead of {expected}")


@contextmanager
def _sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder))
        create_schema(engine)
        yield engine
        engine.dispose()


@contextmanager
def _postgres(server: str) -> Iterator[Engine]:
    with postgres_database(server) as url:
        engine = create_engine(url)
        create_schema(engine)
        yield engine
        engine.dispose()
