"""Writes records, outcomes and eligibilities as JSON-ready dicts (contract, section 1)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any, Final

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.decision import Outcome
from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.model import Link, MarketingConsent
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from consent_core.wire.spelling import Names, sdk


def to_wire(
    value: MarketingConsent | Outcome | CommunicationEligibility | Link | ConsentEvent,
    *,
    names: Names = Names.REST,
) -> dict[str, Any]:
    """A value as a dict that ``json.dumps`` takes.

    Args:
        value: a record, an outcome, an eligibility, a link or an event.
        names: the spelling of field names: camelCase, or the JavaScript SDK's.

    Returns:
        A fresh dict; a record in it reads back, by ``read_record``, to an equal record.
    """
    written = _written(value)
    return _with_sdk_names(written) if names == Names.SDK else written


@singledispatch
def _written(value: object) -> dict[str, Any]:
    raise TypeError(f"{type(value).__name__} does not travel on the wire")


@_written.register
def _consent(consent: MarketingConsent) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": str(consent.id),
        "revision": str(consent.revision),
        "details": {
            "type": consent.details.channel.value,
            consent.details.channel.value.lower(): consent.details.address,
        },
        "state": consent.state.value,
        "createdDate": date_time(consent.created_date),
        "updatedDate": date_time(consent.updated_date),
    }
    if consent.last_confirmation_activity is not None:
        written["lastConfirmationActivity"] = _confirmation(consent.last_confirmation_activity)
    if consent.last_revoke_activity is not None:
        written["lastRevokeActivity"] = _revocation(consent.last_revoke_activity)
    if consent.double_confirmed_date is not None and not _said_by_slot(consent):
        written["doubleConfirmedDate"] = date_time(consent.double_confirmed_date)
    if consent.extended_fields:
        written |= written_fields(consent.extended_fields)
    return written


def _said_by_slot(consent: MarketingConsent) -> bool:
    """Whether the confirmation slot says already when the double opt-in was.

    Only in CONFIRMED was it taken as one.
    """
    confirmation = consent.last_confirmation_activity
    return (
        consent.state is ConsentState.CONFIRMED
        and confirmation is not None
        and confirmation.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        and confirmation.updated_date == consent.double_confirmed_date
    )


def written_fields(fields: ExtendedFields) -> dict[str, Any]:
    """Extended fields as they stand in a record."""
    return {"extendedFields": {"namespaces": fields.namespaces}}


@_written.register
def _outcome(outcome: Outcome) -> dict[str, Any]:
    written = {
        "result": outcome.result.value,
        "kept": outcome.kept and outcome.kept.value,
        "marketingConsent": _consent(outcome.consent),
    }
    return written if outcome.link is None else written | {"link": _link(outcome.link)}


@_written.register
def _eligibility(signal: CommunicationEligibility) -> dict[str, Any]:
    written: dict[str, Any] = {
        "granted": signal.granted,
        "reason": signal.reason,
        "reasons": [str(reason) for reason in signal.reasons],
    }
    if signal.revoke_confirmation_link is not None:
        written["revokeConfirmationLink"] = _link(signal.revoke_confirmation_link)
    return written


@_written.register
def _link(link: Link) -> dict[str, Any]:
    return {"type": link.type.value, "url": link.url}


@_written.register
def _created(event: ConsentCreated) -> dict[str, Any]:
    return _envelope(event, "created") | {"createdEvent": {"entity": _consent(event.consent)}}


@_written.register
def _updated(event: ConsentUpdated) -> dict[str, Any]:
    return _envelope(event, "updated") | {
        "updatedEvent": {"currentEntity": _consent(event.consent)}
    }


@_written.register
def _deleted(event: ConsentDeleted) -> dict[str, Any]:
    return _envelope(event, "deleted") | {"deletedEvent": {}}


ENTITY: Final = "wix.marketing.marketing_consent.v1.marketing_consent"
"""What events are about, as the API names it."""


def _envelope(event: ConsentEvent, slug: str) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "entityFqdn": ENTITY,
        "slug": slug,
        "entityId": str(event.consent_id),
        "eventTime": date_time(event.occurred_at),
        "triggeredByAnonymizeRequest": False,
        "originatedFrom": "",
        "entityEventSequence": str(event.sequence),
    }


def _confirmation(activity: ConfirmationActivity) -> dict[str, Any]:
    return {
        "source": activity.source.value,
        "description": activity.description,
        "updatedDate": activity.updated_date and date_time(activity.updated_date),
        "optInLevel": activity.opt_in_level.value,
    }


def _revocation(activity: RevokeActivity) -> dict[str, Any]:
    return {
        "source": activity.source.value,
        "description": activity.description,
        "updatedDate": activity.updated_date and date_time(activity.updated_date),
    }


def date_time(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, e.g. ``2023-05-01T00:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _with_sdk_names(written: Mapping[str, Any]) -> dict[str, Any]:
    """Renamed at every depth except inside the namespaces of extended fields, which are the applications' own."""
    return {
        sdk(name): _with_sdk_names(value)
        if isinstance(value, dict) and name != "namespaces"
        else value
        for name, value in written.items()
    }
