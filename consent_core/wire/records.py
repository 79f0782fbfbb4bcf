"""Reads records and requests from untrusted mappings (contract, sections 1 and 3)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity, evidence_problems
from consent_core.domain.checks import checked_moment, listed
from consent_core.domain.commands import Upsert, assumed_level
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.validity import (
    confirmation_violations,
    contradictions,
    extended_fields_violations,
    identifier_violations,
    opts_out,
    revocation_violations,
)
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from consent_core.wire.building import (
    UNKNOWN_LEVEL,
    build_confirmation,
    build_details,
    build_extended_fields,
    build_revocation,
    required,
)
from consent_core.wire.reading import FAULTY, Problems, Shape, is_object, join
from consent_core.wire.shapes import RECORD, REQUEST, STATELESS, WRAPPER
from consent_core.wire.spelling import spellings

T = TypeVar("T")

_STATE_REQUIRED: Final = f"is required: one of {listed(ConsentState)}"

_FAR_FUTURE: Final = datetime.max.replace(tzinfo=UTC)

_WRAPPERS: Final = spellings("marketingConsent")
"""The upsert body is documented wrapped in this, and shown bare: both are read."""


class Sent(NamedTuple):
    """A record as it was sent.

    Args:
        body: the record.
        root: its path from the body's root.
        beside: what is wrong around it.
    """

    body: object
    root: str
    beside: Sequence[Violation]

    def told(self, error: InvalidConsent) -> InvalidConsent:
        """What the rules found in the record, with the paths that the caller sent."""
        problems = Problems(self.body, self.root)
        problems.adopt(error)
        return InvalidConsent(problems.found)


def unwrapped(data: object, root: str = "", wrapper: Shape = WRAPPER) -> Sent:
    """The record inside the documented wrapper, or the bare record.

    Args:
        data: what a JSON reader gave.
        root: where it stands in a larger body.
        wrapper: what else may stand around the record.
    """
    if is_object(data):
        for name in _WRAPPERS:
            if name in data:
                problems = Problems(data, root)
                wrapper.read(data, root, problems)
                return Sent(data[name], join(root, name), problems.found)
    return Sent(data, root, ())


def read_upsert(
    data: object, *, policy: Policy = DEFAULT_POLICY, now: datetime | None = None
) -> Upsert:
    """Read a request from an untrusted mapping, in any of the three spellings, wrapped or bare.

    Args:
        data: what a JSON reader gave.
        policy: the choices of the deployment: its bounds apply.
        now: the moment of receipt, with an offset; without it, dates in the future are told only
            when the request is applied.

    Returns:
        The request.

    Raises:
        InvalidConsent: with every violation, its path from the body's root in the caller's own
            spelling.
    """
    return read_request(unwrapped(data), policy=policy, now=now)


def read_request(
    sent: Sent, *, policy: Policy, now: datetime | None, state: ConsentState | None = None
) -> Upsert:
    """As ``read_upsert``, for a record that was found in a larger body.

    Args:
        sent: the record.
        policy: as there.
        now: as there.
        state: replaces what was sent.
    """
    problems = Problems(sent.body, sent.root)
    problems.found += sent.beside
    values = (REQUEST if state is None else STATELESS).read(sent.body, sent.root, problems)
    if isinstance(values, dict) and state is not None:
        values["state"] = state
    moment = _FAR_FUTURE if now is None else checked_moment(now)
    return sound(
        FAULTY if values is FAULTY else _upsert(values, problems, policy, moment), Upsert, problems
    )


def read_record(data: object, *, trusted: bool = False) -> MarketingConsent:
    """Read a whole record, as ``to_wire`` writes it, in any of the three spellings.

    Args:
        data: what a JSON reader gave.
        trusted: whether it comes from a store of yours: then its identifier was judged when it came
            and is restored as it is, whatever a later version thinks of it.

    Returns:
        A record equal to the one that was written.

    Raises:
        InvalidConsent: with every violation.
    """
    problems = Problems(data, "")
    values = RECORD.read(data, "", problems)
    record = FAULTY if values is FAULTY else _record(values, problems, trusted=trusted)
    return sound(record, MarketingConsent, problems)


def sound(value: Any, kind: type[T], problems: Problems) -> T:
    """What was read, if nothing is wrong with it."""
    problems.raise_if_any()
    # for the type checker
    assert isinstance(value, kind), "what could not be built has noted a problem"  # noqa: S101
    return value


def _upsert(values: Mapping[str, Any], problems: Problems, policy: Policy, now: datetime) -> Any:
    state = required(values, "state", problems, _STATE_REQUIRED)
    details = build_details(values.get("details"), problems)
    confirmation = build_confirmation(values.get("lastConfirmationActivity"), problems)
    revocation = build_revocation(values.get("lastRevokeActivity"), problems)
    fields = build_extended_fields(
        values.get("extendedFields"), problems, policy.max_extended_fields_size
    )
    found: list[Violation] = []
    if details is not FAULTY and state is not ConsentState.REVOKED:
        # Whether a policy may refuse an opt-out depends on the record: that is decided when the
        # request is applied.
        found += identifier_violations(details, policy)
    if isinstance(confirmation, ConfirmationActivity):
        revoked = revocation if isinstance(revocation, RevokeActivity) else None
        beside_opt_out = state is not FAULTY and opts_out(state, revoked)
        found += confirmation_violations(confirmation, now, policy, beside_opt_out=beside_opt_out)
    if isinstance(revocation, RevokeActivity):
        found += revocation_violations(revocation, policy)
    if _both_dated(values, confirmation, revocation) and state is not FAULTY:
        found += contradictions(state, confirmation, revocation, now, policy)
    if fields is not FAULTY and fields:
        found += extended_fields_violations(fields, policy)
    if found or problems.found:
        _note_missing_evidence(state, values, problems)
        return problems.adopt(InvalidConsent(found))
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


def _both_dated(values: Mapping[str, Any], confirmation: Any, revocation: Any) -> bool:
    """Whether there are two pieces of evidence whose dates can be compared."""
    both = isinstance(confirmation, ConfirmationActivity) and isinstance(revocation, RevokeActivity)
    return both and all(
        values[name].get("updatedDate") is not FAULTY
        for name in ("lastConfirmationActivity", "lastRevokeActivity")
    )


def _note_missing_evidence(state: Any, values: Mapping[str, Any], problems: Problems) -> None:
    """Rules 5 and 6, told together with whatever else is wrong."""
    if state is FAULTY:
        return
    confirmation = values.get("lastConfirmationActivity")
    level: Any = confirmation.get("optInLevel") if isinstance(confirmation, Mapping) else FAULTY
    missing = evidence_problems(
        state,
        confirmed=confirmation is not None,
        revoked=values.get("lastRevokeActivity") is not None,
        level=assumed_level(state, level or UNKNOWN_LEVEL)
        if level is not FAULTY
        else OptInLevel.DOUBLE_CONFIRMATION,
    )
    for path, finding in missing.items():
        problems.note(path, *finding)


def _record(values: Mapping[str, Any], problems: Problems, *, trusted: bool) -> Any:
    parts = {
        "id": required(values, "id", problems),
        "revision": required(values, "revision", problems),
        "details": build_details(values.get("details"), problems, trusted=trusted),
        "state": required(values, "state", problems),
        "created_date": required(values, "createdDate", problems),
        "updated_date": required(values, "updatedDate", problems),
        "last_confirmation_activity": build_confirmation(
            values.get("lastConfirmationActivity"), problems
        ),
        "last_revoke_activity": build_revocation(values.get("lastRevokeActivity"), problems),
        "extended_fields": build_extended_fields(values.get("extendedFields"), problems, None),
        "double_confirmed_date": values.get("doubleConfirmedDate"),
    }
    if problems.found:
        _note_missing_evidence(parts["state"], values, problems)
        return FAULTY
    try:
        return MarketingConsent(**parts)
    except InvalidConsent as error:
        return problems.adopt(error)
