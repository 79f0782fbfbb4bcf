"""A request to change one consent, by its id (contract, section 2)."""

from typing import Final, TypeVar
from uuid import UUID

from attrs import evolve, field, fields_dict, frozen

from consent_core.domain.activities import (
    PROOF,
    ConfirmationActivity,
    RevokeActivity,
)
from consent_core.domain.checks import Problem, invalid, listed, refuse
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import STATE_NEEDED, Upsert, as_extended_fields
from consent_core.domain.topics import NO_CHOICES, TopicChoices, as_choices
from consent_core.domain.validation import require_valid
from consent_core.domain.vocabulary import ConsentState, ViolationCode

CORRECTABLE: Final = frozenset({"source", "description"})
"""The fields of a stored activity that can be corrected.

They say nothing of when a person acted, and how often.
"""

A = TypeVar("A", ConfirmationActivity, RevokeActivity)


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
        topics: as in ``Upsert``.
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
        default=NO_FIELDS, converter=as_extended_fields, repr=False
    )
    topics: TopicChoices = field(default=NO_CHOICES, converter=as_choices)
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
        state: ConsentState | None = self.state or before.state
        confirmation = self._evidence(self.last_confirmation_activity, self.confirmation_fields)
        revocation = self._evidence(self.last_revoke_activity, self.revocation_fields)
        if self.state is None and confirmation is None and revocation is None:
            if self.topics:
                state = None
            else:
                confirmation = before.last_confirmation_activity
                revocation = before.last_revoke_activity
        elif self.state is None and not _proves(before.state, confirmation, revocation):
            raise invalid("state", *STATE_NEEDED)
        return Upsert(
            details=before.details,
            state=state,
            last_confirmation_activity=confirmation,
            last_revoke_activity=revocation,
            extended_fields=self.extended_fields,
            topics=self.topics,
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
        raise invalid("state", *STATE_NEEDED)
    corrected = evolve(stored, **{name: getattr(activity, name) for name in given or ()})
    if corrected.by_subject is not stored.by_subject:
        # The dates of section 7 would follow, and a correction is no new evidence.
        path, code = "lastConfirmationActivity.source", ViolationCode.NOT_ALLOWED
        raise invalid(
            path, code, "must not change who acted: send it as new evidence, with a state"
        )
    return corrected


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
