"""May this person be contacted, and if not, why (contract, section 5)."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from attrs import evolve, field, frozen

from consent_core.domain.checks import checked_moment
from consent_core.domain.model import Link, MarketingConsent
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.vocabulary import Channel, ConsentState, OptInLevel, Reason


@frozen
class CommunicationEligibility:
    """A signal whether a person may be contacted; the caller decides. It is true exactly when granted.

    Args:
        reasons: everything that forbids it, the weightiest first; empty when nothing does.
        revoke_confirmation_link: where the person can take the consent back.
    """

    reasons: tuple[Reason, ...] = ()
    revoke_confirmation_link: Link | None = field(default=None, kw_only=True)

    @property
    def granted(self) -> bool:
        """Whether nothing forbids it."""
        return not self.reasons

    def __bool__(self) -> bool:
        """As ``granted``: every object is true unless it says otherwise, and ``if`` would let everybody pass."""
        return self.granted

    @property
    def reason(self) -> str:
        """The weightiest reason as text for a person; empty when granted."""
        return TEXTS[self.reasons[0]] if self.reasons else ""

    def with_link(self, link: Link | None) -> "CommunicationEligibility":
        """The same signal, with a link to take the consent back."""
        return evolve(self, revoke_confirmation_link=link)


def eligibility(
    consent: MarketingConsent | None, *, now: datetime, policy: Policy = DEFAULT_POLICY
) -> CommunicationEligibility:
    """Whether the person may be contacted now, with every reason against it.

    Args:
        consent: the record, or None where there is none.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.

    Raises:
        InvalidConsent: the moment has no offset, and the policy limits the lifetime of confirmations.
    """
    if consent is None:
        return _NO_CONSENT
    reasons = []
    revoked = consent.state is ConsentState.NEVER_CONFIRMED and consent.last_revoke_activity is not None
    if revoked:
        # Whoever left and was then set to NEVER_CONFIRMED, as by a synchronisation, has left all the same.
        reasons.append(Reason.REVOKED)
    if consent.state not in granted_states(consent.details.channel, policy):
        reasons.append(_AGAINST[consent.state])
    if policy.minimum_opt_in_level is not OptInLevel.UNKNOWN_OPT_IN_LEVEL and not consent.doubly_confirmed:
        reasons.append(Reason.DOUBLE_CONFIRMATION_REQUIRED)
    if policy.confirmation_lifetime is not None:
        confirmed, expired = consent.confirmed_date, expired_by(checked_moment(now), policy.confirmation_lifetime)
        if confirmed is not None and confirmed <= expired:
            reasons.append(Reason.EXPIRED)
    return CommunicationEligibility(tuple(reasons)) if reasons else _GRANTED


@frozen
class Audience:
    """What a record must be like at one moment to be granted: ``eligibility`` as a filter for stores.

    Args:
        channel: how the person is reached.
        states: one of these; NEVER_CONFIRMED only where the revocation slot is empty.
        doubly_confirmed: whether a double opt-in after the last revocation is needed.
        confirmed_after: the confirmation slot is empty or dated after this; None asks for none.
    """

    channel: Channel
    states: frozenset[ConsentState]
    doubly_confirmed: bool
    confirmed_after: datetime | None

    def includes(self, consent: MarketingConsent) -> bool:
        """Whether a record belongs to the audience."""
        confirmed = consent.confirmed_date
        return (
            consent.details.channel is self.channel
            and consent.state in self.states
            and (consent.state is not ConsentState.NEVER_CONFIRMED or consent.last_revoke_activity is None)
            and (consent.doubly_confirmed or not self.doubly_confirmed)
            and (self.confirmed_after is None or confirmed is None or confirmed > self.confirmed_after)
        )


def audience(channel: Channel, *, now: datetime, policy: Policy = DEFAULT_POLICY) -> Audience:
    """The audience of a channel: exactly the records that ``eligibility`` grants at that moment.

    Args:
        channel: how the people are to be reached.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.
    """
    level, lifetime = policy.minimum_opt_in_level, policy.confirmation_lifetime
    return Audience(
        channel,
        granted_states(channel, policy),
        level is not OptInLevel.UNKNOWN_OPT_IN_LEVEL,
        None if lifetime is None else expired_by(checked_moment(now), lifetime),
    )


def granted_states(channel: Channel, policy: Policy) -> frozenset[ConsentState]:
    """The states that may be contacted on a channel."""
    return _ALSO_NEVER_CONFIRMED if channel in policy.never_confirmed_granted else _ONLY_CONFIRMED


def expired_by(now: datetime, lifetime: timedelta) -> datetime:
    """The date of the youngest confirmation that has expired by now."""
    try:
        return now - lifetime
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


_ONLY_CONFIRMED: Final = frozenset({ConsentState.CONFIRMED})
_ALSO_NEVER_CONFIRMED: Final = frozenset({ConsentState.CONFIRMED, ConsentState.NEVER_CONFIRMED})

_AGAINST: Final = MappingProxyType(
    {
        ConsentState.REVOKED: Reason.REVOKED,
        ConsentState.UNKNOWN_STATE: Reason.UNKNOWN_STATE,
        ConsentState.NEVER_CONFIRMED: Reason.NEVER_CONFIRMED,
        ConsentState.PENDING: Reason.PENDING_CONFIRMATION,
    }
)

TEXTS: Final = MappingProxyType(
    {
        Reason.NO_CONSENT: "There is no consent for this person.",
        Reason.REVOKED: "The person took the consent back.",
        Reason.UNKNOWN_STATE: "It is not known whether the person consents.",
        Reason.NEVER_CONFIRMED: "The person never consented.",
        Reason.PENDING_CONFIRMATION: "The person has not confirmed yet.",
        Reason.DOUBLE_CONFIRMATION_REQUIRED: "The person has not confirmed by double opt-in.",
        Reason.EXPIRED: "The consent is too old: the person has to be asked again.",
    }
)
"""What each reason says to a person."""

_GRANTED: Final = CommunicationEligibility()
_NO_CONSENT: Final = CommunicationEligibility((Reason.NO_CONSENT,))
