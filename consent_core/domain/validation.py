"""Checks values against the types that their class declares: an invalid one cannot be built.

Every value is judged every time: rules, readers and adapters build it the same way. That has to be
cheap, so the check of a class is one expression, compiled from the declarations when the first
instance is built. What is wrong is worked out only after it has failed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from consent_core.domain.checks import (
    Problem,
    as_utc,
    is_storable,
    with_article,
    wrong_moment,
    wrong_text,
    wrong_word,
)
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.vocabulary import ViolationCode

T = TypeVar("T")

WIRE_NAME: Final = "wire_name"
"""Metadata of a field: its name on the wire, where that is not the attribute's in camelCase."""

BOUNDS: Final = "bounds"
"""Metadata of an integer: its least and its largest value."""

READ_ONLY: Final = "read_only"
"""Metadata of a field that only the library sets; requests may carry it, and it is ignored."""

WRITTEN_AS_NULL: Final = "written_as_null"
"""Metadata of an optional field that is written as null, not left out, where it is None."""

WRITTEN_IF: Final = "written_if"
"""Metadata of a field that is written only for some instances: a function of the instance."""


class Declared(NamedTuple):
    """What a class declares of one field.

    Args:
        name: the attribute.
        wire_name: the name on the wire.
        kind: the type of its values; a value may be None besides, if it is optional.
        optional: whether it may be None.
        bounds: the least and the largest value of an integer.
        default: what stands for an absent value; ``attrs.NOTHING`` where the field is required.
        metadata: what name and type do not say, by the names of this module.
    """

    name: str
    wire_name: str
    kind: type
    optional: bool
    bounds: tuple[int, int] | None
    default: Any
    metadata: Mapping[str, Any]


def declared_fields(cls: type) -> tuple[Declared, ...]:
    """The fields of an attrs class, as it declares them, in order.

    Args:
        cls: fields that are no arguments of the class are left out.
    """
    hints = get_type_hints(cls)
    return tuple(_declared(field, hints[field.name]) for field in attrs.fields(cls) if field.init)


def _declared(field: Any, hint: Any) -> Declared:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    (kind,) = (get_origin(kind) or kind for kind in kinds if kind is not NoneType)
    name = field.metadata.get(WIRE_NAME) or camel_case(field.name)
    bounds = field.metadata.get(BOUNDS)
    return Declared(
        field.name, name, kind, NoneType in kinds, bounds, field.default, field.metadata
    )


def camel_case(name: str) -> str:
    """An attribute's name as it is written on the wire."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)


def copier(cls: type[T], *names: str) -> Callable[..., T]:
    """A function that copies an instance of an attrs class with other values for some fields.

    As ``attrs.evolve``, which looks at every field each time and takes twice as long.

    Args:
        cls: the class.
        names: the fields that change.

    Returns:
        A function of the instance and, in the order of the names, the new values.
    """
    of_class: Any = cls
    fields = [field.name for field in attrs.fields(of_class) if field.init]
    parts = ", ".join(f"{name}={name if name in names else f'value.{name}'}" for name in fields)
    # Calling the class would pack all values into a dict on the way to ``__init__``.
    source = f"""def copy(value, {", ".join(names)}):
    copied = new(cls)
    init(copied, {parts})
    return copied"""
    names_used = {"new": object.__new__, "cls": cls, "init": of_class.__init__}
    exec(source, names_used)  # noqa: S102  # of our own names only
    copy: Callable[..., T] = names_used["copy"]
    return copy


_checks: Final[dict[type, Callable[[Any], None]]] = {}


def require_valid(value: Any, path: str) -> None:
    """Judge an instance of an attrs class by the types that the class declares.

    Args:
        value: the instance.
        path: the record's field that holds it, or an empty string for the record itself.

    Raises:
        InvalidConsent: with everything that is wrong.
    """
    check = _checks.get(type(value))
    if check is None:
        check = _checks[type(value)] = _compiled(declared_fields(type(value)), path)
    check(value)


def _compiled(fields: tuple[Declared, ...], path: str) -> Callable[[Any], None]:
    """The check of a class.

    One expression that is true for what is right, and words for what is not.
    """
    prefix = f"{path}." if path else ""

    def explain(value: Any) -> None:
        for field in fields:
            if field.kind is datetime:
                # Converted only here: nearly every moment is in UTC already, and a converter costs
                # more than the check.
                object.__setattr__(value, field.name, as_utc(getattr(value, field.name)))
        judged = ((field, _problem(field, getattr(value, field.name))) for field in fields)
        found = [
            Violation(prefix + field.wire_name, *problem) for field, problem in judged if problem
        ]
        if found:
            raise InvalidConsent(found)

    terms = [_term(field, f"kinds[{index}]") for index, field in enumerate(fields)]
    source = f"lambda value: None if {' and '.join(terms)} else explain(value)"
    kinds = [field.kind for field in fields]
    names: Mapping[str, Any] = {
        "kinds": kinds,
        "explain": explain,
        "UTC": UTC,
        "is_storable": is_storable,
    }
    check: Callable[[Any], None] = eval(source, dict(names))  # noqa: S307  # of our own names only
    return check


def _term(field: Declared, kind: str) -> str:
    value = f"value.{field.name}"
    term = f"isinstance({value}, {kind})"
    if field.kind is datetime:
        term = f"(type({value}) is {kind} and {value}.tzinfo is UTC)"
    elif field.kind is str:
        term = f"(type({value}) is str and is_storable({value}))"
    elif field.bounds is not None:
        term = f"(type({value}) is int and {field.bounds[0]} <= {value} <= {field.bounds[1]})"
    elif issubclass(field.kind, StrEnum) or field.kind is int:
        term = f"type({value}) is {kind}"
    return f"({value} is None or {term})" if field.optional else term


def _problem(field: Declared, value: Any) -> Problem:
    """What is wrong with a value, if anything is.

    The check is stricter about subclasses than there is need.
    """
    kind, problem = field.kind, None
    if value is None and field.optional:
        return None
    if kind is datetime:
        problem = wrong_moment(value)
    elif kind is str:
        problem = wrong_text(value) if field.optional or isinstance(value, str) else _must_be(field)
    elif issubclass(kind, StrEnum):
        problem = wrong_word(value, kind)
    elif field.bounds is not None:
        least, largest = field.bounds
        if type(value) is not int or not least <= value <= largest:
            problem = ViolationCode.INVALID_NUMBER, f"must be an integer from {least} to {largest}"
    elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):  # True is an int
        problem = _must_be(field)
    return problem


def _must_be(field: Declared) -> Problem:
    return (
        ViolationCode.WRONG_TYPE,
        f"must be {with_article(field.kind.__name__)}{' or None' if field.optional else ''}",
    )
