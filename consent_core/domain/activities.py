"""The evidence of a consent: what a person did, and which state it proves."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self, final

from attrs import evolve, field, frozen

from consent_core.domain.checks import Finding, checked_moment
from consent_core.domain.validation import WRITTEN_AS_NULL, WRITTEN_IF, copier, require_valid
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)

# Python 3.11 looks up a member of an enum four times as slowly as a global, and every decision asks
# several times who acted.
_UNKNOWN_ACTOR: Final = Actor.UNKNOWN_ACTOR
_SUBJECT: Final = Actor.SUBJECT
_OPERATOR: Final = Actor.OPERATOR
_PENDING: Final = ConsentState.PENDING


def _actor_is_known(activity: "ConfirmationActivity | RevokeActivity") -> bool:
    # One that was derived from the source is never written, so that clients of the documented API
    # see the fields that they know.
    return activity.actor is not Actor.UNKNOWN_ACTOR


CONFIRMATION_ACTORS: Final[Mapping[ConfirmationSource, Actor]] = MappingProxyType(
    {
        ConfirmationSource.LINK_CONFIRMATION: Actor.SUBJECT,
        ConfirmationSource.EMAIL_SERVICE: Actor.IMPORT,
    }
)
"""Who confirmed, by source, where no actor is given; of others it is not known (section 7).

Not so ``FORM``: anyone can type an address into a form.
"""

REVOCATION_ACTORS: Final[Mapping[RevokeSource, Actor]] = MappingProxyType(
    {RevokeSource.REVOKE_LINK: Actor.SUBJECT, RevokeSource.FORM: Actor.SUBJECT}
)
"""Who revoked, by source, where no actor is given; of others it is not known (section 7)."""


@final
@frozen(kw_only=True)
class ConfirmationActivity:
    """The evidence that a person said yes, or was asked to confirm.

    Args:
        source: where the confirmation came from.
        description: what happened, in words, e.g. the text of the form; may hold personal data.
        updated_date: when the person acted, with an offset; None in a request means the moment of
            receipt.
        opt_in_level: whether the person confirmed once or twice.
        actor: who acted, if it is known.

    Raises:
        InvalidConsent: a value is of the wrong type, the date has no offset, or the text cannot be
            stored.
    """

    source: ConfirmationSource = ConfirmationSource.UNKNOWN_SOURCE
    description: str | None = field(default=None, repr=False, metadata={WRITTEN_AS_NULL: True})
    updated_date: datetime | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    opt_in_level: OptInLevel = OptInLevel.UNKNOWN_OPT_IN_LEVEL
    actor: Actor = field(default=Actor.UNKNOWN_ACTOR, metadata={WRITTEN_IF: _actor_is_known})

    def __attrs_post_init__(self) -> None:
        require_valid(self, "lastConfirmationActivity")

    def at(self, moment: datetime) -> Self:
        """The same evidence, dated at another moment.

        Raises:
            InvalidConsent: the moment has no offset.
        """
        dated = checked_moment(moment, "lastConfirmationActivity.updatedDate")
        return _dated_confirmation(self, dated)

    @property
    def acted_by(self) -> Actor:
        """Who acted; where no actor was given, what the source says about it."""
        if self.actor is Actor.UNKNOWN_ACTOR:
            return CONFIRMATION_ACTORS.get(self.source, Actor.UNKNOWN_ACTOR)
        return self.actor

    @property
    def by_subject(self) -> bool:
        """Whether it counts as the person's own: when in doubt, it does not."""
        if self.actor is _UNKNOWN_ACTOR:
            return CONFIRMATION_ACTORS.get(self.source) is _SUBJECT
        return self.actor is _SUBJECT

    @property
    def by_form(self) -> bool:
        """Whether the person may have acted: a form was filled in by nobody knows whom."""
        return self.source is ConfirmationSource.FORM and self.actor is Actor.UNKNOWN_ACTOR

    def without_double_opt_in(self) -> Self:
        """The same evidence, without a claim of a double opt-in."""
        if self.opt_in_level is not OptInLevel.DOUBLE_CONFIRMATION:
            return self
        return evolve(self, opt_in_level=OptInLevel.UNKNOWN_OPT_IN_LEVEL)

    def doubly(self) -> Self:
        """The same evidence, as part of a double opt-in."""
        return evolve(self, opt_in_level=OptInLevel.DOUBLE_CONFIRMATION)


