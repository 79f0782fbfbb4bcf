"""Reads records and requests from untrusted mappings (contract, sections 1 and 3)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from consent_core.domain.activities import evidence_problems
from consent_core.domain.checks import checked_moment
from consent_core.domain.claims import Claims
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert, assumed_level
from consent_core.domain.validity import (
    confirmation_violations,
    contradictions,
    extended_fields_violations,
    identifier_violations,
    opts_out,
    revocation_violations,
)
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from consent_core.wire.claims import NOTHING_PROVIDED, Provided
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import JSON
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import INVALID, REFUSED, Problems, is_object, join
from consent_core.wire.shapes import RECORD, STORED_RECORD, request_kind
from consent_core.wire.spelling import spellings

T = TypeVar("T")

# A global, because Python 3.11 looks up members of enums slowly.
_REVOKED: Final = ConsentState.REVOKED

_FAR_FUTURE: Final = datetime.max.replace(tzinfo=UTC)

_WRAPPER: Final = ObjectKind(plain_fields(marketingConsent=JSON))
_WRAPPER_NAMES: Final = spellings("marketingConsent")
"""The upsert body is documented wrapped in this, and shown bare: both are read."""


class Payload(NamedTuple):
    """A record as it was sent.

    Args:
        body: the record.
        root: its path from the body's root.
        violations: what is wrong around it.
    """

    body: object
    root: str
    violations: Sequence[Violation]

    def with_sent_paths(self, error: InvalidConsent) -> InvalidConsent:
        """An error of the rules, its paths as the caller spelled them."""
        problems = Problems(self.body, self.root)
        problems.add_violations(error.violations)
        return InvalidConsent(problems.found)


def unwrapped(data: object, root: str = "", wrapper: ObjectKind = _WRAPPER) -> Payload:
    """The record inside the documented wrapper, or the bare record.

    Args:
        data: what a JSON reader gave.
        root: its path in a larger body.
        wrapper: the object that may stand around the record.
    """
    if is_object(data):
        for name in _WRAPPER_NAMES:
            if name in data:
                problems = Problems(data, root)
                wrapper.read(data, root, problems)
                return Payload(data[name], join(root, name), problems.found)
    return Payload(data, root, ())


def read_upsert(
    data: object,
    *,
    policy: Policy = DEFAULT_POLICY,
    now: datetime | None = None,
    claims: Claims | None = None,
    identifier: Identifier | str | None = None,
    description: str | None = None,
    source: str | None = None,
) -> Upsert:
    """Read a request from an untrusted mapping, in any of the three spellings, wrapped or bare.

    Give ``claims`` wherever the body comes from the public: without them it may claim anything,
    such as a double opt-in of two years ago.

    Args:
        data: what a JSON reader gave.
        policy: the choices of the deployment: its bounds apply.
        now: the moment of receipt, with an offset; without it, dates in the future are refused only
            when the request is applied.
        claims: what the caller may say (contract, section 12); without them, everything.
        identifier: whom the request is about, if the application knows: a body that says so, too,
            is refused.
        description: the description of its activities, if the application gives it, likewise.
        source: the source of its activities, if the application gives it, likewise.

    Returns:
        The request. Read with claims that let the caller date nothing, it is dated at receipt.

    Raises:
        InvalidConsent: with every violation, its path from the body's root in the caller's own
            spelling.
    """
    provided = NOTHING_PROVIDED
    if (claims, identifier, description, source) != (None, None, None, None):
        who = None if identifier is None else identifier_of(identifier)
        provided = Provided(claims, who, description, source)
    return read_request(unwrapped(data), policy=policy, now=now, provided=provided)


def read_request(
    payload: Payload,
    *,
    policy: Policy,
    now: datetime | None,
    state: ConsentState | None = None,
    kind: ObjectKind | None = None,
    provided: Provided = NOTHING_PROVIDED,
) -> Upsert:
    """As ``read_upsert``, for a record that was found in a larger body.

    Args:
        payload: the record.
        policy: as there.
        now: as there.
        state: replaces what was sent.
        kind: what the body may hold; without it, all that an upsert takes.
        provided: what the application says of the request.
    """
    moment = _FAR_FUTURE if now is None else checked_moment(now)
    if kind is None:
        ignored = () if state is None else ("state",)
        kind = request_kind(Upsert, policy.max_extended_fields_size, ignored)
    given = {} if state is None else {"state": state}
    if provided is NOTHING_PROVIDED:
        try:
            values = kind.accept(payload.body)
            values.update(given)
            if not payload.violations and not _violations(values, policy, moment):
                return Upsert(**values)
        except REFUSED:
            pass  # what is wrong is worked out below
    problems = Problems(payload.body, payload.root, provided.offered(policy))
    problems.found += payload.violations
    values = kind.read_fields(provided.completed(payload.body), payload.root, problems)
    if values is INVALID:
        raise InvalidConsent(problems.found)
    values |= given
    if values.get("state") is None and not values.get("topics"):
        at = problems.sent_path("state")
        values["state"] = problems.add(at, *provided.nothing_asked())
    are_dates_right = not any(problems.has(path) for path in _DATES)
    right = {name: value for name, value in values.items() if value is not INVALID}
    provided.judge(right, payload.body, problems, policy)
    values |= (right := provided.filled(right))
    problems.add_violations(_violations(right, policy, moment, are_dates_right=are_dates_right))
    return _built(Upsert, values, problems)


_DATES: Final = ("lastConfirmationActivity.updatedDate", "lastRevokeActivity.updatedDate")


def _violations(
    values: Mapping[str, Any], policy: Policy, now: datetime, *, are_dates_right: bool = True
) -> list[Violation]:
    """What a policy finds wrong with the fields of a request that are right by themselves.

    Args:
        values: by Python name.
        policy: the choices of the deployment.
        now: the moment of receipt.
        are_dates_right: whether the dates of the activities can be compared.
    """
    details, state = values.get("details"), values.get("state")
    confirmation = values.get("last_confirmation_activity")
    revocation = values.get("last_revoke_activity")
    found: list[Violation] = []
    if details is not None and state is not _REVOKED:
        # Whether a policy may refuse an opt-out depends on the stored record: that is decided when
        # the request is applied.
        found += identifier_violations(details, policy)
    if confirmation is not None:
        is_opt_out = opts_out(state, revocation)
        found += confirmation_violations(confirmation, now, policy, beside_opt_out=is_opt_out)
    if revocation is not None:
        found += revocation_violations(revocation, policy)
        if confirmation is not None and are_dates_right:
            found += contradictions(state, confirmation, revocation, now, policy)
    if fields := values.get("extended_fields"):
        found += extended_fields_violations(fields, policy)
    return found


def _built(cls: Callable[..., T], values: Mapping[str, Any], problems: Problems) -> T:
    """A record or request from its fields, or the error for everything that is wrong with it."""
    if not problems.found:
        try:
            return cls(**values)
        except InvalidConsent as error:
            problems.add_violations(error.violations)
    elif (state := values.get("state")) is not INVALID and state is not None:
        # Rules 5 and 6, which the class could not judge.
        confirmation = values.get("last_confirmation_activity")
        level = getattr(confirmation, "opt_in_level", OptInLevel.DOUBLE_CONFIRMATION)
        missing = evidence_problems(
            state,
            confirmed=confirmation is not None,
            revoked=values.get("last_revoke_activity") is not None,
            level=assumed_level(state, level),
        )
        problems.add_violations(Violation(path, *problem) for path, problem in missing.items())
    raise InvalidConsent(problems.found)


def read_record(data: object, *, trusted: bool = False) -> MarketingConsent:
    """Read a whole record, as ``to_wire`` writes it, in any of the three spellings.

    Args:
        data: what a JSON reader gave.
        trusted: whether it comes from a store of yours: then its identifier and extended fields
            were judged when they came, and are not judged again by a later version.

    Returns:
        A record equal to the one that was written.

    Raises:
        InvalidConsent: with every violation; missing evidence of the state is one.
    """
    kind = STORED_RECORD if trusted else RECORD
    try:
        record: MarketingConsent = kind.accept(data)
    except REFUSED:
        problems = Problems(data, "")
        values = kind.read_fields(data, "", problems)
        if values is INVALID:
            raise InvalidConsent(problems.found) from None
        record = _built(MarketingConsent, values, problems)
    return record
