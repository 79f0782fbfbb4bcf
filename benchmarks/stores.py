"""The comparisons of the SQL adapters, on real databases.

Storing many requests, and reading a whole audience.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
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
from benchmarks import orm
from benchmarks.databases import Database, expect, postgres, sqlite
from benchmarks.harness import Batch, Comparison
from benchmarks.inputs import CHUNK, command
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from tests.adapters.databases import postgres_server

RECORDS_FOR_EACH_REQUEST: Final = 10
"""An audience has so many times the records that a bulk has requests."""

ADDRESSES: Final = 5_000
"""Addresses that are fetched together, of ours and of theirs."""

RECORDS, EVENTS = (metadata.tables[name] for name in ("consent_records", "consent_events"))


def comparisons(rounds: int, size: int) -> Iterator[Comparison]:
    """All of them.

    Args:
        rounds: batches of each.
        size: requests of a bulk; an audience has ten times as many records.
    """
    with postgres_server() as server:
        for name, database, bare, mapped, accepted in (
            ("SQLite", sqlite, 1 / 1.1, 3.5, 2.9),
            ("PostgreSQL", partial(postgres, server), 1 / 0.8, 5, 2.2),
        ):
            yield from orm.comparisons(name, database, rounds, size // 5, mapped, accepted)
            yield Comparison(
                f"bulk upsert into {name}, with events",
                "Core executemany of the same rows, made beforehand, in equal transactions",
                bare,
                _upsert,
                _insert,
                _bulks(database, rounds, size),
                accepted=1 / 1.8,
            )
        yield from _audiences(partial(postgres, server), rounds, size * RECORDS_FOR_EACH_REQUEST)


class Bulk(Batch[cc.Upsert]):
    """Requests, with what both ways need to store them.

    Args:
        requests: they.
        ours: an empty database for the library.
        theirs: another one for the other way.
    """

    def __init__(self, requests: Sequence[cc.Upsert], ours: Engine, theirs: Engine) -> None:
        super().__init__(requests)
        self.ours = ours
        self.theirs = theirs
        self.rows = _rows(requests)


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
    expect(len(requests), sum(1 for answer in answers if answer.error is None))


def _upsert(bulk: Any) -> None:
    _apply(bulk.ours, bulk)


def _insert(bulk: Any) -> None:
    for start in range(0, len(bulk), CHUNK):
        with bulk.theirs.begin() as connection:
            for table, rows in bulk.rows.items():
                connection.execute(insert(table), rows[start : start + CHUNK])


class Stored(Batch[int]):
    """The numbers of the people who are stored, for the harness to count.

    Args:
        size: how many.
        engine: their database.
    """

    def __init__(self, size: int, engine: Engine) -> None:
        super().__init__(range(size))
        self.engine = engine


def _audiences(database: Database, rounds: int, size: int) -> Iterator[Comparison]:
    """The same audience in every round: reading leaves nothing behind."""
    streamed = "a streamed SELECT of the same documents"
    with database() as engine:
        _fill(engine, size)
        yield Comparison(
            "addresses of an audience in PostgreSQL",
            "a streamed SELECT of the addresses in the same documents",
            1 / 1.15,
            _addresses,
            _select_addresses,
            [Stored(size, engine)] * rounds,
        )
        for against, other, bar, accepted in (
            (f"{streamed}, each parsed by json.loads", _parse, 1 / 2, 1 / 3.2),
            (f"{streamed}, not parsed", _select, 1 / 1.8, 1 / 12),
        ):
            batches = [Stored(size, engine)] * rounds
            yield Comparison(
                "audience in PostgreSQL",
                against,
                bar,
                _audience,
                other,
                batches,
                accepted=accepted,
            )


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
    expect(len(stored), sum(1 for _ in consents.audience(cc.Channel.EMAIL)))


def _addresses(stored: Any) -> None:
    consents = cc.ConsentService(SqlAlchemyRepository(stored.engine))
    expect(len(stored), sum(1 for _ in consents.addresses(cc.Channel.EMAIL)))


def _select_addresses(stored: Any) -> None:
    address = cast(RECORDS.c.document, JSON)["details"]["email"].as_string()
    expect(len(stored), sum(1 for _ in _streamed(stored.engine, address, ADDRESSES)))


def _documents(engine: Engine) -> Iterator[str]:
    return _streamed(engine, RECORDS.c.document, CHUNK)


def _streamed(engine: Engine, column: ColumnElement[Any], rows: int) -> Iterator[str]:
    audience = RECORDS.c.site == "", RECORDS.c.channel == "EMAIL", RECORDS.c.state == "CONFIRMED"
    query = select(column).where(*audience).order_by(RECORDS.c.id)
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=rows).execute(query).scalars()


def _parse(stored: Any) -> None:
    expect(len(stored), sum(1 for document in _documents(stored.engine) if json.loads(document)))


def _select(stored: Any) -> None:
    expect(len(stored), sum(1 for _ in _documents(stored.engine)))
