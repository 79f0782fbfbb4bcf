"""The rules of delivery reports, read from their tables."""

import re
from collections.abc import Callable
from typing import Final

from consent_core import DeliveryEvent, DeliveryStatus, Policy
from consent_core.domain.delivery import CODES, EVENTS, TABLE, DeliveryEffect
from tests.docs.reference.enums import meanings
from tests.docs.reference.tables import code, codes, table

_EFFECTS: Final = {
    DeliveryEffect.ADDRESS: "about the address",
    DeliveryEffect.TRANSIENT: "transient",
    DeliveryEffect.REACHED: "reached",
    DeliveryEffect.NONE: "nothing",
}

_SHOWN: Final = (
    ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.0", "5.2.1"),
    ("4.2.2", "5.2.2", "4.3.1", "5.3.4", "4.4.7", "5.4.4"),
    ("5.5.1", "5.6.0", "5.7.1", "4.7.0"),
    ("4.1.8", "4.2.1", "5.0.0"),
    ("5.1.5", "5.1.7", "5.1.8", "5.2.3", "5.2.4"),
)
"""Codes that each row of the table is for."""


def _codes() -> str:
    rows = []
    for (pattern, effect, why), shown in zip(CODES, _SHOWN, strict=True):
        for each in shown:
            if _row_of(each) != pattern:
                raise ValueError(f"{each} is not of the row {pattern}")
        rows.append((codes(shown), why, _EFFECTS[effect]))
    return table(("for example", "what it says", "what it counts as"), rows)


def _row_of(text: str) -> str:
    return next(pattern for pattern, *_ in CODES if re.fullmatch(pattern, text))


def _events() -> str:
    rows = []
    for event, meaning in meanings(DeliveryEvent).items():
        effect = EVENTS.get(DeliveryEvent[event])
        counts = "an opt-out" if effect is None else _EFFECTS[effect]
        rows.append((code(event), meaning, counts))
    return table(("event", "what it says", "what it counts as, without a code"), rows)


def _statuses() -> str:
    effects = [effect for effect in DeliveryEffect if effect is not DeliveryEffect.NONE]
    rows = [
        (code(before), *(_after(before, after[effect], effect) for effect in effects))
        for before, after in TABLE.items()
    ]
    return table(("stored", *(_EFFECTS[effect] for effect in effects)), rows)


def _after(before: DeliveryStatus, after: DeliveryStatus | None, effect: DeliveryEffect) -> str:
    if after is None:
        return "no change"
    if effect is not DeliveryEffect.TRANSIENT:
        return code(after)
    count = "1 bounce" if before is DeliveryStatus.REACHABLE else "one bounce more"
    limit = f"at {Policy().bounce_limit}, {code(DeliveryStatus.UNREACHABLE)}"
    return f"{code(after)}, {count}" + ("" if before is DeliveryStatus.REACHABLE else f"; {limit}")


DELIVERY: Final[dict[str, Callable[[], str]]] = {
    "delivery-events": _events,
    "delivery-codes": _codes,
    "delivery-table": _statuses,
}
"""The tables of the page on bounces, by name."""
