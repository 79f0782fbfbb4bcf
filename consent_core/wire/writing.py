"""Writes records, outcomes and eligibilities as JSON-ready dicts (contract, section 1)."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, Final

from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import Link, MarketingConsent
from consent_core.wire.kinds import date_time
from consent_core.wire.shapes import LINK, RECORD
from consent_core.wire.spelling import Names, sdk

ENTITY: Final = "wix.marketing.marketing_consent.v1.marketing_consent"
"""What events are about, as the API names it."""


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


_written.register(MarketingConsent, RECORD.write)
_written.register(Link, LINK.write)


@_written.register
def _outcome(outcome: Outcome) -> dict[str, Any]:
    written: dict[str, Any] = {
        "result": outcome.result.value,
        "kept": outcome.kept and outcome.kept.value,
    }
    if outcome.record is not None:
        written["marketingConsent"] = RECORD.write(outcome.record)
    return written if outcome.link is None else written | {"link": LINK.write(outcome.link)}


@_written.register
def _eligibility(signal: CommunicationEligibility) -> dict[str, Any]:
    written: dict[str, Any] = {
        "granted": signal.granted,
        "reason": signal.reason,
        "reasons": [str(reason) for reason in signal.reasons],
    }
    if signal.revoke_confirmation_link is not None:
        written["revokeConfirmationLink"] = LINK.write(signal.revoke_confirmation_link)
    return written


@_written.register
def _created(event: ConsentCreated) -> dict[str, Any]:
    return _envelope(event, "created", "createdEvent", {"entity": RECORD.write(event.consent)})


@_written.register
def _updated(event: ConsentUpdated) -> dict[str, Any]:
    entity = RECORD.write(event.consent)
    return _envelope(event, "updated", "updatedEvent", {"currentEntity": entity})


@_written.register
def _deleted(event: ConsentDeleted) -> dict[str, Any]:
    return _envelope(event, "deleted", "deletedEvent", {})


def _envelope(event: ConsentEvent, slug: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "entityFqdn": ENTITY,
        "slug": slug,
        "entityId": str(event.consent_id),
        "eventTime": date_time(event.occurred_at),
        "triggeredByAnonymizeRequest": False,
        "originatedFrom": "",
        "entityEventSequence": str(event.sequence),
        name: content,
    }


def _with_sdk_names(written: Mapping[str, Any]) -> dict[str, Any]:
    """The same dict with the SDK's names.

    Not of what the applications name: what is inside namespaces, and topics.
    """
    return {sdk(name): _renamed(name, value) for name, value in written.items()}


def _renamed(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or name == "namespaces":
        return value
    if name == "topics":
        return {topic: _with_sdk_names(each) for topic, each in value.items()}
    return _with_sdk_names(value)
