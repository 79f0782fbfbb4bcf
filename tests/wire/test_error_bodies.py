"""Errors as the wire has them (contract, section 2, "Errors")."""

import json
from uuid import UUID

import pytest

from consent_core.domain.errors import (
    ChartError,
    Conflict,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    PermissionDenied,
    RepositoryError,
    RevisionMismatch,
    Unavailable,
    Violation,
)
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire import error_body
from tests.wire.bodies import error_of

ID = UUID("6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11")

RULES = {
    "REQUIRED": "REQUIRED_FIELD",
    "EVIDENCE_REQUIRED": "REQUIRED_FIELD",
    "STATE_REQUIRED": "REQUIRED_FIELD",
    "TOO_LONG": "MAX_LENGTH",
    "TOO_LARGE": "MAX_SIZE",
    "NOT_ALLOWED": "FIELD_NOT_ALLOWED",
    "UNKNOWN_FIELD": "FIELD_NOT_ALLOWED",
    "GIVEN_TWICE": "DISTINCT_VALUES",
    "WRONG_TYPE": "FORMAT",
    "INVALID_EMAIL": "FORMAT",
    "INVALID_PHONE": "FORMAT",
    "UNASSIGNED_PHONE": "FORMAT",
    "INVALID_DATE": "FORMAT",
    "INVALID_ID": "FORMAT",
    "INVALID_LANGUAGE": "FORMAT",
    "INVALID_NUMBER": "FORMAT",
    "DATE_WITHOUT_OFFSET": "FORMAT",
    "UNKNOWN_VALUE": "OTHER",
    "INVALID_TEXT": "OTHER",
    "INVALID_JSON": "OTHER",
    "INVALID_CURSOR": "OTHER",
    "DATE_IN_FUTURE": "OTHER",
    "TOO_DEEP": "OTHER",
    "CONTRADICTORY_EVIDENCE": "OTHER",
    "IMMUTABLE": "OTHER",
}
"""The broad rule of the wire for every code."""


@pytest.mark.parametrize("code", ViolationCode)
def test_a_violation(code: ViolationCode) -> None:
    """Section 2.

    A fieldViolation has field, description, violatedRule and ruleName, the last being the stable
    code.
    """
    body = error_body(InvalidConsent([Violation("info[3].state", code, "is wrong")]))
    assert body == {
        "message": f"info[3].state: is wrong [{code}]",
        "details": {
            "validationError": {
                "fieldViolations": [
                    {
                        "field": "info[3].state",
                        "description": "is wrong",
                        "violatedRule": RULES[code.value],
                        "ruleName": code.value,
                    }
                ]
            }
        },
    }


def test_every_violation_is_told_in_order() -> None:
    """Section 3.

    "all violations of one request are reported together, each with its path and a stable code".
    """
    violations = [Violation(f"f{i}", code, f"d{i}") for i, code in enumerate(ViolationCode)]
    body = error_body(InvalidConsent(violations))
    told = body["details"]["validationError"]["fieldViolations"]
    assert [(v["field"], v["description"], v["ruleName"]) for v in told] == [
        (v.path, v.description, v.code.value) for v in violations
    ]
    assert all(violation.path in body["message"] for violation in violations)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConsentNotFound(ID), "NOT_FOUND"),
        (ConsentNotFound(Email("ada@example.org")), "NOT_FOUND"),
        (ConsentAlreadyExists(ID), "ALREADY_EXISTS"),
        (PermissionDenied("SCOPE.DC-MARKETING.CONSENT-READ"), "PERMISSION_DENIED"),
        (RevisionMismatch(3, 4), "ABORTED"),
        (Contended(64), "ABORTED"),
        (Conflict([object()]), "ABORTED"),
        (Unavailable("timed out"), "INTERNAL"),
        (RepositoryError("broken"), "INTERNAL"),
        (ChartError("dead arrow"), "INTERNAL"),
        (ConsentError("other"), "INTERNAL"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_an_application_error(error: ConsentError, code: str) -> None:
    """Section 2.

    NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, and "ABORTED for a revision conflict".
    """
    assert error_body(error) == {
        "message": str(error),
        "details": {"applicationError": {"code": code, "description": str(error), "data": {}}},
    }
    assert str(error)


@pytest.mark.parametrize("identifier", [Email("ada.lovelace@example.org"), Phone("+442079460958")])
def test_whom_it_is_about_is_masked(identifier: Email | Phone) -> None:
    """Design 1.7: no message carries a full address or number."""
    assert identifier.address not in json.dumps(error_body(ConsentNotFound(identifier)))


@pytest.mark.parametrize("data", [None, 1, [], "x"])
def test_an_error_about_the_whole_body_names_it_alike(data: object) -> None:
    """Section 2.

    The field of a violation and the message name the body by the same word, wherever it was
    noticed.
    """
    error = error_of(data)
    assert error is not None
    field = error_body(error)["details"]["validationError"]["fieldViolations"][0]["field"]
    assert str(error).startswith(f"{field}: ")


def test_bodies_are_fresh() -> None:
    """Design 1.7: errors are data: what a caller does to one body is not seen in the next."""
    error = ConsentNotFound(ID)
    error_body(error)["details"]["applicationError"]["data"]["x"] = 1
    assert error_body(error)["details"]["applicationError"]["data"] == {}
