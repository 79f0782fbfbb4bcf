"""Reads records and requests from untrusted mappings (contract, sections 1 and 3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from consent_core.domain.commands import Upsert, assumed_level, find_violations
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.model import ConfirmationActivity, MarketingConsent, RevokeActivity, evidence_problems
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)
from consent_core.wire.reading import FAULTY, Guid, Ignored, Json, Kind, Moment, Problems, Revision, Shape, Text, Word
from consent_core.wire.spelling import spellings

T = TypeVar("T")

DETAILS: Final = Shape(
    "Details",
    {
        "type": Word(Channel, {"UNKNOWN_TYPE": "must be EMAIL or PHONE"}),
        "email": Text(),
        "phone": Text(),
    },
)

CONFIRMATION_ACTIVITY: Final = Shape(
    "LastConfirmationActivity",
    {
        "source": Word(ConfirmationSource),
        "description": Text(),
        "updatedDate": Moment(),
        "optInLevel": Word(OptInLevel),
    },
)

REVOKE_ACTIVITY: Final = Shape(
    "LastRevokeActivity",
    {"source": Word(RevokeSource), "description": Text(), "updatedDate": Moment()},
)

EXTENDED_FIELDS: Final = Shape("ExtendedFields", {"namespaces": Json()})

_WRITABLE: Final[Mapping[str, Kind]] = {
    "details": DETAILS,
    "state": Word(ConsentState),
    "lastConfirmationActivity": CONFIRMATION_ACTIVITY,
    "lastRevokeActivity": REVOKE_ACTIVITY,
    "extendedFields": EXTENDED_FIELDS,
}

RECORD: Final = Shape(
    "MarketingConsent",
    {"id": Guid(), "revision": Revision(), **_WRITABLE, "createdDate": Moment(), "updatedDate": Moment()},
)
"""A record as it goes out."""

REQUEST: Final = Shape("MarketingConsentRequest", {name: _WRITABLE.get(name, Ignored()) for name in RECORD.fields})
"""A record as it comes in: what is read-only is ignored, never stored."""

UNKNOWN_LEVEL: Final = OptInLevel.UNKNOWN_OPT_IN_LEVEL

_FAR_FUTURE: Final = datetime.max.replace(tzinfo=UTC)

_WRAPPERS: Final = spellings("marketingConsent")
"""The upsert body is documented wrapped in this, and shown bare: both are read."""


def read_upsert(data: object, *, policy: Policy = DEFAULT_POLICY, now: datetime | None = None) -> Upsert:
    """Read a request from an untrusted mapping, in any of the three spellings, wrapped or bare.

    Args:
        data: what a JSON reader gave.
        policy: the choices of the deployment: its bounds apply.
        now: the moment of receipt, with an offset; without it, dates in the future are told only when the request
            is applied.

    Returns:
        The request.

    Raises:
        InvalidConsent: with every violation, its path from the body's root in the caller's own spelling.
    """
    body, root = _unwrapped(data)
    return read_request(body, root, policy=policy, now=now)


def read_request(body: object, root: str, *, policy: Policy, now: datetime | None) -> Upsert:
    """As ``read_upsert``, for a record that stands at a path of a larger body."""
    problems = Problems(body, root)
    command = _upsert(REQUEST.read(body, root, problems), problems, policy)
    if isinstance(command, Upsert):
        problems.adopt(InvalidConsent(find_violations(command, None, now=now or _FAR_FUTURE, policy=policy)))
    return _sound(command, Upsert, problems)


def read_record(data: object) -> MarketingConsent:
    """Read a whole record, as ``to_wire`` writes it, in any of the three spellings.

    Args:
        data: what a JSON reader gave.

    Returns:
        A record equal to the one that was written.

    Raises:
        InvalidConsent: with every violation.
    """
    problems = Problems(data, "")
    return _sound(_record(RECORD.read(data, "", problems), problems), MarketingConsent, problems)


def _sound(value: Any, kind: type[T], problems: Problems) -> T:
    """What was read, if nothing is wrong with it."""
    problems.raise_if_any()
    assert isinstance(value, kind), "what could not be built has noted a problem"  # noqa: S101  # for the type checker
    return value


def _unwrapped(data: object) -> tuple[object, str]:
    """The record inside the documented wrapper, with its path; or the bare record."""
    if isinstance(data, Mapping) and len(data) == 1:
        (name,) = data
        if name in _WRAPPERS:
            return data[name], name
    return data, ""


def _upsert(values: Any, problems: Problems, policy: Policy) -> Any:
    if values is FAULTY:
        return FAULTY
    state = _required(values, "state", problems)
    details = _details(values.get("details"), problems)
    confirmation = _confirmation(values.get("lastConfirmationActivity"), problems)
    revocation = _revocation(values.get("lastRevokeActivity"), problems)
    fields = _extended_fields(values.get("extendedFields"), problems, policy.max_extended_fields_size)
    if any(part is FAULTY for part in (state, details, confirmation, revocation, fields)):
        _note_missing_evidence(state, values, problems)
        return FAULTY
    try:
        return Upsert(
            details=details,
            state=state,
            last_confirmation_activity=confirmation,
            last_revoke_activity=revocation,
            extended_fields=fields,
        )
    except InvalidConsent as error:
        return problems.adopt(error)


def _note_missing_evidence(state: Any, values: Mapping[str, Any], problems: Problems) -> None:
    """Rules 5 and 6 are told together with what else is wrong, though no request can be built to break them."""
    if state is FAULTY:
        return
    confirmation = values.get("lastConfirmationActivity")
    level = confirmation.get("optInLevel", UNKNOWN_LEVEL) if isinstance(confirmation, Mapping) else FAULTY
    missing = evidence_problems(
        state,
        confirmed=confirmation is not None,
        revoked=values.get("lastRevokeActivity") is not None,
        level=assumed_level(state, level) if isinstance(level, OptInLevel) else OptInLevel.DOUBLE_CONFIRMATION,
    )
    for path, problem in missing.items():
        if problem is not None:
            problems.note(path, *problem)


def _record(values: Any, problems: Problems) -> Any:
    if values is FAULTY:
        return FAULTY
    parts = {
        "id": _required(values, "id", problems),
        "revision": _required(values, "revision", problems),
        "details": _details(values.get("details"), problems),
        "state": _required(values, "state", problems),
        "created_date": _required(values, "createdDate", problems),
        "updated_date": _required(values, "updatedDate", problems),
        "last_confirmation_activity": _confirmation(values.get("lastConfirmationActivity"), problems),
        "last_revoke_activity": _revocation(values.get("lastRevokeActivity"), problems),
        "extended_fields": _extended_fields(values.get("extendedFields"), problems, None),
    }
    if any(part is FAULTY for part in parts.values()):
        return FAULTY
    try:
        return MarketingConsent(**parts)
    except InvalidConsent as error:
        return problems.adopt(error)


def _required(values: Mapping[str, Any], name: str, problems: Problems) -> Any:
    value = values.get(name)
    return problems.note(name, ViolationCode.REQUIRED, "is required") if value is None else value


def _details(values: Any, problems: Problems) -> Any:
    """Rule 1: exactly one of email and phone, and the one that the type names."""
    if values is FAULTY:
        return FAULTY
    if values is None:
        return problems.note("details", ViolationCode.REQUIRED, "is required, with a type and an email or phone")
    channel = values.get("type")
    given = [name for name in ("email", "phone") if values.get(name) is not None]
    if channel is None:
        channel = problems.note("details.type", ViolationCode.REQUIRED, "is required: EMAIL or PHONE")
    wanted = given[0] if channel is FAULTY and given else str(channel).lower()
    for name in given:
        if name != wanted:
            problems.note(f"details.{name}", ViolationCode.NOT_ALLOWED, "must be left out: one consent, one identifier")
    if channel is not FAULTY and wanted not in given:
        return problems.note(f"details.{wanted}", ViolationCode.REQUIRED, f"is required, because the type is {channel}")
    identifier = _identifier(wanted, values[wanted], problems) if given else FAULTY
    return FAULTY if channel is FAULTY or len(given) > 1 else identifier


def _identifier(name: str, text: Any, problems: Problems) -> Any:
    if text is FAULTY:
        return FAULTY
    try:
        return Email(text) if name == "email" else Phone(text)
    except InvalidConsent as error:
        return problems.adopt(error)


def _confirmation(values: Any, problems: Problems) -> Any:
    if values is None or values is FAULTY or FAULTY in values.values():
        return values and FAULTY
    try:
        return ConfirmationActivity(
            source=values.get("source") or ConfirmationSource.UNKNOWN_SOURCE,
            description=values.get("description"),
            updated_date=values.get("updatedDate"),
            opt_in_level=values.get("optInLevel") or UNKNOWN_LEVEL,
        )
    except InvalidConsent as error:
        return problems.adopt(error)


def _revocation(values: Any, problems: Problems) -> Any:
    if values is None or values is FAULTY or FAULTY in values.values():
        return values and FAULTY
    try:
        return RevokeActivity(
            source=values.get("source") or RevokeSource.UNKNOWN_SOURCE,
            description=values.get("description"),
            updated_date=values.get("updatedDate"),
        )
    except InvalidConsent as error:
        return problems.adopt(error)


def _extended_fields(values: Any, problems: Problems, max_values: int | None) -> Any:
    if values is None or values is FAULTY:
        return NO_FIELDS if values is None else FAULTY
    try:
        return ExtendedFields(values.get("namespaces"), max_values=max_values)
    except InvalidConsent as error:
        return problems.adopt(error)
