"""Everything of a site, read and written as it is (``consent_core.moving``)."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from consent_core.adapters.sqlalchemy import tombstones
from consent_core.adapters.sqlalchemy.reading import EVENT_COLUMNS, event_of
from consent_core.adapters.sqlalchemy.rows import insert, insert_where_absent
from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS, TOMBSTONE_COLUMNS, TOMBSTONES
from consent_core.adapters.sqlalchemy.writing import event_row, record_row
from consent_core.application.moving import (
    NOT_EMPTY,
    Stored,
    StoredConsent,
    StoredTombstone,
    cannot_fill,
)
from consent_core.application.ports import TombstoneChange
from consent_core.domain.ids import shard_of, shard_of_id
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import TombstoneDigest
from consent_core.wire.documents import dump_record, load_record

_ROWS: Final = 500
"""Rows that are read or written together."""


def begin_snapshot(connection: sa.Connection) -> None:
    """Let everything that a connection reads from now on be of one moment."""
    if connection.dialect.name == "sqlite":
        # Its driver begins no transaction before the first change.
        connection.exec_driver_sql("BEGIN")
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


def everything(connection: sa.Connection, site: str) -> Iterator[Stored]:
    """As ``Movable.everything``, in the connection's transaction."""
    parts = merge(_records(connection, site), _events(connection, site), key=itemgetter(0))
    for _, group in groupby(parts, itemgetter(0)):
        consent, events, published = None, [], []
        for _, part in group:
            if isinstance(part, MarketingConsent):
                consent = part
                continue
            event, is_published = part
            events.append(event)
            if is_published:
                published.append(event.id)
        yield StoredConsent(consent, tuple(events), frozenset(published))
    for digest, number, *values in _tombstones(connection, site):
        yield StoredTombstone(TombstoneDigest(digest, number), tombstones.tombstone_of(values))


def _records(connection: sa.Connection, site: str) -> Iterator[tuple[UUID, Any]]:
    among = sa.select(RECORDS.c.id, RECORDS.c.document).where(RECORDS.c.site == site)
    for consent_id, document in _paged(connection, among, [RECORDS.c.id]):
        yield consent_id, load_record(document)


def _events(connection: sa.Connection, site: str) -> Iterator[tuple[UUID, Any]]:
    key = [EVENTS.c.consent_id, EVENTS.c.sequence]
    among = sa.select(*key, *EVENT_COLUMNS, EVENTS.c.published).where(EVENTS.c.site == site)
    for consent_id, _, *columns, is_published in _paged(connection, among, key):
        yield consent_id, (event_of(columns), is_published)


def _tombstones(connection: sa.Connection, site: str) -> Iterator[Sequence[Any]]:
    key = [TOMBSTONES.c.digest]
    among = sa.select(*key, TOMBSTONES.c.key_number, *TOMBSTONE_COLUMNS)
    return _paged(connection, among.where(TOMBSTONES.c.site == site), key)


def _paged(
    connection: sa.Connection, among: sa.Select[Any], key: Sequence[sa.Column[Any]]
) -> Iterator[Sequence[Any]]:
    """All rows in the order of a unique key, which are the first columns; memory stays flat.

    Not by a cursor on the server, for not every driver can have two at once.
    """
    statement = among.order_by(*key).limit(_ROWS)
    rows = connection.execute(statement).all()
    while rows:
        yield from rows
        rows = connection.execute(statement.where(_behind(key, rows[-1]))).all()


def _behind(key: Sequence[sa.Column[Any]], row: Sequence[Any]) -> sa.ColumnElement[bool]:
    beyond: sa.ColumnElement[bool] = key[0] > row[0]
    if len(key) == 1:
        return beyond
    return sa.and_(key[0] >= row[0], sa.or_(beyond, _behind(key[1:], row[1:])))


def fill(connection: sa.Connection, site: str, stored: Iterable[Stored]) -> None:
    """As ``Movable.fill``, in the connection's transaction.

    Raises:
        ChangeLost: something was there already.
        IntegrityError: the same.
    """
    for table in (RECORDS, EVENTS, TOMBSTONES):
        if connection.execute(sa.select(sa.literal(1)).where(table.c.site == site).limit(1)).all():
            raise cannot_fill(NOT_EMPTY)
    for some in _batches(stored):
        records, events, buried = [], [], []
        for each in some:
            if isinstance(each, StoredTombstone):
                buried.append(TombstoneChange(each.digest, None, each.tombstone))
                continue
            shard = _shard(each)
            if each.consent is not None:
                records.append(record_row(each.consent, site, shard, dump_record(each.consent)))
            for event in each.events:
                is_published = event.id in each.published
                events.append(event_row(event, site, shard, is_published=is_published))
        if records:
            insert_where_absent(connection, RECORDS, records)
        if events:
            insert(connection, EVENTS, events)
        tombstones.commit(connection, site, buried)


def _batches(stored: Iterable[Stored]) -> Iterator[list[Stored]]:
    some: list[Stored] = []
    rows = 0
    for each in stored:
        some.append(each)
        rows += 1 if isinstance(each, StoredTombstone) else 1 + len(each.events)
        if rows >= _ROWS:
            yield some
            some, rows = [], 0
    yield some


def _shard(stored: StoredConsent) -> int:
    if stored.consent is not None:
        return shard_of(stored.consent.details)
    # Whose it was is forgotten. Where the id carries no shard, a history is looked for on all.
    return shard_of_id(stored.events[-1].consent_id) or 0
