"""What is read: records by identifier, by id and by query, and events.

The shard of an identifier is known, and that of an id is read from it. So where the tables are
partitioned by shard, the database looks into one partition for each.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from consent_core.adapters.sql import batches
from consent_core.adapters.sqlalchemy import tombstones
from consent_core.adapters.sqlalchemy.arrays import found_for_each, given_rows, parameters_of
from consent_core.adapters.sqlalchemy.conditions import Values, where
from consent_core.adapters.sqlalchemy.hints import hinted
from consent_core.adapters.sqlalchemy.schema import COLUMNS, EVENTS, RECORDS
from consent_core.adapters.sqlalchemy.transactions import newest
from consent_core.application.ports import Page
from consent_core.application.query import Query
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.identifiers import IDENTIFIERS
from consent_core.domain.ids import shard_of, shard_of_id
from consent_core.domain.query_fields import QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import TombstoneDigest
from consent_core.wire.documents import load_record

KINDS: Final[Mapping[type[ConsentEvent], str]] = {
    ConsentCreated: "created",
    ConsentUpdated: "updated",
    ConsentDeleted: "deleted",
}
"""What an event's row calls it."""


class _LookUp:
    """Looks records up by the values of one column, each on its shard.

    Args:
        among: selects the documents of the records in question.
        column: with the shard, and what they have in common, it is a whole unique key.
    """

    def __init__(self, among: sa.Select[Any], column: sa.Column[Any]) -> None:
        self._one = among.where(
            column == sa.bindparam("value"), RECORDS.c.shard == sa.bindparam("shard")
        )
        self.listed = among.where(column.in_(sa.bindparam("values", expanding=True)))
        self._given = given = given_rows({"value": column.type, "shard": RECORDS.c.shard.type})
        on_its_shard = among.where(column == given.c.value, RECORDS.c.shard == given.c.shard)
        self._each = found_for_each(given, on_its_shard)

    def run(
        self, connection: sa.Connection, shards: Mapping[Any, int], common: Mapping[str, Any]
    ) -> Iterator[MarketingConsent]:
        """The records.

        Args:
            connection: to the database.
            shards: by the values to look for.
            common: the parameters that all have in common.
        """
        for some in batches(shards):
            if len(some) == 1:
                statement, wanted = self._one, {"value": some[0], "shard": shards[some[0]]}
            elif connection.dialect.name == "postgresql":
                statement = self._each
                wanted = parameters_of(self._given, [(each, shards[each]) for each in some])
            else:
                statement, wanted = self.listed, {"values": some}
            yield from _records(connection, newest(connection, statement), {**common, **wanted})


_OF_SITE: Final = sa.select(RECORDS.c.document).where(RECORDS.c.site == sa.bindparam("at_site"))
_BY_ID: Final = _LookUp(_OF_SITE, RECORDS.c.id)
_BY_KEY: Final = _LookUp(
    _OF_SITE.where(RECORDS.c.channel == sa.bindparam("at_channel")), RECORDS.c.key
)


def find(connection: sa.Connection, site: str, keys: Collection[Any]) -> Mapping[Any, Any]:
    """As ``Repository.find``: one statement for each channel, more for very many identifiers.

    One more finds tombstones, where there are digests among the keys.
    """
    found: dict[Any, Any] = {}
    digests = [key for key in keys if isinstance(key, TombstoneDigest)]
    if digests:
        found.update(tombstones.find(connection, site, digests))
        keys = [key for key in keys if not isinstance(key, TombstoneDigest)]
    for channel in IDENTIFIERS:
        shards = {each.key: shard_of(each) for each in keys if each.channel is channel}
        common = {"at_site": site, "at_channel": channel}
        found.update((each.details, each) for each in _BY_KEY.run(connection, shards, common))
    return found


def get(
    connection: sa.Connection, site: str, ids: Collection[UUID]
) -> Mapping[UUID, MarketingConsent]:
    """As ``Repository.get``: on the shards that the ids carry, then, for the rest, on all."""
    shards = {each: shard for each in ids if (shard := shard_of_id(each)) is not None}
    found = {each.id: each for each in _BY_ID.run(connection, shards, {"at_site": site})}
    # An id that others made carries no shard, or a number that is none.
    listed = newest(connection, _BY_ID.listed)
    for some in batches([each for each in dict.fromkeys(ids) if each not in found]):
        values = {"at_site": site, "values": some}
        found.update((each.id, each) for each in _records(connection, listed, values))
    return found


def query(connection: sa.Connection, site: str, query: Query) -> Page:
    """As ``Repository.query``: one statement."""
    values = Values()
    keys = [COLUMNS[query.sort]]
    if query.sort is not QueryField.ID:
        keys.append(RECORDS.c.id)
    statement = (
        sa.select(RECORDS.c.document)
        .where(RECORDS.c.site == site, *where(query, values))
        .order_by(*(key.desc() if query.downward else key for key in keys))
        # One more than asked for, to tell whether others follow.
        .limit(query.page_size + 1)
    )
    found = _records(connection, hinted(statement, query, connection.dialect.name), values)
    return Page.of(query, found)


def _records(
    connection: sa.Connection, statement: sa.Select[Any], values: Mapping[str, Any]
) -> list[MarketingConsent]:
    # All at once: asked row by row, a cursor takes half as long again.
    return [load_record(text) for text in connection.execute(statement, values).scalars().all()]


EVENT_COLUMNS: Final = (
    EVENTS.c.kind,
    EVENTS.c.document,
    EVENTS.c.consent_id,
    EVENTS.c.sequence,
    EVENTS.c.occurred_at,
)
"""What ``event_of`` makes an event from."""

_EVENTS_OF_SITE: Final = sa.select(*EVENT_COLUMNS).where(EVENTS.c.site == sa.bindparam("at_site"))
_HISTORY: Final = _EVENTS_OF_SITE.where(EVENTS.c.consent_id == sa.bindparam("of")).order_by(
    EVENTS.c.sequence
)
_HISTORY_ON_SHARD: Final = _HISTORY.where(EVENTS.c.shard == sa.bindparam("shard"))
_UNPUBLISHED: Final = (
    _EVENTS_OF_SITE.where(sa.not_(EVENTS.c.published))
    .order_by(EVENTS.c.occurred_at, EVENTS.c.consent_id, EVENTS.c.sequence)
    .limit(sa.bindparam("most"))
)


def history(connection: sa.Connection, site: str, consent_id: UUID) -> Sequence[ConsentEvent]:
    """As ``Repository.history``: on the shard that the id carries, else on every shard."""
    values, shard = {"at_site": site, "of": consent_id}, shard_of_id(consent_id)
    rows: Sequence[Sequence[Any]] = ()
    if shard is not None:
        on_shard = newest(connection, _HISTORY_ON_SHARD)
        rows = connection.execute(on_shard, {**values, "shard": shard}).all()
    return tuple(map(event_of, rows or connection.execute(newest(connection, _HISTORY), values)))


def unpublished(connection: sa.Connection, site: str, limit: int) -> Sequence[ConsentEvent]:
    """The oldest events that no relay has marked as published."""
    return tuple(map(event_of, connection.execute(_UNPUBLISHED, {"at_site": site, "most": limit})))


def event_of(row: Sequence[Any]) -> ConsentEvent:
    """An event from the columns of ``EVENT_COLUMNS``."""
    kind, document, consent_id, sequence, occurred_at = row
    if kind == KINDS[ConsentDeleted]:
        return ConsentDeleted(consent_id, sequence, occurred_at)
    consent = load_record(document)
    return ConsentCreated(consent) if kind == KINDS[ConsentCreated] else ConsentUpdated(consent)
