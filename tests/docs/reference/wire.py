"""The wire format: fields, spellings, routes, filters, events, and the OpenAPI document."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import consent_core as cc
from consent_core.domain.query_fields import FIELDS
from consent_core.rest import openapi
from consent_core.rest.filters import KINDS
from consent_core.wire import to_wire
from consent_core.wire.shapes import RECORD
from consent_core.wire.spelling import sdk, spellings
from tests.docs.reference.docstrings import parsed
from tests.docs.reference.examples import NOON, Example, deployment, examples
from tests.docs.reference.tables import as_json, block, code, codes, prose, table

_CLASSES: Final = {
    "": cc.MarketingConsent,
    "lastConfirmationActivity": cc.ConfirmationActivity,
    "lastRevokeActivity": cc.RevokeActivity,
    "delivery": cc.Delivery,
}
"""Where the meaning of a field is, by the object that it is in."""

_MEANINGS: Final = {
    "details.type": "how to contact the person.",
    "details.email": "the address, where the type is EMAIL.",
    "details.phone": "the number in E.164, where the type is PHONE.",
    "extendedFields.namespaces": (
        "by namespace and field, any JSON value; null in a request removes the field."
    ),
}
"""Meanings that stand in no docstring."""


def _fields() -> str:
    sent = openapi()["components"]["schemas"]["MarketingConsentRequest"]
    return table(("field", "type", "in an upsert", "meaning"), _rows(RECORD.schema, "", sent))


def _rows(schema: Any, path: str, sent: Any) -> Iterator[tuple[str, str, str, str]]:
    for name, inner in schema["properties"].items():
        full = f"{path}.{name}" if path else name
        yield code(full), _type(inner), _use(name, sent), _meaning(path, name)
        if "properties" in inner:
            yield from _rows(inner, full, None)


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return codes(schema["enum"])
    kind = schema.get("type", "object")
    names = [kind] if isinstance(kind, str) else kind
    detail = schema.get("format") or ("an int64" if "pattern" in schema else "")
    return " or ".join(names) + (f", {detail}" if detail else "")


def _use(name: str, sent: Any) -> str:
    if sent is None:
        return ""
    if sent["properties"][name].get("readOnly"):
        return "ignored"
    return "required" if name in sent["required"] else "optional"


def _meaning(path: str, name: str) -> str:
    own = _MEANINGS.get(f"{path}.{name}")
    meaning = own or parsed(_CLASSES[path].__doc__).arguments[_snake(name)]
    return prose(meaning).replace("None", "null")


def _spellings() -> str:
    known = set(_names(RECORD.schema))
    rows = [
        (code(name), code(sdk(name)), code(_snake(name)))
        for name in sorted(known)
        if len(spellings(name)) > 1
    ]
    return table(("REST", "SDK", "snake_case"), rows)


def _snake(name: str) -> str:
    return next((spelling for spelling in spellings(name) if "_" in spelling[1:]), name)


def _names(schema: Any) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from _names(inner)


def _routes() -> str:
    document = openapi()
    rows = [
        (
            f"[{example.operation.name}](#{example.operation.name.lower()})",
            code(f"{example.operation.method} {example.operation.path}"),
            code(example.operation.scope),
            _statuses(document, example),
        )
        for example in examples()
    ]
    return table(("operation", "route", "scope", "statuses"), rows)


def _statuses(document: Any, example: Example) -> str:
    described = document["paths"][example.operation.path][example.operation.method.lower()]
    return ", ".join(described["responses"])


def _examples() -> str:
    return "\n".join(_example(openapi(), example) for example in examples())


def _example(document: Any, example: Example) -> str:
    operation, request = example.operation, example.request
    described = document["paths"][operation.path][operation.method.lower()]
    parameters = f"?{urlencode(request.query, quote_via=quote, safe='@')}" if request.query else ""
    parts = [
        f"### {operation.name}\n",
        f"{prose(described['summary'])}\n",
        block("http", f"{operation.method} {request.path}{parameters}"),
    ]
    parts += [] if request.body is None else [as_json(request.body)]
    return "\n".join(
        [*parts, f"Answer {example.response.status}:\n", as_json(example.response.body)]
    )


def _filters() -> str:
    return table(
        ("field", "operators"),
        [
            (code(field), codes(taken))
            for field, taken in ((each, FIELDS[each].operators) for each in KINDS)
        ],
    )


def events() -> list[cc.ConsentEvent]:
    """One event of each kind, of one consent."""
    service = deployment()
    details = cc.Phone("+12025550172")
    asked = service.create(details, cc.ConfirmationActivity(source=cc.ConfirmationSource.IN_PERSON))
    revoked = service.remove(
        details, cc.RevokeActivity(source=cc.RevokeSource.OTHER, description="STOP")
    )
    return [*asked.events, *revoked.events, service.delete(asked.consent.id)]


def _events() -> str:
    return "\n".join(as_json(to_wire(event)) for event in events())


def eligibilities() -> list[cc.CommunicationEligibility]:
    """One that is granted, and one with two reasons against it."""
    service = deployment()
    person = cc.Email("ada@example.org")
    outcome = service.create(
        person, cc.ConfirmationActivity(opt_in_level=cc.OptInLevel.SINGLE_CONFIRMATION)
    )
    policy = cc.Policy(
        minimum_opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
        confirmation_lifetime=timedelta(days=365),
    )
    later = NOON + timedelta(days=366)
    return [
        service.get_by_identifier(person).eligibility,
        cc.eligibility(outcome.consent, now=later, policy=policy),
    ]


def _eligibilities() -> str:
    return "\n".join(as_json(to_wire(signal)) for signal in eligibilities())


def _schemas() -> str:
    schemas = openapi()["components"]["schemas"]
    rows = [
        (code(name), codes(each.get("properties", ())), codes(each.get("required", ())))
        for name, each in schemas.items()
    ]
    return table(("schema", "fields", "required"), rows)


WIRE: Final[dict[str, Callable[[], str]]] = {
    "wire-record": _fields,
    "wire-spellings": _spellings,
    "wire-routes": _routes,
    "wire-examples": _examples,
    "wire-filters": _filters,
    "wire-events": _events,
    "wire-eligibilities": _eligibilities,
    "wire-schemas": _schemas,
}
"""The parts of the page on the wire format, by name."""
