"""What a click on a link does (contract, section 6)."""

from datetime import datetime

from consent_core.application.plans import Plan, Rules, settle
from consent_core.application.ports import LinkClaim
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.decision import Decision, decide
from consent_core.domain.errors import ConsentNotFound, InvalidToken
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    LinkType,
    OptInLevel,
    Result,
    RevokeSource,
    TokenRefusal,
)


def redeem(claim: LinkClaim, now: datetime, rules: Rules) -> Plan[Decision]:
    """Confirm or revoke the consent of a claim; where that is done already, nothing changes.

    Raises:
        InvalidToken: a confirmation whose consent was revoked since.
        ConsentNotFound: the consent was erased.
    """

    def judge(before: MarketingConsent | None) -> Decision:
        if before is None:
            raise ConsentNotFound(claim.consent_id)
        refuse_revoked_since(claim, before)
        if _done(claim, before):
            return Decision(Result.UNCHANGED, None, before, ())
        return decide(before, _request(claim, before), now=now, policy=rules.policy)

    return (yield from settle(claim.consent_id, judge, rules))


def refuse_expired(claim: LinkClaim, now: datetime, policy: Policy) -> None:
    """A confirmation expires; a revocation never does."""
    if claim.type is LinkType.CONFIRMATION and now - claim.requested > policy.confirmation_link_lifetime:
        raise InvalidToken(TokenRefusal.EXPIRED)


def refuse_revoked_since(claim: LinkClaim, consent: MarketingConsent) -> None:
    """An old link never lifts a revocation: not while it stands, nor after the person has signed up anew."""
    if claim.type is not LinkType.CONFIRMATION:
        return
    revoked = consent.revoked_date
    if consent.state is ConsentState.REVOKED or (revoked is not None and revoked >= claim.requested):
        raise InvalidToken(TokenRefusal.REVOKED_SINCE)


def _done(claim: LinkClaim, before: MarketingConsent) -> bool:
    """Whether an earlier click, or as good evidence, did it already; a single confirmation is not as good."""
    if claim.type is LinkType.REVOKE_CONFIRMATION:
        return before.state is ConsentState.REVOKED
    confirmation = before.last_confirmation_activity
    doubly = confirmation is not None and confirmation.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    return before.state is ConsentState.CONFIRMED and doubly


def _request(claim: LinkClaim, before: MarketingConsent) -> Upsert:
    """The click is the evidence, undated: it is dated at receipt."""
    if claim.type is LinkType.CONFIRMATION:
        confirmation = ConfirmationActivity(
            source=ConfirmationSource.LINK_CONFIRMATION, opt_in_level=OptInLevel.DOUBLE_CONFIRMATION
        )
        return Upsert(details=before.details, state=ConsentState.CONFIRMED, last_confirmation_activity=confirmation)
    revocation = RevokeActivity(source=RevokeSource.REVOKE_LINK)
    return Upsert(details=before.details, state=ConsentState.REVOKED, last_revoke_activity=revocation)
