"""May this person be contacted, said in sentences that a support agent can read out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, final

from attrs import frozen

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import checked_moment
from consent_core.domain.eligibility import eligibility
from consent_core.domain.phrases import Phrase, Translate, said
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

    def said(self, translate: Translate) -> tuple[str, ...]:
        """The sentences in another language.

        Args:
            translate: gives a text in that language, such as ``gettext``. The text may have
                placeholders in braces, which stay.
        """
        return tuple(said(sentence, translate) for sentence in self.sentences)


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
    if consent is None:
        if tombstone is not None and tombstone.revoked_date is not None:
            return Explanation(signal.reasons, (*_remembered(tombstone, tombstone.revoked_date),))
        first = Phrase("This person may not be contacted: there is no consent.")
        return Explanation(signal.reasons, (first, Phrase(_REMEDIES[Reason.NO_CONSENT])))
    answer = _CHANNELS[consent.details.channel][bool(signal)]
    sentences: list[str] = [Phrase(answer, who=str(consent.details), about=_about(asked))]
    sentences += _evidence(consent)
    sentences += _topic_evidence(consent, asked)
    for reason in signal.reasons:
        sentences.extend(_against(reason, consent, policy))
    if signal:
        sentences.append(Phrase("An opt-out by the person ends that at once."))
    return Explanation(signal.reasons, tuple(sentences))


_CHANNELS: Final[Mapping[Channel, tuple[str, str]]] = MappingProxyType(
    {
        Channel.EMAIL: (
            "{who} may not be contacted by e-mail{about}.",
            "{who} may be contacted by e-mail{about}.",
        ),
        Channel.PHONE: (
            "{who} may not be contacted by text message or call{about}.",
            "{who} may be contacted by text message or call{about}.",
        ),
    }
)
"""Whole sentences, because languages put a negation in different places."""

_ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        TopicQuestion.ANY_TOPIC: " about any topic",
        TopicQuestion.NO_TOPIC_LEFT: " without regard to a topic",
    }
)


def _about(asked: Asked | None) -> Phrase:
    if asked is None:
        return Phrase("")
    if asked.question in _ABOUT:
        return Phrase(_ABOUT[asked.question])
    return Phrase(" about {topic}", topic=asked.question)


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
        yield Phrase(_STATES[consent.state])
    elif consent.state is ConsentState.PENDING:
        asked = "The person was asked to confirm{when}, and has not answered yet."
        yield Phrase(asked, when=_when(yes))
    elif consent.state is ConsentState.CONFIRMED:
        yield Phrase("Consent was given{when}.", when=_when(yes))
        if yes.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION:
            yield Phrase("It was a double opt-in.")
    if no is None:
        return
    if consent.state is ConsentState.REVOKED:
        yield Phrase("The consent was revoked{when}.", when=_when(no))
    else:
        yield Phrase("Before that, the consent was revoked{when}.", when=_when(no))


def _remembered(tombstone: Tombstone, revoked: datetime) -> Iterator[str]:
    """What is left of an erased person."""
    yield Phrase("This person may not be contacted.")
    yield Phrase("The person was erased, and the opt-out is remembered.")
    when = _when_by(revoked, "", _ACTORS[tombstone.revoked_by])
    yield Phrase("The consent was revoked{when}.", when=when)
    yield Phrase("A new double opt-in by the person would change it.")


def _topic_evidence(consent: MarketingConsent, asked: Asked | None) -> Iterator[str]:
    """What the person wants of the topics that are asked about."""
    for name in () if asked is None else asked.topics:
        topic = consent.topics.get(name)
        if topic is None:
            continue
        if topic.choice is TopicChoice.OUT:
            when = _when_by(topic.updated_date, "", "")
            yield Phrase("The topic {topic} was left{when}.", topic=name, when=when)
        else:
            when = _when_by(topic.updated_date, "", _ACTORS[topic.actor])
            yield Phrase("The topic {topic} was chosen{when}.", topic=name, when=when)


def _when(activity: ConfirmationActivity | RevokeActivity) -> Phrase:
    # Evidence that is stored has a date.
    moment: Any = activity.updated_date
    return _when_by(moment, _SOURCES.get(activity.source, ""), _ACTORS[activity.acted_by])


def _when_by(moment: datetime, source: str, actor: str) -> Phrase:
    """When, where and by whom: ``on 2026-01-31 at 12:00 UTC in a form, by the person``."""
    text = " on {date} at {time} UTC{source}{actor}"
    date, time = f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"
    return Phrase(text, date=date, time=time, source=Phrase(source), actor=Phrase(actor))


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
        yield Phrase(_WAYS_BACK[policy.on(consent.details.channel).reconsent])
        return
    if reason is Reason.UNREACHABLE and consent.delivery is not None:
        code = f" ({consent.delivery.last_code})" if consent.delivery.last_code else ""
        when = _when_by(consent.delivery.since, "", "")
        bounced = "Messages do not arrive; the last one bounced{when}{code}."
        yield Phrase(bounced, when=when, code=code)
    if isinstance(reason, Reason):
        yield Phrase(_REMEDIES[reason])
    else:
        texts = {rule.reason: rule.text or rule.reason for rule in policy.rules}
        yield Phrase("A rule of the company speaks against it: {rule}", rule=texts[reason])
