"""The calls about topics of both services (contract, section 8)."""

import pytest

from consent_core import (
    ANY_TOPIC,
    Actor,
    Channel,
    ConsentState,
    InvalidConsent,
    MemoryRepository,
    Policy,
    Reason,
    Result,
    TopicActivity,
    TopicChoice,
    TopicDefault,
    Upsert,
)
from consent_core.domain.topics import NO_TOPICS
from tests.application.services import MakeService, Service
from tests.application.support import ADA, BOB, NOW, at, confirm

POLICY = Policy(topics={"offers": TopicDefault.OPT_OUT, "events": TopicDefault.OPT_IN})
IN, OUT = TopicChoice.IN, TopicChoice.OUT


@pytest.fixture
def service(make: MakeService) -> Service:
    """A service of a policy with topics."""
    return make(policy=POLICY)


def test_choices_come_with_an_opt_in(service: Service) -> None:
    """Strings are taken; an IN is of the date of the evidence."""
    chosen = service.opt_in(ADA, updated_date=at(NOW - 5), topics={"events": "IN"})
    assert chosen.consent.topics["events"].other_in_date == at(NOW - 5)
    assert service.may_contact(ADA, topic="events")
    assert service.may_contact(ADA, topic=ANY_TOPIC)
    service.opt_in(BOB)
    assert service.may_contact(BOB, topic="events").reasons == (Reason.TOPIC_NOT_CHOSEN,)
    assert [each.details for each in service.audience(Channel.EMAIL, topic="events")] == [ADA]
    assert len([*service.audience(Channel.EMAIL, topic="offers")]) == 2


def test_choices_of_a_question_are_asked(service: Service) -> None:
    """Section 8: they are not stored; the outcome names them for whoever makes links alone."""
    asked = service.request_opt_in(ADA, topics={"events": IN})
    assert (asked.asked_topics, asked.consent.topics) == (("events",), NO_TOPICS)


def test_people_choose_by_themselves(service: Service) -> None:
    """Choices alone, by whom and when; only the person comes back."""
    left = service.choose_topics("ada@example.org", {"offers": "OUT"}, updated_date=at(NOW - 9))
    assert (left.result, left.consent.state) == (Result.CREATED, ConsentState.UNKNOWN_STATE)
    service.opt_in(ADA)
    service.choose_topics(ADA, {"offers": IN})
    assert service.may_contact(ADA, topic="offers").reasons == (Reason.TOPIC_LEFT,)
    assert service.explain(ADA, topic="offers").reasons == (Reason.TOPIC_LEFT,)
    service.choose_topics(ADA, {"offers": IN}, actor="SUBJECT")
    assert service.may_contact(ADA, topic="offers")


def test_all_mistakes_are_named(service: Service) -> None:
    """Several wrong arguments are one error."""
    with pytest.raises(InvalidConsent) as caught:
        service.choose_topics("nobody", {"offers": "MAYBE"})
    assert len(caught.value.violations) == 2
    with pytest.raises(InvalidConsent) as caught:
        service.opt_in("nobody", topics={"offers": "MAYBE"})
    assert [each.path for each in caught.value.violations][1:] == ["topics.offers.choice"]


def test_an_update_takes_choices(service: Service) -> None:
    """As a keyword, like everything else that an update changes."""
    consent = service.upsert(confirm(ADA)).consent
    after = service.update(consent.id, topics={"offers": OUT}).consent
    assert after.left_topics == {"offers"}


def test_whoever_asks_says_which_before_anything_is_read(make: MakeService) -> None:
    """Section 8: an error, also where nobody is known."""
    service = make(policy=POLICY)
    for ask in (service.may_contact, service.get_by_identifier, service.explain):
        with pytest.raises(InvalidConsent, match="is required: one of offers, events"):
            ask(ADA)
    with pytest.raises(InvalidConsent):
        service.audience(Channel.EMAIL)


def test_each_choice_of_a_bulk_is_a_revision(make: MakeService) -> None:
    """Choices are evidence: they are not taken into one revision, as extended fields are."""
    repository = MemoryRepository()
    service = make(repository, policy=POLICY)
    requests = [
        confirm(ADA),
        Upsert(details=ADA, topics={"offers": TopicActivity(OUT, at(1))}),
        Upsert(
            details=ADA,
            topics={"offers": TopicActivity(IN, at(2), Actor.SUBJECT)},
            extended_fields={"crm": {"a": 1}},
        ),
        Upsert(details=ADA, topics={"events": OUT}, extended_fields={"crm": {"a": 2}}),
    ]
    answers = list(service.bulk_upsert(requests))
    assert [answer.error for answer in answers] == [None] * 4
    (consent,) = repository.find([ADA]).values()
    assert consent.revision == 4
    assert consent.left_topics == {"events"}
    assert len(repository.history(consent.id)) == 4
