"""What is left of a condition for records whose state is known."""

from collections.abc import Iterator
from typing import Any

from consent_core.domain.conditions import AllOf, AnyOf, Filter
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.vocabulary import ConsentState


def flattened(conditions: list[Any]) -> Iterator[Any]:
    """Conditions that must all hold, those inside ``AllOf`` one by one."""
    for condition in conditions:
        if isinstance(condition, AllOf):
            yield from flattened(list(condition.conditions))
        else:
            yield condition


def for_states(condition: Any, states: frozenset[ConsentState] | set[ConsentState]) -> Any:
    """A condition for records in one of these states.

    True or False where that decides it, else what is left of it.
    """
    if isinstance(condition, AllOf | AnyOf):
        decisive = isinstance(condition, AnyOf)
        left = [for_states(each, states) for each in condition.conditions]
        if decisive in left:
            return decisive
        left = [each for each in left if not isinstance(each, bool)]
        return type(condition)(tuple(left)) if left else not decisive
    if isinstance(condition, Filter) and condition.field is QueryField.STATE:
        held = {_compare_state(condition, state) for state in states}
        return held.pop() if len(held) == 1 else condition
    return condition


def _compare_state(condition: Filter, state: ConsentState) -> bool:
    if condition.operator is Operator.IN:
        return state in condition.value
    return (state is condition.value) is (condition.operator is Operator.EQ)
