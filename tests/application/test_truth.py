"""What stands behind ``if``, in a program or in a template, lets nobody pass who may not be
contacted.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from typing import Any, Final

import jinja2
import pytest

from consent_core import (
    CommunicationEligibility,
    ConsentState,
    Found,
    Identifier,
    MarketingConsent,
    Policy,
    Reason,
    eligibility,
)
from tests.application.records import record
from tests.application.support import ADA, CARL, at

DJANGO: Final[Any] = import_module("django.template")
"""Imported by name, because it has no types."""

PEOPLE: Final[tuple[Identifier, ...]] = (ADA, CARL)
POLICIES: Final = (Policy(), Policy.wix(), Policy.strict())


def in_jinja(value: object) -> bool:
    """What a Jinja template takes a value for."""
    return (
        jinja2.Environment(autoescape=True)
        .from_string("{% if it %}send{% endif %}")
        .render(it=value)
        == "send"
    )


def in_django(value: object) -> bool:
    """What a template of Django takes a value for."""
    template = DJANGO.Engine().from_string("{% if it %}send{% endif %}")
    return bool(template.render(DJANGO.Context({"it": value})) == "send")


TAKES: Final[dict[str, Callable[[object], bool]]] = {
    "python": bool,
    "jinja": in_jinja,
    "django": in_django,
}

takes_each = pytest.mark.parametrize("takes", TAKES.values(), ids=TAKES)


def people() -> Iterator[tuple[MarketingConsent | None, CommunicationEligibility]]:
    """Records of every state on both channels, and none, each with what every preset says of it."""
    held = [
        record(1, who, state, created=1, updated=2) for who, state in product(PEOPLE, ConsentState)
    ]
    for consent, policy in product([None, *held], POLICIES):
        yield consent, eligibility(consent, now=at(9), policy=policy)


@takes_each
def test_an_eligibility_is_true_exactly_when_granted(takes: Callable[[object], bool]) -> None:
    """Section 5: "granted is true when no reason applies".

    ``if eligibility`` asks that, wherever it is written.
    """
    signals = [signal for _, signal in people()]
    assert [takes(signal) for signal in signals] == [signal.granted for signal in signals]
    assert {signal.granted for signal in signals} == {True, False}
    assert not any(takes(CommunicationEligibility((reason,))) for reason in Reason)


@takes_each
def test_what_was_found_is_true_exactly_when_granted(takes: Callable[[object], bool]) -> None:
    """``if found`` never means that a record is there: there is one of whoever has left, too."""
    found = [Found(*each) for each in people()]
    assert [takes(each) for each in found] == [each.eligibility.granted for each in found]
    assert any(each.consent is not None and not takes(each) for each in found)
