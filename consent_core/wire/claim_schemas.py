"""The JSON Schema of what a caller may send under its claims (contract, section 12)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from consent_core.domain.activities import PROOF
from consent_core.domain.claims import ACTIVITIES, Claims
from consent_core.domain.limits import telling
from consent_core.domain.policy import Policy
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.validation import camel_case
from consent_core.domain.vocabulary import ConsentState
from consent_core.wire.shapes import CHOICES, RECORD


def claim_schema(claims: Claims, policy: Policy) -> dict[str, Any]:
    """The JSON Schema of a request without its identifier: what the claims allow, nothing else.

    Args:
        claims: what the caller may say.
        policy: the choices of the deployment: it declares the topics that can be joined.
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
    if policy.topics and (claims.topics is None or claims.topics):
        properties["topics"] = _topics(claims, policy)
    schema: dict[str, Any] = {"required": required}
    if "topics" in properties and claims.choices_alone:
        schema = {"anyOf": [schema, {"required": ["topics"]}]}
    return schema | {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def offered(schema: Mapping[str, Any]) -> Iterator[str]:
    """The names of fields, and the words, that a JSON Schema allows anywhere in an object.

    Args:
        schema: of ``claim_schema``, or a part of it.
    """
    yield from schema.get("enum", ())
    for name, inside in schema.get("properties", {}).items():
        yield name
        yield from offered(inside)


def _activity(wire_name: str, claims: Claims) -> dict[str, Any]:
    schema = dict(RECORD.fields[wire_name].kind.schema)
    limits = {"source": claims.sources, "optInLevel": claims.opt_in_levels, "actor": claims.actors}
    fields = _limited(schema["properties"], limits, claims)
    if not claims.described:
        del fields["description"]
    return {**schema, "properties": fields}


def _limited(
    fields: Mapping[str, Any], limits: Mapping[str, Collection[Any] | None], claims: Claims
) -> dict[str, Any]:
    """Fields whose words are those that the claims allow; without those that could say nothing."""
    limited = dict(fields)
    for name, allowed in limits.items():
        if name in limited and allowed is not None:
            words = [word for word in limited[name]["enum"] if word in allowed]
            limited[name] = {**limited[name], "enum": words}
            if not telling(words):
                del limited[name]
    if not claims.dated:
        del limited["updatedDate"]
    return limited


def _topics(claims: Claims, policy: Policy) -> dict[str, Any]:
    schema = CHOICES.schema["additionalProperties"]
    limits = {"choice": claims.topics, "actor": claims.actors}
    fields = _limited(schema["properties"], limits, claims)
    choice = {**schema, "properties": fields}
    names = {
        "properties": dict.fromkeys(policy.topics, choice),
        # An OUT of a topic that is declared no longer is stored all the same.
        "additionalProperties": choice
        if TopicChoice.OUT in (claims.topics or TopicChoice)
        else False,
    }
    return {**CHOICES.schema, **names}


def _extended_fields(namespaces: Collection[str] | None) -> dict[str, Any]:
    schema = dict(RECORD.fields["extendedFields"].kind.schema)
    if namespaces is None:
        return schema
    inside = schema["properties"]["namespaces"]
    names = {name: inside.get("additionalProperties", {}) for name in sorted(namespaces)}
    limited = {"type": "object", "properties": names, "additionalProperties": False}
    return {**schema, "properties": {"namespaces": limited}}
