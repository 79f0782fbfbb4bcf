"""What becomes of each request in each state under the default policy, worked out by asking the
compiled chart.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

import consent_core as cc
from consent_core.domain.chart import Guard
from consent_core.domain.guards import Facts
from consent_core.domain.lifecycle import LIFECYCLE, REASONS
from tests.docs.pictures.chart import table

STATES: Final[tuple[cc.ConsentState | None, ...]] = (None, *cc.ConsentState)
UNCHANGED, TAKEN, KEPT = "unchanged", "taken", "kept: "

CONDITIONS: Final = {
    "lifts_no_revocation": "never revoked",
    "proves_order": "dated",
    # An undated confirmation proves no order, so it is not after a revocation.
    "proves_order_or_never_revoked": "after the revocation",
    "after_revocation": "after the revocation",
    "clearly_after_revocation": "after the revocation",
    "clearly_after_revocation_with_slot": "after the revocation",
    "not_before_question": "not before the question",
    "not_clearly_before_confirmation": "not before the confirmation",
    "takes_confirmation_back": "not before the confirmation",
    "newer_confirmation": "newer",
    "newer_revocation": "newer",
}
"""What a guard demands under the default policy, in few words."""

_AT: Final = datetime(2026, 3, 5, tzinfo=UTC)
_SLOTS: Final = (None, *(_AT + timedelta(days=days) for days in (-2, -1, 0, 1, 2)))


def matrix() -> str:
    """A row for each requested state, a column for each stored one."""
    head = ["requested ↓ / stored →", *(state or "no record" for state in STATES)]
    rows = [
        [label, *(cell(stored, requested, channel) for stored in STATES)]
        for label, requested, channel in _rows()
    ]
    # Browsers do not break a line at an underscore, and the table would be wider than the page.
    return table(head, rows).replace("_", "_<wbr>")


def _rows() -> Iterator[tuple[str, cc.ConsentState, cc.Channel]]:
    """One row for both channels, or one for each where they differ."""
    for requested in cc.ConsentState:
        email, phone = (
            [cell(stored, requested, channel) for stored in STATES] for channel in cc.Channel
        )
        if email == phone:
            yield requested, requested, cc.Channel.EMAIL
        else:
            yield from (
                (f"{requested}, {channel.lower()}", requested, channel) for channel in cc.Channel
            )


def cell(
    stored: cc.ConsentState | None,
    requested: cc.ConsentState,
    channel: cc.Channel = cc.Channel.EMAIL,
) -> str:
    """Whether a request is taken: always, never and why, or under which conditions."""
    guards = [guard for guard, _ in LIFECYCLE[stored][requested].guards]
    facts = list(_facts(stored, channel))
    for guard in guards:
        if not any(guard(each) for each in facts):
            return KEPT + REASONS[guard]
    conditions = list(dict.fromkeys(CONDITIONS[guard.__name__] for guard in _needed(guards, facts)))
    if conditions:
        return f"{TAKEN} if {' and '.join(conditions)}"
    return UNCHANGED if stored is requested else TAKEN


def _needed(guards: list[Guard[Facts]], facts: list[Facts]) -> list[Guard[Facts]]:
    """The guards without those that hold wherever all the others do."""
    needed = list(guards)
    for guard in guards:
        others = [each for each in needed if each is not guard]
        if all(guard(each) for each in facts if all(other(each) for other in others)):
            needed = others
    return needed


def _facts(stored: cc.ConsentState | None, channel: cc.Channel) -> Iterator[Facts]:
    """All that a record in this state can meet.

    Its slots keep laws 7 and 8 of the contract (section 4.4).
    """
    for dated, level, confirmed, revoked in product((True, False), cc.OptInLevel, _SLOTS, _SLOTS):
        if _lawful(stored, confirmed, revoked):
            yield Facts(_AT, dated, level, confirmed, revoked, channel, cc.Policy())


def _lawful(
    stored: cc.ConsentState | None, confirmed: datetime | None, revoked: datetime | None
) -> bool:
    match stored:
        case None:
            return confirmed is None and revoked is None
        case cc.ConsentState.PENDING | cc.ConsentState.CONFIRMED:
            return confirmed is not None and (revoked is None or revoked < confirmed)
        case cc.ConsentState.REVOKED:
            return revoked is not None and (confirmed is None or confirmed <= revoked)
        case _:
            return True
