"""The comparisons of the core: deciding, judging eligibility, and running plans."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import consent_core as cc
from benchmarks.harness import Comparison
from consent_core.domain.lifecycle import Facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = cc.Policy()


def comparisons(rounds: int, size: int) -> Iterator[Comparison]:
    """All of them.

    Args:
        rounds: batches of each.
        size: items of a batch.
    """
    yield Comparison(
        "decide on a stored record",
        "python-statemachine, constructed for each record",
        100,
        _decide,
        _engine,
        [_stored(f"decide{number}", size // 50) for number in range(rounds)],
    )
    yield Comparison(
        "eligibility",
        "one attribute look-up and one comparison in a function",
        1 / 8,
        _eligibility,
        _plain_check,
        [_stored(f"eligible{number}", size) for number in range(rounds)],
    )
    yield Comparison(
        "upsert through a plan",
        "the same written by hand",
        1 / 1.5,
        _through_plan,
        _by_hand,
        [_commands(f"plan{number}", size) for number in range(rounds)],
    )


def command(name: str, minute: int) -> cc.Upsert:
    """A CONFIRMED request of somebody."""
    activity = cc.ConfirmationActivity(
        source=cc.ConfirmationSource.FORM,
        updated_date=NOW - timedelta(minutes=minute),
        opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
    )
    return cc.Upsert(
        details=cc.Email.restore(f"{name}@example.com"),
        state=cc.ConsentState.CONFIRMED,
        last_confirmation_activity=activity,
    )


def _commands(prefix: str, size: int) -> list[cc.Upsert]:
    return [command(f"{prefix}.{number}", 10) for number in range(size)]


def _stored(prefix: str, size: int) -> list[tuple[cc.MarketingConsent, cc.Upsert]]:
    """Records, each with a request that refreshes it."""
    names = [f"{prefix}.{number}" for number in range(size)]
    return [(cc.decide(None, command(name, 10), now=NOW).consent, command(name, 5)) for name in names]


def _decide(batch: Sequence[Any]) -> None:
    for before, request in batch:
        cc.decide(before, request, now=NOW, policy=POLICY)


class _Model:
    def __init__(self, state: str) -> None:
        self.state = state


def _engine(batch: Sequence[Any]) -> None:
    for before, request in batch:
        dated = request.last_confirmation_activity.updated_date
        facts = Facts(dated, before.confirmed_date, before.revoked_date, before.details.channel, POLICY)
        cc.Lifecycle(_Model(before.state.lower())).send("request_confirmed", facts=facts)


def _eligibility(batch: Sequence[Any]) -> None:
    for consent, _ in batch:
        cc.eligibility(consent, now=NOW, policy=POLICY)


def _is_confirmed(consent: cc.MarketingConsent) -> bool:
    return consent.state is cc.ConsentState.CONFIRMED


def _plain_check(batch: Sequence[Any]) -> None:
    for consent, _ in batch:
        _is_confirmed(consent)


def _through_plan(batch: Sequence[Any]) -> None:
    service = cc.ConsentService(clock=lambda: NOW)
    for request in batch:
        service.upsert(request)


def _by_hand(batch: Sequence[Any]) -> None:
    repository = cc.MemoryRepository()
    for number, request in enumerate(batch):
        before = repository.find([request.details]).get(request.details)
        decision = cc.decide(before, request, now=NOW, policy=POLICY, new_id=UUID(int=number))
        change = cc.Change(request.details, 0, decision.consent, decision.events)
        repository.commit([change])
