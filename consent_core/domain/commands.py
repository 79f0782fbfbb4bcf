"""What callers ask for, and what makes a request valid (contract, section 3)."""

from collections.abc import Mapping
from datetime import datetime
from types import NoneType
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from attrs import evolve, field, frozen

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity, evidence_problems
from consent_core.domain.checks import invalid, refuse, wrong_type, wrong_word
from consent_core.domain.errors import Violation
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import ConsentState, OptInLevel, Ordering, ViolationCode

FieldsLike: TypeAlias = ExtendedFields | Mapping[str, Mapping[str, Any]] | None
"""What is taken for extended fields: the value itself, a plain mapping, or None for none."""


def _extended_fields(value: FieldsLike) -> ExtendedFields:
    if isinstance(value, ExtendedFields):
        return value
    return NO_FIELDS if value is None else ExtendedFields(value)


@frozen(kw_only=True)
class Upsert:
    """A request: this person's consent is in this state, and here is the evidence.

    Args:
        details: whom it is about.
        state: the state that is asked for.
        last_confirmation_activity: evidence of the yes; PENDING and CONFIRMED need it. For PENDING, an unknown
            opt-in level is taken as ``DOUBLE_CONFIRMATION``.
        last_revoke_activity: evidence of the revocation; REVOKED needs it.
        extended_fields: merged into the stored ones; a None removes a field.

    Raises:
        InvalidConsent: the evidence that the state needs is missing, or a value is of the wrong type (contract,
            section 3, rules 5 and 6).
    """

    details: Identifier
    state: ConsentState
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(default=NO_FIELDS, converter=_extended_fields, repr=False)

    def __attrs_post_init__(self) -> None:
        confirmation = self.last_confirmation_activity
        refuse(
            "",
            details=wrong_type(self.details, Email, Phone),
            state=wrong_word(self.state, ConsentState),
            lastConfirmationActivity=wrong_type(confirmation, ConfirmationActivity, NoneType),
            lastRevokeActivity=wrong_type(self.last_revoke_activity, RevokeActivity, NoneType),
        )
        level = confirmation and assumed_level(self.state, confirmation.opt_in_level)
        if confirmation is not None and level is not confirmation.opt_in_level:
            confirmation = confirmation.doubly()
            object.__setattr__(self, "last_confirmation_activity", confirmation)
        revoked = self.last_revoke_activity is not None
        if lacking := evidence_problems(self.state, confirmed=confirmation is not None, revoked=revoked, level=level):
            refuse("", **lacking)


def assumed_level(state: ConsentState, level: OptInLevel) -> OptInLevel:
    """The opt-in level that is meant: PENDING of an unknown level is half of a double opt-in (section 3, rule 6)."""
    if state is ConsentState.PENDING and level is OptInLevel.UNKNOWN_OPT_IN_LEVEL:
        return OptInLevel.DOUBLE_CONFIRMATION
    return level


@frozen(kw_only=True)
class Update:
    """A request to change the consent with this id; what is None stays as it is (contract, section 2).

    Args:
        id: the consent.
        state: the state that is asked for, with its evidence; None asks for no other state.
        last_confirmation_activity: as in ``Upsert``; without a state, newer evidence for the stored one.
        last_revoke_activity: as in ``Upsert``; without a state, newer evidence for the stored one.
        extended_fields: merged into the stored ones; a None removes a field.
        details: whom the caller believes it to be about; the identifier of a consent never changes.
        revision: what the caller has read; another stored revision is an error. None expects nothing.
        confirmation_fields: the fields of ``last_confirmation_activity`` that are given, when it is only part of one:
            the others are those of the stored one.
        revocation_fields: the same for ``last_revoke_activity``.
    """

    id: UUID
    state: ConsentState | None = None
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(default=NO_FIELDS, converter=_extended_fields, repr=False)
    details: Identifier | None = None
    revision: int | None = None
    confirmation_fields: frozenset[str] | None = None
    revocation_fields: frozenset[str] | None = None

    def __attrs_post_init__(self) -> None:
        refuse(
            "",
            id=wrong_type(self.id, UUID),
            state=None if self.state is None else wrong_word(self.state, ConsentState),
            lastConfirmationActivity=wrong_type(self.last_confirmation_activity, ConfirmationActivity, NoneType),
            lastRevokeActivity=wrong_type(self.last_revoke_activity, RevokeActivity, NoneType),
            details=wrong_type(self.details, Email, Phone, NoneType),
            revision=wrong_type(self.revision, int, NoneType),
        )

    def request_for(self, before: MarketingConsent) -> Upsert:
        """What this update means for the stored record.

        Raises:
            InvalidConsent: other details than the stored ones (``IMMUTABLE``), an activity that proves another
                state than the stored one without naming it (``STATE_REQUIRED``), or what ``Upsert`` refuses.
        """
        if self.details is not None and self.details != before.details:
            raise invalid("details", ViolationCode.IMMUTABLE, _NEW_ADDRESS)
        state = self.state or before.state
        confirmation = _completed(
            self.last_confirmation_activity, before.last_confirmation_activity, self.confirmation_fields
        )
        revocation = _completed(self.last_revoke_activity, before.last_revoke_activity, self.revocation_fields)
        if self.state is None and confirmation is None and revocation is None:
            confirmation, revocation = before.last_confirmation_activity, before.last_revoke_activity
        elif self.state is None and not _proves(state, confirmation, revocation):
            raise invalid("state", ViolationCode.STATE_REQUIRED, "is required: name the state that the activity proves")
        return Upsert(
            details=before.details,
            state=state,
            last_confirmation_activity=confirmation,
            last_revoke_activity=revocation,
            extended_fields=self.extended_fields,
        )


