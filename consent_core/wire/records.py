"""Reads records and requests from untrusted mappings (contract, sections 1 and 3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from consent_core.domain.commands import Upsert, assumed_level, find_violations
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.model import MarketingConsent, evidence_problems
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from consent_core.wire.building import (
    UNKNOWN_LEVEL,
    build_confirmation,
    build_details,
    build_extended_fields,
    build_revocation,
    required,
)
from consent_core.wire.reading import FAULTY, Problems, join
from consent_core.wire.shapes import RECORD, REQUEST, STATELESS
from consent_core.wire.spelling import spellings

T = TypeVar("T")

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
    body, root = unwrapped(data)
    return read_request(body, root, policy=policy, now=now)


def read_request(
    body: object, root: str, *, policy: Policy, now: datetime | None, state: ConsentState | None = None
) -> Upsert:
    """As ``read_upsert``, for a record that stands at a path of a larger body; a given state replaces what was sent."""
    problems = Problems(body, root)
    values = (REQUEST if state is None else STATELESS).read(body, root, problems)
    if isinstance(values, dict) and state is not None:
        values["state"] = state
    command = _upsert(values, problems, policy)
    if isinstance(command, Upsert):
        problems.adopt(InvalidConsent(find_violations(command, None, now=now or _FAR_FUTURE, policy=policy)))
    return sound(command, Upsert, problems)


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
    return sound(_record(RECORD.read(data, "", problems), problems), MarketingConsent, problems)


def sound(value: Any, kind: type[T], problems: Problems) -> T:
    """What was read, if nothing is wrong with it."""
    problems.raise_if_any()
    assert isinstance(value, kind), "what could not be built has noted a problem"  # noqa: S101  # for the type checker
    return value


def unwrapped(data: object, root: str = "") -> tuple[object, str]:
    """The record inside the documented wrapper, with its path; or the bare record."""
    if isinstance(data, Mapping) and len(data) == 1:
        (name,) = data
        if name in _WRAPPERS:
            return data[name], join(root, name)
    return data, root


def _upsert(values: Any, problems: Problems, policy: Policy) -> Any:
    if values is FAULTY:
        return FAULTY
    state = required(values, "state", problems)
    details = build_details(values.get("details"), problems)
    confirmation = build_confirmation(values.get("lastConfirmationActivity"), problems)
    revocation = build_revocation(values.get("lastRevokeActivity"), problems)
    fields = build_extended_fields(values.get("extendedFields"), problems, policy.max_extended_fields_size)
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
        "id": required(values, "id", problems),
        "revision": required(values, "revision", problems),
        "details": build_details(values.get("details"), problems),
        "state": required(values, "state", problems),
        "created_date": required(values, "createdDate", problems),
        "updated_date": required(values, "updatedDate", problems),
        "last_confirmation_activity": build_confirmation(values.get("lastConfirmationActivity"), problems),
        "last_revoke_activity": build_revocation(values.get("lastRevokeActivity"), problems),
        "extended_fields": build_extended_fields(values.get("extendedFields"), problems, None),
    }
    if any(part is FAULTY for part in parts.values()):
        return FAULTY
    try:
        return MarketingConsent(**parts)
    except InvalidConsent as error:
        return problems.adopt(error)
