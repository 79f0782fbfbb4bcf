"""Tombstones in SQL: found by digest, changed only where they are as expected."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from consent_core.adapters.sql import batches
from consent_core.adapters.sqlalchemy.arrays import found_for_each, given_rows, parameters_of
from consent_core.adapters.sqlalchemy.rows import compare_and_set, insert_where_absent
from consent_core.adapters.sqlalchemy.schema import TOMBSTONE_COLUMNS, TOMBSTONES
from consent_core.adapters.sqlalchemy.transactions import newest
from consent_core.application.ports import TombstoneChange
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import Actor

_OF_SITE: Final = TOMBSTONES.c.site == sa.bindparam("at_site")
_LISTED: Final = TOMBSTONES.c.digest.in_(sa.bindparam("digests", expanding=True))
_FIND: Final = sa.select(TOMBSTONES.c.digest, *TOMBSTONE_COLUMNS).where(_OF_SITE)
_FIND_LISTED: Final = _FIND.where(_LISTED)

_GIVEN: Final = given_rows({"digest": TOMBSTONES.c.digest.type})
_IS_GIVEN: Final = TOMBSTONES.c.digest == _GIVEN.c.digest
_FIND_GIVEN: Final = found_for_each(_GIVEN, _FIND.where(_IS_GIVEN))

_AS_EXPECTED: Final = sa.and_(
    TOMBSTONES.c.site == sa.bindparam("at_site"),
    TOMBSTONES.c.digest == sa.bindparam("at_digest"),
    *(
        column.is_not_distinct_from(sa.bindparam(f"at_{column.name}", type_=column.type))
        for column in TOMBSTONE_COLUMNS
    ),
)
"""Compare-and-set: the row of a digest, if it still says the same."""

_EXPECTED: Final = ("at_site", "at_digest", *(f"at_{column.name}" for column in TOMBSTONE_COLUMNS))
_NEW: Final = {column.name: f"new_{column.name}" for column in TOMBSTONE_COLUMNS}
_REPLACE: Final = (
    sa.update(TOMBSTONES)
    .where(_AS_EXPECTED)
    .values({c.name: sa.bindparam(_NEW[c.name], type_=c.type) for c in TOMBSTONE_COLUMNS})
)
_DELETE: Final = sa.delete(TOMBSTONES).where(_AS_EXPECTED)

_CLAIM: Final = Tombstone()
"""Stored for a moment under a digest that must have no tombstone.

The unique key makes this wait for whoever writes one at the same time, at every level of isolation;
a look would not.
"""

_UNCLAIM_LISTED: Final = sa.delete(TOMBSTONES).where(_OF_SITE, _LISTED)
_UNCLAIM_GIVEN: Final = sa.delete(TOMBSTONES).where(_OF_SITE, _IS_GIVEN)


def find(
    connection: sa.Connection, site: str, digests: Collection[TombstoneDigest]
) -> Mapping[TombstoneDigest, Tombstone]:
    """The tombstones of these digests."""
    by_text = {digest.digest: digest for digest in digests}
    listed = newest(connection, _FIND_LISTED)
    found = {}
    for some in batches(by_text):
        for text, *values in _run(connection, site, some, listed, _FIND_GIVEN):
            found[by_text[text]] = tombstone_of(values)
    return found


def _run(
    connection: sa.Connection, site: str, digests: Sequence[str], listed: Any, given: Any
) -> Any:
    """Run the statement that lists digests, or, on PostgreSQL, the one that gets them as rows."""
    # One is listed, so that the planner sees in which partition it is.
    if connection.dialect.name == "postgresql" and len(digests) > 1:
        rows = [(digest,) for digest in digests]
        return connection.execute(given, {"at_site": site, **parameters_of(_GIVEN, rows)})
    return connection.execute(listed, {"at_site": site, "digests": digests})


def tombstone_of(values: Iterable[Any]) -> Tombstone:
    """A tombstone from the values of ``TOMBSTONE_COLUMNS``."""
    named = {c.name: value for c, value in zip(TOMBSTONE_COLUMNS, values, strict=True)}
    actor = Actor(named.pop("revoked_by"))
    return Tombstone(revoked_by=actor, **named)


def commit(connection: sa.Connection, site: str, changes: Iterable[TombstoneChange]) -> None:
    """Store what is to be stored under each digest.

    Raises:
        ChangeLost: a tombstone is another than expected.
    """
    created, claimed, replaced, erased = [], [], [], []
    for digest, expected, tombstone in changes:
        if expected is None:
            stored = _CLAIMED if tombstone is None else _values(tombstone)
            created.append((site, digest.digest, digest.key_number, *stored))
            if tombstone is None:
                claimed.append(digest.digest)
            continue
        before = (site, digest.digest, *_values(expected))
        if tombstone is None:
            erased.append(before)
        else:
            replaced.append((*_values(tombstone), *before))
    if created:
        insert_where_absent(connection, TOMBSTONES, created)
    if replaced:
        compare_and_set(connection, _REPLACE, [*_NEW.values(), *_EXPECTED], replaced)
    if erased:
        compare_and_set(connection, _DELETE, _EXPECTED, erased)
    # In any order, for nobody else has these rows.
    for some in batches(claimed):
        _run(connection, site, some, _UNCLAIM_LISTED, _UNCLAIM_GIVEN)


def _values(tombstone: Tombstone) -> tuple[Any, ...]:
    """In the order of ``TOMBSTONE_COLUMNS``."""
    return tuple(getattr(tombstone, column.name) for column in TOMBSTONE_COLUMNS)


_CLAIMED: Final = _values(_CLAIM)
