"""Requests and what they lead to, for the tests of the adapters."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from consent_core import (
    ConfirmationActivity,
    ConfirmationSource,
    ConsentState,
    Email,
    Identifier,
    MarketingConsent,
    OptInLevel,
    Outcome,
    Rejected,
    RevokeActivity,
    RevokeSource,
    Upsert,
    replay,
)
from consent_core.domain.requests import FieldsLike
from tests.adapters.stores import Repository

ADA = Email("ada@example.org")
BOB = Email("bob@example.org")


def person(number: int) -> Email:
    """One of many people."""
    return Email.restore(f"person{number:06}@example.org")


def at(minute: float) -> datetime:
    """A moment, counted in minutes from a fixed one."""
    return datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=minute)


def confirm(who: Identifier = ADA, minute: float = 0, fields: FieldsLike = None) -> Upsert:
    """A request for CONFIRMED with evidence of that minute."""
    activity = ConfirmationActivity(
        source=ConfirmationSource.FORM,
        updated_date=at(minute),
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    )
    return Upsert(
        details=who,
        state=ConsentState.CONFIRMED,
        last_confirmation_activity=activity,
        extended_fields=fields,
    )


def revoke(who: Identifier = ADA, minute: float = 1, fields: FieldsLike = None) -> Upsert:
    """A request for REVOKED with evidence of that minute."""
    activity = RevokeActivity(source=RevokeSource.REVOKE_LINK, updated_date=at(minute))
    return Upsert(
        details=who,
        state=ConsentState.REVOKED,
        last_revoke_activity=activity,
        extended_fields=fields,
    )


def pending(who: Identifier = ADA, minute: float = 0, fields: FieldsLike = None) -> Upsert:
    """A request for PENDING with evidence of that minute."""
    activity = ConfirmationActivity(source=ConfirmationSource.FORM, updated_date=at(minute))
    return Upsert(
        details=who,
        state=ConsentState.PENDING,
        last_confirmation_activity=activity,
        extended_fields=fields,
    )


def unknown(who: Identifier = ADA, fields: FieldsLike = None) -> Upsert:
    """A request for UNKNOWN_STATE."""
    return Upsert(details=who, state=ConsentState.UNKNOWN_STATE, extended_fields=fields)


def applied(answers: Iterable[Outcome | Rejected]) -> Iterator[Outcome]:
    """The outcomes of a bulk in which nothing may be rejected."""
    for answer in answers:
        assert isinstance(answer, Outcome)
        yield answer


def assert_whole(repository: Repository, consent: MarketingConsent) -> None:
    """A stored record has all of its events, and they lead to it."""
    history = repository.history(consent.id)
    assert [event.sequence for event in history] == list(range(1, consent.revision + 1))
    assert replay(history) == consent
