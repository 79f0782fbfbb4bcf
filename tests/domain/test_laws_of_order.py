"""The laws of section 4.4 about order.

Whatever order evidence arrives in, and whatever clocks say.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.activities import RevokeActivity
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import ConsentState, KeptReason
from tests.domain.builders import (
    CONFIRMED,
    NOW,
    PENDING,
    REVOKED,
    about,
    ask,
    at,
    confirmed,
    levels,
    minutes,
    no,
    one,
    pending,
    people,
    policies,
    records,
    requests,
    revoked,
    run,
    texts,
    yes,
)

within_skew = st.integers(0, 4)
"""Minutes that lie less than the clock skew apart.

A grant of exactly the skew after the slot, with the same text, counts as the slot itself (section
4.2), so it is not the later evidence that these laws speak of.
"""

distinct = st.lists(within_skew, unique=True, max_size=4)


@st.composite
def evidence(draw: st.DrawFn) -> list[Upsert]:
    """Dated CONFIRMED and REVOKED requests.

    No two of a kind share a date, but one of each kind may.
    """
    grants = [ask(CONFIRMED, yes(minute, draw(levels), draw(texts))) for minute in draw(distinct)]
    revocations = [ask(REVOKED, None, no(minute, draw(texts))) for minute in draw(distinct)]
    return (
        [*grants, *revocations, confirmed(4)]
        if not grants + revocations
        else [*grants, *revocations]
    )


def standing(consent: MarketingConsent) -> tuple[object, ...]:
    """The state and the two slots."""
    return consent.state, consent.last_confirmation_activity, consent.last_revoke_activity


def latest(commands: Sequence[Upsert], state: ConsentState) -> float:
    """The date of the latest evidence of a kind, as a timestamp.

    Minus infinity where there is none.
    """
    activities = [
        command.last_revoke_activity if state is REVOKED else command.last_confirmation_activity
        for command in commands
        if command.state is state
    ]
    dates = [
        a.updated_date.timestamp()
        for a in activities
        if a is not None and a.updated_date is not None
    ]
    return max(dates, default=float("-inf"))


@given(evidence(), st.randoms(use_true_random=False), people)
def test_law_2_arrival_does_not_matter(
    commands: list[Upsert], random: object, whom: Identifier
) -> None:
    """Law 2.

    Dated CONFIRMED and REVOKED requests give the same state and slots "in whatever order they
    arrive".
    """
    arrival = [about(whom, command) for command in commands]
    expected = standing(run(arrival))
    random.shuffle(arrival)  # type: ignore[attr-defined]
    assert standing(run(arrival)) == expected


@given(evidence())
def test_law_2_the_slots_hold_the_latest_of_each_kind(commands: list[Upsert]) -> None:
    """Law 2, with the answer computed.

    The latest evidence of each kind stays, and on a tie the revocation wins.
    """
    consent = run(commands)
    confirmed_at, revoked_at = latest(commands, CONFIRMED), latest(commands, REVOKED)
    assert (
        consent.confirmed_date.timestamp() if consent.confirmed_date else float("-inf")
    ) == confirmed_at
    assert (
        consent.revoked_date.timestamp() if consent.revoked_date else float("-inf")
    ) == revoked_at
    assert consent.state is (CONFIRMED if confirmed_at > revoked_at else REVOKED)


def test_law_2_every_order_of_every_small_history() -> None:
    """Law 2, exhaustively.

    Two grants and two revocations on every choice of four dates, in all 24 orders.
    """
    histories = [
        [confirmed(a), confirmed(b), revoked(c), revoked(d)]
        for a in range(4) for b in range(4) for c in range(4) for d in range(4) if a < b and c < d
    ]  # fmt: skip
    for history in histories:
        assert len({standing(run(arrival)) for arrival in permutations(history)}) == 1


def test_law_3_every_order_of_every_small_history() -> None:
    """Law 3, exhaustively.

    A question, an answer and a revocation on every choice of three dates, in all orders.
    """
    for asked in range(3):
        for answered in range(3):
            for taken_back in range(3):
                for again in range(3):
                    history = [
                        pending(asked),
                        confirmed(answered),
                        revoked(taken_back),
                        pending(again),
                    ]
                    for arrival in permutations(history):
                        assert (run(arrival).state is CONFIRMED) is (answered > taken_back), arrival


@given(
    st.lists(
        st.builds(
            lambda kind, minute: kind(minute),
            st.sampled_from([pending, confirmed, revoked]),
            within_skew,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_law_3_late_delivery_makes_nobody_more_contactable(commands: list[Upsert]) -> None:
    """Law 3.

    "CONFIRMED exactly when its latest confirmation is later than its latest revocation".
    """
    assert (run(commands).state is CONFIRMED) is (
        latest(commands, CONFIRMED) > latest(commands, REVOKED)
    )


moments = st.integers(-10, 10).map(lambda minute: 1000 + minute)


@given(
    records(moments=moments),
    st.none() | st.just("receipt"),
    st.integers(-2000, 2000),
    texts,
    policies(),
)
def test_law_4_a_revocation_at_receipt_is_never_kept_back(
    before: MarketingConsent, dated: str | None, minute: int, text: str | None, policy: Policy
) -> None:
    """Law 4.

    "dated at receipt, or undated, is never kept back, from any state", whatever the clock of
    receipt says.
    """
    now = at(minute)
    activity = RevokeActivity(description=text, updated_date=None if dated is None else now)
    command = ask(REVOKED, None, activity, details=before.details)
    decision = one(before, command, now=now, policy=policy)
    assert decision.consent.state is REVOKED
    assert decision.kept is None or (
        before.state is REVOKED and decision.kept is KeptReason.STALE_EVIDENCE
    )


@given(
    st.sampled_from(ConsentState),
    st.none() | st.integers(0, 2000),
    st.none() | st.integers(0, 2000),
    policies(),
)
def test_law_4_from_every_state_and_slot(
    state: ConsentState, confirmation: int | None, revocation: int | None, policy: Policy
) -> None:
    """Law 4, from records with any slots, also ones that lie in the future of a clock that was set
    back.
    """
    confirmation = 0 if confirmation is None and state in (PENDING, CONFIRMED) else confirmation
    revocation = 0 if revocation is None and state is REVOKED else revocation
    before = MarketingConsent(
        id=run([revoked(0)]).id,
        revision=1,
        details=revoked(0).details,
        state=state,
        created_date=NOW,
        updated_date=NOW,
        last_confirmation_activity=None if confirmation is None else yes(confirmation),
        last_revoke_activity=None if revocation is None else no(revocation),
    )
    decision = one(before, revoked(), policy=policy)
    assert decision.consent.state is REVOKED
    assert decision.kept is None or state is REVOKED


@given(st.integers(0, 5), st.sampled_from([PENDING, CONFIRMED]))
def test_law_4_a_fast_clock_on_the_revocation_does_not_cost_the_opt_out(
    ahead: int, state: ConsentState
) -> None:
    """Section 4.2.

    A date ahead by no more than the skew counts as receipt, and so is never kept back either.
    """
    before = run([ask(state, yes(1000))], now=NOW)
    slow = NOW - timedelta(minutes=20)
    decision = one(before, ask(REVOKED, None, no(980 + ahead)), now=slow)
    assert decision.kept is None
    assert decision.consent.state is REVOKED
    assert decision.consent.revoked_date == NOW


@given(records(), st.lists(requests(), max_size=6), st.booleans(), minutes)
def test_law_10_an_opt_out_stands_at_its_own_date(
    consent: MarketingConsent, later: list[Upsert], dated: bool, minute: int
) -> None:
    """Law 10: no grant dated before an acknowledged opt-out makes the person contactable later."""
    whom = consent.details
    left = at(minute) if dated else NOW
    consent = one(consent, revoked(minute if dated else None, details=whom)).consent
    for request in later:
        try:
            consent = one(consent, about(whom, request)).consent
        except InvalidConsent:
            continue
    if eligibility(consent, now=NOW).granted:
        assert consent.confirmed_date is not None
        assert consent.confirmed_date > left
