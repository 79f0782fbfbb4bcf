"""Looking records up: each by a whole unique key, shard included, where the database can.

Else by a list of keys.

The shard of an identifier is known, and that of an id is read from it. So where the tables are
partitioned by shard, the database looks into one partition for each.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    Select,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    true,
)

from consent_core.adapters.sqlalchemy.rows import RECORD_COLUMNS
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.ids import shard_of, shard_of_id

T = TypeVar("T")

_BATCH: Final = 5_000
"""Values in one IN list: below the least limit of parameters of the databases in use (SQLite.

32,766).
"""


def batches(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that are short enough for one statement."""
    rest = iter(values)
    while some := list(islice(rest, _BATCH)):
        yield some


class Finding(NamedTuple):
    """A query for records.

    Args:
        statement: the query.
        values: those of its parameters that it does not carry itself.
    """

    statement: Select[Any]
    values: Mapping[str, Any]


def finding(site: str, identifiers: Collection[Identifier], *, dialect: str) -> Iterator[Finding]:
    """The queries for the records of these identifiers.

    One for each channel, or several where there are very many.

    Args:
        site: the tenant.
        identifiers: whose records.
        dialect: the name of the database's dialect.
    """
    for channel, kind in IDENTIFIERS.items():
        place = {"at_site": site, "at_channel": channel.value}
        wanted = [identifier for identifier in identifiers if isinstance(identifier, kind)]
        if len(wanted) == 1:
            yield Finding(_ONE, place | {"key": wanted[0].key, "shard": shard_of(wanted[0])})
            continue
        for some in batches(wanted):
            keys = {"keys": [identifier.key for identifier in some]}
            if dialect == "postgresql":
                yield Finding(
                    _EACH, place | keys | {"shards": [shard_of(identifier) for identifier in some]}
                )
            else:
                yield Finding(_LISTED, place | keys)


def finding_by_shard(site: str, ids: Collection[UUID], *, dialect: str) -> Iterator[Finding]:
    """The queries for the records with these ids, each on the shard that its id carries.

    They need not find all: an id that others made carries none, or a number that is no shard. Many
    ids are left to ``finding_anywhere`` where the database has no way to ask for each with its
    shard.

    Args:
        site: the tenant.
        ids: which records.
        dialect: the name of the database's dialect.
    """
    shards = {each: shard for each in ids if (shard := shard_of_id(each)) is not None}
    if len(shards) == 1:
        ((only, shard),) = shards.items()
        yield Finding(_ONE_ID, {"at_site": site, "id": only, "shard": shard})
    elif dialect == "postgresql":
        for some in batches(shards):
            yield Finding(
                _EACH_ID, {"at_site": site, "ids": some, "shards": [shards[each] for each in some]}
            )


def finding_anywhere(site: str, ids: Collection[UUID]) -> Iterator[Finding]:
    """The queries for the records with these ids, on every shard.

    Args:
        site: the tenant.
        ids: which records.
    """
    for some in batches(ids):
        yield Finding(_LISTED_IDS, {"at_site": site, "ids": some})


_OF_SITE: Final = select(*RECORD_COLUMNS).where(RECORDS.c.site == bindparam("at_site"))

_ONE_ID: Final = _OF_SITE.where(
    RECORDS.c.id == bindparam("id"), RECORDS.c.shard == bindparam("shard")
)

_LISTED_IDS: Final = _OF_SITE.where(RECORDS.c.id.in_(bindparam("ids", expanding=True)))

_THERE: Final = _OF_SITE.where(RECORDS.c.channel == bindparam("at_channel"))

_ONE: Final = _THERE.where(RECORDS.c.key == bindparam("key"), RECORDS.c.shard == bindparam("shard"))

_LISTED: Final = _THERE.where(RECORDS.c.key.in_(bindparam("keys", expanding=True)))


def _each(among: Select[Any], column: Column[Any], values: BindParameter[Any]) -> Select[Any]:
    """One look-up by the whole unique key for each value, in a statement with few parameters however many they are."""
    shards = bindparam("shards", type_=ARRAY(SmallInteger))
    wanted = (
        func.unnest(values, shards).table_valued("value", "shard").render_derived(name="wanted")
    )
    mine = among.where(column == wanted.c.value, RECORDS.c.shard == wanted.c.shard)
    found = mine.limit(1).lateral("found")
    return select(*(found.c[column.name] for column in RECORD_COLUMNS)).join_from(
        wanted, found, true()
    )


_EACH_ID: Final = _each(_OF_SITE, RECORDS.c.id, bindparam("ids", type_=ARRAY(Uuid)))

_EACH: Final = _each(_THERE, RECORDS.c.key, bindparam("keys", type_=ARRAY(Text)))
"""Each identifier by the whole primary key.

While a table has no statistics, as in its first import, PostgreSQL holds a list of keys for more
work than a look through the whole site, and would read all rows that are stored already for every
chunk. This leaves it no choice.
"""
