"""Records and changes for tests that speak to a repository directly."""

from datetime import timedelta
from uuid import UUID

from attrs import evolve

from consent_core import (
    Change,
    ConsentCreated,
    ConsentDeleted,
    ConsentState,
    ConsentUpdated,
    Email,
    Identifier,
    MarketingConsent,
)
from tests.application.support import ADA, at, no, yes


def record(
    number: int = 1,
    who: Identifier = ADA,
    state: ConsentState = ConsentState.CONFIRMED,
    created: float = 0,
    updated: float = 0,
) -> MarketingConsent:
    """A stored record of revision 1."""
    return MarketingConsent(
        id=UUID(int=number),
        revision=1,
        details=who,
        state=state,
        created_date=at(created),
        updated_date=at(updated),
        last_confirmation_activity=yes(0).doubly(),
        last_revoke_activity=no(0),
    )


def people(count: int) -> list[MarketingConsent]:
    """Records of several people, with ids in an order that is not that of their dates."""
    return [
        record((n * 7) % count + 1, Email(f"person{n}@example.org"), updated=n // 3)
        for n in range(count)
    ]


def later(before: MarketingConsent, minute: float = 1) -> MarketingConsent:
    """The record after one more change."""
    return evolve(
        before,
        revision=before.revision + 1,
        updated_date=before.updated_date + timedelta(minutes=minute),
    )


def create(consent: MarketingConsent) -> Change:
    """The change that stores a new record."""
    return Change(consent.details, 0, consent, (ConsentCreated(consent),))


def change(before: MarketingConsent, after: MarketingConsent) -> Change:
    """The change from one record to the next."""
    return Change(before.details, before.revision, after, (ConsentUpdated(after),))


def erase(before: MarketingConsent) -> Change:
    """The change that erases a record."""
    event = ConsentDeleted(before.id, before.revision + 1, before.updated_date)
    return Change(before.details, before.revision, None, (event,))