A = TypeVar("A", ConfirmationActivity, RevokeActivity)


def _completed(activity: A | None, stored: A | None, given: frozenset[str] | None) -> A | None:
    """A part of an activity, completed by the stored one."""
    if activity is None or stored is None or given is None:
        return activity
    return evolve(stored, **{name: getattr(activity, name) for name in given})


_NEW_ADDRESS: Final = "cannot change: a new address never inherits a consent; upsert one for it"


def _proves(state: ConsentState, confirmation: object, revocation: object) -> bool:
    proof = PROOF[state]
    return (proof is ConfirmationActivity and confirmation is not None) or (
        proof is RevokeActivity and revocation is not None
    )


def find_violations(
    command: Upsert, before: MarketingConsent | None, *, now: datetime, policy: Policy
) -> list[Violation]:
    """What a deployment's policy and the moment of receipt find wrong with a request (section 3, rules 3, 5, 7, 9).

    The identifier of a record that exists, and evidence that it holds already, were judged when they came, and are not
    judged again: a policy that became stricter never stands in the way of an opt-out.

    Args:
        command: the request.
        before: the stored record, if there is one.
        now: the moment of receipt, in UTC.
        policy: the choices of the deployment.
    """
    found = identifier_violations(command.details, policy) if before is None else []
    confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
    if confirmation is not None and confirmation != (before and before.last_confirmation_activity):
        found += activity_violations("lastConfirmationActivity", confirmation, now, policy)
    if revocation is not None and revocation != (before and before.last_revoke_activity):
        found += activity_violations("lastRevokeActivity", revocation, now, policy)
    held = before and (before.last_confirmation_activity, before.last_revoke_activity)
    if confirmation is not None and revocation is not None and held != (confirmation, revocation):
        found += contradictions(command.state, confirmation, revocation, now, policy)
    if command.extended_fields:
        found += extended_fields_violations(command.extended_fields, policy)
    return found


def identifier_violations(details: Identifier, policy: Policy) -> list[Violation]:
    """Where an identifier is not as the policy wants it (section 3, rules 3 and 9)."""
    found: list[Violation] = []
    if len(details.address) > policy.max_identifier_length:
        found.append(_too_long(f"details.{details.channel.lower()}", policy.max_identifier_length))
    if policy.valid_phones_only and isinstance(details, Phone) and not details.is_valid():
        found.append(
            Violation("details.phone", ViolationCode.INVALID_PHONE, "is not a number that its country assigns")
        )
    return found


def activity_violations(
    path: str, activity: ConfirmationActivity | RevokeActivity, now: datetime, policy: Policy
) -> list[Violation]:
    """Where an activity is dated ahead of now, or too long (section 3, rules 7 and 9)."""
    found: list[Violation] = []
    dated, description = activity.updated_date, activity.description
    if dated is not None and dated > now and dated - now > policy.clock_skew:
        why = f"must not be more than {policy.clock_skew} ahead of now: it would outrank all that follows"
        found.append(Violation(f"{path}.updatedDate", ViolationCode.DATE_IN_FUTURE, why))
    if description is not None and len(description) > policy.max_description_length:
        found.append(_too_long(f"{path}.description", policy.max_description_length))
    return found


def contradictions(
    state: ConsentState, confirmation: ConfirmationActivity, revocation: RevokeActivity, now: datetime, policy: Policy
) -> list[Violation]:
    """Of two pieces of evidence the later must be the state's own (section 3, rule 5).

    On a tie that is the revocation; and what a fast clock dated ahead of receipt counts as dated at receipt, so that
    it never costs an opt-out.
    """
    if policy.ordering is not Ordering.BY_EVIDENCE:
        return []
    confirmed, revoked = confirmation.updated_date or now, revocation.updated_date or now
    code = ViolationCode.CONTRADICTORY_EVIDENCE
    if PROOF[state] is ConfirmationActivity and revoked >= confirmed:
        why = f"must be before the confirmation, or the state cannot be {state}"
        return [Violation("lastRevokeActivity.updatedDate", code, why)]
    if PROOF[state] is RevokeActivity and min(confirmed, now) > min(revoked, now):
        why = f"must not be after the revocation, or the state cannot be {state}"
        return [Violation("lastConfirmationActivity.updatedDate", code, why)]
    return []


def extended_fields_violations(fields: ExtendedFields, policy: Policy) -> list[Violation]:
    """Where extended fields exceed the bounds of the policy (section 3, rule 9)."""
    found = []
    if fields.size > policy.max_extended_fields_size:
        description = f"may have at most {policy.max_extended_fields_size} bytes as JSON"
        found.append(Violation("extendedFields", ViolationCode.TOO_LARGE, description))
    if fields.depth > policy.max_extended_fields_depth:
        description = f"may have at most {policy.max_extended_fields_depth} levels"
        found.append(Violation("extendedFields", ViolationCode.TOO_DEEP, description))
    return found


def _too_long(path: str, most: int) -> Violation:
    return Violation(path, ViolationCode.TOO_LONG, f"may have at most {most} characters")
