"""A field of a JSON object, as an attrs class declares it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import attrs

from consent_core.domain.validation import WRITTEN_AS_NULL, WRITTEN_IF, Declared
from consent_core.wire.reading import Kind


class Field(NamedTuple):
    """A field of a JSON object.

    Args:
        name: what its value is called in Python.
        wire_name: its documented name.
        kind: how its value is read, written and described.
        default: what an absent value, or null, stands for.
        is_required: whether it must be there.
        is_optional: whether it may be None in Python.
        is_null_written: whether None is written as null; else the field is left out.
        written_if: for which instances it is written; None for all.
    """

    name: str
    wire_name: str
    kind: Kind
    default: Any = None
    is_required: bool = False
    is_optional: bool = False
    is_null_written: bool = False
    written_if: Callable[[Any], bool] | None = None


def field_of(declared: Declared, kind: Kind) -> Field:
    """The field that a class declares, with the kind of its values."""
    is_required = declared.default is attrs.NOTHING
    return Field(
        declared.name,
        declared.wire_name,
        kind,
        default=None if is_required else declared.default,
        is_required=is_required,
        is_optional=declared.optional,
        is_null_written=declared.metadata.get(WRITTEN_AS_NULL, False),
        written_if=declared.metadata.get(WRITTEN_IF),
    )


def plain_fields(**kinds: Kind) -> list[Field]:
    """Optional fields of an object that no class declares, by documented name."""
    return [Field(name, name, kind) for name, kind in kinds.items()]
