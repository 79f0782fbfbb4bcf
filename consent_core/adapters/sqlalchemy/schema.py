"""The tables: one row for each record, one for each event, both placed by the identifier's shard.

There are no sequences and no foreign keys, every unique key holds the shard, and a record lives on
the same shard as its events: so the tables can be partitioned or distributed by ``shard`` (see
``docs/howto/run-on-postgresql.md``). Moments are whole microseconds since 1970 in UTC: exact, and
the same in every database and session time zone.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata: Final = MetaData()
"""Both tables with their indexes, for ``create_schema`` and for migrations of your own."""


def _record_columns(*, optional: bool) -> list[Column[object]]:
    """What a row keeps of a record; in an event all of it may be missing."""
    return [
        Column("address", _KEY, nullable=optional),
        Column("revision", BigInteger, nullable=optional),
        Column("state", String(20), nullable=optional),
        Column("created_date", BigInteger, nullable=optional),
        Column("updated_date", BigInteger, nullable=optional),
        Column("confirmation_source", String(20)),
        Column("confirmation_description", Text),
        Column("confirmation_date", BigInteger),
        Column("confirmation_level", String(24)),
        Column("revocation_source", String(20)),
        Column("revocation_description", Text),
        Column("revocation_date", BigInteger),
        Column("extended_fields", Text),
        Column("double_confirmed_date", BigInteger),
    ]


# Compared byte by byte everywhere, so that a prefix is a range of the index whatever the database's
# locale.
_KEY: Final = Text().with_variant(Text(collation="C"), "postgresql")

RECORDS: Final = Table(
    "consent_records",
    metadata,
    Column("site", Text, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("key", _KEY, nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("id", Uuid, nullable=False),
    *_record_columns(optional=False),
    PrimaryKeyConstraint("site", "channel", "key", "shard", name="pk_consent_records"),
    UniqueConstraint("site", "id", "shard", name="uq_consent_records_id"),
)
Index(
    "ix_consent_records_audience", RECORDS.c.site, RECORDS.c.state, RECORDS.c.channel, RECORDS.c.id
)
Index("ix_consent_records_created", RECORDS.c.site, RECORDS.c.created_date, RECORDS.c.id)
Index("ix_consent_records_updated", RECORDS.c.site, RECORDS.c.updated_date, RECORDS.c.id)

EVENTS: Final = Table(
    "consent_events",
    metadata,
    Column("site", Text, nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("consent_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("channel", String(8)),
    *_record_columns(optional=True),
    PrimaryKeyConstraint("site", "id", "shard", name="pk_consent_events"),
    UniqueConstraint("site", "consent_id", "sequence", "shard", name="uq_consent_events_sequence"),
)
_WAITING: Final = EVENTS.c.published.is_(False)
Index(
    "ix_consent_events_unpublished",
    EVENTS.c.site,
    EVENTS.c.occurred_at,
    EVENTS.c.consent_id,
    EVENTS.c.sequence,
    postgresql_where=_WAITING,
    sqlite_where=_WAITING,
)


def create_schema(bind: Engine | Connection) -> None:
    """Create the tables and indexes that are missing.

    Args:
        bind: an engine, or a connection; with asyncio, ``await
            connection.run_sync(create_schema)``.
    """
    metadata.create_all(bind)
