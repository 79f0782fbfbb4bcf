"""The evidence of a consent: what a person did, and which state it proves."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self, final

from attrs import field, frozen

from consent_core.domain.checks import Finding, checked_moment
from consent_core.domain.validation import WRITTEN_AS_NULL, require_valid
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)


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

    Raises:
        InvalidConsent: a value is of the wrong type, the date has no offset, or the text cannot be
            stored.
    """

    source: ConfirmationSource = ConfirmationSource.UNKNOWN_SOURCE
    description: str | None = field(default=None, repr=False, metadata={WRITTEN_AS_NULL: True})
    updated_date: datetime | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    opt_in_level: OptInLevel = OptInLevel.UNKNOWN_OPT_IN_LEVEL

    def __attrs_post_init__(self) -> None:
        require_valid(self, "lastConfirmationActivity")

    def at(self, moment: datetime) -> Self:
        """The same evidence, dated at another moment.

        Raises:
            InvalidConsent: the moment has no offset.
        """
        dated = checked_moment(moment, "lastConfirmationActivity.updatedDate")
        return type(self)(
            source=self.source,
            description=self.description,
            updated_date=dated,
            opt_in_level=self.opt_in_level,
        )

    def doubly(self) -> Self:
        """The same evidence, as part of a double opt-in."""
        return type(self)(
            source=self.source,
            description=self.description,
            updated_date=self.updated_date,
            opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
        )


@final
@frozen(kw_only=True)
class RevokeActivity:
    """The evidence that a person took the yes back.

    Args:
        source: where the revocation came from.
        description: what happened, in words; may hold personal data.
        updated_date: when the person acted, with an offset; None in a request means the moment of
            receipt.

    Raises:
        InvalidConsent: a value is of the wrong type, the date has no offset, or the text cannot be
            stored.
    """

    source: RevokeSource = RevokeSource.UNKNOWN_SOURCE
    description: str | None = field(default=None, repr=False, metadata={WRITTEN_AS_NULL: True})
    updated_date: datetime | None = field(default=None, metadata={WRITTEN_AS_NULL: True})

    def __attrs_post_init__(self) -> None:
        require_valid(self, "lastRevokeActivity")

    def at(self, moment: datetime) -> Self:
        """The same evidence, dated at another moment.

        Raises:
            InvalidConsent: the moment has no offset.
        """
        dated = checked_moment(moment, "lastRevokeActivity.updatedDate")
        return type(self)(source=self.source, description=self.description, updated_date=dated)


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
    if state is ConsentState.PENDING and level is not OptInLevel.DOUBLE_CONFIRMATION:
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
