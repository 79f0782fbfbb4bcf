"""Sentences that a support agent can read out: may we contact this person, and why (not)."""

import pickle
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.conditions import Filter
from consent_core.domain.delivery import Delivery
from consent_core.domain.eligibility import eligibility
from consent_core.domain.explanation import Explanation, explain
from consent_core.domain.identifiers import Email
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator
from consent_core.domain.records import MarketingConsent
from consent_core.domain.rules import Rule
from consent_core.domain.topic_words import TopicChoice, TopicDefault, TopicQuestion
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.vocabulary import (
    Actor,
    Channel,
    ConfirmationSource,
    DeliveryStatus,
    OptInLevel,
    Reconsent,
    RevokeSource,
)
from tests.domain.builders import (
    CONFIRMED,
    LINE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    UNKNOWN,
    at,
    policies,
    record,
    records,
)

FORM = ConfirmationActivity(
    source=ConfirmationSource.FORM, description="I am Ada, mail me", updated_date=at(0)
)
CLICK = ConfirmationActivity(
    source=ConfirmationSource.LINK_CONFIRMATION,
    updated_date=at(0),
    opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
)
STOP = RevokeActivity(source=RevokeSource.OTHER, updated_date=at(60), actor=Actor.PROVIDER)

TOLD: list[tuple[MarketingConsent | None, dict[str, Any], list[str]]] = [
    (
        None,
        {},
        [
            "This person may not be contacted: there is no consent.",
            "The person has to consent first.",
        ],
    ),
    (
        record(CONFIRMED, FORM),
        {},
        [
            "a***@e*** may be contacted by e-mail.",
            "Consent was given on 2026-01-01 at 12:00 UTC in a form.",
            "An opt-out by the person ends that at once.",
        ],
    ),
    (
        record(CONFIRMED, CLICK, details=LINE),
        {"confirmation_lifetime": timedelta(minutes=1)},
        [
            f"{LINE} may not be contacted by text message or call.",
            "Consent was given on 2026-01-01 at 12:00 UTC by the link in a message, by the person.",
            "It was a double opt-in.",
            "The consent is too old. The person has to be asked again.",
        ],
    ),
    (
        record(REVOKED, FORM, STOP),
        {"reconsent": Reconsent.BY_SUBJECT},
        [
            "a***@e*** may not be contacted by e-mail.",
            (
                "The consent was revoked on 2026-01-01 at 13:00 UTC, reported by a mailbox "
                "provider or carrier."
            ),
            (
                "Only a consent that the person gives after that would change it; nobody "
                "else can give it for them."
            ),
        ],
    ),
    (
        record(
            PENDING, CLICK, RevokeActivity(source=RevokeSource.REVOKE_LINK, updated_date=at(-60))
        ),
        {},
        [
            "a***@e*** may not be contacted by e-mail.",
            (
                "The person was asked to confirm on 2026-01-01 at 12:00 UTC by the link in a "
                "message, by the person, and has not answered yet."
            ),
            (
                "Before that, the consent was revoked on 2026-01-01 at 11:00 UTC by the link in a "
                "message, by the person."
            ),
            "The person has to click the link in the message.",
        ],
    ),
    (
        record(
            CONFIRMED,
            FORM,
            delivery=Delivery(
                status=DeliveryStatus.UNREACHABLE, since=at(60), bounces=0, last_code="5.1.1"
            ),
        ),
        {},
        [
            "a***@e*** may not be contacted by e-mail.",
            "Consent was given on 2026-01-01 at 12:00 UTC in a form.",
            "Messages do not arrive; the last one bounced on 2026-01-01 at 13:00 UTC (5.1.1).",
            "A delivered message, or a click on a confirmation link, changes that.",
        ],
    ),
    (
        record(
            CONFIRMED,
            FORM,
            delivery=Delivery(status=DeliveryStatus.UNREACHABLE, since=at(60), bounces=7),
        ),
        {"confirmation_lifetime": timedelta(minutes=1)},
        [
            "a***@e*** may not be contacted by e-mail.",
            "Consent was given on 2026-01-01 at 12:00 UTC in a form.",
            "The consent is too old. The person has to be asked again.",
            "Messages do not arrive; the last one bounced on 2026-01-01 at 13:00 UTC.",
            "A delivered message, or a click on a confirmation link, changes that.",
        ],
    ),
    (
        record(REVOKED, FORM, STOP),
        {"reconsent": {Channel.EMAIL: Reconsent.DOUBLE_OPT_IN}},
        [
            "a***@e*** may not be contacted by e-mail.",
            (
                "The consent was revoked on 2026-01-01 at 13:00 UTC, reported by a mailbox "
                "provider or carrier."
            ),
            "Only a new double opt-in would change it.",
        ],
    ),
    (
        record(NEVER),
        {},
        [
            "a***@e*** may not be contacted by e-mail.",
            "The person never consented.",
            "The person has to consent first.",
        ],
    ),
    (
        record(UNKNOWN),
        {"rules": [Rule("BLOCKED", Filter(ExtendedField("crm", "ok"), Operator.EQ, value=True))]},
        [
            "a***@e*** may not be contacted by e-mail.",
            "It is not known whether the person consents.",
            "The person has to consent first.",
            "A rule of the company speaks against it: BLOCKED",
        ],
    ),
]


