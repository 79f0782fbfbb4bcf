"""Who acted (contract, section 7): only the person undoes the person's own opt-out."""

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    KeptReason,
    Reconsent,
    Result,
    RevokeSource,
)
from tests.domain.builders import CONFIRMED, DOUBLE, NEVER, PENDING, REVOKED, ask, at, one, run

BY_SUBJECT = Policy(reconsent=Reconsent.BY_SUBJECT)
NEEDS_SUBJECT = KeptReason.RECONSENT_NEEDS_SUBJECT
STALE = KeptReason.STALE_EVIDENCE
OPERATOR, SUBJECT = Actor.OPERATOR, Actor.SUBJECT


def yes(minute: float, actor: Actor = SUBJECT) -> Upsert:
    """A CONFIRMED of that minute."""
    activity = ConfirmationActivity(
        source=ConfirmationSource.OTHER, updated_date=at(minute), actor=actor
    )
    return ask(CONFIRMED, activity)


def no(minute: float, actor: Actor = SUBJECT) -> Upsert:
    """A REVOKED of that minute."""
    activity = RevokeActivity(source=RevokeSource.OTHER, updated_date=at(minute), actor=actor)
    return ask(REVOKED, None, activity)


def question(
    minute: float,
    actor: Actor = Actor.UNKNOWN_ACTOR,
    source: ConfirmationSource = ConfirmationSource.OTHER,
) -> Upsert:
    """A PENDING of that minute."""
    activity = ConfirmationActivity(source=source, updated_date=at(minute), actor=actor)
    return ask(PENDING, activity)


def latest(arrived: Sequence[Upsert], *, grants: bool, own: bool) -> float:
    """The minute of the latest CONFIRMED or REVOKED, by anyone or by the person."""
    activities = [
        request.last_confirmation_activity if grants else request.last_revoke_activity
        for request in arrived
        if request.state is (CONFIRMED if grants else REVOKED)
    ]
    return max(
        (
            activity.updated_date.timestamp()
            for activity in activities
            if activity and activity.updated_date and (activity.by_subject or not own)
        ),
        default=float("-inf"),
    )


def may_be_confirmed(arrived: Sequence[Upsert]) -> bool:
    """The closed form of the section's laws."""
    return all(
        latest(arrived, grants=True, own=own) > latest(arrived, grants=False, own=own)
        for own in (False, True)
        if latest(arrived, grants=False, own=own) > float("-inf") or not own
    )


def is_held(consent: MarketingConsent) -> bool:
    """Whether the person's opt-out waits for the person."""
    revoked, confirmed = consent.subject_revoked_date, consent.subject_confirmed_date
    return revoked is not None and (confirmed is None or confirmed <= revoked)


def every_end(
    before: MarketingConsent | None, history: Sequence[Upsert]
) -> Iterator[MarketingConsent]:
    """The record after a history, once for each order in which it can arrive.

    Orders that begin alike share their beginning, which halves the work.
    """
    for place, arrives in enumerate(history):
        after = one(before, arrives, policy=BY_SUBJECT).consent
        rest = [*history[:place], *history[place + 1 :]]
        yield from every_end(after, rest) if rest else [after]


EVIDENCE = [(kind, actor) for kind in (yes, no) for actor in (SUBJECT, OPERATOR)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_every_order_of_every_small_history_follows_the_closed_form(size: int) -> None:
    """The section's first law: CONFIRMED "exactly when its latest confirmation is later than its
    latest revocation *and* its latest confirmation by the person is later than its latest
    revocation by the person", in whatever order the evidence arrives.
    """
    for kinds in product(EVIDENCE, repeat=size):
        # Five minutes are as far apart as the clock skew; half as many are not.
        history = [kind(minute / 2, actor) for minute, (kind, actor) in enumerate(kinds)]
        expected = may_be_confirmed(history)
        ends = set()
        for consent in every_end(None, history):
            assert (consent.state is CONFIRMED) is expected, history
            ends.add((consent.subject_confirmed_date, consent.subject_revoked_date))
        assert len(ends) == 1


evidence = st.tuples(st.sampled_from(EVIDENCE), st.integers(0, 4))


@given(st.lists(evidence, min_size=1, max_size=12, unique_by=lambda piece: (piece[0][0], piece[1])))
def test_longer_histories_and_ties_follow_the_closed_form(pieces: list[Any]) -> None:
    """The same law for longer histories at random, where a yes and a no may share a date."""
    history = [kind(minute, actor) for (kind, actor), minute in pieces]
    assert (run(history, policy=BY_SUBJECT).state is CONFIRMED) is may_be_confirmed(history)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*EVIDENCE, (question, SUBJECT), (question, OPERATOR)]),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=9,
    )
)
def test_with_questions_only_if(pieces: list[Any]) -> None:
    """The section's second law: "With PENDING among them: *only if*"."""
    arrived = [kind(minute, actor) for (kind, actor), minute in pieces]
    consent = run(arrived, policy=BY_SUBJECT)
    if consent.state is CONFIRMED:
        assert may_be_confirmed(arrived)
    # "Law 8 of section 4.4 holds for records that are not held."
    if not is_held(consent) and consent.confirmed_date and consent.revoked_date:
        if consent.state is REVOKED:
            assert consent.confirmed_date <= consent.revoked_date
        else:
            assert consent.revoked_date < consent.confirmed_date


