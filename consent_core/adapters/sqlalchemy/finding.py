"""Looking identifiers up: each by the whole primary key where the database can, else by a list of keys."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ARRAY, Select, SmallInteger, Text, bindparam, func, select, true

from consent_core.adapters.sqlalchemy.rows import RECORD_COLUMNS, shard_of
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.domain.identifiers import IDENTIFIERS, Identifier

T = TypeVar("T")

_BATCH: Final = 5_000
"""Values in one IN list: below the least limit of parameters of the databases in use (SQLite: 32,766)."""


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
    """The queries for the records of these identifiers: one for each channel, or several where there are very many.

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
                yield Finding(_EACH, place | keys | {"shards": [shard_of(identifier) for identifier in some]})
            else:
                yield Finding(_LISTED, place | keys)


_THERE: Final = select(*RECORD_COLUMNS).where(
    RECORDS.c.site == bindparam("at_site"), RECORDS.c.channel == bindparam("at_channel")
)

_ONE: Final = _THERE.where(RECORDS.c.key == bindparam("key"), RECORDS.c.shard == bindparam("shard"))

_LISTED: Final = _THERE.where(RECORDS.c.key.in_(bindparam("keys", expanding=True)))


def _each() -> Select[Any]:
    keys, shards = bindparam("keys", type_=ARRAY(Text)), bindparam("shards", type_=ARRAY(SmallInteger))
    wanted = func.unnest(keys, shards).table_valued("key", "shard").render_derived(name="wanted")
    mine = _THERE.where(RECORDS.c.key == wanted.c.key, RECORDS.c.shard == wanted.c.shard)
    found = mine.limit(1).lateral("found")
    return select(*(found.c[column.name] for column in RECORD_COLUMNS)).join_from(wanted, found, true())


_EACH: Final = _each()
"""One look-up by the whole primary key for each identifier, in a statement with few parameters however many they are.

While a table has no statistics, as in its first import, PostgreSQL holds a list of keys for more work than a look
through the whole site, and would read all rows that are stored already for every chunk. This leaves it no choice.
"""
