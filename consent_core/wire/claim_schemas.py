"""The JSON Schema of what a caller may send under its claims (contract, section 12)."""

from collections.abc import Collection
from typing import Any

from consent_core.domain.activities import PROOF
from consent_core.domain.claims import ACTIVITIES, Claims
from consent_core.domain.validation import camel_case
from consent_core.domain.vocabulary import ConsentState
from consent_core.wire.shapes import RECORD


def claim_schema(claims: Claims) -> dict[str, Any]:
    """The JSON Schema of a request without its identifier: what the claims allow, nothing else.

    Args:
        claims: what the caller may say.
    """
    states = [state for state in ConsentState if claims.states is None or state in claims.states]
    properties: dict[str, Any] = {"state": {"type": "string", "enum": [str(s) for s in states]}}
    required = ["state"]
    for name, kind in ACTIVITIES.items():
        wire_name = camel_case(name)
        proven = [state for state in states if PROOF[state] is kind]
        if not proven and claims.states is not None:
            continue
        properties[wire_name] = _activity(wire_name, claims)
        if len(proven) == len(states) and claims.only_source(kind) is None:
            required.append(wire_name)
    if claims.namespaces is None or claims.namespaces:
        properties["extendedFields"] = _extended_fields(claims.namespaces)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _activity(wire_name: str, claims: Claims) -> dict[str, Any]:
    schema = dict(RECORD.fields[wire_name].kind.schema)
    fields = dict(schema["properties"])
    limits: dict[str, Collection[Any] | None] = {
        "source": claims.sources,
        "optInLevel": claims.opt_in_levels,
        "actor": claims.actors,
    }
    for name, allowed in limits.items():
        if name in fields and allowed is not None:
            words = [word for word in fields[name]["enum"] if word in allowed]
            fields[name] = {**fields[name], "enum": words}
    if not claims.dated:
        del fields["updatedDate"]
    if not claims.described:
        del fields["description"]
    said = {name: each for name, each in fields.items() if each.get("enum") != []}
    return {**schema, "properties": said}


def _extended_fields(namespaces: Collection[str] | None) -> dict[str, Any]:
    schema = dict(RECORD.fields["extendedFields"].kind.schema)
    if namespaces is None:
        return schema
    inside = schema["properties"]["namespaces"]
    names = {name: inside.get("additionalProperties", {}) for name in sorted(namespaces)}
    limited = {"type": "object", "properties": names, "additionalProperties": False}
    return {**schema, "properties": {"namespaces": limited}}
