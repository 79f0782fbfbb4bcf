"""Links that carry topics (contract, sections 6 and 8)."""

import pytest

from consent_core import (
    ANY_TOPIC,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    InvalidConsent,
    KeptReason,
    LinkType,
    OptInLevel,
    Outcome,
    Policy,
    Result,
    TokenRefusal,
    TopicActivity,
    TopicChoice,
    TopicDefault,
    Upsert,
)
from tests.application.support import ADA, at, no, yes
from tests.wire.clicking import CONFIRM, ONE_CLICK, REVOKE, Clicks
from tests.wire.serving import LINKS, Site, token_of

IN, OUT = TopicChoice.IN, TopicChoice.OUT
POLICY = Policy(topics={"offers": TopicDefault.OPT_OUT, "events": TopicDefault.OPT_IN})


@pytest.fixture
def clicks(colour: str) -> Clicks:
    """The clicks on the links of an empty site that declares topics."""
    return Clicks(Site(colour, policy=POLICY))


def asked(clicks: Clicks, *topics: str) -> Outcome:
    """What became of a sign-up that asks for topics."""
    return clicks.site.service.upsert(
        Upsert(
            details=ADA,
            state=ConsentState.PENDING,
            last_confirmation_activity=yes(None),
            topics=dict.fromkeys(topics, IN),
        )
    )


def question(clicks: Clicks, *topics: str) -> str:
    """The token of a sign-up that asks for topics."""
    return token_of(asked(clicks, *topics).link)


def choose(clicks: Clicks, **topics: TopicChoice) -> None:
    """Choices of this moment, by nobody knows whom."""
    clicks.site.service.upsert(Upsert(details=ADA, topics=topics))


def test_confirming_joins_the_topics_that_the_link_names(clicks: Clicks) -> None:
    """Section 8: "stored, by the person, when that is redeemed"; a second click adds nothing."""
    token = question(clicks, "events", "offers")
    preview = clicks.preview(token)
    assert (preview.topics, preview.link) == (("events", "offers"), None)
    assert not preview.consent.topics
    clicks.site.clock.minute += 1
    clicked = clicks.redeem(token)
    assert clicked.consent.state is ConsentState.CONFIRMED
    assert clicked.consent.chosen_topics == {"events", "offers"}
    clicks.site.clock.minute += 1
    again = clicks.redeem(token)
    assert (again.result, again.consent) == (Result.UNCHANGED, clicked.consent)


def test_a_topic_that_was_left_since_is_not_joined(clicks: Clicks) -> None:
    """Section 8: "a topic that got an OUT since the token's revision is not joined"."""
    choose(clicks, events=OUT)
    clicks.site.clock.minute += 1
    token = question(clicks, "events", "offers")
    clicks.site.clock.minute += 1
    choose(clicks, offers=OUT)
    assert clicks.preview(token).topics == ("events",)
    clicked = clicks.redeem(token)
    assert clicked.consent.chosen_topics == {"events"}
    assert clicked.consent.left_topics == {"offers"}


def test_of_two_questions_each_joins_its_topics(clicks: Clicks) -> None:
    """Section 6: "the first of two questions still works"."""
    first = question(clicks, "events")
    clicks.site.clock.minute += 1
    second = question(clicks, "offers")
    clicks.site.clock.minute += 1
    clicks.redeem(first)
    clicks.site.clock.minute += 1
    assert clicks.redeem(second).consent.chosen_topics == {"events", "offers"}


def test_whoever_confirmed_joins_by_the_same_flow(clicks: Clicks) -> None:
    """Section 8: "whoever is CONFIRMED joins another topic by the same flow"."""
    service = clicks.site.service
    service.create(ADA, yes(-10, level=OptInLevel.DOUBLE_CONFIRMATION))
    request = Upsert(
        details=ADA,
        state=ConsentState.PENDING,
        last_confirmation_activity=yes(None),
        topics={"events": IN},
    )
    asked = service.upsert(request)
    assert (asked.kept, asked.result) == (KeptReason.ALREADY_CONFIRMED, Result.UNCHANGED)
    clicks.site.clock.minute += 1
    assert clicks.redeem(token_of(asked.link)).consent.chosen_topics == {"events"}


def test_a_revocation_refuses_the_topics_too(clicks: Clicks) -> None:
    """Section 6: after an opt-out a confirmation is refused for ever."""
    token = question(clicks, "events")
    service = clicks.site.service
    service.upsert(Upsert(details=ADA, state=ConsentState.REVOKED, last_revoke_activity=no(None)))
    assert clicks.refused(token) is TokenRefusal.REVOKED_SINCE
    stale = Upsert(
        details=ADA,
        state=ConsentState.PENDING,
        last_confirmation_activity=yes(-50),
        topics={"events": IN},
    )
    assert service.upsert(stale).link is None


