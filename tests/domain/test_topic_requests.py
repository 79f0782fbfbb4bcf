"""Which choices of topics a request may bring (contract, section 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.decision import decide
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.requests import Upsert
from consent_core.domain.topics import (
    NO_CHOICES,
    NO_TOPICS,
    TopicActivity,
    TopicChoices,
    TopicEvidence,
    Topics,
    as_choices,
)
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    Actor,
    ConsentState,
    Result,
    ViolationCode,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    ID,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    UNKNOWN,
    at,
    one,
    record,
    violations_of,
    yes,
)
from tests.domain.topics import (
    IN,
    OUT,
    SUBJECT,
    TOPICS,
    after,
    choice,
    choose,
    dates_of,
    remembered,
)


def test_an_in_needs_a_declared_topic_and_an_out_none() -> None:
    """Section 8: a violation "that names the nearest declared one; an OUT never is"."""
    with pytest.raises(InvalidConsent) as caught:
        one(None, choose({"ofers": choice(IN), "18005550100": choice(IN)}), policy=TOPICS)
    assert violations_of(caught) == [
        ("topics.?", ViolationCode.UNKNOWN_VALUE),
        ("topics.ofers", ViolationCode.UNKNOWN_VALUE),
    ]
    assert "did you mean offers?" in str(caught.value)
    with pytest.raises(InvalidConsent, match="it declares none"):
        one(None, choose({"offers": choice(IN)}), policy=Policy())
    assert after(None, choose({"gone": choice(OUT)}), policy=Policy()).left_topics == {"gone"}


def test_all_that_is_wrong_is_told_with_the_topics() -> None:
    """Section 3: "All violations of one request are reported together"."""
    held = after(None, choose({"events": choice(IN, 10, SUBJECT)}))
    request = Upsert(
        details=ADA,
        state=CONFIRMED,
        last_confirmation_activity=yes(1006),
        topics={"events": choice(IN, 10, SUBJECT), "gone": OUT, "ofers": IN, "wrong": IN},
    )
    with pytest.raises(InvalidConsent) as caught:
        one(held, request, policy=TOPICS)
    assert violations_of(caught) == [
        ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE),
        ("topics.ofers", ViolationCode.UNKNOWN_VALUE),
        ("topics.wrong", ViolationCode.UNKNOWN_VALUE),
    ]


def test_what_is_declared_no_longer_is_kept_and_can_be_sent_back() -> None:
    """Section 8: "kept and ignored, and count again when the topic comes back"."""
    consent = after(None, choose({"events": choice(IN, 10, SUBJECT)}))
    back = Upsert(details=ADA, state=UNKNOWN, topics=consent.topics)
    assert one(consent, back, policy=Policy()).result is Result.UNCHANGED
    other = choose({"events": choice(IN, 11, SUBJECT)})
    with pytest.raises(InvalidConsent):
        one(consent, other, policy=Policy())


@given(remembered, st.sampled_from(ConsentState))
def test_what_was_read_can_be_sent_back(topics: Topics, state: ConsentState) -> None:
    """Law 9, whatever a record remembers."""
    evidence = {PENDING: (20, None), CONFIRMED: (20, None), REVOKED: (None, 20)}
    consent = record(state, *evidence.get(state, (None, None)), topics=topics)
    back = Upsert(
        details=ADA,
        state=state,
        last_confirmation_activity=consent.last_confirmation_activity,
        last_revoke_activity=consent.last_revoke_activity,
        topics=topics,
    )
    for policy in (TOPICS, Policy(), Policy.strict()):
        outcome = decide(consent, back, now=NOW, policy=policy, new_id=ID)
        assert (outcome.result, outcome.asked_topics) == (Result.UNCHANGED, ())


def test_no_in_is_dated_ahead_of_receipt() -> None:
    """Section 3, rule 7: "A grant (or a topic's IN) dated further in the future"."""
    ahead = {"events": choice(IN, 1006)}
    for state in (None, NEVER):
        with pytest.raises(InvalidConsent) as caught:
            one(None, choose(ahead, state), policy=TOPICS)
        assert violations_of(caught) == [
            ("topics.events.updatedDate", ViolationCode.DATE_IN_FUTURE)
        ]
        said = caught.value.violations[0].description
        assert said == "must not be more than 0:05:00 ahead of now"
    assert after(None, choose({"events": choice(IN, 1005)})).chosen_topics == {"events"}
    opted_out = one(None, choose(ahead, REVOKED), policy=TOPICS)
    assert dates_of(opted_out.consent, "events") == (None, None, 1000)
    assert opted_out.consent.chosen_topics == {"events"}


def test_a_record_holds_so_many_topics_that_nobody_declares() -> None:
    """Section 3, rule 9: hostile input stays cheap; what is declared is left all the same."""
    consent = None
    for half in ("a", "b"):
        outs = {f"{half}{number}": choice(OUT, 5) for number in range(100)}
        consent = after(consent, choose(outs))
    with pytest.raises(InvalidConsent) as caught:
        one(consent, choose({"more": choice(OUT)}), policy=TOPICS)
    assert violations_of(caught) == [("topics.more", ViolationCode.TOO_LARGE)]
    said = caught.value.violations[0].description
    assert said == "is one too many: a record holds at most 200 topics"
    again = after(consent, choose({"offers": choice(OUT), "a1": choice(OUT)}))
    assert len(again.topics) == 201
    with pytest.raises(InvalidConsent) as caught:
        choose({f"t{number}": choice(OUT) for number in range(101)})
    assert violations_of(caught) == [("topics", ViolationCode.TOO_LARGE)]


def test_an_update_chooses_without_a_state() -> None:
    """Section 8: "A request may carry choices alone, without a state (update and upsert)"."""
    question = record(PENDING, 500)
    update = Update(id=ID, topics={"events": choice(IN)}, extended_fields={"crm": {"a": 1}})
    outcome = decide(question, update, now=NOW, policy=TOPICS)
    assert (outcome.consent.state, outcome.kept) == (PENDING, None)
    assert dates_of(outcome.consent, "events") == (None, None, 1000)
    assert outcome.consent.extended_fields
    evidence = Update(id=ID, last_confirmation_activity=yes(600), topics={"events": choice(IN)})
    asked = decide(question, evidence, now=NOW, policy=TOPICS)
    assert (asked.asked_topics, asked.consent.topics) == (("events",), NO_TOPICS)
    corrected = Update(
        id=ID,
        last_confirmation_activity=yes(None, text="by phone"),
        confirmation_fields=frozenset({"description"}),
        topics={"offers": choice(OUT, 7)},
    )
    both = decide(question, corrected, now=NOW, policy=TOPICS).consent
    assert both.last_confirmation_activity == yes(500, text="by phone")
    assert dates_of(both, "offers") == (7, None, None)


def test_a_request_asks_for_something() -> None:
    """Section 2: an upsert requires `state`; section 8: or choices."""
    with pytest.raises(InvalidConsent) as caught:
        Upsert(details=ADA)
    assert violations_of(caught) == [("state", ViolationCode.REQUIRED)]
    with pytest.raises(InvalidConsent) as caught:
        Upsert(details=ADA, last_confirmation_activity=yes(1), topics={"offers": OUT})
    assert violations_of(caught) == [("state", ViolationCode.STATE_REQUIRED)]


def test_an_undated_in_takes_the_date_of_the_request_s_own_evidence() -> None:
    """Section 8: "else of receipt"; the confirmation beside NEVER_CONFIRMED proves nothing."""
    for state, minute in ((CONFIRMED, 5), (NEVER, 1000)):
        request = Upsert(
            details=ADA,
            state=state,
            last_confirmation_activity=yes(5),
            topics={"events": IN},
        )
        outcome = one(None, request, policy=TOPICS)
        assert dates_of(outcome.consent, "events") == (None, None, minute)
        # Only a PENDING asks.
        assert outcome.asked_topics == ()


def test_a_dated_request_dates_its_choices() -> None:
    """Section 4.2: "whoever may retry dates it before the first attempt"."""
    undated = choose({"events": choice(IN), "offers": choice(OUT)}, CONFIRMED)
    dated = undated.dated_at(at(200)).topics
    assert [dated["events"].updated_date, dated["offers"].updated_date] == [at(100), at(200)]
    alone = choose({"events": choice(IN), "offers": choice(OUT, 3)}).dated_at(at(200)).topics
    assert [alone["events"].updated_date, alone["offers"].updated_date] == [at(200), at(3)]
    assert choose({"offers": choice(OUT, 3)}).dated_at(at(1)).topics["offers"].updated_date == at(3)


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"Offers": IN}, "topics", ViolationCode.NOT_ALLOWED),
        ({"": IN}, "topics", ViolationCode.NOT_ALLOWED),
        ({"x" * 65: IN}, "topics", ViolationCode.NOT_ALLOWED),
        ({7: IN}, "topics", ViolationCode.NOT_ALLOWED),
        ({"offers": "MAYBE"}, "topics.offers.choice", ViolationCode.UNKNOWN_VALUE),
        ({"offers": 3}, "topics", ViolationCode.WRONG_TYPE),
        ("offers", "topics", ViolationCode.WRONG_TYPE),
    ],
)
def test_wrong_choices_are_refused(wrong: object, path: str, code: ViolationCode) -> None:
    """Section 8: "1-64 characters of `a-z 0-9 . _ -`"."""
    with pytest.raises(InvalidConsent) as caught:
        Upsert(details=ADA, topics=wrong)  # type: ignore[arg-type]
    assert violations_of(caught) == [(path, code)]


def test_the_mappings_are_values() -> None:
    """They are immutable, compared by content, and hold what they were given in one order."""
    words = as_choices({"b": "IN", "a": OUT})
    assert list(words) == ["a", "b"]
    assert as_choices(words) is words
    assert as_choices(None) is NO_CHOICES
    assert words == TopicChoices({"a": TopicActivity(OUT), "b": TopicActivity(IN)})
    assert hash(words) == hash(TopicChoices(dict(words))) != hash(NO_CHOICES)
    assert words != dict(words)
    assert "TopicChoices" in repr(words)
    with pytest.raises(AttributeError):
        words.extra = 1
    with pytest.raises(InvalidConsent, match="must be a mapping of names to TopicEvidence"):
        Topics({"a": TopicActivity(IN)})  # type: ignore[dict-item]
    evidence = TopicEvidence(choice=IN, updated_date=at(1), actor=Actor.OPERATOR)
    assert (evidence.actor, evidence.in_date) == (Actor.UNKNOWN_ACTOR, at(1))