def test_sales_adds_somebody_again_who_had_texted_stop() -> None:
    """The everyday question of a shop: it is kept, with its reason, in every order."""
    stop = ask(REVOKED, None, RevokeActivity(source=RevokeSource.OTHER, updated_date=at(1)))
    first, again = yes(0, Actor.UNKNOWN_ACTOR), yes(2, OPERATOR)
    for arrival in permutations([first, stop, again]):
        consent = run(arrival, policy=BY_SUBJECT)
        assert consent.state is REVOKED
        late = one(consent, yes(3, Actor.IMPORT), policy=BY_SUBJECT)
        assert (late.kept, late.consent.state) == (NEEDS_SUBJECT, REVOKED)
        assert one(late.consent, yes(4), policy=BY_SUBJECT).consent.state is CONFIRMED


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (question(3), NEEDS_SUBJECT),
        (question(3, OPERATOR), NEEDS_SUBJECT),
        (question(3, OPERATOR, ConfirmationSource.FORM), NEEDS_SUBJECT),
        (question(3, SUBJECT), None),
        (question(3, source=ConfirmationSource.FORM), None),
    ],
)
def test_nobody_who_left_is_asked_again_by_the_company(
    asked: Upsert, kept: KeptReason | None
) -> None:
    """Rule 3: a PENDING "is taken as usual if the person may have asked for it"; "it does not end
    the hold. Only the person's answer does."
    """
    left = run([yes(0), no(1)], policy=BY_SUBJECT)
    outcome = one(left, asked, policy=BY_SUBJECT)
    assert outcome.kept is kept
    if kept is None:
        by_staff = one(outcome.consent, yes(4, OPERATOR), policy=BY_SUBJECT)
        assert (by_staff.kept, by_staff.consent) == (NEEDS_SUBJECT, outcome.consent)
        assert one(outcome.consent, yes(4), policy=BY_SUBJECT).consent.state is CONFIRMED


def test_a_held_confirmation_fills_an_older_slot_and_is_released_later() -> None:
    """Rules 2 and 5."""
    left = run([yes(0), no(1)], policy=BY_SUBJECT)
    held = one(left, yes(3, OPERATOR), policy=BY_SUBJECT)
    assert (held.result, held.kept) == (Result.UPDATED, NEEDS_SUBJECT)
    assert held.consent.confirmed_date == at(3)
    released = one(held.consent, yes(2), policy=BY_SUBJECT).consent
    assert (released.state, released.confirmed_date) == (CONFIRMED, at(3))
    assert released.subject_confirmed_date == at(2)


def test_a_held_confirmation_proves_no_double_opt_in() -> None:
    """Section 4.2: the date of the latest double opt-in is that of one "that was taken"."""
    by_staff = ask(CONFIRMED, ConfirmationActivity(updated_date=at(3), opt_in_level=DOUBLE))
    held = run([yes(0), no(1), by_staff], policy=BY_SUBJECT)
    assert (held.state, held.confirmed_date) == (REVOKED, at(3))
    released = one(held, yes(2), policy=BY_SUBJECT).consent
    assert (released.confirmed_date, released.double_confirmed_date) == (at(3), None)


def test_a_double_opt_in_that_was_taken_is_released_too() -> None:
    """Rule 5, where the person's opt-out arrived after it (rule 4)."""
    by_staff = ask(CONFIRMED, ConfirmationActivity(updated_date=at(9), opt_in_level=DOUBLE))
    left = run([by_staff, no(7)], policy=BY_SUBJECT)
    assert left.state is REVOKED
    released = one(left, yes(8), policy=BY_SUBJECT).consent
    assert (released.state, released.confirmed_date) == (CONFIRMED, at(9))


