"""What happened to a consent, in the past tense; a record's events, replayed, give the record."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias, final
from uuid import UUID

from attrs import field, frozen

from consent_core.domain.checks import as_utc, checked_moment
from consent_core.domain.ids import event_id
from consent_core.domain.records import MarketingConsent


@frozen
class _Snapshot:
    """An event that carries the whole record as it was afterwards.

    Args:
        consent: the record after the event.
    """

    consent: MarketingConsent

    @property
    def consent_id(self) -> UUID:
        """The consent that it happened to."""
        return self.consent.id

    @property
    def sequence(self) -> int:
        """The revision after the event: increasing by one for each consent, without gaps."""
        return self.consent.revision

    @property
    def occurred_at(self) -> datetime:
        """When it was stored."""
        return self.consent.updated_date

    @property
    def id(self) -> UUID:
        """For de-duplication: the same event has the same id wherever it is read."""
        return event_id(self.consent_id, self.sequence, self.occurred_at)


@final
@frozen
class ConsentCreated(_Snapshot):
    """A consent was stored for the first time."""


@final
@frozen
class ConsentUpdated(_Snapshot):
    """A stored consent changed."""


@final
@frozen
class ConsentDeleted:
    """A consent was erased, and its history with it.

    This event carries no personal data and is what remains.

    Args:
        consent_id: the consent that is gone.
        sequence: one more than its last revision.
        occurred_at: when it was erased.
    """

    consent_id: UUID
    sequence: int
    occurred_at: datetime = field(converter=as_utc)

    @property
    def id(self) -> UUID:
        """For de-duplication: the same event has the same id wherever it is read."""
        return event_id(self.consent_id, self.sequence, self.occurred_at)


ConsentEvent: TypeAlias = ConsentCreated | ConsentUpdated | ConsentDeleted
"""What can happen to a consent."""


def replay(events: Iterable[ConsentEvent]) -> MarketingConsent | None:
    """The record that the events lead to; None when there are none, or the last one erased it.

    Args:
        events: the events of one consent, in any order.
    """
    last = max(events, key=lambda event: event.sequence, default=None)
    return None if last is None or isinstance(last, ConsentDeleted) else last.consent


def as_of(history: Iterable[ConsentEvent], moment: datetime) -> MarketingConsent | None:
    """What the record said at a moment: the answer to "what did we know then?".

    Args:
        history: the events of one consent, as ``ConsentService.history`` gives them.
        moment: with an offset; an event of that very moment has happened.

    Returns:
        The record as it was, or None where there was none yet or none any more.

    Raises:
        InvalidConsent: the moment has no offset.
    """
    until = checked_moment(moment)
    return replay(event for event in history if event.occurred_at <= until)
