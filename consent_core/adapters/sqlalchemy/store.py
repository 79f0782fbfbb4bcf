"""The SQL behind both repositories, written once: every function runs on a connection, inside its transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, select, update

from consent_core.adapters.sqlalchemy.rows import (
    EVENT_COLUMNS,
    RECORD_COLUMNS,
    event_row,
    identity,
    read_event,
    read_record,
    shard_of,
    snapshot,
)
from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS
from consent_core.adapters.sqlalchemy.selecting import page
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.checks import refuse, wrong_text, wrong_type
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.model import MarketingConsent

T = TypeVar("T")

_BATCH: Final = 5_000
"""Values in one IN list: below the least limit of parameters of the databases in use (SQLite: 32,766)."""

_THIS: Final = and_(
    RECORDS.c.site == bindparam("at_site"),
    RECORDS.c.channel == bindparam("at_channel"),
    RECORDS.c.key == bindparam("at_key"),
    RECORDS.c.shard == bindparam("at_shard"),
    RECORDS.c.id == bindparam("at_id"),
    RECORDS.c.revision == bindparam("at_revision"),
)
"""Compare-and-set: the row of an identifier, if it is still that record in the expected revision."""


class Store:
    """The statements for one site.

    Args:
        site: the tenant whose rows they see.

    Raises:
        InvalidConsent: the site is no text that a database can hold.
    """

    def __init__(self, site: str) -> None:
        refuse("repository", site=wrong_type(site, str) or wrong_text(site))
        self._site = site

    def find(
        self, connection: Connection, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, MarketingConsent]:
        """As ``Repository.find``."""
        found = [c for query in self._finding(identifiers) for c in self._records(connection, query)]
        return {consent.details: consent for consent in found}

    def get(self, connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        queries = (self._select().where(RECORDS.c.id.in_(some)) for some in _batches(ids))
        return {consent.id: consent for query in queries for consent in self._records(connection, query)}

    def query(self, connection: Connection, query: Query) -> Page:
        """As ``Repository.query``."""
        found = self._records(connection, page(query, self._site))
        consents = found[: query.page_size]
        return Page(tuple(reversed(consents) if query.backward else consents), len(found) > len(consents))

    def history(self, connection: Connection, consent_id: UUID) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        mine = and_(EVENTS.c.site == self._site, EVENTS.c.consent_id == consent_id)
        rows = connection.execute(select(*EVENT_COLUMNS).where(mine).order_by(EVENTS.c.sequence))
        return tuple(read_event(row) for row in rows)

    def commit(self, connection: Connection, changes: Sequence[Change]) -> None:
        """As ``Repository.commit``, in the connection's transaction; raises ``Lost`` where a change did not hold."""
        # Every writer takes rows in the same order, so that two of them wait for each other instead of deadlocking.
        ordered = sorted(changes, key=lambda change: change.identifier)
        self._insert(connection, [c for c in ordered if c.expected == 0])
        self._update(connection, [c for c in ordered if c.expected and c.consent is not None])
        self._erase(connection, [c for c in ordered if c.expected and c.consent is None])
        rows = [event_row(self._site, shard_of(c.identifier), event) for c in ordered for event in c.events]
        connection.execute(insert(EVENTS), rows)

    def conflicts(self, connection: Connection, changes: Sequence[Change]) -> Conflict | None:
        """Which changes do not hold any more; None where all would hold now."""
        stored = self.find(connection, [change.identifier for change in changes])
        lost = [change for change in changes if not _holds(change, stored.get(change.identifier))]
        return Conflict(lost) if lost else None

    def unpublished(self, connection: Connection, limit: int) -> Sequence[ConsentEvent]:
        """The oldest events that no relay has marked as published."""
        waiting = and_(EVENTS.c.site == self._site, EVENTS.c.published.is_(False))
        order = (EVENTS.c.occurred_at, EVENTS.c.consent_id, EVENTS.c.sequence)
        rows = connection.execute(select(*EVENT_COLUMNS).where(waiting).order_by(*order).limit(limit))
        return tuple(read_event(row) for row in rows)

    def mark_published(self, connection: Connection, ids: Collection[UUID]) -> None:
        """Take events out of ``unpublished``."""
        for some in _batches(ids):
            mine = and_(EVENTS.c.site == self._site, EVENTS.c.id.in_(some))
            connection.execute(update(EVENTS).where(mine).values(published=True))

    def _select(self) -> Select[Any]:
        return select(*RECORD_COLUMNS).where(RECORDS.c.site == self._site)

    def _finding(self, identifiers: Collection[Identifier]) -> Iterator[Select[Any]]:
        """One query for each channel; a single identifier is asked for on its shard alone."""
        for kind in (Email, Phone):
            mine = self._select().where(RECORDS.c.channel == kind.channel.value)
            wanted = [identifier for identifier in identifiers if isinstance(identifier, kind)]
            if len(wanted) == 1:
                yield mine.where(RECORDS.c.key == wanted[0].key, RECORDS.c.shard == shard_of(wanted[0]))
            else:
                for some in _batches([identifier.key for identifier in wanted]):
                    yield mine.where(RECORDS.c.key.in_(some))

    @staticmethod
    def _records(connection: Connection, query: Select[Any]) -> list[MarketingConsent]:
        return [read_record(row) for row in connection.execute(query)]

    def _insert(self, connection: Connection, changes: Sequence[Change]) -> None:
        rows = [
            identity(self._site, change.identifier) | {"id": change.consent_id} | snapshot(change.consent)
            for change in changes
            if change.consent is not None
        ]
        if rows:
            connection.execute(insert(RECORDS), rows)

    def _update(self, connection: Connection, changes: Sequence[Change]) -> None:
        rows = [self._at(change) | snapshot(change.consent) for change in changes if change.consent is not None]
        _compare_and_set(connection, update(RECORDS).where(_THIS), rows)

    def _erase(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Records go with their history."""
        _compare_and_set(connection, delete(RECORDS).where(_THIS), [self._at(change) for change in changes])
        for some in _batches([change.consent_id for change in changes]):
            connection.execute(delete(EVENTS).where(EVENTS.c.site == self._site, EVENTS.c.consent_id.in_(some)))

    def _at(self, change: Change) -> dict[str, Any]:
        """The parameters of ``_THIS``."""
        row = identity(self._site, change.identifier)
        row |= {"id": change.consent_id, "revision": change.expected}
        return {f"at_{name}": value for name, value in row.items()}


class Lost(Exception):
    """A change did not hold; the transaction must be rolled back, then ``Store.conflicts`` tells which."""


def _holds(change: Change, stored: MarketingConsent | None) -> bool:
    if stored is None:
        return change.expected == 0
    return (stored.id, stored.revision) == (change.consent_id, change.expected)


def _compare_and_set(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Run a statement for each row, and insist that each found its row."""
    if not rows:
        return
    if connection.dialect.supports_sane_multi_rowcount:
        found = connection.execute(statement, rows).rowcount
    else:
        found = sum(connection.execute(statement, row).rowcount for row in rows)
    if found != len(rows):
        raise Lost


def _batches(values: Collection[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, _BATCH)):
        yield some
