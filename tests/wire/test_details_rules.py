"""Whom a request is about: rules 1 to 3 of the contract's section 3."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent_core.domain.policy import Policy
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, LINE, Body, body, email, found, phone, told

VECTORS = Path(__file__).parent.parent / "vectors"
EMAILS = json.loads((VECTORS / "email.json").read_text("utf-8"))
PHONES = json.loads((VECTORS / "phone.json").read_text("utf-8"))

BROKEN_DETAILS: list[tuple[Body, set[tuple[str, str]]]] = [
    ({"email": ADA}, {("details.type", "REQUIRED")}),
    ({"type": None, "phone": LINE}, {("details.type", "REQUIRED")}),
    ({"type": "UNKNOWN_TYPE", "email": ADA}, {("details.type", "NOT_ALLOWED")}),
    ({"type": "FAX", "email": ADA}, {("details.type", "UNKNOWN_VALUE")}),
    ({"type": 1, "email": ADA}, {("details.type", "WRONG_TYPE")}),
    ({"type": "EMAIL"}, {("details.email", "REQUIRED")}),
    ({"type": "PHONE"}, {("details.phone", "REQUIRED")}),
    (
        {"type": "PHONE", "email": ADA},
        {("details.email", "NOT_ALLOWED"), ("details.phone", "REQUIRED")},
    ),
    (
        {"type": "EMAIL", "phone": LINE},
        {("details.phone", "NOT_ALLOWED"), ("details.email", "REQUIRED")},
    ),
    ({"type": "EMAIL", "email": ADA, "phone": LINE}, {("details.phone", "NOT_ALLOWED")}),
    ({"type": "PHONE", "email": ADA, "phone": LINE}, {("details.email", "NOT_ALLOWED")}),
    ({"type": "EMAIL", "email": 5}, {("details.email", "WRONG_TYPE")}),
    ({"type": "PHONE", "phone": 442079460958}, {("details.phone", "WRONG_TYPE")}),
    ({"type": "EMAIL", "email": ""}, {("details.email", "INVALID_EMAIL")}),
    ({"type": "PHONE", "phone": ""}, {("details.phone", "INVALID_PHONE")}),
]


@pytest.mark.parametrize(("details", "expected"), BROKEN_DETAILS)
def test_exactly_the_one_that_the_type_names(details: Body, expected: set[tuple[str, str]]) -> None:
    """Rule 1: type "present and EMAIL or PHONE.

    Exactly one of email, phone, and the one the type names".
    """
    assert found(body(details=details)) == expected


def test_the_identifier_is_judged_beside_one_too_many() -> None:
    """Section 3: "All violations of one request are reported together"."""
    details = {"type": "EMAIL", "email": ADA, "phone": LINE}
    expected = {("details.phone", "NOT_ALLOWED"), ("details.email", "TOO_LONG")}
    assert found(body(details=details), policy=Policy(max_identifier_length=5)) == expected


@pytest.mark.parametrize("details", ["EMAIL", 7, [], [{}], True])
def test_details_are_an_object(details: Any) -> None:
    """Rule 8: details of a wrong JSON type are one violation, and nothing inside them is missed."""
    assert found(body(details=details)) == {("details", "WRONG_TYPE")}


@pytest.mark.parametrize(
    ("typed", "named"), [("EMIAL", "EMAIL"), ("email", "EMAIL"), ("PHON", "PHONE")]
)
def test_a_typo_in_the_type_names_the_nearest_word(typed: str, named: str) -> None:
    """Rule 8: an unknown enum word names the nearest known one."""
    assert told(body(details={"type": typed, "email": ADA}), "details.type").endswith(
        f"did you mean {named}?"
    )


@pytest.mark.parametrize("vector", EMAILS, ids=lambda vector: ascii(vector["input"]))
def test_email_vectors(vector: dict[str, Any]) -> None:
    """Rule 2: the fifty cases are accepted as they normalise, or refused at details.email."""
    sent = body(details=email(vector["input"]))
    if vector["valid"]:
        details = read_upsert(sent).details
        assert (details.address, details.key) == (vector["address"], vector["key"])
    else:
        ((path, code),) = found(sent)
        assert path == "details.email"
        assert code in {"INVALID_EMAIL", "TOO_LONG"}


@pytest.mark.parametrize("vector", PHONES, ids=lambda vector: ascii(vector["input"]))
def test_phone_vectors(vector: dict[str, Any]) -> None:
    """Rule 3: the 36 cases are accepted as E.164, or refused at details.phone."""
    sent = body(details=phone(vector["input"]))
    if vector["accepted_by_default"]:
        assert read_upsert(sent).details.address == vector["e164"]
    else:
        ((path, code),) = found(sent)
        assert path == "details.phone"
        assert code in {"INVALID_PHONE", "TOO_LONG"}


def test_possible_by_default_and_valid_on_request() -> None:
    """Rule 3: the documentation's +445168993333 "is possible but not valid".

    The policy can ask for valid ones.
    """
    strict = Policy(valid_phones_only=True)
    assert found(body(details=phone("+445168993333"))) == set()
    assert found(body(details=phone("+445168993333")), policy=strict) == {
        ("details.phone", "UNASSIGNED_PHONE")
    }
    assert found(body(details=phone(LINE)), policy=strict) == set()
    assert found(body(), policy=strict) == set()


@pytest.mark.parametrize("wrapper", ["marketingConsent", "marketing_consent"])
def test_paths_begin_at_the_bodys_root(wrapper: str) -> None:
    """Section 2: "field names are paths as the caller sent them from the body's root"."""
    assert found({wrapper: body(details=email("x"))}) == {
        (f"{wrapper}.details.email", "INVALID_EMAIL")
    }
    assert found({wrapper: {}}) == {
        (f"{wrapper}.details", "REQUIRED"),
        (f"{wrapper}.state", "REQUIRED"),
    }
    assert found({wrapper: None}) == {(wrapper, "WRONG_TYPE")}
    assert found({wrapper: [body()]}) == {(wrapper, "WRONG_TYPE")}


def test_an_unknown_field_beside_the_wrapper_is_named_alone() -> None:
    """Section 2 and rule 8.

    The body is read wrapped, and what stands beside the record is one unknown field.
    """
    assert found({"marketingConsent": body(), "comment": "hello"}) == {("comment", "UNKNOWN_FIELD")}
