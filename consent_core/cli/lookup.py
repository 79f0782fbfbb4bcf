"""``get``, ``remove``, ``export`` and ``audience``.

Single consents and lists of them, out of a store.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from consent_core.application.outcomes import Found
from consent_core.application.service import ConsentService
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.vocabulary import Channel, RevokeSource, ViolationCode
from consent_core.wire import Names, to_wire


def get(service: ConsentService, who: str, names: Names) -> dict[str, Any]:
    """The consent of an address, a number or an id, and whether the person may be contacted.

    Raises:
        ConsentNotFound: there is none with that id.
        InvalidConsent: it is none of the three.
    """
    subject = _subject(who)
    details = service.get(subject).details if isinstance(subject, UUID) else subject
    return _found(service.get_by_identifier(details), names)


def remove(
    service: ConsentService, who: str, source: RevokeSource, description: str | None, names: Names
) -> dict[str, Any]:
    """Revoke the consent of an address, a number or an id.

    Raises:
        ConsentNotFound: there is none.
        InvalidConsent: it is none of the three.
    """
    subject = _subject(who)
    details = service.get(subject).details if isinstance(subject, UUID) else subject
    return to_wire(
        service.remove(details, RevokeActivity(source=source, description=description)), names=names
    )


def export(service: ConsentService, names: Names) -> Iterator[dict[str, Any]]:
    """Every consent, as ``apply`` reads it."""
    return (to_wire(consent, names=names) for consent in service.query())


def audience(service: ConsentService, channel: Channel, names: Names) -> Iterator[dict[str, Any]]:
    """Every consent that may be contacted on a channel now."""
    return (to_wire(consent, names=names) for consent in service.audience(channel))


def _subject(who: str) -> UUID | Identifier:
    if "@" in who or who.startswith("+"):
        return identifier_of(who)
    try:
        return UUID(who)
    except ValueError:
        raise invalid(
            "", ViolationCode.INVALID_ID, "must be an e-mail address, a number with +, or an id"
        ) from None


def _found(found: Found, names: Names) -> dict[str, Any]:
    consent = None if found.consent is None else to_wire(found.consent, names=names)
    return {
        "marketingConsent": consent,
        "communicationEligibility": to_wire(found.eligibility, names=names),
    }
