"""The tables: a row for each record, event and tombstone (docs/reference/storage.md).

A record's row is its identity, a column for each field that conditions can be about, and the whole
record as a document. Records are read from their documents alone. The columns are there to be
asked, and are written from the record every time.

There are no sequences and no foreign keys, every unique key of the first two holds the shard, and a
record has the same shard as its events: so both can be partitioned or distributed by ``shard``, and
tombstones by ``digest`` (docs/howto/run-on-postgresql.md).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from consent_core.adapters.sqlalchemy import mysql
from consent_core.domain.query_fields import FIELDS, KEYS, Description, Operator, QueryField
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topics import Topics
from consent_core.domain.validation import declared_fields
from consent_core.porting import moment_key
from consent_core.wire.shapes import STORED_RECORD


class _IsoText(sa.TypeDecorator[datetime]):
    """A moment as text of fixed width, so that the order of texts is the order of time."""

    impl = sa.String(27)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """As ``TypeDecorator.python_type``."""
        return datetime

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> str | None:
        """As ``TypeDecorator.process_bind_param``."""
        return None if value is None else moment_key(value)

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> datetime | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else datetime.fromisoformat(value)


class _Timestamp(sa.TypeDecorator[datetime]):
    """A moment as ``timestamptz``, read in UTC."""

    impl = sa.TIMESTAMP(timezone=True)
    cache_ok = True

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """As ``TypeDecorator.column_expression``."""
        # A driver answers in the time zone of the session, in which the first and the last hours
        # between the years 1 and 9999 are no dates that Python has.
        return sa.func.timezone(sa.literal_column("'UTC'"), column, type_=self)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else value.replace(tzinfo=UTC)


class _Word(sa.TypeDecorator[StrEnum]):
    """A word of an enum as its text, for not every driver takes a member of an enum."""

    impl = sa.Text().with_variant(mysql.WORD, *mysql.NAMES)
    cache_ok = True

    def process_bind_param(self, value: StrEnum | None, _dialect: sa.Dialect) -> str | None:
        """As ``TypeDecorator.process_bind_param``."""
        return None if value is None else str(value)


class _Names(sa.TypeDecorator[frozenset[str]]):
    """Names of topics as text, each between spaces: `` events offers ``; empty where there is none.

    One text is read and written as fast as any other column, in every database.
    """

    impl = sa.Text().with_variant(mysql.LISTED, *mysql.NAMES)
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, _dialect: sa.Dialect) -> str | None:
        """As ``TypeDecorator.process_bind_param``."""
        return f" {' '.join(sorted(value))} " if value else ""

    def process_result_value(
        self, value: str | None, _dialect: sa.Dialect
    ) -> frozenset[str] | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else frozenset(value.split())


_TOPICS: Final = STORED_RECORD.fields["topics"].kind


class _LeftTopics(sa.TypeDecorator[Topics]):
    """Topics as compact JSON in the library's own format, as in a record's document."""

    impl = sa.Text().with_variant(mysql.LISTED, *mysql.NAMES)
    cache_ok = True

    def process_bind_param(self, value: Topics | None, _dialect: sa.Dialect) -> str | None:
        """As ``TypeDecorator.process_bind_param``."""
        return None if value is None else _TOPICS.dump(value)

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> Topics | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else _TOPICS.restore(json.loads(value))


def _text(length: int) -> TypeEngine[str]:
    """Text of a key, of at most so many characters where the database wants a bound.

    It is compared byte by byte everywhere, so that a prefix is a range of the index whatever the
    database's locale.
    """
    unbounded = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return unbounded.with_variant(mysql.BoundedText(length), *mysql.NAMES)


def _ascii(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(mysql.ascii_text(length), *mysql.NAMES)


# InnoDB takes keys of up to 3,072 bytes, and counts four for each character.
_SITE: Final = _text(255)
_KEY: Final = _text(320)
_ID: Final = sa.Uuid().with_variant(mysql.HexId(), *mysql.NAMES)
_MOMENT: Final = (
    _IsoText()
    .with_variant(_Timestamp(), "postgresql")
    .with_variant(mysql.UtcDatetime(), *mysql.NAMES)
)
_DOCUMENT: Final = sa.Text().with_variant(mysql.DOCUMENT, *mysql.NAMES)

_TYPES: Final[Mapping[type, TypeEngine[Any]]] = {
    UUID: _ID,
    datetime: _MOMENT,
    StrEnum: _Word(),
    str: _KEY,
    bool: sa.Boolean(),
    int: sa.BigInteger(),
    frozenset: _Names(),
    Topics: _LeftTopics(),
}
"""By the kind of a field's values; the first that fits: a word is no text, a bool no integer."""

