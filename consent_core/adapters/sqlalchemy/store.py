"""The SQL behind both repositories, written once.

Every function runs on a connection, inside its transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, select, update

from consent_core.adapters.sqlalchemy.binding import refuse_without_transaction
from consent_core.adapters.sqlalchemy.finding import (
    Finding,
    batches,
    finding,
    finding_anywhere,
    finding_by_shard,
)
from consent_core.adapters.sqlalchemy.rows import (
    EVENT_COLUMNS,
    Written,
    read_event,
    read_record,
)
from consent_core.adapters.sqlalchemy.schema import EVENTS
from consent_core.adapters.sqlalchemy.selecting import page
from consent_core.adapters.sqlalchemy.writing import (
    delete_events,
    delete_records,
    insert_events,
    insert_records,
    update_records,
)
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.checks import refuse, wrong_text, wrong_type
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.ids import shard_of_id
from consent_core.domain.model import MarketingConsent


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
        queries = finding(self._site, identifiers, dialect=connection.dialect.name)
        return {
            c.details: c
            for query, values in queries
            for c in self._records(connection, query, values)
        }

    def get(self, connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        found = self._with_ids(
            connection, finding_by_shard(self._site, ids, dialect=connection.dialect.name)
        )
        elsewhere = [each for each in ids if each not in found]
        return found | self._with_ids(connection, finding_anywhere(self._site, elsewhere))

    def query(self, connection: Connection, query: Query) -> Page:
        """As ``Repository.query``."""
        found = self._records(connection, *page(query, self._site))
        consents = found[: query.page_size]
        return Page(
            tuple(reversed(consents) if query.backward else consents), len(found) > len(consents)
        )

    def history(self, connection: Connection, consent_id: UUID) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        mine = and_(EVENTS.c.site == self._site, EVENTS.c.consent_id == consent_id)
        events = select(*EVENT_COLUMNS).where(mine).order_by(EVENTS.c.sequence)
        shard = shard_of_id(consent_id)
        rows = (
            [] if shard is None else connection.execute(events.where(EVENTS.c.shard == shard)).all()
        )
        return tuple(read_event(row) for row in rows or connection.execute(events))

    def commit(self, connection: Connection, changes: Sequence[Change]) -> None:
        """As ``Repository.commit``, in the connection's transaction.

        Raises ``Lost`` where a change did not hold.
        """
        refuse_without_transaction(connection)
        # Every writer takes rows in the same order, so that two of them wait for each other instead
        # of deadlocking.
        written = [Written(self._site, change) for change in sorted(changes, key=_place)]
        created = [each for each in written if each.kept and not each.change.expected]
        replaced = [each for each in written if each.kept and each.change.expected]
        erased = [each for each in written if not each.kept and each.change.expected]
        insert_records(connection, [each.record() for each in created])
        update_records(connection, [_at(each) | each.kept for each in replaced])
        self._erase(connection, erased)
        insert_events(connection, [row for each in written for row in each.events()])

    def conflicts(self, connection: Connection, changes: Sequence[Change]) -> Conflict | None:
        """Which changes do not hold any more; None where all would hold now."""
        stored = self.find(connection, [change.identifier for change in changes])
        lost = [change for change in changes if not _holds(change, stored.get(change.identifier))]
        return Conflict(lost) if lost else None

    def unpublished(self, connection: Connection, limit: int) -> Sequence[ConsentEvent]:
        """The oldest events that no relay has marked as published."""
        waiting = and_(EVENTS.c.site == self._site, EVENTS.c.published.is_(False))
        order = (EVENTS.c.occurred_at, EVENTS.c.consent_id, EVENTS.c.sequence)
        rows = connection.execute(
            select(*EVENT_COLUMNS).where(waiting).order_by(*order).limit(limit)
        )
        return tuple(read_event(row) for row in rows)

    def mark_published(self, connection: Connection, ids: Collection[UUID]) -> None:
        """Take events out of ``unpublished``."""
        for some in batches(ids):
            mine = and_(EVENTS.c.site == self._site, EVENTS.c.id.in_(some))
            connection.execute(update(EVENTS).where(mine).values(published=True))

    def _with_ids(
        self, connection: Connection, queries: Iterable[Finding]
    ) -> dict[UUID, MarketingConsent]:
        return {
            c.id: c for query, values in queries for c in self._records(connection, query, values)
        }

    @staticmethod
    def _records(
        connection: Connection, query: Select[Any], values: Mapping[str, Any] | None = None
    ) -> list[MarketingConsent]:
        return [read_record(row) for row in connection.execute(query, values).all()]

    def _erase(self, connection: Connection, written: Sequence[Written]) -> None:
        """Records go with their history."""
        rows = [_at(each) for each in written]
        delete_records(connection, rows)
        delete_events(connection, rows)


def _place(change: Change) -> tuple[str, str]:
    """The order of identifiers, as a tuple that sorts without calling back."""
    return change.identifier.channel, change.identifier.key


def _at(written: Written) -> dict[str, Any]:
    """The parameters that say what must be stored."""
    row = {**written.identity, "id": written.change.consent_id, "revision": written.change.expected}
    return {f"at_{name}": value for name, value in row.items()}


def _holds(change: Change, stored: MarketingConsent | None) -> bool:
    if stored is None:
        return change.expected == 0
    return (stored.id, stored.revision) == (change.consent_id, change.expected)
