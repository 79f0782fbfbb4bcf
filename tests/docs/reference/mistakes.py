"""For every violation code a request that is refused with it."""

from typing import Any, Final
from uuid import UUID, uuid5

import consent_core as cc
from consent_core.rest import TRUSTED, Request, Response, handle
from tests.docs.reference.examples import ADA, NOON, deployment

_BASE: Final = "/v1/marketing-consent"
_ADA: Final = f"{_BASE}/{uuid5(UUID(int=0), '1')}"
_FORM: Final = {"source": "FORM"}
_BEFORE: Final = {"updatedDate": "2024-04-30T00:00:00Z"}
_AFTER: Final = {"updatedDate": "2024-05-01T00:00:00Z"}


def _upsert(**fields: Any) -> Request:
    """A request that is valid but for the given fields."""
    sent = {"details": ADA, "state": "CONFIRMED", "lastConfirmationActivity": _FORM}
    return Request("POST", f"{_BASE}/upsert", body=sent | fields, scopes=TRUSTED)


def _dated(moment: str) -> Request:
    return _upsert(lastConfirmationActivity={"updatedDate": moment})


def _described(text: str) -> Request:
    return _upsert(lastConfirmationActivity={"description": text})


def _kept(value: Any) -> Request:
    return _upsert(extendedFields={"namespaces": {"crm": {"segment": value}}})


def _update(**fields: Any) -> Request:
    return Request("PATCH", _ADA, body={"marketingConsent": fields}, scopes=TRUSTED)


def _query(**fields: Any) -> Request:
    return Request(
        "POST", f"{_BASE}/query", body={"query": {"cursorPaging": fields}}, scopes=TRUSTED
    )


def _nested(levels: int) -> list[Any]:
    return [_nested(levels - 1)] if levels else []


MISTAKES: Final[dict[cc.ViolationCode, Request]] = {
    cc.ViolationCode.REQUIRED: _upsert(state=None),
    cc.ViolationCode.WRONG_TYPE: _upsert(details="ada@example.org"),
    cc.ViolationCode.UNKNOWN_FIELD: _upsert(
        lastConfirmationActivity={"origin": "FORM", "optinLevl": ""}
    ),
    cc.ViolationCode.UNKNOWN_VALUE: _upsert(state="CONFIRMD"),
    cc.ViolationCode.GIVEN_TWICE: _upsert(extendedFields={}, extended_fields={}),
    cc.ViolationCode.NOT_ALLOWED: _upsert(details=ADA | {"phone": "+12025550172"}),
    cc.ViolationCode.INVALID_EMAIL: _upsert(details={"type": "EMAIL", "email": "ada.example.org"}),
    cc.ViolationCode.INVALID_PHONE: _upsert(details={"type": "PHONE", "phone": "202-555-0172"}),
    cc.ViolationCode.UNASSIGNED_PHONE: _upsert(details={"type": "PHONE", "phone": "+445168993333"}),
    cc.ViolationCode.INVALID_DATE: _dated("2024-02-30T00:00:00Z"),
    cc.ViolationCode.INVALID_TEXT: _described("\0"),
    cc.ViolationCode.INVALID_ID: Request("GET", f"{_BASE}/42", scopes=TRUSTED),
    cc.ViolationCode.INVALID_NUMBER: _query(limit=1_000),
    cc.ViolationCode.INVALID_JSON: _kept(NOON),
    cc.ViolationCode.INVALID_CURSOR: _query(cursor="page 2"),
    cc.ViolationCode.INVALID_LANGUAGE: Request(
        "GET", f"{_BASE}/get-by", ADA | {"linkLanguage": "?"}, scopes=TRUSTED
    ),
    cc.ViolationCode.DATE_IN_FUTURE: _dated("2024-06-01T00:00:00Z"),
    cc.ViolationCode.DATE_WITHOUT_OFFSET: _dated("2024-05-01T00:00:00"),
    cc.ViolationCode.TOO_LONG: _described("." * 5_000),
    cc.ViolationCode.TOO_LARGE: _kept("." * 70_000),
    cc.ViolationCode.TOO_DEEP: _kept(_nested(20)),
    cc.ViolationCode.EVIDENCE_REQUIRED: _upsert(state="REVOKED"),
    cc.ViolationCode.CONTRADICTORY_EVIDENCE: _upsert(
        lastConfirmationActivity=_BEFORE, lastRevokeActivity=_AFTER
    ),
    cc.ViolationCode.STATE_REQUIRED: _update(lastRevokeActivity=_FORM),
    cc.ViolationCode.IMMUTABLE: _update(details={"type": "EMAIL", "email": "grace@example.org"}),
}


def answered(request: Request) -> Response:
    """What a service answers that has the consent of Ada."""
    service = deployment(policy=cc.Policy(valid_phones_only=True))
    service.create(cc.Email(ADA["email"]), cc.ConfirmationActivity(updated_date=NOON))
    return handle(service, request)


def violation_example(code: cc.ViolationCode) -> dict[str, str]:
    """The first violation of this code that the request for it is answered with.

    Raises:
        KeyError: there is no such request.
        LookupError: it is answered otherwise.
    """
    response = answered(MISTAKES[code])
    violations = response.body["details"]["validationError"]["fieldViolations"]
    for violation in violations:
        if violation["ruleName"] == code:
            found: dict[str, str] = violation
            return found
    raise LookupError(f"{code} is not what that request is refused with: {violations}")
