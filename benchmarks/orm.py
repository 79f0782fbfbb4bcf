"""The comparisons of storing with an ORM: from untrusted dicts to stored records and events."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

import consent_core as cc
from benchmarks import orm_rival
from benchmarks.databases import Database, expect
from benchmarks.harness import Batch, Comparison
from benchmarks.inputs import NOW, dated_request
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, metadata
from consent_core.wire import read_upsert

Upsert = Callable[[Engine, Sequence[dict[str, Any]]], None]
"""Stores the requests of a bulk."""


def comparisons(
    name: str, database: Database, rounds: int, size: int, bar: float, accepted: float
) -> Iterator[Comparison]:
    """All of them on one database.

    Args:
        name: the name of the database.
        database: makes one.
        rounds: bulks of each.
        size: requests of a bulk.
        bar: the ratio to reach with new people.
        accepted: the ratio that is known to be reached with them.
    """
    against = "SQLAlchemy's ORM and pydantic 2 doing the same, in equal transactions"
    yield Comparison(
        f"dict to record and event in {name}, bulk, new people",
        against,
        bar,
        _upsert,
        _upsert_by_orm,
        _bulks(database, rounds, size, is_answer=False),
        accepted=accepted,
    )
    yield Comparison(
        f"dict to record and event in {name}, bulk, the answers of people who were asked",
        against,
        None,
        _upsert,
        _upsert_by_orm,
        _bulks(database, rounds, size, is_answer=True),
    )


class Bulk(Batch[dict[str, Any]]):
    """Requests, with a database for each way.

    Args:
        requests: they.
        ours: for the library.
        theirs: for the ORM.
    """

    def __init__(self, requests: Sequence[dict[str, Any]], ours: Engine, theirs: Engine) -> None:
        super().__init__(requests)
        self.ours = ours
        self.theirs = theirs


def _bulks(database: Database, rounds: int, size: int, *, is_answer: bool) -> Iterator[Bulk]:
    asked = NOW - timedelta(minutes=10)
    for number in range(rounds):
        people = [f"person{number}.{person}" for person in range(size)]
        questions = [dated_request(each, cc.ConsentState.PENDING, asked) for each in people]
        answers = [dated_request(each, cc.ConsentState.CONFIRMED, NOW) for each in people]
        with database() as ours, database() as theirs:
            _start(ours, _store)
            _start(theirs, _store_by_orm)
            if is_answer:
                _store(ours, questions)
                _store_by_orm(theirs, questions)
            yield Bulk(answers, ours, theirs)
            expect(size * (1 + is_answer) + 2, _count(ours, metadata.tables["consent_events"]))
            expect(size * (1 + is_answer) + 2, _count(theirs, orm_rival.Event))


def _start(engine: Engine, store: Upsert) -> None:
    """Let an engine connect, and SQLAlchemy write every statement once."""
    for state in (cc.ConsentState.PENDING, cc.ConsentState.CONFIRMED):
        store(engine, [dated_request("first", state, NOW)])


def _count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _store(engine: Engine, requests: Sequence[dict[str, Any]]) -> None:
    consents = cc.ConsentService(SqlAlchemyRepository(engine))
    answers = consents.bulk_upsert(map(read_upsert, requests))
    expect(len(requests), sum(1 for answer in answers if answer.error is None))


def _store_by_orm(engine: Engine, requests: Sequence[dict[str, Any]]) -> None:
    answers = orm_rival.bulk_upsert(engine, requests, lambda: datetime.now(UTC))
    expect(len(requests), sum(1 for _ in answers))


def _upsert(bulk: Any) -> None:
    _store(bulk.ours, bulk)


def _upsert_by_orm(bulk: Any) -> None:
    _store_by_orm(bulk.theirs, bulk)