@final
@frozen(kw_only=True)
class RevokeActivity:
    """The evidence that a person took the yes back.

    Args:
        source: where the revocation came from.
        description: what happened, in words; may hold personal data.
        updated_date: when the person acted, with an offset; None in a request means the moment of
            receipt.
        actor: who acted, if it is known.

    Raises:
        InvalidConsent: a value is of the wrong type, the date has no offset, or the text cannot be
            stored.
    """

    source: RevokeSource = RevokeSource.UNKNOWN_SOURCE
    description: str | None = field(default=None, repr=False, metadata={WRITTEN_AS_NULL: True})
    updated_date: datetime | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    actor: Actor = field(default=Actor.UNKNOWN_ACTOR, metadata={WRITTEN_IF: _actor_is_known})

    def __attrs_post_init__(self) -> None:
        require_valid(self, "lastRevokeActivity")

    def at(self, moment: datetime) -> Self:
        """The same evidence, dated at another moment.

        Raises:
            InvalidConsent: the moment has no offset.
        """
        dated = checked_moment(moment, "lastRevokeActivity.updatedDate")
        return _dated_revocation(self, dated)

    @property
    def acted_by(self) -> Actor:
        """Who acted; where no actor was given, what the source says about it."""
        if self.actor is Actor.UNKNOWN_ACTOR:
            return REVOCATION_ACTORS.get(self.source, Actor.UNKNOWN_ACTOR)
        return self.actor

    @property
    def by_subject(self) -> bool:
        """Whether it counts as the person's own: when in doubt, it does."""
        return self.actor is not _OPERATOR


_dated_confirmation: Final = copier(ConfirmationActivity, "updated_date")
_dated_revocation: Final = copier(RevokeActivity, "updated_date")


def evidence_problems(
    state: ConsentState, *, confirmed: bool, revoked: bool, level: OptInLevel | None
) -> Mapping[str, Finding]:
    """What a state lacks of the evidence that it needs (contract, section 3, rules 5 and 6).

    Args:
        state: the state that wants to be proven.
        confirmed: whether a confirmation activity is there.
        revoked: whether a revoke activity is there.
        level: the opt-in level of the confirmation activity, if one is there.

    Returns:
        What is wrong, by the path of the field that would mend it; empty when nothing is.
    """
    proof = PROOF[state]
    if proof is RevokeActivity and not revoked:
        return {"lastRevokeActivity": _needed_for(state)}
    if proof is ConfirmationActivity and not confirmed:
        return {"lastConfirmationActivity": _needed_for(state)}
    if state is _PENDING and level is not OptInLevel.DOUBLE_CONFIRMATION:
        return {
            "lastConfirmationActivity.optInLevel": (ViolationCode.NOT_ALLOWED, _PENDING_IS_DOUBLE)
        }
    return _NOTHING


PROOF: Final[Mapping[ConsentState, type[ConfirmationActivity | RevokeActivity] | None]] = (
    MappingProxyType(
        {
            ConsentState.UNKNOWN_STATE: None,
            ConsentState.NEVER_CONFIRMED: None,
            ConsentState.PENDING: ConfirmationActivity,
            ConsentState.CONFIRMED: ConfirmationActivity,
            ConsentState.REVOKED: RevokeActivity,
        }
    )
)
"""Which evidence proves a state."""

_NOTHING: Final[Mapping[str, Finding]] = MappingProxyType({})

_PENDING_IS_DOUBLE: Final = "must be DOUBLE_CONFIRMATION: PENDING waits for the second confirmation"


def _needed_for(state: ConsentState) -> Finding:
    return ViolationCode.EVIDENCE_REQUIRED, f"is required: it is the evidence for {state}"
