"""The compiler refuses every chart that says what a lookup cannot, one small bad chart for each
thing.
"""

from typing import Any

import pytest
from statemachine import HistoryState, State, StateChart
from statemachine.transition import Transition

from consent_core.domain.chart import ABSENT, compile_chart
from consent_core.domain.vocabulary import ConsentState, KeptReason
from tests.domain.charts import (
    REASONS,
    Words,
    also_holds,
    arrows,
    chart,
    holds,
    pending_arrows,
    refuse,
)


def test_the_chart_that_the_others_spoil_is_sound() -> None:
    """Without an edit the chart compiles: what is refused below is refused for the edit."""
    lookup: Any = compile_chart(chart(), {})
    assert set(lookup) == {None, *ConsentState}
    assert lookup[None][ConsentState.PENDING].target is ConsentState.PENDING


def test_guards_are_read_in_order_with_their_reasons() -> None:
    """The first guard that fails says why."""
    lookup = compile_chart(pending_arrows(cond=[also_holds, holds]), REASONS)
    arrow = lookup[None][ConsentState.PENDING]
    assert arrow.guards == (
        (also_holds, KeptReason.ALREADY_CONFIRMED),
        (holds, KeptReason.STALE_EVIDENCE),
    )
    assert arrow.reason_to_keep(False) is KeptReason.ALREADY_CONFIRMED
    assert arrow.reason_to_keep(True) is None
    assert lookup[None][ConsentState.REVOKED].reason_to_keep(False) is None


def test_a_statechart_is_refused() -> None:
    """A StateChart ignores illegal events silently."""
    refuse(
        chart(lambda _: None, StateChart),
        "^Bad must be a StateMachine: a StateChart ignores illegal events silently$",
    )


def test_nested_states_are_refused() -> None:
    """A lookup has one floor."""

    def edit(words: Words) -> None:
        class Pending(State.Compound):
            inner = State(initial=True)

        words["pending"] = Pending

    refuse(chart(edit), "^state pending is nested, parallel or has a history$")


def test_parallel_states_are_refused() -> None:
    """A record is in one state."""
    refuse(
        chart(lambda words: words.update(pending=State(parallel=True))),
        "state pending is nested, parallel",
    )


def test_states_with_a_history_are_refused() -> None:
    """A record remembers its evidence, not its states."""
    bad = chart(lambda words: words.update(pending=State(history=[HistoryState()])))
    refuse(bad, "^state pending is nested, parallel or has a history$")


def test_the_initial_state_must_be_absence() -> None:
    """A life begins without a record."""

    def edit(words: Words) -> None:
        words.update(absent=State(), pending=State(initial=True))
        words["request_absent"] = words["pending"].to(words["absent"])

    refuse(chart(edit), "^the initial state must be absent, and no other than it$")


def test_a_chart_may_not_begin_in_a_consent_state() -> None:
    """Nor may another state than absence be the initial one."""

    def edit(words: Words) -> None:
        del words["absent"]
        words["pending"] = State(initial=True)

    refuse(chart(edit), "^the initial state must be absent, and no other than it$")


def test_eventless_arrows_are_refused() -> None:
    """Nothing moves without a request."""
    bad = chart(lambda words: words["pending"].to(words["confirmed"]) and None)
    refuse(
        bad,
        "from Pending to Confirmed: a transition needs an event and one target, and is not",
    )


@pytest.mark.parametrize("targets", [[], ["pending", "revoked"]])
def test_arrows_need_one_target(targets: list[str]) -> None:
    """A request leads to one state."""

    def edit(words: Words) -> None:
        odd = Transition(
            words["pending"], [words[name] for name in targets], event="request_pending"
        )
        words["pending"].transitions.add_transitions(odd)
        words["request_pending"] = arrows(words, without="pending")

    refuse(chart(edit), "a transition needs an event and one target, and is not internal$")


