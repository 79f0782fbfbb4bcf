"""The shapes that read records also describe them, truly, in JSON Schema (contract, section 1)."""

import re
from typing import Any

import pytest
from hypothesis import given

from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.wire import to_wire
from consent_core.wire.shapes import RECORD, request_kind
from tests.wire.bodies import full
from tests.wire.strategies import records

TYPES: dict[str, type] = {"object": dict, "string": str, "integer": int, "null": type(None)}


def faults(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Where a value is not as a schema says, in the few keywords that are in use."""
    wanted = schema.get("type", [])
    types = tuple(TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted))
    if types and not isinstance(value, types):
        return [f"{path}: {type(value).__name__}"]
    found = []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{path}: pattern")
    if value not in schema.get("enum", [value]):
        found.append(f"{path}: enum")
    properties = schema.get("properties")
    if properties is not None:
        found += [f"{path}.{name}: unknown" for name in set(value) - set(properties)]
        found += [
            f
            for name in set(value) & set(properties)
            for f in faults(value[name], properties[name], f"{path}.{name}")
        ]
    return found


@given(records())
def test_the_schema_describes_what_is_written(record: MarketingConsent) -> None:
    """Section 1: what goes out is as the schema says, null descriptions ("nullable") included."""
    assert faults(to_wire(record), RECORD.schema) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 1),
        ("revision", "0"),
        ("revision", "x"),
        ("state", "SUBSCRIBED"),
        ("details", "x"),
        ("colour", 1),
    ],
)
def test_the_schema_refuses_what_is_not_written(path: str, value: Any) -> None:
    """The oracle bites: a value that no record has is no record by the schema."""
    assert faults(full() | {path: value}, RECORD.schema)


def test_the_fields_of_the_contract() -> None:
    """Section 1: the schema has the fields of MarketingConsent, each with its type and enum."""
    properties = RECORD.schema["properties"]
    assert list(properties) == [
        "id",
        "revision",
        "details",
        "state",
        "createdDate",
        "updatedDate",
        "lastConfirmationActivity",
        "lastRevokeActivity",
        "extendedFields",
        "doubleConfirmedDate",
        "subjectConfirmedDate",
        "subjectRevokedDate",
        "delivery",
        "topics",
    ]
    assert properties["id"] == {"type": "string", "format": "uuid"}
    assert properties["doubleConfirmedDate"] == {"type": "string", "format": "date-time"}
    assert properties["createdDate"] == {"type": "string", "format": "date-time"}
    assert properties["details"]["properties"]["type"] == {
        "type": "string",
        "enum": ["EMAIL", "PHONE"],
    }
    assert properties["extendedFields"]["properties"] == {"namespaces": {}}
    assert properties["lastConfirmationActivity"]["additionalProperties"] is False


def test_what_is_read_only_in_a_request() -> None:
    """Section 2: of a request, id, revision and dates are read-only; section 12.

    "What only the library says", too.
    """
    properties = request_kind(Upsert).schema["properties"]
    read_only = {name for name, schema in properties.items() if schema == {"readOnly": True}}
    assert read_only == {
        "id",
        "revision",
        "createdDate",
        "updatedDate",
        "doubleConfirmedDate",
        "subjectConfirmedDate",
        "subjectRevokedDate",
        "delivery",
    }
    assert set(properties) == set(RECORD.schema["properties"])
