"""Small charts, sound or spoiled in one place, for the tests of the compiler."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

import pytest
from statemachine import State, StateMachine
from statemachine.transition_list import TransitionList

from consent_core.domain.chart import ABSENT, compile_chart
from consent_core.domain.errors import ChartError
from consent_core.domain.vocabulary import ConsentState, KeptReason

NAMES = [ABSENT, *(state.lower() for state in ConsentState)]
Words = dict[str, Any]
Edit = Callable[[Words], None]


def holds(facts: bool) -> bool:
    """A guard."""
    return facts


def also_holds(facts: bool) -> bool:
    """Another guard."""
    return facts


REASONS: dict[Callable[[bool], bool], KeptReason] = {
    holds: KeptReason.STALE_EVIDENCE,
    also_holds: KeptReason.ALREADY_CONFIRMED,
}


def arrows(words: Words, target: str = "pending", without: str = "", **how: Any) -> TransitionList:
    """Arrows from every state to one."""
    drawn: TransitionList = reduce(
        or_,
        (
            words[name].to(words[target], **how)
            for name in NAMES
            if name in words and name != without
        ),
    )
    return drawn


def chart(
    edit: Callable[[Words], None] = lambda _: None, base: type = StateMachine, /, **more: Any
) -> type[StateMachine]:
    """A whole and sound chart, except for what the edit of its class body spoils."""
    words: Words = {name: State(initial=name == ABSENT) for name in NAMES}
    edit(words)
    for state in ConsentState:
        if state.lower() in words and f"request_{state.lower()}" not in words:
            words[f"request_{state.lower()}"] = arrows(words, state.lower())
    metaclass: Any = type(StateMachine)
    made: type[StateMachine] = metaclass("Bad", (base,), words | more)
    return made


def pending_arrows(**how: Any) -> type[StateMachine]:
    """A chart whose arrows to PENDING are drawn like this."""
    return chart(lambda words: words.update(request_pending=arrows(words, **how)))


def refuse(bad: type[StateMachine], saying: str, reasons: Any = MappingProxyType({})) -> None:
    """The chart is refused with these words."""
    with pytest.raises(ChartError, match=saying):
        compile_chart(bad, reasons)
