"""A receipt tells which topics were chosen and left (contract, section 8)."""

import pytest

from consent_core import (
    Actor,
    InvalidConsent,
    Policy,
    TopicActivity,
    TopicChoice,
    TopicDefault,
    Upsert,
    consent_receipt,
    receipt_page,
)
from tests.application.support import ADA, NOW, at, confirm
from tests.wire.serving import Site, day

POLICY = Policy(topics={"offers": TopicDefault.OPT_OUT})
IN, OUT = TopicChoice.IN, TopicChoice.OUT


@pytest.fixture
def site() -> Site:
    """Ada joined the offers by a list, left them, and came back herself."""
    site = Site(policy=POLICY)
    site.service.upsert(confirm(ADA, 3))
    for activity in (
        TopicActivity(IN, at(4), Actor.IMPORT),
        TopicActivity(OUT, at(5)),
        TopicActivity(IN, at(6), Actor.SUBJECT),
    ):
        site.clock.minute += 1
        site.service.upsert(Upsert(details=ADA, topics={"offers": activity}))
    return site


def test_every_choice_is_evidence(site: Site) -> None:
    """In the order in which it was stored, with the topic, the date and who acted."""
    consent = site.service.get_by_identifier(ADA, topic="offers").consent
    assert consent is not None
    receipt = consent_receipt(consent, site.service.history(consent.id), policy=POLICY)
    pieces = receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"][1:]
    assert pieces == [
        {
            "@type": "dpv:ConsentGiven",
            "topic": "offers",
            "dpv:isIndicatedAtTime": day(4),
            "actor": "UNKNOWN_ACTOR",
            "storedDate": day(NOW + 1),
            "revision": "2",
        },
        {
            "@type": "dpv:ConsentWithdrawn",
            "topic": "offers",
            "dpv:isIndicatedAtTime": day(5),
            "actor": "UNKNOWN_ACTOR",
            "storedDate": day(NOW + 2),
            "revision": "3",
        },
        {
            "@type": "dpv:ConsentGiven",
            "topic": "offers",
            "dpv:isIndicatedAtTime": day(6),
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "actor": "SUBJECT",
            "storedDate": day(NOW + 3),
            "revision": "4",
        },
    ]
    assert list(receipt["known"]["marketingConsent"]["topics"]) == ["offers"]
    assert "<dt>Topic</dt><dd>offers</dd>" in receipt_page(receipt)
    alone = consent_receipt(consent, ())["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    assert [each["topic"] for each in alone[1:]] == ["offers"] * 3
    assert "storedDate" not in alone[1]


def test_a_receipt_answers_for_a_topic(site: Site) -> None:
    """Without one, it says whether the person had left no topic."""
    consent = site.service.get_by_identifier(ADA, topic="offers").consent
    assert consent is not None
    history = site.service.history(consent.id)
    for topic in ({}, {"topic": "offers"}):
        for minute, granted in ((NOW + 1, True), (NOW + 2, False), (NOW + 3, True)):
            receipt = consent_receipt(consent, history, policy=POLICY, at=at(minute), **topic)
            assert receipt["known"]["communicationEligibility"]["granted"] is granted
    with pytest.raises(InvalidConsent):
        consent_receipt(consent, history, policy=POLICY, topic="offer")
