"""Whether a link is honoured, and what it does (contract, section 6)."""

from datetime import datetime

from consent_core.application.plans import Plan, history
from consent_core.application.ports import LinkToken
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.decision import confirm_by_link, decide
from consent_core.domain.errors import InvalidToken
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicActivity, Topics
from consent_core.domain.vocabulary import (
    Actor,
    ConsentState,
    LinkType,
    OptInLevel,
    RevokeSource,
    TokenRefusal,
)


def decide_token(
    token: LinkToken, before: MarketingConsent, now: datetime, policy: Policy
) -> Outcome:
    """Confirm or revoke a consent as the token of an honoured link says.

    Args:
        token: what the link says.
        before: the stored record.
        now: the moment of the click.
        policy: the choices of the deployment.
    """
    if token.type is not LinkType.CONFIRMATION and token.topics:
        # Undated, it is dated at receipt, or at the latest IN.
        out = TopicActivity(TopicChoice.OUT, actor=Actor.SUBJECT)
        leaving = Upsert(details=before.details, topics=dict.fromkeys(token.topics, out))
        return decide(before, leaving, now=now, policy=policy)
    if token.type is not LinkType.CONFIRMATION:
        # Undated, it is dated at receipt. Every click is an opt-out of that moment, also where one
        # is stored (law 10).
        revocation = RevokeActivity(source=RevokeSource.REVOKE_LINK)
        request = Upsert(
            details=before.details, state=ConsentState.REVOKED, last_revoke_activity=revocation
        )
        return decide(before, request, now=now, policy=policy)
    slot = before.last_confirmation_activity
    # An earlier click, or evidence as good, may have confirmed since the link was made: then a
    # second click adds nothing, and neither does it for the topics that were joined since.
    is_confirmed = (
        before.state is ConsentState.CONFIRMED
        and slot is not None
        and slot.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        and slot.updated_date is not None
        and slot.updated_date >= token.requested
    )
    topics = [name for name in token.topics if not _was_joined(before, name, token.requested)]
    return confirm_by_link(before, now=now, policy=policy, topics=topics, is_confirmed=is_confirmed)


def _was_joined(consent: MarketingConsent, name: str, requested: datetime) -> bool:
    topic = consent.topics.get(name)
    joined = None if topic is None else topic.subject_in_date
    return joined is not None and joined >= requested and name in consent.chosen_topics


def refuse_expired(token: LinkToken, now: datetime, policy: Policy) -> None:
    """Refuse a confirmation that has expired; a revocation never does.

    Raises:
        InvalidToken: the link is older than ``confirmation_link_lifetime``.
    """
    expires = token.type is LinkType.CONFIRMATION
    if expires and now - token.requested > policy.confirmation_link_lifetime:
        raise InvalidToken(TokenRefusal.EXPIRED)


def still_honoured(token: LinkToken, consent: MarketingConsent, policy: Policy) -> Plan[LinkToken]:
    """What is still honoured of a token; refuses one that was overtaken, or was spent.

    Revisions tell what happened since the link was made. Dates of evidence and clocks of servers
    may disagree about what came first; the history cannot. A topic that was left since is not
    joined. A link to leave a topic revokes everything once the policy declares the topic no longer.

    Args:
        token: what the link says.
        consent: the stored record.
        policy: the choices of the deployment.

    Raises:
        InvalidToken: since the revision that the link was made for, the record was REVOKED or taken
            out of CONFIRMED, or its history is not there to tell.
    """
    if token.type is not LinkType.CONFIRMATION:
        are_declared = policy.topics.keys() >= set(token.topics)
        return token if are_declared else token._replace(topics=())
    records = {consent.revision: consent}
    if token.revision != consent.revision:
        for event in (yield from history(consent.id)):
            if not isinstance(event, ConsentDeleted):
                records[event.sequence] = event.consent
    since = [records.get(revision) for revision in range(token.revision, consent.revision + 1)]
    states = [record and record.state for record in since]
    if not states or None in states:
        raise InvalidToken(TokenRefusal.UNPROVEN)
    if ConsentState.REVOKED in states:
        raise InvalidToken(TokenRefusal.REVOKED_SINCE)
    confirmed = [state is ConsentState.CONFIRMED for state in states]
    if confirmed != sorted(confirmed):
        raise InvalidToken(TokenRefusal.SPENT)
    first = records[token.revision].topics
    left = {
        name for name in token.topics if _left_at(first, name) != _left_at(consent.topics, name)
    }
    return token._replace(topics=tuple(name for name in token.topics if name not in left))


def _left_at(topics: Topics, name: str) -> datetime | None:
    topic = topics.get(name)
    return None if topic is None else topic.out_date
