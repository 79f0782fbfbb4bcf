"""The compiler refuses charts that act: a lookup decides and does nothing."""

from typing import Any

import pytest
from statemachine import State

from tests.domain.charts import chart, holds, pending_arrows, refuse


@pytest.mark.parametrize("when", ["enter", "exit", "invoke"])
def test_actions_of_states_are_refused(when: str) -> None:
    """A lookup decides and does nothing."""
    how: dict[str, Any] = {when: "act"}
    bad = chart(lambda words: words.update(pending=State(**how)), act=lambda _: None)
    refuse(bad, "^pending has the action act; a lookup decides and does nothing$")


@pytest.mark.parametrize("when", ["before", "on", "after", "validators"])
def test_actions_and_validators_of_arrows_are_refused(when: str) -> None:
    """A lookup decides by guards only."""
    refuse(
        pending_arrows(**{when: holds}),
        "^transition request_pending from Absent to Pending has the action holds",
    )


@pytest.mark.parametrize(
    "name",
    [
        "on_enter_pending",
        "on_exit_pending",
        "on_enter_state",
        "on_exit_state",
        "before_transition",
        "on_transition",
        "after_transition",
        "before_request_pending",
        "on_request_pending",
        "after_request_pending",
    ],
)
def test_actions_found_by_the_name_of_a_method_are_refused(name: str) -> None:
    """python-statemachine runs a method that is called like this without being told to."""
    method: dict[str, Any] = {name: lambda _: None}
    refuse(chart(**method), f"has the action {name};")


def test_a_method_that_prepares_events_is_refused() -> None:
    """``prepare_event`` is an action too, one that may even exchange the facts that guards see."""
    refuse(
        chart(prepare_event=lambda _: {"facts": True}),
        "^Bad has the action prepare_event; a lookup decides and does nothing$",
    )


def test_listeners_are_refused() -> None:
    """Listeners of a chart act, which a lookup would silently leave out."""

    class Listener:
        def on_enter_state(self) -> None:
            """Act."""

    refuse(chart(listeners=[Listener]), "listener")


def test_a_chart_that_ignores_illegal_events_is_refused() -> None:
    """Silence is why a ``StateChart`` is refused.

    The same switch on a ``StateMachine`` is no better.
    """
    refuse(chart(allow_event_without_transition=True), "illegal events")
