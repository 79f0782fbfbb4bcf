"""Bodies as callers send them, in all spellings, and what is found wrong with them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.wire import read_upsert

Body: TypeAlias = dict[str, Any]

ADA: Final = "ada@example.org"
LINE: Final = "+442079460958"
NOW: Final = datetime(2024, 6, 1, 12, tzinfo=UTC)

SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "marketingConsent": ("marketingConsent", "marketing_consent"),
    "id": ("id", "_id"),
    "createdDate": ("createdDate", "_createdDate", "created_date"),
    "updatedDate": ("updatedDate", "_updatedDate", "updated_date"),
    "lastConfirmationActivity": ("lastConfirmationActivity", "last_confirmation_activity"),
    "lastRevokeActivity": ("lastRevokeActivity", "last_revoke_activity"),
    "optInLevel": ("optInLevel", "opt_in_level"),
    "extendedFields": ("extendedFields", "extended_fields"),
}
"""Every field that has more than one spelling, with all of them, written out by hand as the oracle.
"""


def email(text: Any = ADA) -> Body:
    """Details of an e-mail consent."""
    return {"type": "EMAIL", "email": text}


def phone(text: Any = LINE) -> Body:
    """Details of a phone consent."""
    return {"type": "PHONE", "phone": text}


def body(state: Any = "NEVER_CONFIRMED", /, **more: Any) -> Body:
    """A valid request in camelCase, with these fields besides or instead."""
    return {"details": email(), "state": state} | more


def confirmed(**activity: Any) -> Body:
    """A CONFIRMED request with this confirmation activity."""
    return body("CONFIRMED", lastConfirmationActivity=activity)


def revoked(**activity: Any) -> Body:
    """A REVOKED request with this revoke activity."""
    return body("REVOKED", lastRevokeActivity=activity)


def pending(**activity: Any) -> Body:
    """A PENDING request with this confirmation activity."""
    return body("PENDING", lastConfirmationActivity=activity)


def full() -> Body:
    """A request that has every field, those that are read-only among them."""
    return {
        "id": "6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11",
        "revision": "7",
        "details": email(),
        "state": "CONFIRMED",
        "createdDate": "2024-01-01T00:00:00Z",
        "updatedDate": "2024-01-02T00:00:00Z",
        "lastConfirmationActivity": {
            "source": "FORM",
            "description": "Yes, please.",
            "updatedDate": "2024-03-01T00:00:00Z",
            "optInLevel": "DOUBLE_CONFIRMATION",
        },
        "lastRevokeActivity": {
            "source": "OTHER",
            "description": None,
            "updatedDate": "2024-02-01T00:00:00+01:00",
        },
        "extendedFields": {
            "namespaces": {"@acme/shop": {"updatedDate": 1, "updated_date": 2, "_id": [{"id": 3}]}}
        },
    }


def spelled(value: Any, choose: Callable[[tuple[str, ...]], str]) -> Any:
    """The same body in the chosen spellings.

    At every depth, except for the names that applications give: in namespaces, and of topics.
    """
    if not isinstance(value, dict):
        return value
    return {
        choose(SPELLINGS.get(name, (name,))): inner
        if name == "namespaces"
        else {topic: spelled(each, choose) for topic, each in inner.items()}
        if name == "topics" and isinstance(inner, dict)
        else spelled(inner, choose)
        for name, inner in value.items()
    }


def rest(names: tuple[str, ...]) -> str:
    """The REST spelling."""
    return names[0]


def snake(names: tuple[str, ...]) -> str:
    """The snake_case spelling."""
    return names[-1].removeprefix("_")


def sdk(names: tuple[str, ...]) -> str:
    """The JavaScript SDK's spelling: underscored where it has one."""
    return next((name for name in names if name.startswith("_")), names[0])


def error_of(
    data: object, *, policy: Policy = DEFAULT_POLICY, now: datetime | None = None
) -> InvalidConsent | None:
    """The error that reading a request gives; None when it is valid."""
    try:
        read_upsert(data, policy=policy, now=now)
    except InvalidConsent as error:
        return error
    return None


def found(
    data: object, *, policy: Policy = DEFAULT_POLICY, now: datetime | None = None
) -> set[tuple[str, str]]:
    """Path and code of everything that is wrong with a request; nothing when it is valid."""
    error = error_of(data, policy=policy, now=now)
    return (
        set()
        if error is None
        else {(violation.path, violation.code.value) for violation in error.violations}
    )


def told(data: object, path: str) -> str:
    """What is said about one field of a request."""
    error = error_of(data)
    assert error is not None
    return " ".join(
        violation.description for violation in error.violations if violation.path == path
    )
