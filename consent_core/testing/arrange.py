"""Records and changes for clauses.

Deterministic, so that a broken promise is broken again on the next run.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5
from zlib import crc32

from attrs import frozen, has

from consent_core.application.ports import Change
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import erase
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.validation import Declared, declared_fields
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)

NOON: Final = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
"""When everything happens, unless something is said."""

_IDS: Final = UUID("5b1f4f6e-6d1c-4a39-9e63-3f2a8ad0c0de")


def email(name: object) -> Email:
    """An address by a name."""
    return Email.restore(f"{name}@example.com")


def phone(number: int) -> Phone:
    """A phone number by its last digits."""
    return Phone.restore(f"+1202{number:07d}")


def consent(identifier: Identifier, **fields: Any) -> MarketingConsent:
    """A CONFIRMED record of an identifier, or what the fields say.

    Its id follows from the identifier.
    """
    defaults: dict[str, Any] = {
        "id": uuid5(_IDS, f"{identifier.channel}:{identifier.address}"),
        "revision": 1,
        "details": identifier,
        "state": ConsentState.CONFIRMED,
        "created_date": NOON,
        "updated_date": NOON,
        "last_confirmation_activity": confirmation(),
    }
    return MarketingConsent(**defaults | fields)


def confirmation(
    dated: datetime = NOON, level: OptInLevel = OptInLevel.SINGLE_CONFIRMATION
) -> ConfirmationActivity:
    """Evidence of a yes."""
    return ConfirmationActivity(
        source=ConfirmationSource.FORM, updated_date=dated, opt_in_level=level
    )


def revocation(dated: datetime = NOON) -> RevokeActivity:
    """Evidence of a revocation."""
    return RevokeActivity(source=RevokeSource.FORM, updated_date=dated)


def creation(consent: MarketingConsent) -> Change:
    """Store a record where there is none."""
    return Change(consent.details, 0, consent, (ConsentCreated(consent),))


def revision_of(before: MarketingConsent, steps: int = 1, *, expected: int | None = None) -> Change:
    """Store the record some revisions later, with an event for each.

    Args:
        before: the record as it is stored.
        steps: how many revisions later.
        expected: what the change expects to be stored, if not the record's own revision.
    """
    later = [_later(before, step) for step in range(1, steps + 1)]
    events: tuple[ConsentEvent, ...] = tuple(ConsentUpdated(consent) for consent in later)
    return Change(
        before.details, before.revision if expected is None else expected, later[-1], events
    )


def erasure_of(before: MarketingConsent, *, expected: int | None = None) -> Change:
    """Erase a record."""
    event = erase(before, now=NOON + timedelta(hours=1))
    return Change(before.details, before.revision if expected is None else expected, None, (event,))


def _later(before: MarketingConsent, step: int) -> MarketingConsent:
    dated = before.updated_date + timedelta(minutes=step)
    return consent(
        before.details,
        id=before.id,
        revision=before.revision + step,
        created_date=before.created_date,
        updated_date=dated,
        last_confirmation_activity=confirmation(dated),
        extended_fields=before.extended_fields,
    )


@frozen(repr=False)
class Exactly:
    """Everything of a record, to be compared with another one.

    Two records with the same address in another case are equal, but not exactly. ``repr`` shows no
    text: of each it gives the length and a checksum, so that two that differ look different.

    Args:
        consent: the record.
        address: its address as it is written.
    """

    consent: MarketingConsent
    address: str

    def __repr__(self) -> str:
        return _without_texts(self.consent)

    def compared(self) -> dict[str, "Told"]:
        """The fields of the record and of its parts, each by the path of its name."""
        return dict(_fields_of(self.consent, ""))


@frozen(repr=False)
class Told:
    """A value that is compared by itself, and told without its text."""

    value: Any

    def __repr__(self) -> str:
        return _without_texts(self.value)


def _fields_of(value: Any, prefix: str) -> Iterator[tuple[str, Told]]:
    for declared in declared_fields(type(value)):
        name, part = f"{prefix}{declared.name}", getattr(value, declared.name)
        if isinstance(part, Identifier):
            yield f"{name}.address", Told(part.address)
        elif isinstance(part, ConfirmationActivity | RevokeActivity):
            yield from _fields_of(part, f"{name}.")
        else:
            yield name, Told(part)


def _without_texts(value: Any) -> str:
    """A value with a mark in place of every text."""
    if isinstance(value, Identifier):
        return f"{value!r} {_mark(value.address)}"
    if isinstance(value, ExtendedFields):
        return _mark(value.to_json())
    if type(value) is str:
        return _mark(value)
    if not has(type(value)):
        return str(value)
    names = [each.name for each in declared_fields(type(value))]
    parts = [f"{name} {_without_texts(getattr(value, name))}" for name in names]
    return f"<{', '.join(parts)}>"


def _mark(text: str) -> str:
    return f"({len(text)} characters #{crc32(text.encode()) % 0x10000:04x})"


def exactly(consent: MarketingConsent | None) -> Exactly | None:
    """A record, to be compared with everything that it has."""
    return None if consent is None else Exactly(consent, consent.details.address)


def exact_history(events: Iterable[ConsentEvent]) -> tuple[object, ...]:
    """A history, to be compared with everything that it has."""
    return tuple(
        event
        if isinstance(event, ConsentDeleted)
        else (type(event).__name__, exactly(event.consent))
        for event in events
    )


def sample(declared: Declared) -> Any:
    """A value of a field that differs from its default, by its type."""
    kind = declared.kind
    if issubclass(kind, StrEnum):
        return list(kind)[-1]
    if has(kind) and not issubclass(kind, Identifier):
        return kind(**{each.name: sample(each) for each in declared_fields(kind)})
    if kind is datetime:
        # Later by the length of the name: the record derives some of its dates from its slots,
        # which would hide the loss of an equal one.
        return _SAMPLES[kind] + timedelta(minutes=len(declared.name))
    return _SAMPLES[kind] if declared.bounds is None else declared.bounds[1]


_SAMPLES: Final[dict[type, Any]] = {
    str: "said yes",
    datetime: NOON - timedelta(days=2, microseconds=1),
    ExtendedFields: ExtendedFields({"app": {"x": 1}}),
    # Joined by others, left, and joined again by the person: all three dates.
    Topics: Topics(
        {
            "pre_sale": TopicEvidence(
                choice=TopicChoice.IN,
                updated_date=NOON,
                actor=Actor.SUBJECT,
                out_date=NOON - timedelta(days=1, microseconds=1),
                other_in_date=NOON + timedelta(microseconds=1),
            )
        }
    ),
}
