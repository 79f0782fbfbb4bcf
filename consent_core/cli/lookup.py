"""The commands about consents in a store, as functions that return JSON-ready answers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from consent_core.application.service import ConsentService
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import ConsentNotFound
from consent_core.domain.events import ConsentEvent, as_of
from consent_core.domain.explanation import Explanation
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.topic_words import TopicQuestion
from consent_core.domain.vocabulary import Channel, RevokeSource, ViolationCode
from consent_core.wire import Names, to_wire


def get(
    service: ConsentService,
    who: str,
    names: Names,
    at: datetime | None = None,
    topic: str | None = None,
) -> dict[str, Any]:
    """The consent of one person, and whether that person may be contacted.

    Args:
        service: has the store.
        who: an e-mail address, a phone number or an id.
        names: the spelling of field names.
        at: a moment of the past that is asked about instead of now.
        topic: what the person is to be contacted about.

    Raises:
        ConsentNotFound: no consent has that id.
        InvalidConsent: ``who`` is none of the three.
    """
    found = service.get_by_identifier(_identifier(service, who), topic=topic)
    consent, signal = found.consent, found.eligibility
    if at is not None:
        consent = consent and as_of(service.history(consent.id), at)
        signal = eligibility(consent, now=at, policy=service.use_cases.policy, topic=topic)
    return {
        "marketingConsent": None if consent is None else to_wire(consent, names=names),
        "communicationEligibility": to_wire(signal, names=names),
    }


def explain(
    service: ConsentService, who: str, at: datetime | None = None, topic: str | None = None
) -> Explanation:
    """Why a person may be contacted, or may not; the arguments and errors are those of ``get``."""
    return service.explain(_identifier(service, who), at=at, topic=topic)


def history(service: ConsentService, who: str) -> Sequence[ConsentEvent]:
    """What happened to the consent of one person, in order.

    Of a consent that was erased, the id finds what remains.

    Raises:
        ConsentNotFound: there is no consent, and there was none with that id.
        InvalidConsent: ``who`` is not an address, a number or an id.
    """
    named = _named(who)
    if isinstance(named, UUID):
        events = service.history(named)
    else:
        consent = service.get_by_identifier(named, topic=TopicQuestion.NO_TOPIC_LEFT).consent
        events = service.history(consent.id) if consent else ()
    if not events:
        raise ConsentNotFound(named)
    return events


def delete(
    service: ConsentService, id: str, names: Names, *, suppress: bool | None = None
) -> dict[str, Any]:
    """Erase the consent with this id, and its history; ``suppress`` is that of the service.

    Returns:
        The event that remains, without personal data.

    Raises:
        ConsentNotFound: no consent has that id.
        InvalidConsent: it is no id.
    """
    named = _named(id)
    if not isinstance(named, UUID):
        why = "must be an id, as get shows it; to store an opt-out, use remove"
        raise invalid("id", ViolationCode.INVALID_ID, why)
    return to_wire(service.delete(named, suppress=suppress), names=names)


def remove(
    service: ConsentService, who: str, source: RevokeSource, description: str | None, names: Names
) -> dict[str, Any]:
    """Revoke the consent of one person; the record stays.

    Raises:
        ConsentNotFound: there is no consent.
        InvalidConsent: ``who`` is not an address, a number or an id.
    """
    activity = RevokeActivity(source=source, description=description)
    return to_wire(service.remove(_identifier(service, who), activity), names=names)


def export(service: ConsentService, names: Names) -> Iterator[dict[str, Any]]:
    """Every consent, as ``apply`` reads it."""
    return (to_wire(consent, names=names) for consent in service.query())


def audience(
    service: ConsentService, channel: Channel, names: Names, topic: str | None = None
) -> Iterator[dict[str, Any]]:
    """Every consent that may be contacted on a channel now, about a topic if one is named."""
    return (to_wire(consent, names=names) for consent in service.audience(channel, topic=topic))


def _identifier(service: ConsentService, who: str) -> Identifier:
    named = _named(who)
    return service.get(named).details if isinstance(named, UUID) else named


def _named(who: str) -> Identifier | UUID:
    if "@" in who or who.startswith("+"):
        return identifier_of(who)
    try:
        return UUID(who)
    except ValueError:
        raise invalid(
            "who", ViolationCode.INVALID_ID, "must be an e-mail address, a number with +, or an id"
        ) from None
