"""Many records with their events in one statement of PostgreSQL.

A record and its last event have the same document, which is sent and read once for both.
"""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from consent_core.adapters.sql import ChangeLost
from consent_core.adapters.sqlalchemy.arrays import given_rows, parameters_of
from consent_core.adapters.sqlalchemy.rows import Row, portions
from consent_core.adapters.sqlalchemy.schema import CONTENT, EVENTS, IDENTITY, RECORDS

_GIVEN: Final = given_rows(
    {
        **{column.name: column.type for column in RECORDS.c},
        "event_id": EVENTS.c.id.type,
        "event_kind": EVENTS.c.kind.type,
        "expected": sa.BigInteger(),
    }
)
_ROWS: Final = sa.select(*_GIVEN.c).cte("given_rows")
_COLUMNS: Final = (*IDENTITY, *CONTENT)
_ID, _KIND = map(EVENTS.c.keys().index, ("id", "kind"))


def _with_events(storing: Any) -> Any:
    """A statement that stores records, with their events, if all of them are stored; it counts."""
    given, stored = _ROWS.c, storing.returning(sa.literal_column("1")).cte("stored")
    values = {
        EVENTS.c.site: given.site,
        EVENTS.c.shard: given.shard,
        EVENTS.c.id: given.event_id,
        EVENTS.c.consent_id: given.id,
        EVENTS.c.sequence: given.revision,
        EVENTS.c.kind: given.event_kind,
        EVENTS.c.occurred_at: given.updated_date,
        EVENTS.c.published: sa.false(),
        EVENTS.c.document: given.document,
    }
    # After a lost race, the event of the other writer may be there, which would be an error in the
    # log of the server.
    all_stored = _count(stored) == _count(_ROWS)
    events = sa.insert(EVENTS).from_select([*values], sa.select(*values.values()).where(all_stored))
    return sa.select(_count(stored)).add_cte(events.cte("happened"))


def _count(rows: Any) -> Any:
    return sa.select(sa.func.count()).select_from(rows).scalar_subquery()


def _created() -> Any:
    rows = sa.select(*(_ROWS.c[name] for name in _COLUMNS))
    statement = postgresql.insert(RECORDS).from_select(_COLUMNS, rows)
    return statement.on_conflict_do_nothing(index_elements=[*RECORDS.primary_key])


def _replaced() -> Any:
    """Compare-and-set.

    Each row is looked up by its whole key and locked, in the order in which they are given; what is
    not as expected is not among those that the INSERT then meets. An UPDATE that is joined with the
    given rows would leave it to the planner in which order it takes them, and whether it looks
    through the whole table for them.
    """
    stored = RECORDS.alias("before")
    locked = (
        sa.select(sa.literal_column("1"))
        .where(
            *(stored.c[name] == _ROWS.c[name] for name in IDENTITY),
            stored.c.revision == _ROWS.c.expected,
        )
        .limit(1)
        .with_for_update()
        .lateral("locked")
    )
    rows = sa.select(*(_ROWS.c[name] for name in _COLUMNS))
    statement = postgresql.insert(RECORDS).from_select(
        _COLUMNS, rows.select_from(_ROWS.join(locked, sa.true()))
    )
    return statement.on_conflict_do_update(
        index_elements=[*RECORDS.primary_key],
        set_={name: statement.excluded[name] for name in CONTENT},
    )


CREATE: Final = _with_events(_created())
REPLACE: Final = _with_events(_replaced())


def store(
    connection: sa.Connection, statement: Any, records: Collection[tuple[Row, Row, int]]
) -> None:
    """Store records with their last events.

    Args:
        connection: to the database.
        statement: ``CREATE`` or ``REPLACE``.
        records: the row of each, that of its event, and the revision that must be stored.

    Raises:
        ChangeLost: something else is stored than is expected.
    """
    rows = ((*record, event[_ID], event[_KIND], revision) for record, event, revision in records)
    for some in portions(rows):
        if connection.execute(statement, parameters_of(_GIVEN, some)).scalar() != len(some):
            raise ChangeLost
