"""Records and events as rows, and back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from consent_core.adapters.sqlalchemy.schema import EVENTS, RECORDS
from consent_core.application.ports import Change
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.ids import shard_of
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)

W = TypeVar("W", bound=StrEnum)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

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
    "double_confirmed_date",
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


def to_micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _to_moment(micros: int) -> datetime:
    return _EPOCH + timedelta(0, 0, micros)


def identity(site: str, identifier: Identifier) -> dict[str, Any]:
    """What makes a record's row unique."""
    channel = _TEXTS[identifier.channel]
    return {"site": site, "channel": channel, "key": identifier.key, "shard": shard_of(identifier)}


def snapshot(consent: MarketingConsent) -> dict[str, Any]:
    """What a row keeps of a record beside its identity."""
    confirmation, revocation = consent.last_confirmation_activity, consent.last_revoke_activity
    created, updated = consent.created_date, consent.updated_date
    founded = to_micros(created)
    return {
        "address": consent.details.address,
        "revision": consent.revision,
        "state": _TEXTS[consent.state],
        "created_date": founded,
        "updated_date": founded if updated is created else to_micros(updated),
        "confirmation_source": confirmation and _TEXTS[confirmation.source],
        "confirmation_description": confirmation and confirmation.description,
        "confirmation_date": _micros(consent.confirmed_date),
        "confirmation_level": confirmation and _TEXTS[confirmation.opt_in_level],
        "revocation_source": revocation and _TEXTS[revocation.source],
        "revocation_description": revocation and revocation.description,
        "revocation_date": _micros(consent.revoked_date),
        "extended_fields": consent.extended_fields.to_json() if consent.extended_fields else None,
        "double_confirmed_date": _micros(consent.double_confirmed_date),
    }


_NOTHING: Final = dict.fromkeys(_SNAPSHOT)


class Written:
    """A change as rows.

    What is kept of its record stands in the record's row and in that of its last event.

    Args:
        site: the tenant.
        change: what is to be stored; nothing is kept of a record that is erased.
    """

    __slots__ = ("change", "identity", "kept")

    def __init__(self, site: str, change: Change) -> None:
        self.change = change
        self.identity = identity(site, change.identifier)
        self.kept = {} if change.consent is None else snapshot(change.consent)

    def record(self) -> dict[str, Any]:
        """The row of the record."""
        return {**self.identity, "id": self.change.consent_id, **self.kept}

    def events(self) -> Iterator[dict[str, Any]]:
        """A row for each event; a deleted one keeps nothing of the record."""
        for event in self.change.events:
            yield {
                "site": self.identity["site"],
                "shard": self.identity["shard"],
                "id": event.id,
                "consent_id": event.consent_id,
                "sequence": event.sequence,
                "kind": _KINDS[type(event)],
                "occurred_at": to_micros(event.occurred_at),
                "published": False,
                "channel": self.identity["channel"],
                **self._kept_by(event),
            }

    def _kept_by(self, event: ConsentEvent) -> Mapping[str, Any]:
        if isinstance(event, ConsentDeleted):
            return _NOTHING
        return self.kept if event.consent is self.change.consent else snapshot(event.consent)


def read_event(row: Sequence[Any]) -> ConsentEvent:
    """An event from the columns of ``EVENT_COLUMNS``."""
    kind, sequence, occurred_at, consent_id, *kept = row
    if kind == _KINDS[ConsentDeleted]:
        return ConsentDeleted(consent_id, sequence, _to_moment(occurred_at))
    consent = read_record((consent_id, *kept))
    return ConsentCreated(consent) if kind == _KINDS[ConsentCreated] else ConsentUpdated(consent)


def read_record(row: Sequence[Any]) -> MarketingConsent:
    """A record from the columns of ``RECORD_COLUMNS``."""
    # The four columns of the confirmation slot, and the three of the revocation slot, by their
    # initials.
    (
        consent_id,
        channel,
        address,
        revision,
        state,
        created,
        updated,
        c1,
        c2,
        c3,
        c4,
        r1,
        r2,
        r3,
        fields,
        doubly,
    ) = row
    founded = _to_moment(created)
    return MarketingConsent(
        id=consent_id,
        revision=revision,
        details=_IDENTIFIERS[channel].restore(address),
        state=_STATES[state],
        created_date=founded,
        updated_date=founded if updated == created else _to_moment(updated),
        last_confirmation_activity=None
        if c1 is None
        else ConfirmationActivity(
            source=_CONFIRMATION_SOURCES[c1],
            description=c2,
            updated_date=_to_moment(c3),
            opt_in_level=_LEVELS[c4],
        ),
        last_revoke_activity=None
        if r1 is None
        else RevokeActivity(
            source=_REVOKE_SOURCES[r1], description=r2, updated_date=_to_moment(r3)
        ),
        extended_fields=NO_FIELDS if fields is None else ExtendedFields.restore(fields),
        double_confirmed_date=None if doubly is None else _to_moment(doubly),
    )


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _by_value(words: type[W]) -> Mapping[str, W]:
    # Calling an enum costs several times what a look-up costs, and this runs for every row.
    return {word.value: word for word in words}


_CHANNELS: Final = _by_value(Channel)
_IDENTIFIERS: Final = {text: IDENTIFIERS[channel] for text, channel in _CHANNELS.items()}
_STATES: Final = _by_value(ConsentState)
_LEVELS: Final = _by_value(OptInLevel)
_CONFIRMATION_SOURCES: Final = _by_value(ConfirmationSource)
_REVOKE_SOURCES: Final = _by_value(RevokeSource)
_TEXTS: Final[Mapping[StrEnum, str]] = {
    word: text
    for words in (_STATES, _LEVELS, _CONFIRMATION_SOURCES, _REVOKE_SOURCES, _CHANNELS)
    for text, word in words.items()
}
"""The plain texts of words, which drivers take as they are."""
_KINDS: Final[Mapping[type[ConsentEvent], str]] = {
    ConsentCreated: "created",
    ConsentUpdated: "updated",
    ConsentDeleted: "deleted",
}
