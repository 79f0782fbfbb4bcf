"""The extended fields of a record as the JSON object ``extendedFields``."""

import json
from typing import Any, Final

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import JSON
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import INVALID, Kind, Problems

FIELDS: Final = ObjectKind(plain_fields(namespaces=JSON))
"""``extendedFields`` as a plain object; its namespaces are judged later."""

_canonical: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
).encode
"""The text that ``ExtendedFields.to_json`` gives."""


def extended_fields(max_values: int | None) -> Kind:
    """The kind of ``extendedFields`` from a caller.

    Args:
        max_values: as in ``ExtendedFields``.
    """

    def accept(value: Any) -> ExtendedFields:
        return ExtendedFields(FIELDS.accept(value).get("namespaces"), max_values=max_values)

    def explain(value: Any, path: str, problems: Problems) -> Any:
        values = FIELDS.read_fields(value, path, problems)
        if values is INVALID:
            return INVALID
        try:
            return ExtendedFields(values.get("namespaces"), max_values=max_values)
        except InvalidConsent as error:
            return problems.add_violations(error.violations)

    return Kind(accept, explain, FIELDS.schema, write=_write, dump=_dump)


def _write(fields: ExtendedFields) -> dict[str, Any]:
    """Extended fields as they stand in a record."""
    return {"namespaces": fields.namespaces}


def _dump(fields: ExtendedFields) -> str:
    return f'{{"namespaces":{fields.to_json()}}}'


def _restore(value: Any) -> ExtendedFields:
    namespaces = FIELDS.accept(value)["namespaces"]
    if type(namespaces) is dict and all(type(each) is dict for each in namespaces.values()):
        return ExtendedFields.restore(_canonical(namespaces))
    raise TypeError("not as it was written")


EXTENDED_FIELDS: Final = extended_fields(None)
"""``extendedFields`` from a caller, however many values they have."""

STORED_EXTENDED_FIELDS: Final = Kind(
    _restore, EXTENDED_FIELDS.explain, FIELDS.schema, write=_write, dump=_dump
)
"""``extendedFields`` that were judged when they were stored."""
