"""May this person be contacted, said in sentences that a support agent can read out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, final

from attrs import frozen

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import checked_moment
from consent_core.domain.eligibility import eligibility
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topic_questions import Asked, asked_topics
from consent_core.domain.topic_words import TopicChoice, TopicQuestion
from consent_core.domain.vocabulary import (
    Actor,
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    Reason,
    Reconsent,
    RevokeSource,
)


@final
@frozen
class Explanation:
    """Whether a person may be contacted, and why. It is true exactly when they may.

    Args:
        reasons: every reason against contact, in order of precedence; empty when there is none.
        sentences: the answer, its evidence, and what would change it. Identifiers are masked, and
            descriptions of evidence, which may hold personal data, are left out.
    """

    reasons: tuple[Reason | str, ...]
    sentences: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether nothing speaks against contact."""
        return not self.reasons

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def explain(
    consent: MarketingConsent | None,
    *,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    tombstone: Tombstone | None = None,
    topic: str | None = None,
) -> Explanation:
    """Say whether the person may be contacted, why, since when, and what would change it.

    Args:
        consent: the record, or None where there is none.
        now: the moment that is asked about, with an offset.
        policy: the choices of the deployment.
        tombstone: what an erasure has left, where there is no record.
        topic: as in ``eligibility``.

    Raises:
        InvalidConsent: the moment has no offset, or the topic is missing or unknown.
    """
    now = checked_moment(now)
    signal = eligibility(consent, now=now, policy=policy, topic=topic, tombstone=tombstone)
    asked = asked_topics(topic, policy.topics)
    may = "may" if signal else "may not"
    if consent is None:
        if tombstone is not None and tombstone.revoked_date is not None:
            return Explanation(signal.reasons, (*_remembered(tombstone, tombstone.revoked_date),))
        first = "This person may not be contacted: there is no consent."
        return Explanation(signal.reasons, (first, _REMEDIES[Reason.NO_CONSENT]))
    how = _CHANNELS[consent.details.channel]
    about = "" if asked is None else f" {_ABOUT.get(asked.question, f'about {asked.question}')}"
    sentences = [f"{consent.details} {may} be contacted {how}{about}.", *_evidence(consent)]
    sentences += _topic_evidence(consent, asked)
    for reason in signal.reasons:
        sentences.extend(_against(reason, consent, policy))
    if signal:
        sentences.append("An opt-out by the person ends that at once.")
    return Explanation(signal.reasons, tuple(sentences))


_CHANNELS: Final[Mapping[Channel, str]] = MappingProxyType(
    {Channel.EMAIL: "by e-mail", Channel.PHONE: "by text message or call"}
)

_ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        TopicQuestion.ANY_TOPIC: "about any topic",
        TopicQuestion.NO_TOPIC_LEFT: "without regard to a topic",
    }
)

_SOURCES: Final[Mapping[ConfirmationSource | RevokeSource, str]] = MappingProxyType(
    {
        ConfirmationSource.IN_PERSON: " in person",
        ConfirmationSource.FORM: " in a form",
        ConfirmationSource.LINK_CONFIRMATION: " by the link in a message",
        ConfirmationSource.EMAIL_SERVICE: " in another e-mail service",
        ConfirmationSource.WIX_USERS: " in a Wix account",
        RevokeSource.REVOKE_LINK: " by the link in a message",
    }
)

_ACTORS: Final[Mapping[Actor, str]] = MappingProxyType(
    {
        Actor.UNKNOWN_ACTOR: "",
        Actor.SUBJECT: ", by the person",
        Actor.OPERATOR: ", entered by the company",
        Actor.IMPORT: ", taken over from a list",
        Actor.PROVIDER: ", reported by a mailbox provider or carrier",
    }
)

_STATES: Final[Mapping[ConsentState, str]] = MappingProxyType(
    {
        ConsentState.UNKNOWN_STATE: "It is not known whether the person consents.",
        ConsentState.NEVER_CONFIRMED: "The person never consented.",
    }
)


