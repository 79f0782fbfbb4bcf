"""The laws of section 4.4 about change.

What changes counts once, is told in events, and keeps the record sound.
"""

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import ConsentCreated, ConsentEvent, ConsentUpdated, replay
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import OptInLevel, Result
from tests.domain.builders import (
    CONFIRMED,
    NOW,
    PENDING,
    REVOKED,
    about,
    as_read,
    at,
    minutes,
    one,
    policies,
    records,
    requests,
)


def legal(
    before: MarketingConsent | None, command: Upsert, policy: Policy = DEFAULT_POLICY
) -> bool:
    """Whether the request is not refused."""
    try:
        one(before, command, policy=policy)
    except InvalidConsent:
        return False
    return True


@given(records(), requests(), policies())
def test_law_1_the_same_request_twice_is_one_change(
    before: MarketingConsent, command: Upsert, policy: Policy
) -> None:
    """Law 1.

    Received twice at one moment, "the second is UNCHANGED, without a revision or an event".
    """
    command = about(before.details, command)
    assume(legal(before, command, policy))
    first = one(before, command, policy=policy)
    second = one(first.consent, command, policy=policy)
    assert (second.result, second.events) == (Result.UNCHANGED, ())
    assert second.consent is first.consent


@given(records(), requests(minutes), st.integers(0, 10_000))
def test_law_1_a_dated_request_may_come_again_at_any_time(
    before: MarketingConsent, command: Upsert, later: int
) -> None:
    """Law 1: dated evidence is the same evidence whenever it is delivered again."""
    command = about(before.details, command)
    assume(legal(before, command))
    first = one(before, command)
    second = one(first.consent, command, now=NOW + timedelta(minutes=later))
    assert (second.result, second.consent, second.events) == (Result.UNCHANGED, first.consent, ())


@given(st.none() | records(), requests(), policies())
def test_law_5_revision_grows_by_one_per_change_and_events_tell_of_it(
    before: MarketingConsent | None, command: Upsert, policy: Policy
) -> None:
    """Law 5: "events are empty exactly when nothing changed"."""
    command = about(command.details if before is None else before.details, command)
    assume(legal(before, command, policy))
    decision = one(before, command, policy=policy)
    after = decision.consent
    if before is None:
        assert (decision.result, after.revision) == (Result.CREATED, 1)
        assert decision.events == (ConsentCreated(after),)
    elif decision.result is Result.UPDATED:
        assert after != before
        assert after.revision == before.revision + 1
        assert (after.id, after.created_date, after.details) == (
            before.id,
            before.created_date,
            before.details,
        )
        assert decision.events == (ConsentUpdated(after),)
    else:
        assert (decision.result, decision.events) == (Result.UNCHANGED, ())
        assert after is before


@given(st.lists(requests(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_law_6_replaying_the_events_gives_the_record(
    commands: list[Upsert], random: object
) -> None:
    """Law 6, with the events in any order."""
    consent: MarketingConsent | None = None
    events: list[ConsentEvent] = []
    for command in commands:
        if legal(consent, command):
            decision = one(consent, command)
            consent = decision.consent
            events += decision.events
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    random.shuffle(events)  # type: ignore[attr-defined]
    assert replay(events) == consent


@given(st.none() | records(), requests(), policies())
def test_law_7_a_record_has_the_evidence_of_its_state(
    before: MarketingConsent | None, command: Upsert, policy: Policy
) -> None:
    """Law 7.

    "no CONFIRMED or PENDING without its slot, no REVOKED without its own", and slots are dated.
    """
    command = about(command.details if before is None else before.details, command)
    assume(legal(before, command, policy))
    after = one(before, command, policy=policy).consent
    if after.state in (PENDING, CONFIRMED):
        assert after.confirmed_date is not None
    if after.state is PENDING:
        assert after.last_confirmation_activity is not None
        assert after.last_confirmation_activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    if after.state is REVOKED:
        assert after.revoked_date is not None
    assert (after.last_confirmation_activity is None) is (after.confirmed_date is None)
    assert (after.last_revoke_activity is None) is (after.revoked_date is None)


@given(records(moments=st.integers(-20, 1000)))
def test_law_8_the_slot_of_the_state_is_the_later_one(consent: MarketingConsent) -> None:
    """Law 8: a grant's revocation slot is before its confirmation.

    A revocation's confirmation slot not after it.
    """
    confirmed, revoked = consent.confirmed_date, consent.revoked_date
    if consent.state in (PENDING, CONFIRMED) and revoked is not None:
        assert confirmed is not None
        assert revoked < confirmed
    if consent.state is REVOKED and confirmed is not None:
        assert revoked is not None
        assert confirmed <= revoked


@given(st.data(), policies(), st.integers(-2000, 5000))
def test_law_9_a_record_sent_back_as_it_was_read_is_unchanged(
    data: st.DataObject, policy: Policy, minute: int
) -> None:
    """Law 9, under every policy, also with a clock set back behind the record's own dates."""
    consent = data.draw(records(policy, st.integers(900, 1100)))
    decision = one(consent, as_read(consent), now=at(minute), policy=policy)
    assert (decision.result, decision.kept, decision.events) == (Result.UNCHANGED, None, ())
    assert decision.consent is consent


@given(st.data(), policies())
def test_law_9_an_update_that_says_nothing_changes_nothing(
    data: st.DataObject, policy: Policy
) -> None:
    """Section 2.

    An update without a state, activities or fields asks for what is stored already.
    """
    consent = data.draw(records(policy))
    decision = one(consent, Update(id=consent.id).request_for(consent), policy=policy)
    assert (decision.result, decision.kept) == (Result.UNCHANGED, None)


@given(st.none() | records(), requests(), policies())
def test_a_kept_state_is_always_explained(
    before: MarketingConsent | None, command: Upsert, policy: Policy
) -> None:
    """Section 4.2: "the state is kept, and the outcome says why".

    Without a reason it is the state asked for.
    """
    command = about(command.details if before is None else before.details, command)
    assume(legal(before, command, policy))
    decision = one(before, command, policy=policy)
    if decision.kept is None:
        assert decision.consent.state is command.state
    if decision.consent.state is not command.state:
        assert decision.kept is not None


@given(records(), requests(), policies())
def test_the_rules_are_pure(before: MarketingConsent, command: Upsert, policy: Policy) -> None:
    """Design, principle 1: "The same call always gives the same answer"."""
    command = about(before.details, command)
    assume(legal(before, command, policy))
    assert one(before, command, policy=policy) == one(before, command, policy=policy)
