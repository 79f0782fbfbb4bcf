"""The public names of this version: what callers may use, and what is asked of them."""

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from typing import Any, Final

from statemachine import StateMachine

from consent_core.adapters.sqlalchemy import metadata
from consent_core.rest import openapi
from consent_core.testing import CLAUSES

MODULES: Final = (
    "consent_core",
    "consent_core.adapters.memory",
    "consent_core.adapters.sqlalchemy",
    "consent_core.fastapi",
    "consent_core.links",
    "consent_core.pydantic",
    "consent_core.testing",
    "consent_core.testing.strategies",
    "consent_core.wire",
    "consent_core.rest",
)
"""The modules that callers import from."""


def promises() -> list[str]:
    """What is there: names, parameters, words, clauses, routes and columns.

    Later versions add to it.
    """
    found = {line for name, value in _public() for line in _offered(name, value)}
    clauses = {f"clause {clause.name} since {clause.since}" for clause in CLAUSES}
    routes = {
        f"route {method.upper()} {path}"
        for path, item in openapi()["paths"].items()
        for method in item
    }
    columns = {f"{table} {column}" for table, all_of_it in _tables() for column in all_of_it}
    return sorted(found | clauses | routes | columns)


def demands() -> dict[str, list[str]]:
    """What must be given to what is there: parameters, methods of a port, columns.

    Later versions ask no more of it.
    """
    called = {
        name: _required(function)
        for public, value in _public()
        for name, function in _callables(public, value)
    }
    ports = {name: _attributes(value) for name, value in _public() if _is_protocol(value)}
    return dict(sorted((called | ports | dict(_tables())).items()))


def _public() -> Iterator[tuple[str, Any]]:
    """The public names of all modules with their values."""
    for module in MODULES:
        loaded = import_module(module)
        own = [
            name
            for name, value in vars(loaded).items()
            if getattr(value, "__module__", "") == module
        ]
        for name in getattr(loaded, "__all__", own):
            if not name.startswith("_"):
                yield f"{module}.{name}", getattr(loaded, name)


def _offered(name: str, value: Any) -> Iterator[str]:
    yield name
    if inspect.isclass(value):
        yield from (f"{name}.{attribute}" for attribute in _attributes(value))
        if issubclass(value, Enum):
            yield from (f"{name}.{word.name} = {word.value}" for word in value)
    for called, function in _callables(name, value):
        yield from (f"{called}({parameter.name})" for parameter in _parameters(function))


def _attributes(kind: type) -> list[str]:
    """The public attributes that this library defines.

    The clauses of the test suites are told by themselves.
    """
    if issubclass(kind, StateMachine):
        return []
    found = {name for base in _ours(kind) for name in vars(base)}
    return sorted(name for name in found if not name.startswith(("_", "test_")))


def _ours(kind: type) -> list[type]:
    return [base for base in kind.__mro__ if base.__module__.startswith("consent_core")]


def _callables(name: str, value: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A function; or a class that defines how it is built, and its methods."""
    if _is_function(value):
        yield name, value
    elif inspect.isclass(value):
        if not _is_protocol(value) and any("__init__" in vars(base) for base in _ours(value)):
            yield name, value
        for attribute in _attributes(value):
            if _is_function(getattr(value, attribute)):
                yield f"{name}.{attribute}", getattr(value, attribute)


def _is_function(value: Any) -> bool:
    return inspect.isfunction(value) or inspect.ismethod(value)


def _is_protocol(value: Any) -> bool:
    return bool(getattr(value, "_is_protocol", False))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return [each for each in inspect.signature(function).parameters.values() if each.name != "self"]


def _required(function: Callable[..., Any]) -> list[str]:
    named = (
        each
        for each in _parameters(function)
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    )
    return [each.name for each in named if each.default is each.empty]


def _tables() -> Iterator[tuple[str, list[str]]]:
    for table in metadata.tables.values():
        yield (
            f"table {table.name}",
            [
                f"{column.name} {column.type}{'' if column.nullable else ' not null'}"
                for column in table.columns
            ],
        )
