"""Helpers for tests of one's own rules: a clock that is set by hand, and a list of requests."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from consent_core.domain.decision import decide
from consent_core.domain.identifiers import Identifier
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert


class Clock:
    """A clock that a test sets: ``ConsentService(clock=clock)``.

    Args:
        now: the moment that it tells, with an offset; the beginning of 2024 without one.
    """

    def __init__(self, now: datetime = datetime(2024, 1, 1, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def advance(self, span: timedelta) -> None:
        """Let time pass.

        Args:
            span: how much.
        """
        self.now += span


def replay(
    requests: Iterable[Upsert],
    *,
    policy: Policy = DEFAULT_POLICY,
    clock: Callable[[], datetime] | None = None,
) -> list[Outcome]:
    """Decide requests one after the other, each on the record that those before it left.

    Args:
        requests: the requests, of one identifier or of several.
        policy: the choices of the deployment.
        clock: tells when each request arrives; without it, each arrives when its evidence is dated,
            or with the one before it, whichever is later.

    Returns:
        What became of each request, in order: ``consent`` is the record after it, ``kept`` says why
        its state was not taken.

    Raises:
        InvalidConsent: a request breaks rules.
    """
    records = dict[Identifier, MarketingConsent]()
    outcomes: list[Outcome] = []
    now = Clock().now
    for request in requests:
        activities = (request.last_confirmation_activity, request.last_revoke_activity)
        dates = [each.updated_date for each in activities if each is not None and each.updated_date]
        now = max([now, *dates]) if clock is None else clock()
        before = records.get(request.details)
        outcome = decide(before, request, now=now, policy=policy)
        records[request.details] = outcome.consent
        outcomes.append(outcome)
    return outcomes
