"""What is written: records and their events, only where those that are stored are as expected."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from consent_core.adapters.sql import batches
from consent_core.adapters.sqlalchemy import tombstones
from consent_core.adapters.sqlalchemy.reading import KINDS, find
from consent_core.adapters.sqlalchemy.rows import (
    Row,
    compare_and_set,
    insert_where_absent,
)
from consent_core.adapters.sqlalchemy.schema import EVENTS, FIELD_COLUMNS, RECORDS
from consent_core.adapters.sqlalchemy.transactions import leave_snapshot
from consent_core.application.ports import Change
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.ids import shard_of
from consent_core.domain.query_fields import FIELDS
from consent_core.domain.records import MarketingConsent
from consent_core.porting import conflict_among, keys_of
from consent_core.wire.documents import dump_record

_FIELDS: Final = [(column.name, FIELDS[field].read) for field, column in FIELD_COLUMNS.items()]

_AS_EXPECTED: Final = sa.and_(
    RECORDS.c.site == sa.bindparam("at_site"),
    RECORDS.c.channel == sa.bindparam("at_channel"),
    RECORDS.c.key == sa.bindparam("at_key"),
    RECORDS.c.shard == sa.bindparam("at_shard"),
    RECORDS.c.id == sa.bindparam("at_id"),
    RECORDS.c.revision == sa.bindparam("at_revision"),
)
"""Compare-and-set: the row of an identifier, if it is still that record in that revision."""

_ITS_EVENTS: Final = sa.and_(
    EVENTS.c.site == sa.bindparam("at_site"),
    EVENTS.c.shard == sa.bindparam("at_shard"),
    EVENTS.c.consent_id == sa.bindparam("at_id"),
)
"""The history of that record, which is on the same shard."""


def commit(connection: sa.Connection, site: str, changes: Sequence[Change]) -> None:
    """As ``Repository.commit``, in the connection's transaction.

    Raises:
        ChangeLost: a change did not hold.
        IntegrityError: the same, on a database whose dialect has no other way to tell.
    """
    # Every writer takes rows in the same order, so that two of them wait for each other instead of
    # deadlocking.
    changes = sorted(changes, key=lambda each: (each.identifier.channel, each.identifier.key))
    if of_records := [change for change in changes if change.events]:
        _commit_records(connection, site, of_records)
    # Behind the records: a creation that has waited for an erasure then meets its tombstone.
    tombstones.commit(connection, site, [each for c in changes for each in c.tombstones])


def _commit_records(connection: sa.Connection, site: str, changes: Sequence[Change]) -> None:
    created: list[Row] = []
    replaced: list[Row] = []
    erased: list[Row] = []
    events: list[Row] = []
    for change in changes:
        consent, document, shard = change.consent, None, shard_of(change.identifier)
        if consent is None:
            erased.append(_expected(change, site, shard))
        else:
            document = dump_record(consent)
            if change.expected:
                values = _content(consent, document)
                replaced.append(_expected(change, site, shard) | values)
            else:
                created.append(record_row(consent, site, shard, document))
        for event in change.remaining:
            # The last event has the record itself, whose text is there already.
            same = not isinstance(event, ConsentDeleted) and event.consent is consent
            events.append(event_row(event, site, shard, document if same else None))
    if created:
        insert_where_absent(connection, RECORDS, created)
    if replaced:
        compare_and_set(connection, sa.update(RECORDS).where(_AS_EXPECTED), replaced)
    if erased:
        compare_and_set(connection, sa.delete(RECORDS).where(_AS_EXPECTED), erased)
        connection.execute(sa.delete(EVENTS).where(_ITS_EVENTS), erased)
    connection.execute(sa.insert(EVENTS), events)


def _expected(change: Change, site: str, shard: int) -> Row:
    """The parameters of ``_AS_EXPECTED`` and ``_ITS_EVENTS``."""
    return {
        "at_site": site,
        "at_channel": change.identifier.channel,
        "at_key": change.identifier.key,
        "at_shard": shard,
        "at_id": change.consent_id,
        "at_revision": change.expected,
    }


def _content(consent: MarketingConsent, document: str) -> Row:
    values = {name: read(consent) for name, read in _FIELDS}
    values["revision"] = consent.revision
    values["document"] = document
    return values


def record_row(consent: MarketingConsent, site: str, shard: int, document: str) -> Row:
    """The row of a new record."""
    values = _content(consent, document)
    values["site"] = site
    values["channel"] = consent.details.channel
    values["key"] = consent.details.key
    values["shard"] = shard
    values["id"] = consent.id
    return values


def event_row(
    event: ConsentEvent,
    site: str,
    shard: int,
    document: str | None = None,
    *,
    is_published: bool = False,
) -> Row:
    """The row of an event.

    Args:
        event: what happened.
        site: the tenant.
        shard: of the record.
        document: of the record after the event, if it was made already.
        is_published: whether a relay has marked it.
    """
    if document is None and not isinstance(event, ConsentDeleted):
        document = dump_record(event.consent)
    return {
        "site": site,
        "shard": shard,
        "id": event.id,
        "consent_id": event.consent_id,
        "sequence": event.sequence,
        "kind": KINDS[type(event)],
        "occurred_at": event.occurred_at,
        "published": is_published,
        "document": document,
    }


def conflicts(connection: sa.Connection, site: str, changes: Sequence[Change]) -> Conflict | None:
    """Which changes do not hold any more; None where all would hold now."""
    leave_snapshot(connection)
    return conflict_among(changes, find(connection, site, keys_of(changes)))


def mark_published(connection: sa.Connection, site: str, ids: Collection[UUID]) -> None:
    """Take events out of ``unpublished``."""
    for some in batches(ids):
        mine = sa.and_(EVENTS.c.site == site, EVENTS.c.id.in_(some))
        connection.execute(sa.update(EVENTS).where(mine).values(published=True))
