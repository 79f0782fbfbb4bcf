"""What choices of topics make of a record (contract, section 8)."""

from datetime import timedelta
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.decision import confirm_by_link
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topics import (
    NO_TOPICS,
    TopicActivity,
    TopicEvidence,
)
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    Ordering,
    Result,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    UNKNOWN,
    at,
    confirmed,
    one,
    record,
    records,
    requests,
    revoked,
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
    dated_choices,
    dates_of,
)


@given(st.lists(dated_choices, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(
    choices: list[dict[str, TopicActivity]], random: Random
) -> None:
    """Section 8: "From them follows, in whatever order they arrive"."""
    first = after(None, *map(choose, choices))
    random.shuffle(choices)
    again = after(None, *map(choose, choices))
    assert again.topics == first.topics
    assert again.left_topics == first.left_topics


@given(st.lists(dated_choices, min_size=1, max_size=6))
def test_only_the_person_comes_back(choices: list[dict[str, TopicActivity]]) -> None:
    """Section 8: "left: there is an OUT, and no later IN by the person (on a tie, left)"."""
    consent = after(None, *map(choose, choices))
    for name in ("offers", "events"):
        given_to = [each[name] for each in choices if name in each]
        outs = [each.updated_date or NOW for each in given_to if each.choice is OUT]
        own = [
            each.updated_date or NOW
            for each in given_to
            if each.choice is IN and each.actor is SUBJECT
        ]
        left = bool(outs) and (not own or max(own) <= max(outs))
        assert (name in consent.left_topics) is left
        some = bool(given_to) and not left
        assert (name in consent.chosen_topics) is some


@pytest.mark.parametrize(
    ("revocation", "chosen"), [(9, {"events"}), (10, set()), (11, set())], ids=["9", "10", "11"]
)
def test_what_was_chosen_before_a_revocation_has_to_be_chosen_anew(
    revocation: int, chosen: set[str]
) -> None:
    """Section 8: "the latest IN of either kind is dated after the revocation slot".

    "After a revocation and a new consent, opt-in topics have to be chosen anew, and what was left
    stays left".
    """
    topics = {"events": choice(IN, 10), "offers": choice(OUT, 5)}
    consent = after(None, choose(topics), revoked(revocation), confirmed(20))
    assert consent.state is CONFIRMED
    assert consent.chosen_topics == chosen
    assert consent.left_topics == {"offers"}
    assert after(consent, choose({"events": choice(IN, 12)})).chosen_topics == {"events"}


@given(st.none() | records(), requests(), dated_choices)
def test_neither_state_nor_choice_changes_the_other(
    before: MarketingConsent | None, request: Upsert, topics: dict[str, TopicActivity]
) -> None:
    """Section 8: "A choice never changes the state, and a state never changes a choice"."""
    if before is not None:
        request = evolve(request, details=before.details)
    both = evolve(request, topics=topics)
    try:
        plain = one(before, request, policy=TOPICS)
    except InvalidConsent:
        return
    chosen = one(before, both, policy=TOPICS)
    assert chosen.kept is plain.kept
    assert evolve(chosen.consent, topics=NO_TOPICS, revision=1, updated_date=NOW) == evolve(
        plain.consent, revision=1, updated_date=NOW
    )
    if request.state is not PENDING and before is not None:
        alone = Upsert(details=before.details, topics=topics)
        assert chosen.consent.topics == one(before, alone, policy=TOPICS).consent.topics


def test_choices_found_a_record_of_which_nothing_else_is_known() -> None:
    """Section 8: "Choices for an identifier without a record found one in UNKNOWN_STATE"."""
    outcome = one(None, choose({"offers": choice(OUT)}), policy=TOPICS)
    assert (outcome.result, outcome.consent.state) == (Result.CREATED, UNKNOWN)
    assert dates_of(outcome.consent, "offers") == (1000, None, None)
    again = one(outcome.consent, choose({"offers": choice(OUT, 3)}), policy=TOPICS)
    assert (again.result, again.events) == (Result.UNCHANGED, ())


@pytest.mark.parametrize("state", [None, CONFIRMED, REVOKED, NEVER])
def test_an_undated_in_takes_the_date_of_the_evidence(state: ConsentState | None) -> None:
    """Section 8: "takes the date of the request's own evidence, else of receipt"."""
    consent = after(None, choose({"events": choice(IN), "offers": choice(OUT)}, state))
    own = 100 if state in (CONFIRMED, REVOKED) else 1000
    assert dates_of(consent, "events") == (None, None, own)
    assert dates_of(consent, "offers") == (1000, None, None)


def test_a_synchronisation_chooses_nothing_anew() -> None:
    """Section 4.2: an undated CONFIRMED that proves no order takes the date of the slot."""
    request = Upsert(
        details=ADA,
        state=CONFIRMED,
        last_confirmation_activity=evolve(yes(), source=ConfirmationSource.EMAIL_SERVICE),
        topics={"events": choice(IN)},
    )
    consent = after(record(CONFIRMED, 20, 10), request)
    assert dates_of(consent, "events") == (None, None, 20)


def test_an_undated_out_counts_at_the_latest_in() -> None:
    """Section 8: "at receipt or at the latest IN, whichever is later"."""
    ahead = after(None, choose({"offers": choice(IN, 1003, SUBJECT)}), now=at(1003))
    for out in (choice(OUT), choice(OUT, 1001), choice(OUT, 998)):
        left = after(ahead, choose({"offers": out}))
        assert dates_of(left, "offers") == (1003, 1003, None)
        assert left.left_topics == {"offers"}
    early = after(ahead, choose({"offers": choice(OUT, 990)}))
    assert (dates_of(early, "offers"), early.left_topics) == ((990, 1003, None), frozenset())
    assert dates_of(after(None, choose({"x": choice(OUT, 5000)})), "x") == (1000, None, None)


def test_an_in_of_a_fast_clock_counts_earlier_and_once() -> None:
    """Section 4.2: "stored, as its own date minus the skew. Delivered again ... same evidence"."""
    fast = choose({"events": choice(IN, 1004, SUBJECT)})
    consent = after(None, fast)
    assert dates_of(consent, "events") == (None, 999, None)
    for now in (NOW, at(1004), at(2000)):
        assert one(consent, fast, policy=TOPICS, now=now).result is Result.UNCHANGED


@pytest.mark.parametrize(("minute", "left"), [(104, True), (105, True), (105.1, False)])
def test_the_margin_holds_for_topics(minute: float, left: bool) -> None:
    """Section 8: "For clocks and margin section 4.2 holds", in whatever order they arrive."""
    policy = evolve(TOPICS, evidence_margin=timedelta(minutes=5))
    out = choose({"offers": choice(OUT, 100)})
    back = choose({"offers": choice(IN, minute, SUBJECT)})
    in_order, reversed_ = [after(None, *each, policy=policy) for each in ((out, back), (back, out))]
    assert (in_order.left_topics == {"offers"}) is left
    assert reversed_.topics == in_order.topics
    consent = after(None, back, policy=policy)
    assert one(consent, back, policy=policy).result is Result.UNCHANGED


def test_dates_are_compared_under_last_write_too() -> None:
    """Section 4.2: "Topics ... compare dates under it, too"."""
    policy = evolve(TOPICS, ordering=Ordering.LAST_WRITE)
    late = [choose({"offers": choice(OUT, 20)}), choose({"offers": choice(IN, 10, SUBJECT)})]
    assert after(None, *late, policy=policy).left_topics == {"offers"}


def test_an_in_beside_a_question_is_a_question() -> None:
    """Section 8: "it is not stored", so "nobody can put a stranger into a topic"."""
    topics = {"events": choice(IN), "offers": choice(OUT, 5)}
    outcome = one(None, choose(topics, PENDING), policy=TOPICS)
    assert outcome.consent.topics.keys() == {"offers"}
    assert outcome.asked_topics == ("events",)
    known = one(record(CONFIRMED, 500), choose(topics, PENDING), policy=TOPICS)
    assert (known.kept, known.asked_topics) == (KeptReason.ALREADY_CONFIRMED, ("events",))
    assert known.consent.topics.keys() == {"offers"}
    again = one(known.consent, choose(topics, PENDING), policy=TOPICS)
    assert (again.result, again.asked_topics) == (Result.UNCHANGED, ("events",))


def test_confirming_joins_the_topics() -> None:
    """Section 8: "stored, by the person, when that is redeemed", after every OUT."""
    left = after(None, choose({"events": choice(OUT, 1200)}, PENDING), now=at(1200))
    outcome = confirm_by_link(left, now=NOW, policy=TOPICS, topics=["events", "offers"])
    assert outcome.consent.chosen_topics == {"events", "offers"}
    out, own, _ = dates_of(outcome.consent, "events")
    assert out < own < out + 0.001
    later = NOW + timedelta(minutes=1)
    again = confirm_by_link(outcome.consent, now=later, policy=TOPICS, is_confirmed=True)
    assert again.result is Result.UNCHANGED


def test_of_two_ins_of_one_date_the_one_by_the_person_is_told() -> None:
    """Section 8: an IN by anyone else never hides that the person chose."""
    both = TopicEvidence(choice=IN, updated_date=at(2), subject_in_date=at(2), other_in_date=at(2))
    assert (both.choice, both.actor) == (IN, SUBJECT)
    assert both.date_like(choice(OUT)) is None
