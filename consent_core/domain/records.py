"""A marketing consent and its evidence.

One that lacks the evidence of its state cannot be built.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, final
from uuid import UUID

from attrs import field, frozen

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity, evidence_problems
from consent_core.domain.checks import refuse
from consent_core.domain.delivery import Delivery
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.topics import NO_TOPICS, Topics
from consent_core.domain.validation import BOUNDS, READ_ONLY, WRITTEN_IF, require_valid
from consent_core.domain.vocabulary import (
    ConsentState,
    DeliveryStatus,
    LinkType,
    OptInLevel,
    ViolationCode,
)

# Globals, because Python 3.11 looks up members of enums slowly.
_CONFIRMED: Final = ConsentState.CONFIRMED
_DOUBLE: Final = OptInLevel.DOUBLE_CONFIRMATION

MAX_REVISION: Final = 2**63 - 1
"""Changes of one record: revisions are an int64 on the wire."""


class _Deferred:
    # Beside the fields, so that no copy and no pickle takes it along: it may hold secrets.
    __slots__ = ("_make_url",)

    _make_url: Callable[[], str]


@final
@frozen
class Link(_Deferred):
    """A link for the person to click (contract, section 6).

    Args:
        type: what it does.
        url: where it leads; whoever holds it can act for the person, so it is kept out of ``repr``.
    """

    type: LinkType
    url: str = field(repr=False)

    @classmethod
    def deferred(cls, type: LinkType, make_url: Callable[[], str]) -> "Link":
        """A link whose URL is made when it is first read, for a ``LinkIssuer``.

        To sign a token takes longer than to decide a request, and few of the links in the answers
        to a bulk are ever read. To compare the link, to copy, to pickle or to write it also reads
        its URL. A library that looks into slots by itself, as msgspec does, finds none before: give
        it what ``to_wire`` returns.

        Args:
            type: what it does.
            make_url: returns the URL; the same one, should two threads call it. It is called after
                the service has answered, and again after it has raised an error. So what it needs
                of a transaction or of a request must be there already, and a token that is stored
                cannot wait.
        """
        link = object.__new__(cls)
        object.__setattr__(link, "type", type)
        object.__setattr__(link, "_make_url", make_url)
        return link

    # Hidden from type checkers, which would take every name for an attribute.
    if not TYPE_CHECKING:  # pragma: no branch  # only they take the other one

        def __getattr__(self, name: str) -> Any:
            # Python asks here for what has no value yet.
            if name != "url":
                why = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(why, name=name, obj=self)
            try:
                make_url = object.__getattribute__(self, "_make_url")
            except AttributeError:
                return object.__getattribute__(self, "url")  # another thread was faster
            try:
                url = make_url()
            except AttributeError as error:
                # Templates and hasattr() would take it for a link without a URL.
                raise RuntimeError("the URL of a link cannot be made") from error
            object.__setattr__(self, "url", url)
            with suppress(AttributeError):  # as above
                object.__delattr__(self, "_make_url")
            return url


def _has_extended_fields(consent: "MarketingConsent") -> bool:
    return bool(consent.extended_fields)


def _has_topics(consent: "MarketingConsent") -> bool:
    return bool(consent.topics)


def _double_opt_in_is_not_in_slot(consent: "MarketingConsent") -> bool:
    """Whether the confirmation slot does not say when the double opt-in was.

    Only in CONFIRMED was the slot's own opt-in taken as one.
    """
    confirmation = consent.last_confirmation_activity
    return (
        consent.state is not ConsentState.CONFIRMED
        or confirmation is None
        or confirmation.opt_in_level is not OptInLevel.DOUBLE_CONFIRMATION
        or confirmation.updated_date != consent.double_confirmed_date
    )


def _subject_confirmation_is_not_in_slot(consent: "MarketingConsent") -> bool:
    """As ``_double_opt_in_is_not_in_slot``, of a confirmation by the person."""
    confirmation = consent.last_confirmation_activity
    return (
        consent.state is not ConsentState.CONFIRMED
        or confirmation is None
        or not confirmation.by_subject
        or confirmation.updated_date != consent.subject_confirmed_date
    )


def _subject_revocation_is_not_in_slot(consent: "MarketingConsent") -> bool:
    revocation = consent.last_revoke_activity
    return (
        revocation is None
        or not revocation.by_subject
        or revocation.updated_date != consent.subject_revoked_date
    )


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
        double_confirmed_date: the date of the latest CONFIRMED by double opt-in that was taken; it
            only grows, and a newer single confirmation does not take it away (section 4.2). In a
            CONFIRMED record it is that of the confirmation slot at the least, if that holds a
            double opt-in.
        subject_confirmed_date: the date of the latest CONFIRMED by the person; it only grows, and
            is at least that of the slot of a CONFIRMED record that the person filled (section 7).
        subject_revoked_date: the date of the latest revocation by the person; it only grows, and is
            at least that of the revocation slot, if the person filled it (section 7).
        delivery: what bounces say about the address; None where it is reachable (section 9).
        topics: what the person wants of single topics (section 8).

    Raises:
        InvalidConsent: the evidence that the state needs is missing or undated, or a value is of
            the wrong type.
    """

    # Fields are written in this order, which is that of contract section 1.
    id: UUID = field(metadata={READ_ONLY: True})
    revision: int = field(metadata={READ_ONLY: True, BOUNDS: (1, MAX_REVISION)})
    details: Identifier
    state: ConsentState
    created_date: datetime = field(metadata={READ_ONLY: True})
    updated_date: datetime = field(metadata={READ_ONLY: True})
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(
        default=NO_FIELDS, repr=False, metadata={WRITTEN_IF: _has_extended_fields}
    )
    double_confirmed_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _double_opt_in_is_not_in_slot}
    )
    subject_confirmed_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _subject_confirmation_is_not_in_slot}
    )
    subject_revoked_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _subject_revocation_is_not_in_slot}
    )
    delivery: Delivery | None = field(default=None, metadata={READ_ONLY: True})
    topics: Topics = field(default=NO_TOPICS, metadata={WRITTEN_IF: _has_topics})

    def __attrs_post_init__(self) -> None:
        require_valid(self, "")
        confirmation, revocation = self.last_confirmation_activity, self.last_revoke_activity
        confirmed = None if confirmation is None else confirmation.updated_date
        revoked = None if revocation is None else revocation.updated_date
        if (
            self.state is not _CONFIRMED
            or confirmation is None
            or confirmed is None
            or (revocation is not None and revoked is None)
        ):
            # Nearly every record that is read is CONFIRMED with evidence, and needs no more checks.
            self._check_evidence()
        else:
            # In other states the slot may hold a question that nobody answered; here it was filled
            # by a CONFIRMED.
            known = self.double_confirmed_date
            if confirmation.opt_in_level is _DOUBLE and (known is None or known < confirmed):
                object.__setattr__(self, "double_confirmed_date", confirmed)
            known = self.subject_confirmed_date
            if confirmation.by_subject and (known is None or known < confirmed):
                object.__setattr__(self, "subject_confirmed_date", confirmed)
        if revocation is not None and revoked is not None and revocation.by_subject:
            known = self.subject_revoked_date
            if known is None or known < revoked:
                object.__setattr__(self, "subject_revoked_date", revoked)

    @property
    def address(self) -> str:
        """Where messages are sent: the e-mail address, or the number in E.164."""
        return self.details.address

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

    @property
    def unreachable(self) -> bool:
        """Whether messages to the address do not arrive, for a while or for good."""
        return self.delivery is not None and self.delivery.status is DeliveryStatus.UNREACHABLE

    @property
    def last_bounce_date(self) -> datetime | None:
        """The moment of the last bounce, where the address is unreachable for a while only."""
        delivery = self.delivery
        return delivery.since if delivery is not None and delivery.lapses else None

    @property
    def left_topics(self) -> frozenset[str]:
        """The topics that the person left, and did not come back to (contract, section 8)."""
        return self.topics.left if self.topics else frozenset()

    @property
    def chosen_topics(self) -> frozenset[str]:
        """The topics that were chosen since the last revocation, and not left."""
        return self.topics.chosen_since(self.revoked_date) if self.topics else frozenset()

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


_UNDATED: Final = ViolationCode.REQUIRED, "is required: evidence that is stored has a date"
