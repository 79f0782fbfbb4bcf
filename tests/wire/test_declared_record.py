"""Every field that records and activities declare is read, written, described and drawn."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, find, given, settings

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import DEFAULT_POLICY
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.updates import Update
from consent_core.domain.validation import READ_ONLY, Declared, declared_fields
from consent_core.rest import openapi
from consent_core.rest.updates import read_update
from consent_core.testing import strategies
from consent_core.wire import read_record, to_wire
from consent_core.wire.shapes import request_kind
from tests.wire.bodies import body, found
from tests.wire.strategies import records

ID = UUID("6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11")
CLASSES = {
    "": MarketingConsent,
    "lastConfirmationActivity": ConfirmationActivity,
    "lastRevokeActivity": RevokeActivity,
}
DECLARED = [
    pytest.param(path, each, id=f"{cls.__name__}.{each.name}")
    for path, cls in CLASSES.items()
    for each in declared_fields(cls)
]
RECORD_FIELDS = declared_fields(MarketingConsent)
SCHEMAS = openapi()["components"]["schemas"]


def schema_at(schema: Any, path: str) -> Any:
    """The part of a schema that describes the object at a path."""
    return schema["properties"][path] if path else schema


@pytest.mark.parametrize(("path", "declared"), DECLARED)
def test_every_declared_field_is_described(path: str, declared: Declared) -> None:
    """It is in the schemas of records and of requests, read-only where its class says so."""
    assert declared.wire_name in schema_at(SCHEMAS["MarketingConsent"], path)["properties"]
    request = schema_at(SCHEMAS["MarketingConsentRequest"], path)["properties"]
    is_read_only = declared.metadata.get(READ_ONLY, False)
    assert (request[declared.wire_name] == {"readOnly": True}) is is_read_only


FILLED = settings(max_examples=5_000, database=None, derandomize=True, phases=[Phase.generate])


@pytest.mark.parametrize(("path", "declared"), DECLARED)
def test_every_declared_field_is_written_and_read(path: str, declared: Declared) -> None:
    """Some record has the field filled and writes it, and without it another record is read."""

    def shows(record: MarketingConsent) -> bool:
        written = to_wire(record)
        held = written.get(path) if path else written
        if held is None or held.get(declared.wire_name) is None:
            return False
        less = {name: value for name, value in held.items() if name != declared.wire_name}
        return read_or_none(written | {path: less} if path else less) != record

    assert shows(find(strategies.records(), shows, settings=FILLED))


def read_or_none(written: dict[str, Any]) -> MarketingConsent | None:
    """The record that is read; None where what is left is no record."""
    try:
        return read_record(written)
    except InvalidConsent:
        return None


@given(records())
def test_fields_are_written_in_the_documented_order(record: MarketingConsent) -> None:
    """Section 1 lists the fields of a record and of its activities in this order."""
    order = [
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
    written = to_wire(record)
    assert list(written) == [name for name in order if name in written]
    for name in ("lastConfirmationActivity", "lastRevokeActivity"):
        activity = list(written.get(name, ()))
        fields = ["source", "description", "updatedDate", "optInLevel", "actor"]
        assert activity == [field for field in fields if field in activity]
    delivery = list(written.get("delivery", ()))
    assert delivery == ["status", "since", "bounces", "lastCode"][: len(delivery)]


READ_ONLY_NAMES = [each.wire_name for each in RECORD_FIELDS if each.metadata.get(READ_ONLY)]


def spelled(name: str) -> list[str]:
    """All spellings of a field, as section 1 lists them, without the code that is tested."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    underscored = [f"_{name}"] if name in {"id", "createdDate", "updatedDate"} else []
    return [name, *underscored, *([snake] if snake != name else [])]


@pytest.mark.parametrize("name", [name for name in READ_ONLY_NAMES if len(spelled(name)) > 1])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}])
@pytest.mark.parametrize("is_update", [False, True])
def test_a_read_only_field_in_two_spellings_is_refused(
    name: str, value: Any, is_update: bool
) -> None:
    """Section 1: "The same field given in two spellings is a violation", whatever it holds."""
    for second in spelled(name)[1:]:
        sent = body() | {name: value, second: value}
        if not is_update:
            assert found(sent) == {(second, "GIVEN_TWICE")}
            continue
        with pytest.raises(InvalidConsent) as caught:
            read_update(ID, {"marketingConsent": sent}, policy=DEFAULT_POLICY)
        assert [(each.path, each.code.value) for each in caught.value.violations] == [
            (f"marketingConsent.{second}", "GIVEN_TWICE")
        ]


@pytest.mark.parametrize("request_class", [Upsert, Update])
def test_requests_declare_what_can_be_asked_for(request_class: type) -> None:
    """A field of a record that is not read-only is one of every request, under the same name."""
    asked = request_kind(request_class).fields
    writable = [each for each in RECORD_FIELDS if not each.metadata.get(READ_ONLY)]
    assert {each.wire_name for each in writable} <= asked.keys()


MASKED = [
    f"{path}.{each.wire_name}"
    for path, cls in CLASSES.items()
    if path
    for each in declared_fields(cls)
]


@pytest.mark.parametrize("path", MASKED)
def test_a_mask_may_name_every_field_of_an_activity(path: str) -> None:
    """Section 2: a mask names activities, "or a field inside them"."""
    activity, name = path.split(".")
    sent = {"marketingConsent": {activity: {name: None}}, "mask": path}
    update, _ = read_update(ID, sent, policy=DEFAULT_POLICY)
    given = (update.confirmation_fields, update.revocation_fields)
    cls = CLASSES[activity]
    attribute = next(each.name for each in declared_fields(cls) if each.wire_name == name)
    assert frozenset({attribute}) in given
