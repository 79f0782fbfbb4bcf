"""Which link belongs to an answer (contract, sections 6 and 8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from consent_core.application.outcomes import LinkPreview
from consent_core.application.plans import Plan, find
from consent_core.application.ports import LinkIssuer, LinkToken
from consent_core.domain.errors import ConsentNotFound
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.topic_questions import unknown_topic
from consent_core.domain.topic_words import TopicDefault
from consent_core.domain.vocabulary import ConsentState, KeptReason, LinkType

_REVOKE: Final = LinkType.REVOKE_CONFIRMATION


def with_link(
    outcome: Outcome, links: LinkIssuer | None, now: datetime, language: str | None
) -> Outcome:
    """The outcome with the link that belongs to it."""
    if links is None or outcome.record is None:
        return outcome
    consent, kept, topics = outcome.consent, outcome.kept, outcome.asked_topics
    is_asked = consent.state is ConsentState.PENDING and kept is None
    if is_asked or kept is KeptReason.ALREADY_CONFIRMED:
        # Whoever confirmed already, but singly or long ago, can confirm again.
        link_type = LinkType.CONFIRMATION
    elif consent.state is ConsentState.CONFIRMED:
        # A question that was not taken is asked of nobody.
        link_type, topics = _REVOKE, ()
    else:
        return outcome
    link = links.issue(link_type, consent, now=now, language=language, topics=topics)
    return outcome._replace(link=link)


def preview_of(
    token: LinkToken, consent: MarketingConsent, links: LinkIssuer, now: datetime
) -> LinkPreview:
    """What a link would do; beside leaving one topic, a link to revoke everything."""
    link = None
    if token.type is _REVOKE and token.topics:
        link = links.issue(_REVOKE, consent, now=now, language=token.language)
    return LinkPreview(token.type, consent, token.language, token.topics, link)


def revocation_link(
    who: MarketingConsent | Identifier | str,
    links: LinkIssuer,
    now: datetime,
    language: str | None,
    topic: str | None,
    declared: Mapping[str, TopicDefault],
) -> Plan[Link]:
    """A link to leave one topic, or to revoke everything."""
    if topic is not None and topic not in declared:
        raise unknown_topic(topic, declared)
    if not isinstance(who, MarketingConsent):
        identifier = identifier_of(who)
        found = yield from find([identifier])
        if identifier not in found:
            raise ConsentNotFound(identifier)
        consent: MarketingConsent = found[identifier]
    else:
        consent = who
    topics = () if topic is None else (topic,)
    return links.issue(_REVOKE, consent, now=now, language=language, topics=topics)
