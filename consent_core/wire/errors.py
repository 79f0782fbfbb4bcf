"""The documented bodies of errors (contract, section 2)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from consent_core.domain.errors import (
    Conflict,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    InvalidToken,
    PermissionDenied,
    RevisionMismatch,
    Violation,
)
from consent_core.domain.vocabulary import ViolationCode


def error_body(error: ConsentError) -> dict[str, Any]:
    """What an error says on the wire: its violations, or its code.

    Args:
        error: any error of this library.

    Returns:
        ``{message, details}`` with a ``validationError`` or an ``applicationError``.
    """
    if isinstance(error, InvalidConsent):
        violations = [_violation(v) for v in error.violations]
        return {
            "message": str(error),
            "details": {"validationError": {"fieldViolations": violations}},
        }
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "INTERNAL")
    return application_error(code, str(error))


def application_error(code: str, description: str) -> dict[str, Any]:
    """The body of an error that is not about fields."""
    details = {"code": code, "description": description, "data": {}}
    return {"message": description, "details": {"applicationError": details}}


def _violation(violation: Violation) -> dict[str, Any]:
    rule = _RULES.get(violation.code, "OTHER")
    return {
        "field": violation.path or "request",
        "description": violation.description,
        "violatedRule": rule,
        "ruleName": violation.code.value,
    }


_CODES: Final = (
    (ConsentNotFound, "NOT_FOUND"),
    (ConsentAlreadyExists, "ALREADY_EXISTS"),
    (PermissionDenied, "PERMISSION_DENIED"),
    (RevisionMismatch, "ABORTED"),
    (InvalidToken, "INVALID_TOKEN"),
    (Contended, "ABORTED"),
    (Conflict, "ABORTED"),
)

_RULES: Final[Mapping[ViolationCode, str]] = MappingProxyType(
    {
        ViolationCode.REQUIRED: "REQUIRED_FIELD",
        ViolationCode.EVIDENCE_REQUIRED: "REQUIRED_FIELD",
        ViolationCode.STATE_REQUIRED: "REQUIRED_FIELD",
        ViolationCode.TOO_LONG: "MAX_LENGTH",
        ViolationCode.TOO_LARGE: "MAX_SIZE",
        ViolationCode.NOT_ALLOWED: "FIELD_NOT_ALLOWED",
        ViolationCode.UNKNOWN_FIELD: "FIELD_NOT_ALLOWED",
        ViolationCode.GIVEN_TWICE: "DISTINCT_VALUES",
        ViolationCode.WRONG_TYPE: "FORMAT",
        ViolationCode.INVALID_EMAIL: "FORMAT",
        ViolationCode.INVALID_PHONE: "FORMAT",
        ViolationCode.UNASSIGNED_PHONE: "FORMAT",
        ViolationCode.INVALID_DATE: "FORMAT",
        ViolationCode.INVALID_ID: "FORMAT",
        ViolationCode.INVALID_NUMBER: "FORMAT",
        ViolationCode.INVALID_LANGUAGE: "FORMAT",
        ViolationCode.DATE_WITHOUT_OFFSET: "FORMAT",
    }
)
"""The broad rule of the wire; the code itself goes out as ``ruleName``."""
