"""Erases a record, and remembers the person's no where there are secrets (contract, section 10)."""

from contextlib import suppress as ignore
from datetime import datetime
from uuid import UUID

from consent_core.application.lookups import LookUp
from consent_core.application.plans import Plan, commit, find, one
from consent_core.domain.checks import invalid
from consent_core.domain.errors import Conflict, Contended
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.policy import Policy
from consent_core.domain.tombstones import TombstoneKeys, erase, newest, tombstone_of
from consent_core.domain.vocabulary import ViolationCode


def erase_record(
    consent_id: UUID,
    now: datetime,
    policy: Policy,
    keys: TombstoneKeys | None,
    attempts: int,
    *,
    suppress: bool | None,
) -> Plan[ConsentDeleted]:
    """Erase a record with its history; its ``ConsentDeleted`` is what remains, and a tombstone.

    Args:
        consent_id: the record.
        now: the moment of the erasure.
        policy: the choices of the deployment.
        keys: the secrets of tombstones; without them there are none.
        attempts: how often the write is tried.
        suppress: as for ``ConsentService.delete``.
    """
    if suppress and keys is None:
        why = "needs a secret: give the service tombstone_keys, or leave suppress out"
        raise invalid("suppress", ViolationCode.NOT_ALLOWED, why)
    for _ in range(attempts):
        before = yield from one(consent_id)
        who, event = before.details, erase(before, now=now)
        stored, tombstone = LookUp({who: before}, {}), None
        if keys is not None:
            digests = keys.digests_of(who)
            stored = LookUp({who: before, **(yield from find(digests))}, {who: digests})
            asked = suppress is not False
            left = tombstone_of(before, now=now, policy=policy, suppress=asked)
            tombstone = newest([stored.tombstone(who), left])
        with ignore(Conflict):
            yield from commit(stored.changes(who, before, tombstone, (event,)))
            return event
    raise Contended(attempts)
