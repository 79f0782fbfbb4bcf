"""``get``, ``remove``, ``export`` and ``audience``: consents out of a store."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from consent_core.application.service import ConsentService
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.vocabulary import Channel, RevokeSource, ViolationCode
from consent_core.wire import Names, to_wire


def get(service: ConsentService, who: str, names: Names) -> dict[str, Any]:
    """The consent of one person, and whether that person may be contacted.

    Args:
        service: has the store.
        who: an e-mail address, a phone number or an id.
        names: the spelling of field names.

    Raises:
        ConsentNotFound: no consent has that id.
        InvalidConsent: ``who`` is none of the three.
    """
    found = service.get_by_identifier(_identifier(service, who))
    consent = None if found.consent is None else to_wire(found.consent, names=names)
    return {
        "marketingConsent": consent,
        "communicationEligibility": to_wire(found.eligibility, names=names),
    }


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


def audience(service: ConsentService, channel: Channel, names: Names) -> Iterator[dict[str, Any]]:
    """Every consent that may be contacted on a channel now."""
    return (to_wire(consent, names=names) for consent in service.audience(channel))


def _identifier(service: ConsentService, who: str) -> Identifier:
    if "@" in who or who.startswith("+"):
        return identifier_of(who)
    try:
        consent_id = UUID(who)
    except ValueError:
        raise invalid(
            "", ViolationCode.INVALID_ID, "must be an e-mail address, a number with +, or an id"
        ) from None
    return service.get(consent_id).details
