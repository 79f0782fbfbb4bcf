"""Compiles a python-statemachine chart to a frozen lookup; refuses what a lookup cannot express.

Running the engine for each record costs a hundred times as much as the rules. So the chart is read
once, at import. A test compares the lookup with the engine in every case.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from statemachine import State, StateMachine

from consent_core.domain.checks import listed
from consent_core.domain.errors import ChartError
from consent_core.domain.vocabulary import ConsentState, KeptReason

F = TypeVar("F")

Guard: TypeAlias = Callable[[F], bool]
"""A condition on a move, as a function of the facts alone."""

ABSENT: Final = "absent"
"""The chart's initial state: there is no record."""

REQUEST: Final = "request_"
"""What the chart's events begin with; the state that is asked for follows."""


_NO_ACTIONS: Final = "a lookup decides and does nothing"


class Transition(NamedTuple, Generic[F]):
    """The one transition that a request can make out of a state.

    Args:
        target: the state it leads to.
        guards: the conditions that must all hold, in order, each with the reason given when it does
            not.
    """

    target: ConsentState
    guards: tuple[tuple[Guard[F], KeptReason], ...]

    def reason_to_keep(self, facts: F) -> KeptReason | None:
        """The reason of the first guard that fails; None if all hold: the transition is taken."""
        for guard, reason in self.guards:
            if not guard(facts):
                return reason
        return None


Lookup: TypeAlias = Mapping[ConsentState | None, Mapping[ConsentState, Transition[F]]]
"""By stored state (None: no record) and requested state."""


def compile_chart(chart: type[StateMachine], reasons: Mapping[Guard[F], KeptReason]) -> Lookup[F]:
    """Read a chart into a lookup.

    Args:
        chart: states ``absent`` (initial) and the consent states in lower case; events
            ``request_<state>``.
        reasons: why a state is kept, for every guard that the chart uses.

    Raises:
        ChartError: the chart says something that a lookup cannot: actions, validators, nested or
            parallel states, eventless, targetless or negated transitions, unknown words, two
            transitions for one request, a request without a transition, a state that no transition
            reaches, or a guard that no transition uses.
    """
    if not issubclass(chart, StateMachine):
        raise ChartError(
            f"{chart.__name__} must be a StateMachine: a StateChart ignores illegal events silently"
        )
    if chart.allow_event_without_transition:
        raise ChartError(f"{chart.__name__} ignores illegal events silently")
    if hasattr(chart, "prepare_event"):
        raise ChartError(f"{chart.__name__} has the action prepare_event; {_NO_ACTIONS}")
    if getattr(chart, "listeners", ()):
        raise ChartError(f"{chart.__name__} has listeners; {_NO_ACTIONS}")
    table: dict[ConsentState | None, dict[ConsentState, Transition[F]]] = {None: {}} | {
        s: {} for s in ConsentState
    }
    for state in chart.states:
        _check_state(chart, state)
        row = table[_stored(state)]
        for transition in state.transitions:
            _check_transition(chart, transition)
            requested = _requested(transition)
            if requested in row:
                raise ChartError(
                    f"{transition}: a second transition for one request is dead or ambiguous"
                )
            row[requested] = Transition(_target(transition), tuple(_guards(transition, reasons)))
    _check_whole(table, reasons)
    return MappingProxyType({stored: MappingProxyType(row) for stored, row in table.items()})


def _check_state(chart: type[StateMachine], state: State) -> None:
    if state.states or state.parallel or state.history:
        raise ChartError(f"state {state.id} is nested, parallel or has a history")
    if state.initial != (state.id == ABSENT):
        raise ChartError(f"the initial state must be {ABSENT}, and no other than it")
    _refuse_actions(chart, state.id, state.enter, state.exit, state.invoke)


def _check_transition(chart: type[StateMachine], transition: Any) -> None:
    if transition.is_eventless or len(transition.targets) != 1 or transition.internal:
        raise ChartError(
            f"{transition}: a transition needs an event and one target, and is not internal"
        )
    _refuse_actions(
        chart, transition, transition.validators, transition.before, transition.on, transition.after
    )


def _refuse_actions(chart: type[StateMachine], where: object, *groups: Any) -> None:
    """Refuse callbacks.

    Those named, and those that python-statemachine finds by the name of a method.
    """
    for spec in (spec for group in groups for spec in group):
        if not spec.is_convention or hasattr(chart, spec.attr_name):
            raise ChartError(f"{where} has the action {spec.attr_name}; {_NO_ACTIONS}")


def _stored(state: State) -> ConsentState | None:
    return None if state.id == ABSENT else _word(state.id)


def _target(transition: Any) -> ConsentState:
    return _word(transition.target.id)


def _requested(transition: Any) -> ConsentState:
    event = transition.event
    if " " in event or not event.startswith(REQUEST):
        raise ChartError(f"{transition}: an event must be one {REQUEST}<state>, not {event}")
    return _word(event.removeprefix(REQUEST))


def _word(name: str) -> ConsentState:
    try:
        return ConsentState(name.upper())
    except ValueError:
        raise ChartError(f"{name} is no consent state") from None


def _guards(
    transition: Any, reasons: Mapping[Guard[F], KeptReason]
) -> Iterator[tuple[Guard[F], KeptReason]]:
    for spec in transition.cond:
        if spec.expected_value is not True or spec.func not in reasons:
            raise ChartError(
                f"{transition}: the guard {spec.func} must be a function with a reason, not negated"
            )
        yield spec.func, reasons[spec.func]


def _check_whole(
    table: Mapping[ConsentState | None, Mapping[ConsentState, Transition[F]]],
    reasons: Mapping[Guard[F], KeptReason],
) -> None:
    for stored, row in table.items():
        if missing := [state for state in ConsentState if state not in row]:
            raise ChartError(f"no transition out of {stored or ABSENT} for {', '.join(missing)}")
    taken = [each for row in table.values() for each in row.values()]
    if unused := reasons.keys() - {guard for each in taken for guard, _ in each.guards}:
        raise ChartError(
            f"guards that no transition uses: {listed(sorted(guard.__name__ for guard in unused))}"
        )
    reached: set[ConsentState | None] = {None} | {each.target for each in taken}
    if unreached := [state for state in ConsentState if state not in reached]:
        raise ChartError(f"no transition leads to {', '.join(unreached)}")