def test_a_link_to_leave_one_topic(clicks: Clicks) -> None:
    """Section 8: "Redeeming it, RFC 8058 one-click included, is an OUT for that topic only"."""
    service = clicks.site.service
    service.create(ADA, yes(-10))
    token = token_of(service.revocation_link(ADA, topic="offers", link_language="de"))
    preview = clicks.preview(token, REVOKE)
    assert (preview.topics, preview.language) == (("offers",), "de")
    assert preview.link is not None
    clicks.site.clock.minute += 1
    left = clicks.one_click(token, ONE_CLICK)
    assert left.consent.state is ConsentState.CONFIRMED
    assert left.consent.left_topics == {"offers"}
    assert left.link is not None
    assert clicks.refused(token, CONFIRM) is TokenRefusal.WRONG_ACTION
    clicks.site.clock.minute += 1
    again = clicks.redeem(token, REVOKE).consent.topics["offers"]
    assert again.out_date == at(clicks.site.clock.minute)
    everything = clicks.redeem(token_of(preview.link), REVOKE)
    assert everything.consent.state is ConsentState.REVOKED


def test_a_click_leaves_what_a_fast_clock_joined(clicks: Clicks) -> None:
    """Section 8: an undated OUT counts "at receipt or at the latest IN, whichever is later"."""
    service = clicks.site.service
    service.upsert(
        Upsert(details=ADA, topics={"offers": TopicActivity(IN, at(clicks.site.clock.minute))})
    )
    token = token_of(service.revocation_link(ADA, topic="offers"))
    clicks.site.clock.minute -= 1
    assert clicks.redeem(token, REVOKE).consent.left_topics == {"offers"}


def test_a_link_of_a_topic_that_is_declared_no_longer_revokes_everything(clicks: Clicks) -> None:
    """Section 8, last rule but one; its preview says so."""
    service = clicks.site.service
    service.create(ADA, yes(-10))
    token = token_of(service.revocation_link(ADA, topic="offers"))
    later = Clicks(Site(clicks.site.colour, clicks.site.repository))
    preview = later.preview(token)
    assert (preview.topics, preview.link) == ((), None)
    assert later.redeem(token, REVOKE).consent.state is ConsentState.REVOKED


def test_the_link_of_an_answer_is_about_the_topic_that_was_asked_about(clicks: Clicks) -> None:
    """The message is about that topic; any other question gets the link for everything."""
    service = clicks.site.service
    service.create(ADA, yes(-10))
    for topic, topics in (("offers", ("offers",)), (ANY_TOPIC, ()), ("NO_TOPIC_LEFT", ())):
        found = service.get_by_identifier(ADA, topic=topic)
        assert LINKS.read(token_of(found.link)).topics == topics


def test_links_are_made_for_records_and_for_people_who_have_one(clicks: Clicks) -> None:
    """A record is not looked up again; a topic that is not declared is a violation."""
    service = clicks.site.service
    with pytest.raises(ConsentNotFound):
        service.revocation_link("ada@example.org")
    record = service.create(ADA, yes(-10)).consent
    link = service.revocation_link(record)
    assert (link.type, LINKS.read(token_of(link)).topics) == (LinkType.REVOKE_CONFIRMATION, ())
    with pytest.raises(InvalidConsent, match="did you mean offers"):
        service.revocation_link(record, topic="offer")
    with pytest.raises(TypeError, match="no links"):
        ConsentService().revocation_link(record)


def test_a_link_is_to_mail_where_a_click_adds_something(clicks: Clicks) -> None:
    """Section 6: CONFIRMED gets a link as well; a mail only if there is something to confirm."""
    service, clock = clicks.site.service, clicks.site.clock
    first = asked(clicks)
    assert first.link_to_mail == first.link is not None
    clock.minute += 1
    assert clicks.redeem(token_of(first.link)).link_to_mail is None
    for topics in ([], ["events"], []):
        again = asked(clicks, *topics)
        assert (again.kept, again.asked_topics) == (KeptReason.ALREADY_CONFIRMED, tuple(topics))
        assert again.link_to_mail == (again.link if topics else None)
        assert again.link is not None
        clicks.redeem(token_of(again.link))
        clock.minute += 1
    # The topic was joined by the click: asked once more, it is named and nothing new.
    assert asked(clicks, "events").asked_topics == ("events",)
    assert asked(clicks, "events").link_to_mail is None
    choose(clicks, events=OUT)
    clock.minute += 1
    assert asked(clicks, "events").link_to_mail is not None
    assert service.opt_out(ADA).link_to_mail is None
    clock.minute += 1
    assert asked(clicks).link_to_mail is not None


def test_whoever_confirmed_singly_is_mailed(clicks: Clicks) -> None:
    """Section 6: they "can confirm again", and their double opt-in is what a click adds."""
    clicks.site.service.opt_in(ADA)
    clicks.site.clock.minute += 1
    outcome = asked(clicks)
    assert outcome.link_to_mail is not None
    clicks.site.clock.minute += 1
    clicks.redeem(token_of(outcome.link))
    assert asked(clicks).link_to_mail is None
