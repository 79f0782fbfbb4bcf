"""What callers ask for, and what makes a request valid (contract, section 3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeAlias, TypeVar
from uuid import UUID

from attrs import evolve, field, fields_dict, frozen

from consent_core.domain.activities import (
    PROOF,
    ConfirmationActivity,
    RevokeActivity,
    evidence_problems,
)
from consent_core.domain.checks import Problem, invalid, listed, refuse
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.domain.validation import require_valid
from consent_core.domain.vocabulary import ConsentState, OptInLevel, ViolationCode

FieldsLike: TypeAlias = ExtendedFields | Mapping[str, Mapping[str, Any]] | None
"""What is taken for extended fields: the value itself, a plain mapping, or None for none."""

CORRECTABLE: Final = frozenset({"source", "description"})
"""The fields of a stored activity that can be corrected.

They say nothing of when a person acted, and how often.
"""

_PENDING: Final = ConsentState.PENDING  # as in ``activities``

A = TypeVar("A", ConfirmationActivity, RevokeActivity)


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
        last_confirmation_activity: evidence of the yes; PENDING and CONFIRMED need it. For PENDING,
            an unknown opt-in level is taken as ``DOUBLE_CONFIRMATION``.
        last_revoke_activity: evidence of the revocation; REVOKED needs it.
        extended_fields: merged into the stored ones; a None removes a field.
        dated_at_receipt: whether undated evidence is of the moment of receipt, whatever its source,
            because the person acts now (section 4.2).
        asks_who_left: whether a CONFIRMED of a person who left is decided as PENDING, so that they
            come back by answering (section 12).

    Raises:
        InvalidConsent: the evidence that the state needs is missing, or a value is of the wrong
            type (contract, section 3, rules 5 and 6).
    """

    details: Identifier
    state: ConsentState
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(
        default=NO_FIELDS, converter=_extended_fields, repr=False
    )
    dated_at_receipt: bool = False
    asks_who_left: bool = False

    def __attrs_post_init__(self) -> None:
        require_valid(self, "")
        self._check_evidence()

    def dated_at(self, moment: datetime) -> Self:
        """The same request, its undated evidence dated at a moment.

        Whoever may send a request again dates it before the first attempt: undated, a second
        attempt would be evidence of its own, and would lift an opt-out that came in between
        (contract, section 4.2).

        Args:
            moment: when the person acted, with an offset.

        Raises:
            InvalidConsent: the moment has no offset.
        """
        confirmation, revocation = self.last_confirmation_activity, self.last_revoke_activity
        if confirmation is not None and confirmation.updated_date is None:
            confirmation = confirmation.at(moment)
        if revocation is not None and revocation.updated_date is None:
            revocation = revocation.at(moment)
        return evolve(
            self, last_confirmation_activity=confirmation, last_revoke_activity=revocation
        )

    def as_question(self) -> Self:
        """A CONFIRMED as PENDING, for the person to confirm it first; any other state as it is."""
        confirmation = self.last_confirmation_activity
        if self.state is not ConsentState.CONFIRMED or confirmation is None:
            return self
        return evolve(
            self, state=ConsentState.PENDING, last_confirmation_activity=confirmation.doubly()
        )

    def _check_evidence(self) -> None:
        confirmation, level = self.last_confirmation_activity, None
        if confirmation is not None:
            level = assumed_level(self.state, confirmation.opt_in_level)
            if level is not confirmation.opt_in_level:
                object.__setattr__(self, "last_confirmation_activity", confirmation.doubly())
        revoked = self.last_revoke_activity is not None
        lacking = evidence_problems(
            self.state, confirmed=confirmation is not None, revoked=revoked, level=level
        )
        if lacking:
            refuse("", **lacking)


def assumed_level(state: ConsentState, level: OptInLevel) -> OptInLevel:
    """The opt-in level that is meant.

    PENDING of an unknown level is half of a double opt-in (section 3, rule 6).
    """
    if state is _PENDING and level is OptInLevel.UNKNOWN_OPT_IN_LEVEL:
        return OptInLevel.DOUBLE_CONFIRMATION
    return level