@pytest.mark.parametrize(("consent", "choices", "sentences"), TOLD)
def test_what_is_said(
    consent: MarketingConsent | None, choices: dict[str, Any], sentences: list[str]
) -> None:
    """May we contact this person, why (not), since when, by which evidence, what changes it."""
    answer = explain(consent, now=NOW, policy=Policy(**choices))
    assert list(answer.sentences) == sentences
    assert str(answer) == "\n".join(sentences)


@given(records(), policies())
def test_it_says_what_eligibility_says(consent: MarketingConsent, policy: Policy) -> None:
    """One answer, and no personal data in it."""
    answer, signal = (
        explain(consent, now=NOW, policy=policy),
        eligibility(consent, now=NOW, policy=policy),
    )
    assert (bool(answer), answer.reasons) == (bool(signal), signal.reasons)
    assert ("may not" in answer.sentences[0]) is not bool(signal)
    assert consent.details.address not in str(answer)
    for activity in (consent.last_confirmation_activity, consent.last_revoke_activity):
        assert not activity or not activity.description or activity.description not in str(answer)


@given(records(), policies())
def test_it_is_said_in_any_language(consent: MarketingConsent, policy: Policy) -> None:
    """Text by text, its parts likewise; an explanation that was pickled, too."""
    answer = explain(consent, now=NOW, policy=policy)
    assert answer.said(str) == answer.sentences == pickle.loads(pickle.dumps(answer)).said(str)  # noqa: S301  # made here
    asked: list[str] = []

    def translate(text: str) -> str:
        asked.append(text)
        return text.replace("contacted", "kontaktiert").replace("{who}", "{who} (!)")

    assert f"{consent.details} (!) may" in answer.said(translate)[0]
    assert "kontaktiert" in answer.said(translate)[0]
    assert "" not in asked


def test_braces_in_what_is_told_are_no_placeholders() -> None:
    """Neither those of a company's own rule, nor those of an address."""
    rule = Rule("OURS", Filter(ExtendedField("a", "b"), Operator.EQ, value=1), text="see {rule}")
    told = explain(
        evolve(record(CONFIRMED, FORM), details=Email("{ada}@example.org")),
        now=NOW,
        policy=Policy(rules=[rule]),
    )
    assert told.said(str) == told.sentences
    assert told.sentences[-1] == "A rule of the company speaks against it: see {rule}"
    assert pickle.loads(pickle.dumps(told)) == told  # noqa: S301  # made here
    assert Explanation((), ("plain",)).said(str.upper) == ("plain",)


def test_every_topic_that_is_asked_about_is_told() -> None:
    """Also where the record remembers nothing of the first one."""
    left = TopicEvidence(choice=TopicChoice.OUT, updated_date=at(0))
    told = explain(
        record(CONFIRMED, FORM, topics=Topics({"offers": left})),
        now=NOW,
        policy=Policy(topics={"events": TopicDefault.OPT_IN, "offers": TopicDefault.OPT_IN}),
        topic=TopicQuestion.ANY_TOPIC,
    )
    assert "The topic offers was left on 2026-01-01 at 12:00 UTC." in told.sentences
