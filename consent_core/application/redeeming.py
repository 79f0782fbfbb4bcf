"""Whether a link is honoured, and what it does (contract, section 6)."""

from datetime import datetime

from consent_core.application.plans import Plan, history
from consent_core.application.ports import LinkClaim
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.decision import Outcome, confirm_by_link, decide
from consent_core.domain.errors import InvalidToken
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    ConsentState,
    LinkType,
    OptInLevel,
    Result,
    RevokeSource,
    TokenRefusal,
)


def decide_claim(
    claim: LinkClaim, before: MarketingConsent, now: datetime, policy: Policy
) -> Outcome:
    """Confirm or revoke a consent as the claim of an honoured link says.

    Args:
        claim: what the link's token says.
        before: the stored record.
        now: the moment of the click.
        policy: the choices of the deployment.
    """
    if claim.type is not LinkType.CONFIRMATION:
        # Undated, it is dated at receipt. Every click is an opt-out of that moment, also where one
        # is stored (law 10).
        revocation = RevokeActivity(source=RevokeSource.REVOKE_LINK)
        request = Upsert(
            details=before.details, state=ConsentState.REVOKED, last_revoke_activity=revocation
        )
        return decide(before, request, now=now, policy=policy)
    slot = before.last_confirmation_activity
    if (
        before.state is ConsentState.CONFIRMED
        and slot is not None
        and slot.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        and slot.updated_date is not None
        and slot.updated_date >= claim.requested
    ):
        # An earlier click, or evidence as good, confirmed since the link was made: a second click
        # adds nothing.
        return Outcome(Result.UNCHANGED, None, before, ())
    return confirm_by_link(before, now=now, policy=policy)


def refuse_expired(claim: LinkClaim, now: datetime, policy: Policy) -> None:
    """Refuse a confirmation that has expired; a revocation never does.

    Raises:
        InvalidToken: the link is older than ``confirmation_link_lifetime``.
    """
    expires = claim.type is LinkType.CONFIRMATION
    if expires and now - claim.requested > policy.confirmation_link_lifetime:
        raise InvalidToken(TokenRefusal.EXPIRED)


def refuse_overtaken(claim: LinkClaim, consent: MarketingConsent) -> Plan[None]:
    """Refuse a confirmation link that was overtaken by a revocation, or was spent.

    Revisions tell what happened since the link was made. Dates of evidence and clocks of servers
    may disagree about what came first; the history cannot.

    Raises:
        InvalidToken: since the revision that the link was made for, the record was REVOKED or taken
            out of CONFIRMED, or its history is not there to tell.
    """
    if claim.type is not LinkType.CONFIRMATION:
        return
    states = {consent.revision: consent.state}
    if claim.revision != consent.revision:
        for event in (yield from history(consent.id)):
            if not isinstance(event, ConsentDeleted):
                states[event.sequence] = event.consent.state
    since = [states.get(revision) for revision in range(claim.revision, consent.revision + 1)]
    if not since or None in since:
        raise InvalidToken(TokenRefusal.UNPROVEN)
    if ConsentState.REVOKED in since:
        raise InvalidToken(TokenRefusal.REVOKED_SINCE)
    confirmed = [state is ConsentState.CONFIRMED for state in since]
    if confirmed != sorted(confirmed):
        raise InvalidToken(TokenRefusal.SPENT)
