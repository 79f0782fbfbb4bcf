"""The comparisons of the core: deciding, judging eligibility, and running plans."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, Final

from statemachine.exceptions import TransitionNotAllowed
from transitions import Machine, MachineError

import consent_core as cc
from benchmarks.harness import Comparison
from benchmarks.inputs import NOW, POLICY, command, request, stored
from consent_core.application.ids import new_consent_id
from consent_core.application.use_cases import UseCases
from consent_core.domain.guards import Facts

State = cc.ConsentState

EVERYDAY: Final = (
    (State.PENDING, 60, State.CONFIRMED, 5),  # the answer to a question
    (State.CONFIRMED, 60, State.REVOKED, 5),  # an unsubscribe
    (State.CONFIRMED, 60, State.CONFIRMED, 60),  # the same import again
    (State.CONFIRMED, 60, State.PENDING, 5),  # a question to somebody who has said yes
    (State.REVOKED, 30, State.CONFIRMED, 60),  # a late yes
    (State.CONFIRMED, 60, State.CONFIRMED, 5),  # a newer yes
)
"""What happens to stored records.

State and minutes before now of the record, then of the request.
"""


def comparisons(rounds: int, size: int) -> Iterator[Comparison]:
    """All of them.

    Args:
        rounds: batches of each.
        size: items of a batch.
    """
    few = size // 5
    yield Comparison(
        "decide on a stored record",
        "python-statemachine, constructed and bound for each record",
        85,
        _decide,
        _engine,
        [_meetings(f"engine{number}", few) for number in range(rounds)],
    )
    yield Comparison(
        "decide on a stored record",
        "transitions, constructed and bound for each record",
        20,
        _decide,
        _transitions,
        [_meetings(f"transitions{number}", few) for number in range(rounds)],
    )
    yield Comparison(
        "eligibility",
        "one attribute look-up and one comparison in a plain function",
        1 / 8,
        _eligibility,
        _plain_check,
        [_records(f"eligible{number}", size) for number in range(rounds)],
    )
    yield Comparison(
        "upsert as a plan",
        "the same use case written by hand",
        1 / 1.5,
        _through_plan,
        _by_hand,
        [
            [command(f"plan{number}.{person}", 10) for person in range(size)]
            for number in range(rounds)
        ],
    )


def _meetings(prefix: str, size: int) -> list[tuple[cc.MarketingConsent, cc.Upsert]]:
    """Records, each with a request that it meets."""
    everyday = zip(range(size), cycle(EVERYDAY), strict=False)
    return [
        (stored(f"{prefix}.{number}", before, first), request(f"{prefix}.{number}", wanted, then))
        for number, (before, first, wanted, then) in everyday
    ]


def _records(prefix: str, size: int) -> list[cc.MarketingConsent]:
    return [stored(f"{prefix}.{number}", State.CONFIRMED, 10) for number in range(size)]


def _decide(batch: Sequence[Any]) -> None:
    for before, wanted in batch:
        cc.decide(before, wanted, now=NOW, policy=POLICY)


class _Model:
    def __init__(self, state: str) -> None:
        self.state = state


def _facts(before: cc.MarketingConsent, wanted: cc.Upsert) -> Facts:
    activity = wanted.last_revoke_activity or wanted.last_confirmation_activity
    at = None if activity is None else activity.updated_date or NOW
    level = (
        None
        if wanted.last_confirmation_activity is None
        else wanted.last_confirmation_activity.opt_in_level
    )
    revoked, channel = before.revoked_date, before.details.channel
    return Facts(at, True, level, before.confirmed_date, revoked, channel, POLICY)  # noqa: FBT003


def _engine(batch: Sequence[Any]) -> None:
    for before, wanted in batch:
        machine = cc.Lifecycle(_Model(before.state.lower()))
        try:
            machine.send(f"request_{wanted.state.lower()}", facts=_facts(before, wanted))
        except TransitionNotAllowed:
            continue


_STATES: Final = [state.lower() for state in State]
_ARROWS: Final = [
    {
        "trigger": f"request_{wanted.lower()}",
        "source": before.lower(),
        "dest": arrow.target.lower(),
        "conditions": [guard for guard, _ in arrow.guards],
    }
    for before, row in cc.LIFECYCLE.items()
    if before is not None
    for wanted, arrow in row.items()
]


def _transitions(batch: Sequence[Any]) -> None:
    for before, wanted in batch:
        model = _Model(before.state.lower())
        Machine(
            model,
            states=_STATES,
            transitions=_ARROWS,
            initial=before.state.lower(),
            auto_transitions=False,
        )
        try:
            getattr(model, f"request_{wanted.state.lower()}")(_facts(before, wanted))
        except MachineError:
            continue


def _eligibility(batch: Sequence[Any]) -> None:
    for consent in batch:
        cc.eligibility(consent, now=NOW, policy=POLICY)


def _is_confirmed(consent: cc.MarketingConsent) -> bool:
    return consent.state is State.CONFIRMED


def _plain_check(batch: Sequence[Any]) -> None:
    for consent in batch:
        _is_confirmed(consent)


def _through_plan(batch: Sequence[Any]) -> None:
    consents = cc.ConsentService()
    use_cases = UseCases(POLICY, None, lambda: NOW, new_consent_id, 1)
    for wanted in batch:
        consents.run(use_cases.upsert(wanted))


def _by_hand(batch: Sequence[Any]) -> None:
    repository = cc.MemoryRepository()
    for wanted in batch:
        before = repository.find([wanted.details]).get(wanted.details)
        decision = cc.decide(
            before, wanted, now=NOW, policy=POLICY, new_id=new_consent_id(wanted.details)
        )
        if decision.events:
            revision = 0 if before is None else before.revision
            repository.commit(
                [cc.Change(wanted.details, revision, decision.consent, decision.events)]
            )