def _evidence(consent: MarketingConsent) -> Iterator[str]:
    """What is known of the person's will, the state first."""
    # No record is PENDING or CONFIRMED without its confirmation.
    yes: Any = consent.last_confirmation_activity
    no = consent.last_revoke_activity
    if consent.state in _STATES:
        yield _STATES[consent.state]
    elif consent.state is ConsentState.PENDING:
        yield f"The person was asked to confirm{_when(yes)}, and has not answered yet."
    elif consent.state is ConsentState.CONFIRMED:
        yield f"Consent was given{_when(yes)}."
        if yes.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION:
            yield "It was a double opt-in."
    if no is not None:
        before = "Before that, the" if consent.state is not ConsentState.REVOKED else "The"
        yield f"{before} consent was revoked{_when(no)}."


def _remembered(tombstone: Tombstone, revoked: datetime) -> Iterator[str]:
    """What is left of an erased person."""
    yield "This person may not be contacted."
    yield "The person was erased, and the opt-out is remembered."
    yield f"The consent was revoked {_on(revoked)}{_ACTORS[tombstone.revoked_by]}."
    yield "A new double opt-in by the person would change it."


def _topic_evidence(consent: MarketingConsent, asked: Asked | None) -> Iterator[str]:
    """What the person wants of the topics that are asked about."""
    for name in () if asked is None else asked.topics:
        topic = consent.topics.get(name)
        if topic is None:
            continue
        if topic.choice is TopicChoice.OUT:
            yield f"The topic {name} was left {_on(topic.updated_date)}."
        else:
            yield f"The topic {name} was chosen {_on(topic.updated_date)}{_ACTORS[topic.actor]}."


def _when(activity: ConfirmationActivity | RevokeActivity) -> str:
    """When, where and by whom: ``on 2026-01-31 at 12:00 UTC in a form, by the person``."""
    # Evidence that is stored has a date.
    moment: Any = activity.updated_date
    return f" {_on(moment)}{_SOURCES.get(activity.source, '')}{_ACTORS[activity.acted_by]}"


def _on(moment: datetime) -> str:
    return f"on {moment:%Y-%m-%d} at {moment:%H:%M} UTC"


_REMEDIES: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NO_CONSENT: "The person has to consent first.",
        Reason.UNKNOWN_STATE: "The person has to consent first.",
        Reason.NEVER_CONFIRMED: "The person has to consent first.",
        Reason.PENDING_CONFIRMATION: "The person has to click the link in the message.",
        Reason.DOUBLE_CONFIRMATION_REQUIRED: "The person has to confirm by double opt-in.",
        Reason.EXPIRED: "The consent is too old. The person has to be asked again.",
        Reason.TOPIC_LEFT: "Only the person can come back to a topic that was left.",
        Reason.TOPIC_NOT_CHOSEN: "The topic is for those who chose it, since they last consented.",
        Reason.UNREACHABLE: "A delivered message, or a click on a confirmation link, changes that.",
    }
)
"""What would change each reason."""

_WAYS_BACK: Final[Mapping[Reconsent, str]] = MappingProxyType(
    {
        Reconsent.FRESH_EVIDENCE: "A consent that the person gives after that would change it.",
        Reconsent.DOUBLE_OPT_IN: "Only a new double opt-in would change it.",
        Reconsent.BY_SUBJECT: "Only a consent that the person gives after that would change it; "
        "nobody else can give it for them.",
    }
)
"""What lifts a revocation, by policy."""


def _against(reason: Reason | str, consent: MarketingConsent, policy: Policy) -> Iterator[str]:
    """A reason that its evidence does not say by itself, and what would change it."""
    if reason is Reason.REVOKED:
        yield _WAYS_BACK[policy.on(consent.details.channel).reconsent]
        return
    if reason is Reason.UNREACHABLE and consent.delivery is not None:
        code = f" ({consent.delivery.last_code})" if consent.delivery.last_code else ""
        yield f"Messages do not arrive; the last one bounced {_on(consent.delivery.since)}{code}."
    if isinstance(reason, Reason):
        yield _REMEDIES[reason]
    else:
        texts = {rule.reason: rule.text or rule.reason for rule in policy.rules}
        yield f"A rule of the company speaks against it: {texts[reason]}"
