"""What a click on a link does (contract, section 6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from consent_core.application.plans import Plan, Rules, commit, history, one, revision_of
from consent_core.application.ports import Change, LinkClaim
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.commands import Upsert
from consent_core.domain.decision import Decision, confirm_by_link, decide
from consent_core.domain.errors import Conflict, Contended, InvalidToken
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    ConsentState,
    LinkType,
    OptInLevel,
    Result,
    RevokeSource,
    TokenRefusal,
    ViolationCode,
)

ONE_CLICK: Final = "List-Unsubscribe"
"""The one field of the form that a mail program posts, with the value ``One-Click`` (RFC 8058, section 3.2)."""


def redeem(claim: LinkClaim, now: datetime, rules: Rules) -> Plan[Decision]:
    """Confirm or revoke the consent of a claim.

    Raises:
        InvalidToken: a confirmation that is not honoured any more.
        ConsentNotFound: the consent was erased.
    """
    for _ in range(rules.attempts):
        before = yield from one(claim.consent_id)
        yield from refuse_overtaken(claim, before)
        decision = _decide(claim, before, now, rules.policy)
        if not decision.events:
            return decision
        try:
            yield from commit(
                [Change(before.details, revision_of(before), decision.consent, decision.events)]
            )
        except Conflict:
            continue
        return decision
    raise Contended(rules.attempts)


def _decide(claim: LinkClaim, before: MarketingConsent, now: datetime, policy: Policy) -> Decision:
    if claim.type is LinkType.CONFIRMATION:
        if _redeemed(claim, before.state, before.last_confirmation_activity):
            return Decision(Result.UNCHANGED, None, before, ())
        return confirm_by_link(before, now=now, policy=policy)
    # Undated, it is dated at receipt; every click is an opt-out of that moment, also where one is
    # stored (law 10).
    revocation = RevokeActivity(source=RevokeSource.REVOKE_LINK)
    request = Upsert(
        details=before.details, state=ConsentState.REVOKED, last_revoke_activity=revocation
    )
    return decide(before, request, now=now, policy=policy)


def _redeemed(
    claim: LinkClaim, state: ConsentState, confirmation: ConfirmationActivity | None
) -> bool:
    """Whether an earlier click, or as good evidence, confirmed since the link was made.

    A second click adds nothing.
    """
    if (
        state is not ConsentState.CONFIRMED
        or confirmation is None
        or confirmation.updated_date is None
    ):
        return False
    doubly = confirmation.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    return doubly and confirmation.updated_date >= claim.requested


def refuse_expired(claim: LinkClaim, now: datetime, policy: Policy) -> None:
    """A confirmation expires; a revocation never does."""
    if (
        claim.type is LinkType.CONFIRMATION
        and now - claim.requested > policy.confirmation_link_lifetime
    ):
        raise InvalidToken(TokenRefusal.EXPIRED)


def refuse_overtaken(claim: LinkClaim, consent: MarketingConsent) -> Plan[None]:
    """An old confirmation link never lifts a revocation, and a spent one never confirms again.

    What happened since the link was made is told by revisions: dates of evidence and clocks of
    servers may disagree about what came first, the history cannot.

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


def require_one_click(form: Mapping[str, str]) -> None:
    """A form that a mail program posts to unsubscribe at once.

    Raises:
        InvalidConsent: it is another form: a page must ask the person first.
    """
    if form.get(ONE_CLICK) != "One-Click":
        raise invalid(
            ONE_CLICK,
            ViolationCode.REQUIRED,
            "must be One-Click: any other form needs a page that asks",
        )