_IN_IDENTITY: Final = {
    QueryField.ID: "id",
    QueryField.CHANNEL: "channel",
    **dict.fromkeys(KEYS, "key"),
}
"""The fields that the columns of a record's identity answer."""


def _column_of(field: QueryField, description: Description) -> sa.Column[Any]:
    fitting = next(type_ for kind, type_ in _TYPES.items() if issubclass(description.kind, kind))
    return sa.Column(field.name.lower(), fitting, nullable=Operator.EXISTS in description.operators)


FIELD_COLUMNS: Final[Mapping[QueryField, sa.Column[Any]]] = {
    field: _column_of(field, description)
    for field, description in FIELDS.items()
    if field not in _IN_IDENTITY
}
"""Derived, so that a new field of conditions needs no change here."""

metadata: Final = sa.MetaData()
"""All tables with their indexes, for ``create_schema`` and for migrations of your own."""

RECORDS: Final = sa.Table(
    "consent_records",
    metadata,
    sa.Column("site", _SITE, nullable=False),
    sa.Column("channel", _Word, nullable=False),
    sa.Column("key", _KEY, nullable=False),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("id", _ID, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    *FIELD_COLUMNS.values(),
    sa.Column("document", _DOCUMENT, nullable=False),
    sa.PrimaryKeyConstraint("site", "channel", "key", "shard", name="pk_consent_records"),
    sa.UniqueConstraint("site", "id", "shard", name="uq_consent_records_id"),
)
IDENTITY: Final = ("site", "channel", "key", "shard", "id")
"""The first columns of a record, which never change."""
CONTENT: Final = tuple(RECORDS.c.keys()[len(IDENTITY) :])
"""The others."""
COLUMNS: Final[Mapping[QueryField, sa.Column[Any]]] = {
    field: RECORDS.c[_IN_IDENTITY.get(field, field.name.lower())] for field in FIELDS
}
"""The column that answers each field; that of a key answers for one channel only."""

# An audience is those of one channel in one state, in the order of ids, filtered by what else its
# policy asks. One in several states goes through the unique key of ids, which has that order, too.
sa.Index(
    "ix_consent_records_audience", RECORDS.c.site, RECORDS.c.state, RECORDS.c.channel, RECORDS.c.id
)
sa.Index("ix_consent_records_created", RECORDS.c.site, RECORDS.c.created_date, RECORDS.c.id)
sa.Index("ix_consent_records_updated", RECORDS.c.site, RECORDS.c.updated_date, RECORDS.c.id)

EVENTS: Final = sa.Table(
    "consent_events",
    metadata,
    sa.Column("site", _SITE, nullable=False),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("id", _ID, nullable=False),
    sa.Column("consent_id", _ID, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("kind", _ascii(8), nullable=False),
    sa.Column("occurred_at", _MOMENT, nullable=False),
    sa.Column("published", sa.Boolean, nullable=False),
    sa.Column("document", _DOCUMENT),
    sa.PrimaryKeyConstraint("site", "id", "shard", name="pk_consent_events"),
    sa.UniqueConstraint(
        "site", "consent_id", "sequence", "shard", name="uq_consent_events_sequence"
    ),
)
_WAITING: Final = sa.not_(EVENTS.c.published)
# Where an index cannot be of some rows only, these rows are together in it.
sa.Index(
    "ix_consent_events_unpublished",
    EVENTS.c.site,
    EVENTS.c.published,
    EVENTS.c.occurred_at,
    EVENTS.c.consent_id,
    EVENTS.c.sequence,
    postgresql_where=_WAITING,
    sqlite_where=_WAITING,
)

TOMBSTONE_COLUMNS: Final = tuple(
    sa.Column(
        field.name,
        next(type_ for kind, type_ in _TYPES.items() if issubclass(field.kind, kind)),
        nullable=field.optional,
    )
    for field in declared_fields(Tombstone)
)
"""Derived, so that a new field of tombstones needs no change here."""

# A digest names nobody. A shard beside it would, a little: it follows from the identifier.
TOMBSTONES: Final = sa.Table(
    "consent_tombstones",
    metadata,
    sa.Column("site", _SITE, nullable=False),
    sa.Column("digest", _ascii(64), nullable=False),
    sa.Column("key_number", _ascii(8), nullable=False),
    *TOMBSTONE_COLUMNS,
    sa.PrimaryKeyConstraint("site", "digest", name="pk_consent_tombstones"),
)


def create_schema(bind: sa.Engine | sa.Connection) -> None:
    """Create the tables and indexes that are missing.

    Args:
        bind: an engine, or a connection; with asyncio, ``await
            connection.run_sync(create_schema)``.
    """
    metadata.create_all(bind)
