"""Whether an address can be reached: reports of bounces and deliveries (contract, section 9).

Reachability is no question of will. It stands beside the state of a consent and never changes it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, final

from attrs import field, frozen

from consent_core.domain.checks import Problem, refuse
from consent_core.domain.identifiers import Identifier
from consent_core.domain.validation import BOUNDS, require_valid
from consent_core.domain.vocabulary import (
    DeliveryEvent,
    DeliveryStatus,
    ViolationCode,
)


class DeliveryEffect(StrEnum):
    """What a report means for an address (contract, section 9)."""

    ADDRESS = "ADDRESS"
    """The address is wrong."""
    TRANSIENT = "TRANSIENT"
    """It could not be reached for the moment."""
    REACHED = "REACHED"
    """It can be reached."""
    NONE = "NONE"
    """Nothing: the sender was refused, not the address."""


MAX_BOUNCES: Final = 2**31 - 1
"""Transient bounces in a row that are counted."""


@final
@frozen(kw_only=True)
class Delivery:
    """What bounces say about an address; a record of a reachable address has none.

    Args:
        status: ``BOUNCING``, or ``UNREACHABLE``.
        since: the moment of the bounce that led to it.
        bounces: transient bounces in a row; 0 where one bounce said that the address is wrong.
        last_code: the enhanced status code of the last bounce (RFC 3463), if it is known.

    Raises:
        InvalidConsent: a value is of the wrong type.
    """

    status: DeliveryStatus
    since: datetime
    bounces: int = field(metadata={BOUNDS: (0, MAX_BOUNCES)})
    last_code: str | None = None

    def __attrs_post_init__(self) -> None:
        require_valid(self, "delivery")

    @property
    def lapses(self) -> bool:
        """Whether it lapses: somebody has to try again what only failed for a while."""
        return self.status is DeliveryStatus.UNREACHABLE and self.bounces > 0


@final
@frozen(kw_only=True)
class DeliveryReport:
    """What became of a message to somebody.

    Args:
        identifier: to whom it was sent.
        event: what happened.
        reported_date: when it happened, with an offset; None, or a moment ahead of receipt, means
            the moment of receipt.
        code: the enhanced status code (RFC 3463), such as ``5.1.1``, if one is known.

    Raises:
        InvalidConsent: a value is of the wrong type, or the code is malformed.
    """

    identifier: Identifier
    event: DeliveryEvent
    reported_date: datetime | None = None
    code: str | None = None

    def __attrs_post_init__(self) -> None:
        require_valid(self, "")
        refuse("", code=_wrong_code(self.code))


def _wrong_code(code: str | None) -> Problem:
    if code is None or _CODE.fullmatch(code):
        return None
    return ViolationCode.INVALID_NUMBER, "must be an enhanced status code such as 5.1.1"


_CODE: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")

CODES: Final[tuple[tuple[str, DeliveryEffect, str], ...]] = (
    (
        r"5\.1\.([0-4]|6|10)|5\.2\.[01]",
        DeliveryEffect.ADDRESS,
        "no such mailbox, or it is disabled",
    ),
    (r".\.2\.2|.\.[34]\..*", DeliveryEffect.TRANSIENT, "mailbox full, mail system or network"),
    (r".\.[567]\..*", DeliveryEffect.NONE, "protocol, content, policy or reputation of the sender"),
    (r"4\..*|5\.0\..*", DeliveryEffect.TRANSIENT, "not said more exactly"),
    (r".*", DeliveryEffect.NONE, "anything else: about the message or the sender"),
)
"""What a bounce means by its code: the first pattern that fits."""

EVENTS: Final[Mapping[DeliveryEvent, DeliveryEffect]] = MappingProxyType(
    {
        DeliveryEvent.PERMANENT_BOUNCE: DeliveryEffect.ADDRESS,
        DeliveryEvent.TRANSIENT_BOUNCE: DeliveryEffect.TRANSIENT,
        DeliveryEvent.UNDETERMINED_BOUNCE: DeliveryEffect.TRANSIENT,
        DeliveryEvent.DELIVERED: DeliveryEffect.REACHED,
        DeliveryEvent.RESET: DeliveryEffect.REACHED,
    }
)
"""What a report means without a code; a complaint is an opt-out and says nothing of delivery."""

_KEEP: Final = None
TABLE: Final[Mapping[DeliveryStatus, Mapping[DeliveryEffect, DeliveryStatus | None]]] = (
    MappingProxyType(
        {
            DeliveryStatus.REACHABLE: {
                DeliveryEffect.ADDRESS: DeliveryStatus.UNREACHABLE,
                DeliveryEffect.TRANSIENT: DeliveryStatus.BOUNCING,
                DeliveryEffect.REACHED: _KEEP,
            },
            DeliveryStatus.BOUNCING: {
                DeliveryEffect.ADDRESS: DeliveryStatus.UNREACHABLE,
                DeliveryEffect.TRANSIENT: DeliveryStatus.BOUNCING,
                DeliveryEffect.REACHED: DeliveryStatus.REACHABLE,
            },
            DeliveryStatus.UNREACHABLE: {
                DeliveryEffect.ADDRESS: _KEEP,
                DeliveryEffect.TRANSIENT: _KEEP,
                DeliveryEffect.REACHED: DeliveryStatus.REACHABLE,
            },
        }
    )
)
"""The status after a report, by the status before it; None where it does not change."""


def effect_of(report: DeliveryReport) -> DeliveryEffect:
    """What a report means for the address: by its code if it is a bounce with one."""
    effect = EVENTS.get(report.event, DeliveryEffect.NONE)
    if report.code is None or effect not in (DeliveryEffect.ADDRESS, DeliveryEffect.TRANSIENT):
        return effect
    return next(effect for pattern, effect, _ in CODES if re.fullmatch(pattern, report.code))


def delivery_after(
    before: Delivery | None, report: DeliveryReport, *, now: datetime, limit: int
) -> Delivery | None:
    """What is known of an address after a report; the same object where nothing changes.

    Args:
        before: what was known; None for a reachable address.
        report: the report.
        now: the moment of receipt, in UTC.
        limit: transient bounces in a row that make an address unreachable.
    """
    moment = min(report.reported_date or now, now)
    effect = effect_of(report)
    if effect is DeliveryEffect.NONE or (before is not None and moment <= before.since):
        return before
    status = DeliveryStatus.REACHABLE if before is None else before.status
    after = TABLE[status][effect]
    if after is None:
        return before
    if after is DeliveryStatus.REACHABLE:
        return None
    bounces = 0 if after is DeliveryStatus.UNREACHABLE else 1 + (before.bounces if before else 0)
    if bounces >= limit:
        after = DeliveryStatus.UNREACHABLE
    return Delivery(status=after, since=moment, bounces=bounces, last_code=report.code)