def test_a_question_that_nobody_answered_is_not_released() -> None:
    """Section 4.2: a slot that was filled by PENDING proves nothing, whatever the state becomes."""
    asked = one(None, question(9)).consent
    reset = one(asked, ask(NEVER), policy=BY_SUBJECT).consent
    answered = one(reset, yes(5), policy=BY_SUBJECT).consent
    assert (answered.state, answered.confirmed_date) == (CONFIRMED, at(5))
    assert answered.double_confirmed_date is None


def test_the_person_s_own_late_answer_does_not_outrank_the_person_s_own_opt_out() -> None:
    """Rule 5 releases only what the person's answer is later than."""
    held = run([no(3), yes(4, OPERATOR)], policy=BY_SUBJECT)
    late = one(held, yes(2), policy=BY_SUBJECT)
    assert (late.kept, late.consent.state) == (STALE, REVOKED)


def test_what_staff_entered_does_not_protect_against_a_late_opt_out() -> None:
    """Rule 4."""
    entered = run([yes(3, OPERATOR)], policy=BY_SUBJECT)
    assert one(entered, no(2), policy=BY_SUBJECT).consent.state is REVOKED
    assert one(entered, no(2, OPERATOR), policy=BY_SUBJECT).kept is STALE
    assert one(run([yes(3)], policy=BY_SUBJECT), no(2), policy=BY_SUBJECT).kept is STALE


def test_an_operator_s_revocation_never_hides_an_earlier_one_by_the_person() -> None:
    """The section's end: it "is lifted by later evidence, as by default"."""
    by_staff = run([no(1, OPERATOR)], policy=BY_SUBJECT)
    assert one(by_staff, yes(2, OPERATOR), policy=BY_SUBJECT).consent.state is CONFIRMED
    hidden = run([no(1), no(2, OPERATOR)], policy=BY_SUBJECT)
    assert hidden.subject_revoked_date == at(1)
    assert one(hidden, yes(3, OPERATOR), policy=BY_SUBJECT).kept is NEEDS_SUBJECT


def test_the_first_to_arrive_stands_but_the_person_s_dates_grow() -> None:
    """An activity that differs from the stored one only by its actor is other evidence."""
    before = run([yes(1, OPERATOR)])
    outcome = one(before, yes(1))
    assert (outcome.result, outcome.kept) == (Result.UPDATED, STALE)
    assert outcome.consent.last_confirmation_activity == before.last_confirmation_activity
    assert outcome.consent.subject_confirmed_date == at(1)
    assert one(outcome.consent, yes(1)).result is Result.UNCHANGED


ACTED = [
    *((source, Actor.UNKNOWN_ACTOR, SUBJECT) for source in [ConfirmationSource.LINK_CONFIRMATION]),
    (ConfirmationSource.EMAIL_SERVICE, Actor.UNKNOWN_ACTOR, Actor.IMPORT),
    *(
        (source, Actor.UNKNOWN_ACTOR, Actor.UNKNOWN_ACTOR)
        for source in ConfirmationSource
        if source not in ("LINK_CONFIRMATION", "EMAIL_SERVICE")
    ),
    *(
        (source, actor, actor)
        for source in ConfirmationSource
        for actor in Actor
        if actor != "UNKNOWN_ACTOR"
    ),
]


@pytest.mark.parametrize(("source", "given", "acted_by"), ACTED)
def test_the_source_says_who_confirmed_where_no_actor_does(
    source: ConfirmationSource, given: Actor, acted_by: Actor
) -> None:
    """The table of the section."""
    activity = ConfirmationActivity(source=source, actor=given)
    assert (activity.acted_by, activity.by_subject) == (acted_by, acted_by is SUBJECT)


@pytest.mark.parametrize("source", RevokeSource)
@pytest.mark.parametrize("given", Actor)
def test_the_source_says_who_revoked_where_no_actor_does(
    source: RevokeSource, given: Actor
) -> None:
    """The table of the section: in doubt, an opt-out is the person's own."""
    own = source in (RevokeSource.REVOKE_LINK, RevokeSource.FORM)
    derived = SUBJECT if own and given is Actor.UNKNOWN_ACTOR else given
    activity = RevokeActivity(source=source, actor=given)
    assert (activity.acted_by, activity.by_subject) == (derived, given is not OPERATOR)
