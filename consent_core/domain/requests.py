"""What callers ask for, and what makes a request valid (contract, section 3)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeAlias

from attrs import evolve, field, frozen

from consent_core.domain.activities import (
    PROOF,
    ConfirmationActivity,
    RevokeActivity,
    evidence_problems,
)
from consent_core.domain.checks import Finding, listed, refuse
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.topics import NO_CHOICES, TopicChoices, as_choices
from consent_core.domain.validation import require_valid
from consent_core.domain.vocabulary import ConsentState, OptInLevel, ViolationCode

FieldsLike: TypeAlias = ExtendedFields | Mapping[str, Mapping[str, Any]] | None
"""What is taken for extended fields: the value itself, a plain mapping, or None for none."""

STATE_NEEDED: Final = (
    ViolationCode.STATE_REQUIRED,
    "is required: name the state that the activity proves",
)
"""What is wrong with evidence without a state."""

_PENDING: Final = ConsentState.PENDING  # as in ``activities``


def nothing_asked(states: Collection[ConsentState] | None = None) -> Finding:
    """What is wrong with a request that has neither a state nor choices of topics.

    Args:
        states: those that the caller may ask for; None for all.
    """
    words = [state for state in ConsentState if states is None or state in states]
    hint = f"one of {listed(words)}" if len(words) > 1 else listed(words) or "choices of topics"
    return ViolationCode.REQUIRED, f"is required: {hint}"


def as_extended_fields(value: FieldsLike) -> ExtendedFields:
    """Extended fields from what is taken for them."""
    if isinstance(value, ExtendedFields):
        return value
    return NO_FIELDS if value is None else ExtendedFields(value)


@frozen(kw_only=True)
class Upsert:
    """A request: this person's consent is in this state, and here is the evidence.

    Args:
        details: whom it is about.
        state: the state that is asked for; None for choices of topics alone.
        last_confirmation_activity: evidence of the yes; PENDING and CONFIRMED need it. For PENDING,
            an unknown opt-in level is taken as ``DOUBLE_CONFIRMATION``.
        last_revoke_activity: evidence of the revocation; REVOKED needs it.
        extended_fields: merged into the stored ones; a None removes a field.
        dated_at_receipt: whether undated evidence is of the moment of receipt, whatever its source,
            because the person acts now (section 4.2).
        asks_who_left: whether a CONFIRMED of a person who left is decided as PENDING, so that they
            come back by answering (section 12).
        topics: choices of single topics by name; a ``TopicChoice``, or a ``TopicActivity``
            that says when and by whom (section 8).

    Raises:
        InvalidConsent: the evidence that the state needs is missing, or a value is of the wrong
            type (contract, section 3, rules 5 and 6).
    """

    details: Identifier
    state: ConsentState | None = None
    last_confirmation_activity: ConfirmationActivity | None = None
    last_revoke_activity: RevokeActivity | None = None
    extended_fields: ExtendedFields = field(
        default=NO_FIELDS, converter=as_extended_fields, repr=False
    )
    dated_at_receipt: bool = False
    asks_who_left: bool = False
    topics: TopicChoices = field(default=NO_CHOICES, converter=as_choices)

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
        dated = evolve(
            self, last_confirmation_activity=confirmation, last_revoke_activity=revocation
        )
        topics = self.topics.dated_at(moment, dated.own_date or moment)
        return dated if topics is self.topics else evolve(dated, topics=topics)

    @property
    def own_date(self) -> datetime | None:
        """The date of the evidence of the requested state, if it has one."""
        proof = self.state and PROOF[self.state]
        is_yes = proof is ConfirmationActivity
        evidence = self.last_confirmation_activity if is_yes else self.last_revoke_activity
        return evidence.updated_date if proof and evidence else None

    def as_question(self) -> Self:
        """A CONFIRMED as PENDING, for the person to confirm it first; any other state as it is."""
        confirmation = self.last_confirmation_activity
        if self.state is not ConsentState.CONFIRMED or confirmation is None:
            return self
        return evolve(
            self, state=ConsentState.PENDING, last_confirmation_activity=confirmation.doubly()
        )

    def _check_evidence(self) -> None:
        if self.state is None:
            stated = self.last_confirmation_activity or self.last_revoke_activity
            refuse("", state=STATE_NEEDED if stated else None if self.topics else nothing_asked())
            return
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
