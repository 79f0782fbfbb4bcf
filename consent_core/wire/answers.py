"""Reads what else ``to_wire`` writes: events and eligibilities."""

from typing import Any, Final

from consent_core.domain.checks import invalid
from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.records import MAX_REVISION
from consent_core.domain.vocabulary import Reason, ViolationCode
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import DATE_TIME, GUID, JSON, STRING, integer, word
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import Problems, is_object
from consent_core.wire.records import read_record
from consent_core.wire.shapes import LINK

_EVENT: Final = ObjectKind(
    plain_fields(
        slug=STRING,
        entityId=GUID,
        eventTime=DATE_TIME,
        entityEventSequence=integer(1, MAX_REVISION),
        createdEvent=JSON,
        updatedEvent=JSON,
        deletedEvent=JSON,
    ),
    ignored=("id", "entityFqdn", "triggeredByAnonymizeRequest", "originatedFrom"),
)

_ELIGIBILITY: Final = ObjectKind(
    plain_fields(reasons=JSON, revokeConfirmationLink=LINK), ignored=("granted", "reason")
)

_REASON: Final = word(Reason)


def read_event(data: object, *, trusted: bool = False) -> ConsentEvent:
    """Read an event, as ``to_wire`` writes it.

    Args:
        data: the envelope.
        trusted: as in ``read_record``.

    Returns:
        An event equal to the one that was written.

    Raises:
        InvalidConsent: it is no such envelope, or the record in it is invalid.
    """
    problems = Problems(data, "")
    values = _EVENT.read(data, "", problems)
    problems.raise_if_any()
    match values.get("slug"):
        case "created":
            entity = _inside(values.get("createdEvent"), "entity")
            return ConsentCreated(read_record(entity, trusted=trusted))
        case "updated":
            entity = _inside(values.get("updatedEvent"), "currentEntity")
            return ConsentUpdated(read_record(entity, trusted=trusted))
        case "deleted":
            names = ("entityId", "entityEventSequence", "eventTime")
            for name in names:
                if values.get(name) is None:
                    problems.add(name, ViolationCode.REQUIRED, "is required")
            problems.raise_if_any()
            return ConsentDeleted(*(values[name] for name in names))
    raise invalid("slug", ViolationCode.UNKNOWN_VALUE, "must be created, updated or deleted")


def _inside(event: Any, name: str) -> Any:
    return event.get(name) if is_object(event) else None


def read_eligibility(data: object) -> CommunicationEligibility:
    """Read an eligibility, as ``to_wire`` writes it.

    Args:
        data: what a JSON reader gave.

    Returns:
        An eligibility equal to the one that was written: its reasons decide whether it is granted.

    Raises:
        InvalidConsent: it is no eligibility.
    """
    problems = Problems(data, "")
    values = _ELIGIBILITY.read(data, "", problems)
    problems.raise_if_any()
    sent = values.get("reasons")
    if not isinstance(sent, list):
        raise invalid("reasons", ViolationCode.WRONG_TYPE, "is required: an array")
    reasons = [_REASON.read(each, f"reasons[{index}]", problems) for index, each in enumerate(sent)]
    problems.raise_if_any()
    link = values.get("revokeConfirmationLink")
    return CommunicationEligibility(tuple(reasons), revoke_confirmation_link=link)
