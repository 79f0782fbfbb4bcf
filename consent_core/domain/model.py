"""A marketing consent and its evidence; one that lacks the evidence of its state cannot be built."""

from datetime import datetime
from types import NoneType
from typing import Final, Self, final
from uuid import UUID

from attrs import field, fields, frozen

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity, evidence_problems
from consent_core.domain.checks import (
    Problem,
    as_utc,
    refuse,
    wrong_moment,
    wrong_type,
    wrong_word,
)
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.vocabulary import (
    ConsentState,
    LinkType,
    OptInLevel,
    ViolationCode,
)

MAX_REVISION: Final = 2**63 - 1
"""Changes of one record: revisions are an int64 on the wire."""


@final
@frozen
class Link:
    """A link for the person to click (contract, section 6).

    Args:
        type: what it does.
        url: where it leads; whoever holds it can act for the person, so it is kept out of ``repr``.
    """

    type: LinkType
    url: str = field(repr=False)


@final
@frozen(kw_only=True)
class MarketingConsent:
    """What is known of one person's consent on one channel (contract, section 1).

    Args:
        id: made once, when the record is created.
        revision: 1 when created, one more with every stored change.
        details: whom it is about.
        state: what the person wants.
        created_date: when the record was first stored.
        updated_date: when it was last changed.
        last_confirmation_activity: the confirmation slot; dated. PENDING and CONFIRMED need it.
        last_revoke_activity: the revocation slot; dated. REVOKED needs it.
        extended_fields: what applications keep beside it.
        double_confirmed_date: the date of the latest CONFIRMED by double opt-in that was taken; it only grows, and a
            newer single confirmation does not take it away (section 4.2). In a CONFIRMED record it is that of the
            confirmation slot at the least, if that holds a double opt-in.

    Raises:
        InvalidConsent: the evidence that the state needs is missing or undated, or a value is of the wrong type.
    """

    id: UUID
    revision: int
    details: Identifier
    state: ConsentState
    created_date: datetime = field(converter=as_utc)
    updated_date: datetime = field(converter=as_utc)
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(default=NO_FIELDS, repr=False)
    double_confirmed_date: datetime | None = field(default=None, converter=as_utc)

    def __attrs_post_init__(self) -> None:
        refuse(
            "",
            id=wrong_type(self.id, UUID),
            revision=_wrong_revision(self.revision),
            details=wrong_type(self.details, Email, Phone),
            state=wrong_word(self.state, ConsentState),
            createdDate=wrong_moment(self.created_date),
            updatedDate=wrong_moment(self.updated_date),
            lastConfirmationActivity=wrong_type(self.last_confirmation_activity, ConfirmationActivity, NoneType),
            lastRevokeActivity=wrong_type(self.last_revoke_activity, RevokeActivity, NoneType),
            extendedFields=wrong_type(self.extended_fields, ExtendedFields),
            doubleConfirmedDate=None
            if self.double_confirmed_date is None
            else wrong_moment(self.double_confirmed_date),
        )
        self._check_evidence()
        self._keep_proof()

    @classmethod
    def restore(
        cls,
        id: UUID,
        revision: int,
        details: Identifier,
        state: ConsentState,
        created_date: datetime,
        updated_date: datetime,
        last_confirmation_activity: ConfirmationActivity | None,
        last_revoke_activity: RevokeActivity | None,
        extended_fields: ExtendedFields,
        double_confirmed_date: datetime | None,
    ) -> Self:
        """Build from parts that are sound already, judging only the evidence: for adapters and for the rules.

        Args:
            id: as in the class.
            revision: as in the class.
            details: as in the class.
            state: as in the class.
            created_date: as in the class, in UTC.
            updated_date: as in the class, in UTC.
            last_confirmation_activity: as in the class.
            last_revoke_activity: as in the class.
            extended_fields: as in the class.
            double_confirmed_date: as in the class, in UTC.

        Raises:
            InvalidConsent: the evidence that the state needs is missing or undated.
        """
        self = cls.__new__(cls)
        _put_id(self, id)
        _put_revision(self, revision)
        _put_details(self, details)
        _put_state(self, state)
        _put_created_date(self, created_date)
        _put_updated_date(self, updated_date)
        _put_last_confirmation_activity(self, last_confirmation_activity)
        _put_last_revoke_activity(self, last_revoke_activity)
        _put_extended_fields(self, extended_fields)
        _put_double_confirmed_date(self, double_confirmed_date)
        self._check_evidence()
        self._keep_proof()
        return self

    @property
    def confirmed_date(self) -> datetime | None:
        """The date in the confirmation slot, if it is filled."""
        return self.last_confirmation_activity and self.last_confirmation_activity.updated_date

    @property
    def revoked_date(self) -> datetime | None:
        """The date in the revocation slot, if it is filled."""
        return self.last_revoke_activity and self.last_revoke_activity.updated_date

    @property
    def doubly_confirmed(self) -> bool:
        """Whether a double opt-in was confirmed after the last revocation (contract, section 5)."""
        proven, revoked = self.double_confirmed_date, self.revoked_date
        return proven is not None and (revoked is None or proven > revoked)

    def _keep_proof(self) -> None:
        # In other states the slot may hold a question that nobody answered; in CONFIRMED it was filled by a CONFIRMED.
        confirmation = self.last_confirmation_activity
        if self.state is not ConsentState.CONFIRMED or confirmation is None or confirmation.updated_date is None:
            return
        if confirmation.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION:
            proven = self.double_confirmed_date
            if proven is None or proven < confirmation.updated_date:
                _put_double_confirmed_date(self, confirmation.updated_date)

    def _check_evidence(self) -> None:
        confirmation, revocation = self.last_confirmation_activity, self.last_revoke_activity
        problems = evidence_problems(
            self.state,
            confirmed=confirmation is not None,
            revoked=revocation is not None,
            level=confirmation and confirmation.opt_in_level,
        )
        if confirmation is not None and confirmation.updated_date is None:
            problems = {**problems, "lastConfirmationActivity.updatedDate": _UNDATED}
        if revocation is not None and revocation.updated_date is None:
            problems = {**problems, "lastRevokeActivity.updatedDate": _UNDATED}
        if problems:
            refuse("", **problems)


(
    _put_id,
    _put_revision,
    _put_details,
    _put_state,
    _put_created_date,
    _put_updated_date,
    _put_last_confirmation_activity,
    _put_last_revoke_activity,
    _put_extended_fields,
    _put_double_confirmed_date,
) = (getattr(MarketingConsent, attribute.name).__set__ for attribute in fields(MarketingConsent))
"""What fills the slots: as the generated ``__init__``, in two thirds of its time; every decision builds a record."""


_UNDATED: Final = ViolationCode.REQUIRED, "is required: evidence that is stored has a date"


def _wrong_revision(revision: object) -> Problem:
    if isinstance(revision, int) and 1 <= revision <= MAX_REVISION:
        return None
    return ViolationCode.INVALID_NUMBER, f"must be an integer from 1 to {MAX_REVISION}"
