"""Tombstones: found by digest, changed only where they are as expected."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from django.db import IntegrityError

from consent_core.adapters.django.models import TOMBSTONE_COLUMNS, TombstoneRow
from consent_core.adapters.sql import ChangeLost, batches
from consent_core.application.ports import TombstoneChange
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import Actor

_CLAIM: Final = Tombstone()
"""Stored for a moment under a digest that must have no tombstone.

The unique key makes this wait for whoever writes one at the same time, at every level of isolation;
a look would not.
"""


def find(
    using: str, site: str, digests: Collection[TombstoneDigest]
) -> Mapping[TombstoneDigest, Tombstone]:
    """The tombstones of these digests."""
    by_text = {digest.digest: digest for digest in digests}
    found = {}
    for some in batches(by_text):
        rows = TombstoneRow.objects.using(using).filter(site=site, digest__in=some)
        for text, *values in rows.values_list("digest", *TOMBSTONE_COLUMNS):
            named = dict(zip(TOMBSTONE_COLUMNS, values, strict=True))
            actor = Actor(named.pop("revoked_by"))
            found[by_text[text]] = Tombstone(revoked_by=actor, **named)
    return found


def commit(using: str, site: str, changes: Iterable[TombstoneChange]) -> None:
    """Store what is to be stored under each digest.

    Raises:
        ChangeLost: a tombstone is another than expected.
    """
    created = []
    stored = []
    for digest, expected, tombstone in changes:
        row = {"site": site, "digest": digest.digest}
        if expected is None:
            values = _values(tombstone or _CLAIM)
            created.append(TombstoneRow(**row, key_number=digest.key_number, **values))
        if expected is not None or tombstone is None:
            stored.append((row, expected or _CLAIM, tombstone))
    try:
        # A digest is no personal data, so the database's log may have the error of a lost race.
        TombstoneRow.objects.using(using).bulk_create(created)
    except IntegrityError:
        raise ChangeLost from None
    for row, expected, tombstone in stored:
        as_expected = {
            f"{name}__isnull" if value is None else name: True if value is None else value
            for name, value in _values(expected).items()
        }
        rows = TombstoneRow.objects.using(using).filter(**row, **as_expected)
        if tombstone is None:
            changed = rows._raw_delete(using)  # noqa: SLF001  # one statement, whoever listens
        else:
            changed = rows.update(**_values(tombstone))
        if changed != 1:
            raise ChangeLost


def _values(tombstone: Tombstone) -> dict[str, Any]:
    return {name: getattr(tombstone, name) for name in TOMBSTONE_COLUMNS}
