"""Reads back what else ``to_wire`` writes.

Events and eligibilities, from a store, a queue or another service.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent_core.domain.checks import invalid
from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent, ConsentUpdated
from consent_core.domain.model import Link
from consent_core.domain.vocabulary import LinkType, Reason, ViolationCode
from consent_core.wire.building import required
from consent_core.wire.kinds import Guid, Ignored, Json, Moment, Revision, Text, Word
from consent_core.wire.reading import Problems, Shape
from consent_core.wire.records import read_record

EVENT: Final = Shape(
    "Event",
    {
        "id": Ignored(),
        "entityFqdn": Ignored(),
        "slug": Text(),
        "entityId": Guid(),
        "eventTime": Moment(),
        "triggeredByAnonymizeRequest": Ignored(),
        "originatedFrom": Ignored(),
        "entityEventSequence": Revision(),
        "createdEvent": Json(),
        "updatedEvent": Json(),
        "deletedEvent": Json(),
    },
)

ELIGIBILITY: Final = Shape(
    "CommunicationEligibility",
    {
        "granted": Ignored(),
        "reason": Ignored(),
        "reasons": Json(),
        "revokeConfirmationLink": Shape("Link", {"type": Word(LinkType), "url": Text()}),
    },
)


def read_event(data: object, *, trusted: bool = False) -> ConsentEvent:
    """Read an event, as ``to_wire`` writes it.

    Args:
        data: the envelope.
        trusted: as in ``read_record``.

    Returns:
        An event equal to the one that was written.

    Raises:
        InvalidConsent: it is no such envelope, or the record in it is none.
    """
    problems = Problems(data, "")
    values = EVENT.read(data, "", problems)
    problems.raise_if_any()
    match values.get("slug"):
        case "created":
            return ConsentCreated(
                read_record(_inside(values, "createdEvent", "entity"), trusted=trusted)
            )
        case "updated":
            return ConsentUpdated(
                read_record(_inside(values, "updatedEvent", "currentEntity"), trusted=trusted)
            )
        case "deleted":
            parts = [
                required(values, name, problems)
                for name in ("entityId", "entityEventSequence", "eventTime")
            ]
            problems.raise_if_any()
            return ConsentDeleted(*parts)
        case _:
            raise invalid(
                "slug", ViolationCode.UNKNOWN_VALUE, "must be created, updated or deleted"
            )


def _inside(values: Mapping[str, Any], name: str, inside: str) -> Any:
    event = values.get(name)
    return event.get(inside) if isinstance(event, Mapping) else None


def read_eligibility(data: object) -> CommunicationEligibility:
    """Read an eligibility, as ``to_wire`` writes it.

    Args:
        data: what a JSON reader gave.

    Returns:
        An eligibility equal to the one that was written: its reasons decide whether it is granted.

    Raises:
        InvalidConsent: it is none.
    """
    problems = Problems(data, "")
    values = ELIGIBILITY.read(data, "", problems)
    problems.raise_if_any()
    sent, link = values.get("reasons"), values.get("revokeConfirmationLink")
    if not isinstance(sent, list):
        raise invalid("reasons", ViolationCode.WRONG_TYPE, "is required: an array")
    reasons = [
        Word(Reason).read(each, f"reasons[{index}]", problems) for index, each in enumerate(sent)
    ]
    if link is not None and None in (link.get("type"), link.get("url")):
        problems.add("revokeConfirmationLink", ViolationCode.REQUIRED, "needs a type and a url")
    problems.raise_if_any()
    linked = None if link is None else Link(link["type"], link["url"])
    return CommunicationEligibility(tuple(reasons), revoke_confirmation_link=linked)
