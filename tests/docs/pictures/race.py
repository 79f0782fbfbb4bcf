"""Two writers who have read the same record, as a sequence diagram."""

from typing import Any, Final

import consent_core as cc
from consent_core.application.plans import Ask, Plan
from tests.docs.pictures.sequence import Message, sequence
from tests.docs.pictures.stories import CONFIRMED, REVOKED, Arrival, at

_NOON: Final = at(12, 12)
WRITERS: Final = {
    "A": Arrival("confirms", CONFIRMED, at(12, 9), _NOON),
    "B": Arrival("unsubscribes", REVOKED, at(12, 10), _NOON),
}


def messages_and_record(*turns: str) -> tuple[list[Message], cc.MarketingConsent]:
    """What the writers ask and are answered when they take turns, and the record in the end.

    Args:
        turns: the order in which the writers take their turns.
    """
    service = cc.ConsentService(clock=lambda: _NOON)
    plans = {name: service.use_cases.upsert(WRITERS[name].request) for name in turns}
    asks = {name: next(plan) for name, plan in plans.items()}
    messages: list[Message] = []
    while asks:
        for name in list(asks):
            ask = asks.pop(name)
            messages.append(Message(name, "store", _asked(ask)))
            step, answer = _answered(plans[name], ask, service.repository)
            messages.append(Message("store", name, (answer,), answer=True))
            if step is not None:
                asks[name] = step
    # stored above
    return messages, service.get_by_identifier(WRITERS["A"].request.details).consent  # type: ignore[return-value]


def diagram() -> str:
    """The race as SVG."""
    messages, consent = messages_and_record("A", "B")
    first, second = (
        (f"{name} {writer.what}", f"{writer.happened:%H:%M}") for name, writer in WRITERS.items()
    )
    # The store stands between the writers, so that no message crosses a lifeline.
    participants = {"A": first, "store": ("the repository", ""), "B": second}
    note = f"{consent.state}, revision {consent.revision}, whoever commits first"
    return sequence(
        "Two writers who have read the same record.", participants, messages, column=250, note=note
    )


def _answered(plan: Plan[Any], ask: Ask, repository: cc.Repository) -> tuple[Ask | None, str]:
    """Answer one call of the port.

    What the plan asks next, if anything, and the answer in words.
    """
    try:
        try:
            answer = getattr(repository, ask.method)(ask.argument)
        except cc.Conflict as conflict:
            return plan.throw(conflict), "Conflict, nothing is stored"
        return plan.send(answer), _found(answer)
    except StopIteration:
        return None, "stored"


def _asked(ask: Ask) -> tuple[str, ...]:
    if ask.method == "find":
        return ("find",)
    (change,) = ask.argument
    return f"commit {change.consent.state}", f"expecting revision {change.expected}"


def _found(answer: dict[cc.Identifier, cc.MarketingConsent]) -> str:
    return (
        ", ".join(f"{consent.state}, revision {consent.revision}" for consent in answer.values())
        or "no record"
    )