def test_internal_arrows_are_refused() -> None:
    """An internal arrow is drawn to leave out actions, which there are none of."""

    def edit(words: Words) -> None:
        others = arrows(words, without="pending")
        words["request_pending"] = others | words["pending"].to(words["pending"], internal=True)

    refuse(
        chart(edit),
        "from Pending to Pending: a transition needs an event and one target, and is not internal$",
    )


def test_negated_arrows_are_refused() -> None:
    """``unless`` turns a guard's name into its opposite."""
    refuse(pending_arrows(unless=holds), "must be a function with a reason, not negated$", REASONS)


def test_guards_without_a_reason_are_refused() -> None:
    """Every kept state says why."""
    refuse(
        pending_arrows(cond=holds),
        "^transition request_pending from Absent to Pending: the guard <function holds",
    )


def test_guards_by_name_are_refused() -> None:
    """Guards are function objects: a string is read by the engine as an expression."""
    bad = chart(
        lambda words: words.update(request_pending=arrows(words, cond="holds")),
        holds=lambda _: True,
    )
    refuse(bad, "the guard holds must be a function with a reason, not negated$", REASONS)


@pytest.mark.parametrize(
    "event", ["ask_pending", "request_x request_y", "request_pending request_revoked"]
)
def test_unknown_events_are_refused(event: str) -> None:
    """An event is one ``request_<state>``."""
    bad = chart(lambda words: words["absent"].to(words["pending"], event=event) and None)
    refuse(
        bad,
        f"^transition {event} from Absent to Pending: "
        f"an event must be one request_<state>, not {event}$",
    )


def test_requests_for_unknown_states_are_refused() -> None:
    """A request names a word of the vocabulary."""
    bad = chart(lambda words: words["absent"].to(words["pending"], event="request_maybe") and None)
    refuse(bad, "^maybe is no consent state$")


def test_unknown_states_are_refused() -> None:
    """A state is a word of the vocabulary."""

    def edit(words: Words) -> None:
        words["maybe"] = State()
        words["request_pending"] = arrows(words) | words["maybe"].to(words["pending"])
        words["request_maybe"] = words["pending"].to(words["maybe"])

    refuse(chart(edit), "^maybe is no consent state$")


def test_no_arrow_leads_back_to_absence() -> None:
    """Requests never erase."""
    bad = chart(
        lambda words: words["pending"].to(words["absent"], event="request_pending") and None
    )
    refuse(bad, "^absent is no consent state$")


def test_two_arrows_for_one_request_are_refused() -> None:
    """The second would be dead, or the answer ambiguous."""
    bad = chart(
        lambda words: words.update(
            request_pending=arrows(words) | words["absent"].to(words["revoked"])
        )
    )
    refuse(
        bad,
        "^transition request_pending from Absent to Revoked: a second transition for one",
    )


def test_a_request_without_an_arrow_is_refused() -> None:
    """Every request has an answer in every state."""
    without_pending = chart(
        lambda words: words.update(request_pending=arrows(words, without=ABSENT))
    )
    refuse(without_pending, "^no transition out of absent for PENDING$")

    def edit(words: Words) -> None:
        words["request_pending"] = arrows(words, without="revoked")
        words["request_confirmed"] = arrows(words, "confirmed", without="revoked")

    refuse(chart(edit), "^no transition out of REVOKED for PENDING, CONFIRMED$")


def test_a_state_that_no_arrow_reaches_is_refused() -> None:
    """Dead states hide a mistake, also where python-statemachine was told not to look."""

    def edit(words: Words) -> None:
        words["request_pending"] = arrows(words, "confirmed")
        words["request_revoked"] = arrows(words, "confirmed")

    refuse(
        chart(edit, validate_disconnected_states=False), "^no transition leads to PENDING, REVOKED$"
    )


def test_guards_that_no_arrow_uses_are_refused() -> None:
    """A guard that guards nothing is a rule that was forgotten."""
    refuse(chart(), "^guards that no transition uses: also_holds, holds$", REASONS)
