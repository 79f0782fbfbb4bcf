"""Every choice of a policy, and what the presets choose."""

import ast
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from inspect import get_annotations
from typing import Any, Final, Self

from consent_core import Policy
from consent_core.cli.arguments import POLICIES
from tests.docs.reference.docstrings import parsed
from tests.docs.reference.signatures import body
from tests.docs.reference.source import source, values
from tests.docs.reference.tables import code, codes, items, prose, table


def _presets() -> dict[str, Policy]:
    """Every class method that makes a policy, by its name.

    Without arguments, a policy is the default.
    """
    methods = {
        name: value.__func__
        for name, value in vars(Policy).items()
        if isinstance(value, classmethod)
    }
    made = {
        name: getattr(Policy, name)()
        for name in methods
        if get_annotations(methods[name])["return"] is Self
    }
    return {"default": Policy(), **made}


def _fields() -> str:
    written, inside = source(Policy.__module__), values(body(Policy)).items()
    kinds = {
        name: written.of(node.annotation)
        for name, (node, _) in inside
        if isinstance(node, ast.AnnAssign)
    }
    rows = [
        (code(name), code(kinds[name]), _shown(getattr(Policy(), name)), prose(about))
        for name, about in Policy.describe().items()
    ]
    return table(("field", "type", "default", "meaning"), rows)


def _choices() -> str:
    presets = _presets()
    if presets != {name: make() for name, make in POLICIES.items()}:
        raise ValueError("the command line has other presets than the policy")
    introduction = items(f"{_spelled(name)}: {_about(name)}" for name in presets)
    rows = [[code(name), *_row(name, presets)] for name in Policy.describe()]
    return introduction + "\n" + table(("field", *map(code, presets)), rows)


def _spelled(name: str) -> str:
    return code("Policy()" if name == "default" else f"Policy.{name}()")


def _about(name: str) -> str:
    return (
        "what holds where no policy is given."
        if name == "default"
        else prose(parsed(getattr(Policy, name).__doc__).text)
    )


def _row(field: str, presets: dict[str, Policy]) -> list[str]:
    """What each preset has in a field; bold where it is not the default."""
    usual = getattr(presets["default"], field)
    chosen = [getattr(preset, field) for preset in presets.values()]
    return [_shown(value) if value == usual else f"**{_shown(value)}**" for value in chosen]


def _shown(value: Any) -> str:
    match value:
        case None | ():
            return "none"
        case StrEnum():
            return code(value)
        case frozenset() | tuple() | Mapping():
            return codes(sorted(value)) or "none"
        case timedelta():
            return _span(value)
        case bool():
            return "yes" if value else "no"
        case _:
            return f"{value:,}"


def _span(span: timedelta) -> str:
    for unit, length in (("days", timedelta(days=1)), ("minutes", timedelta(minutes=1))):
        if span and not span % length:
            return f"{span // length} {unit}"
    return str(span)


POLICY: Final[dict[str, Callable[[], str]]] = {"policy-fields": _fields, "policy-presets": _choices}
"""The parts of the page on policies, by name."""
