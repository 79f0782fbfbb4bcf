"""The real engine and the compiled lookup give one answer, over every state, request and
combination of facts.
"""

from datetime import timedelta
from functools import cache
from itertools import product

import pytest
from statemachine.exceptions import TransitionNotAllowed

from consent_core.domain.chart import ABSENT, REQUEST, Transition, compile_chart
from consent_core.domain.guards import Facts
from consent_core.domain.lifecycle import LIFECYCLE, REASONS, Lifecycle
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, Ordering, Reconsent
from tests.domain.builders import DOUBLE, SINGLE, at

STORED: list[ConsentState | None] = [None, *ConsentState]
POLICIES = [
    Policy(ordering=o, reconsent=r, evidence_margin=timedelta(minutes=m))
    for o, r, m in product(Ordering, Reconsent, (0, 1))
]
SLOTS = [None, at(3), at(4), at(5), at(6), at(7)]
"""A slot is empty, or dated before, at or after the evidence of minute 5, within the margin or
beyond it.
"""

FACTS = [
    Facts(date, dated, level, confirmed, revoked, channel, policy, held)
    for date, dated, level, confirmed, revoked, channel, policy, held in product(
        (None, at(5)),
        (True, False),
        (None, SINGLE, DOUBLE),
        SLOTS,
        SLOTS,
        Channel,
        POLICIES,
        (False, True),
    )
] + [
    Facts(at(5), True, SINGLE, at(4), no, Channel.EMAIL, policy, False, own, asked, yes, no, held)
    for policy, own, asked, yes, no, held in product(
        POLICIES, (False, True), (False, True), SLOTS, SLOTS, (None, at(6))
    )
]
"""All that differs to a guard; what tells who acted, with evidence that is otherwise fresh."""


class Model:
    """What the engine keeps its state in."""

    def __init__(self, state: str) -> None:
        self.state = state


def run_engine(stored: ConsentState | None, requested: ConsentState, facts: Facts) -> str | None:
    """The state that python-statemachine itself leads to; None where it refuses."""
    model = Model(ABSENT if stored is None else stored.lower())
    machine = Lifecycle(model)
    try:
        machine.send(f"{REQUEST}{requested.lower()}", facts=facts)
    except TransitionNotAllowed:
        return None
    return model.state


@cache
def different_facts() -> list[Facts]:
    """One of the facts for each combination of the guards' answers.

    The engine sees facts through the guards only, and takes a thousand times as long as the lookup.
    """
    different: dict[tuple[bool, ...], Facts] = {}
    for facts in FACTS:
        different.setdefault(tuple(guard(facts) for guard in REASONS), facts)
    return list(different.values())


@pytest.mark.parametrize("requested", ConsentState)
@pytest.mark.parametrize("stored", STORED)
def test_the_engine_and_the_lookup_agree(
    stored: ConsentState | None, requested: ConsentState
) -> None:
    """Section 4.

    What the chart draws is what the lookup decides, for all facts that differ to a guard.
    """
    arrow = LIFECYCLE[stored][requested]
    for facts in different_facts():
        moved = arrow.target.lower() if arrow.reason_to_keep(facts) is None else None
        assert run_engine(stored, requested, facts) == moved, facts
    assert len(different_facts()) > 100


@pytest.mark.parametrize("requested", ConsentState)
@pytest.mark.parametrize("stored", STORED)
def test_every_request_has_one_arrow_to_its_own_state(
    stored: ConsentState | None, requested: ConsentState
) -> None:
    """A request that is taken leads where it asked to go, from everywhere."""
    assert LIFECYCLE[stored][requested].target is requested


def test_the_lookup_holds_every_pair_and_no_more() -> None:
    """Six rows, one for absence; five requests in each."""
    assert list(LIFECYCLE) == STORED
    assert all(set(row) == set(ConsentState) for row in LIFECYCLE.values())


def test_the_lookup_is_frozen() -> None:
    """Nobody can change the rules while they run."""
    row = LIFECYCLE[None]
    with pytest.raises(TypeError):
        LIFECYCLE[None] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        row[ConsentState.PENDING] = Transition(ConsentState.CONFIRMED, ())  # type: ignore[index]
    with pytest.raises(AttributeError):
        row[ConsentState.PENDING].target = ConsentState.CONFIRMED  # type: ignore[misc]


def test_the_chart_compiles_to_the_lookup_again() -> None:
    """The lookup is the chart's, and compiling has no hidden state."""
    assert compile_chart(Lifecycle, REASONS) == LIFECYCLE


def test_the_reasons_stand_in_order_of_precedence() -> None:
    """Section 4.3.

    "Why a state was kept, the first that applies", in the order of the vocabulary.
    """
    precedence = list(KeptReason)
    for row in LIFECYCLE.values():
        for arrow in row.values():
            places = [precedence.index(reason) for _, reason in arrow.guards]
            assert places == sorted(places)
    assert set(REASONS.values()) == set(KeptReason)


def test_reasons_cannot_be_changed() -> None:
    """The reasons are as frozen as the chart."""
    guard = next(iter(REASONS))
    with pytest.raises(TypeError):
        REASONS[guard] = KeptReason.STALE_EVIDENCE  # type: ignore[index]