@frozen(kw_only=True)
class Update:
    """A request to change the consent with this id.

    What is None stays as it is (contract, section 2).

    Args:
        id: the consent.
        state: the state that is asked for, with its evidence: nothing of a stored activity counts
            with it. None asks for no other state.
        last_confirmation_activity: as in ``Upsert``; without a state, new evidence for the stored
            one, or a correction.
        last_revoke_activity: as in ``Upsert``; without a state, new evidence for the stored one, or
            a correction.
        extended_fields: merged into the stored ones; a None removes a field.
        details: whom the caller believes it to be about; the identifier of a consent never changes.
        revision: what the caller has read; another stored revision is an error. None expects
            nothing.
        confirmation_fields: without a state, the fields of ``last_confirmation_activity`` that are
            given; None for all. ``source`` and ``description`` alone correct the stored activity,
            which keeps its date. With any other field, what is given is new evidence, and nothing
            of the stored activity counts with it.
        revocation_fields: the same for ``last_revoke_activity``.

    Raises:
        InvalidConsent: a value is of the wrong type, or a field is named that the activity does not
            have.
    """

    id: UUID
    state: ConsentState | None = None
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(
        default=NO_FIELDS, converter=_extended_fields, repr=False
    )
    details: Identifier | None = None
    revision: int | None = None
    confirmation_fields: frozenset[str] | None = None
    revocation_fields: frozenset[str] | None = None

    def __attrs_post_init__(self) -> None:
        require_valid(self, "")
        refuse(
            "",
            confirmationFields=_wrong_fields(self.confirmation_fields, ConfirmationActivity),
            revocationFields=_wrong_fields(self.revocation_fields, RevokeActivity),
        )

    def corrected(self, before: MarketingConsent) -> MarketingConsent:
        """The stored record with its activities corrected.

        Itself where this update corrects nothing.

        Raises:
            InvalidConsent: there is no stored activity to correct, and no state is named
                (``STATE_REQUIRED``).
        """
        confirmation, revocation = before.last_confirmation_activity, before.last_revoke_activity
        if self._corrects(self.last_confirmation_activity, self.confirmation_fields):
            confirmation = _corrected(
                confirmation, self.last_confirmation_activity, self.confirmation_fields
            )
        if self._corrects(self.last_revoke_activity, self.revocation_fields):
            revocation = _corrected(revocation, self.last_revoke_activity, self.revocation_fields)
        if (confirmation, revocation) == (
            before.last_confirmation_activity,
            before.last_revoke_activity,
        ):
            return before
        return evolve(
            before, last_confirmation_activity=confirmation, last_revoke_activity=revocation
        )

    def request_for(self, before: MarketingConsent) -> Upsert:
        """What this update asks of the stored record beside its corrections.

        ``decide`` takes an update and does both.

        Raises:
            InvalidConsent: other details than the stored ones (``IMMUTABLE``), an activity that
                proves another state than the stored one without naming it (``STATE_REQUIRED``), or
                what ``Upsert`` refuses.
        """
        if self.details is not None and self.details != before.details:
            raise invalid("details", ViolationCode.IMMUTABLE, _NEW_ADDRESS)
        state = self.state or before.state
        confirmation = self._evidence(self.last_confirmation_activity, self.confirmation_fields)
        revocation = self._evidence(self.last_revoke_activity, self.revocation_fields)
        if self.state is None and confirmation is None and revocation is None:
            confirmation, revocation = (
                before.last_confirmation_activity,
                before.last_revoke_activity,
            )
        elif self.state is None and not _proves(state, confirmation, revocation):
            raise _state_required()
        return Upsert(
            details=before.details,
            state=state,
            last_confirmation_activity=confirmation,
            last_revoke_activity=revocation,
            extended_fields=self.extended_fields,
        )

    def _corrects(self, activity: object, given: frozenset[str] | None) -> bool:
        return (
            self.state is None
            and activity is not None
            and given is not None
            and given <= CORRECTABLE
        )

    def _evidence(self, activity: A | None, given: frozenset[str] | None) -> A | None:
        """What is new evidence; nothing of the stored activity completes it.

        An old proof proves no new claim.
        """
        if activity is None or given is None or self.state is not None:
            return activity
        if given <= CORRECTABLE:
            return None
        return type(activity)(**{name: getattr(activity, name) for name in given})


def _corrected(stored: A | None, activity: A | None, given: frozenset[str] | None) -> A:
    if stored is None:
        raise _state_required()
    corrected = evolve(stored, **{name: getattr(activity, name) for name in given or ()})
    if corrected.by_subject is not stored.by_subject:
        # The dates of section 7 would follow, and a correction is no new evidence.
        path, code = "lastConfirmationActivity.source", ViolationCode.NOT_ALLOWED
        raise invalid(
            path, code, "must not change who acted: send it as new evidence, with a state"
        )
    return corrected


def _state_required() -> InvalidConsent:
    return invalid(
        "state",
        ViolationCode.STATE_REQUIRED,
        "is required: name the state that the activity proves",
    )


def _wrong_fields(given: object, kind: type[ConfirmationActivity | RevokeActivity]) -> Problem:
    known = fields_dict(kind)
    if given is None or (isinstance(given, frozenset) and given <= known.keys()):
        return None
    return ViolationCode.UNKNOWN_VALUE, f"must be None or a frozenset of {listed(known)}"


_NEW_ADDRESS: Final = "cannot change: a new address never inherits a consent; upsert one for it"


def _proves(state: ConsentState, confirmation: object, revocation: object) -> bool:
    proof = PROOF[state]
    return (proof is ConfirmationActivity and confirmation is not None) or (
        proof is RevokeActivity and revocation is not None
    )
