"""Records and events as rows, and back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from zlib import crc32

from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS, SHARDS
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import Channel, ConfirmationSource, ConsentState, OptInLevel, RevokeSource

W = TypeVar("W", bound=StrEnum)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_SNAPSHOT: Final = (
    "channel",
    "address",
    "revision",
    "state",
    "created_date",
    "updated_date",
    "confirmation_source",
    "confirmation_description",
    "confirmation_date",
    "confirmation_level",
    "revocation_source",
    "revocation_description",
    "revocation_date",
    "extended_fields",
)

RECORD_COLUMNS: Final = (RECORDS.c.id, *(RECORDS.c[name] for name in _SNAPSHOT))
"""What ``read_record`` takes, in order."""

EVENT_COLUMNS: Final = (
    EVENTS.c.kind,
    EVENTS.c.sequence,
    EVENTS.c.occurred_at,
    EVENTS.c.consent_id,
    *(EVENTS.c[name] for name in _SNAPSHOT),
)
"""What ``read_event`` takes, in order."""


def shard_of(identifier: Identifier) -> int:
    """The bucket of an identifier: the same everywhere, for ever."""
    return crc32(f"{identifier.channel}:{identifier.key}".encode()) % SHARDS


def to_micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _to_moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def identity(site: str, identifier: Identifier) -> dict[str, Any]:
    """What makes a record's row unique."""
    return {"site": site, "channel": identifier.channel.value, "key": identifier.key, "shard": shard_of(identifier)}


def snapshot(consent: MarketingConsent) -> dict[str, Any]:
    """What a row keeps of a record beside its identity."""
    confirmation, revocation = consent.last_confirmation_activity, consent.last_revoke_activity
    return {
        "address": consent.details.address,
        "revision": consent.revision,
        "state": consent.state.value,
        "created_date": to_micros(consent.created_date),
        "updated_date": to_micros(consent.updated_date),
        "confirmation_source": confirmation and confirmation.source.value,
        "confirmation_description": confirmation and confirmation.description,
        "confirmation_date": _micros(consent.confirmed_date),
        "confirmation_level": confirmation and confirmation.opt_in_level.value,
        "revocation_source": revocation and revocation.source.value,
        "revocation_description": revocation and revocation.description,
        "revocation_date": _micros(consent.revoked_date),
        "extended_fields": consent.extended_fields.to_json() if consent.extended_fields else None,
    }


_NOTHING: Final = dict.fromkeys(_SNAPSHOT)


def event_row(site: str, shard: int, event: ConsentEvent) -> dict[str, Any]:
    """An event as a row; a deleted one keeps nothing of the record."""
    kept = _NOTHING
    if not isinstance(event, ConsentDeleted):
        kept = {"channel": event.consent.details.channel.value} | snapshot(event.consent)
    return {
        "site": site,
        "shard": shard,
        "id": event.id,
        "consent_id": event.consent_id,
        "sequence": event.sequence,
        "kind": _KINDS[type(event)],
        "occurred_at": to_micros(event.occurred_at),
        "published": False,
        **kept,
    }


def read_event(row: Sequence[Any]) -> ConsentEvent:
    """An event from the columns of ``EVENT_COLUMNS``."""
    kind, sequence, occurred_at, consent_id, *kept = row
    if kind == _KINDS[ConsentDeleted]:
        return ConsentDeleted(consent_id, sequence, _to_moment(occurred_at))
    consent = read_record((consent_id, *kept))
    return ConsentCreated(consent) if kind == _KINDS[ConsentCreated] else ConsentUpdated(consent)


def read_record(row: Sequence[Any]) -> MarketingConsent:
    """A record from the columns of ``RECORD_COLUMNS``."""
    consent_id, channel, address, revision, state, created, updated, *activities, fields = row
    return MarketingConsent.restore(
        consent_id,
        revision,
        _IDENTIFIERS[channel].restore(address),
        _STATES[state],
        _to_moment(created),
        _to_moment(updated),
        _confirmation(*activities[:4]),
        _revocation(*activities[4:]),
        NO_FIELDS if fields is None else ExtendedFields.restore(fields),
    )


def _confirmation(source: str | None, description: str | None, date: int, level: str) -> ConfirmationActivity | None:
    if source is None:
        return None
    return ConfirmationActivity(
        source=_CONFIRMATION_SOURCES[source],
        description=description,
        updated_date=_to_moment(date),
        opt_in_level=_LEVELS[level],
    )


def _revocation(source: str | None, description: str | None, date: int) -> RevokeActivity | None:
    if source is None:
        return None
    return RevokeActivity(source=_REVOKE_SOURCES[source], description=description, updated_date=_to_moment(date))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _by_value(words: type[W]) -> Mapping[str, W]:
    # Calling an enum costs several times what a look-up costs, and this runs for every row.
    return {word.value: word for word in words}


_IDENTIFIERS: Final[Mapping[str, type[Identifier]]] = {Channel.EMAIL.value: Email, Channel.PHONE.value: Phone}
_STATES: Final = _by_value(ConsentState)
_LEVELS: Final = _by_value(OptInLevel)
_CONFIRMATION_SOURCES: Final = _by_value(ConfirmationSource)
_REVOKE_SOURCES: Final = _by_value(RevokeSource)
_KINDS: Final[Mapping[type[ConsentEvent], str]] = {
    ConsentCreated: "created",
    ConsentUpdated: "updated",
    ConsentDeleted: "deleted",
}
