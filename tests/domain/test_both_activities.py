"""A request with both activities is two pieces of evidence, read in the order of their dates
(section 3, rule 5).
"""

import pytest

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import (
    ConsentState,
    KeptReason,
    Ordering,
    Reconsent,
    Result,
    ViolationCode,
)
from tests.domain.builders import (
    CONFIRMED,
    DOUBLE_OPT_IN,
    LAST_WRITE,
    NEVER,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    at,
    no,
    one,
    record,
    violations_of,
    yes,
)


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
def test_a_grant_after_its_revocation_is_taken(state: ConsentState) -> None:
    """Rule 5: the later one is the state's own; both slots are filled."""
    decision = one(None, ask(state, yes(5), no(4)))
    assert (decision.result, decision.kept, decision.consent.state) == (Result.CREATED, None, state)
    assert decision.consent.last_confirmation_activity == yes(5)
    assert decision.consent.last_revoke_activity == no(4)


@pytest.mark.parametrize("minute", [4, 5])
def test_a_revocation_at_or_after_its_confirmation_is_taken(minute: int) -> None:
    """Rule 5, and on a tie the revocation is the later one."""
    decision = one(None, ask(REVOKED, yes(minute), no(5)))
    assert (decision.result, decision.kept, decision.consent.state) == (
        Result.CREATED,
        None,
        REVOKED,
    )
    assert decision.consent.last_confirmation_activity == yes(minute)
    assert decision.consent.last_revoke_activity == no(5)


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
@pytest.mark.parametrize("minute", [5, 6])
def test_a_grant_whose_revocation_is_not_before_it_contradicts_itself(
    state: ConsentState, minute: int
) -> None:
    """Rule 5.

    "a CONFIRMED request whose revocation is dated at or after its confirmation contradicts itself".
    """
    with pytest.raises(InvalidConsent) as error:
        one(None, ask(state, yes(5), no(minute)))
    assert violations_of(error) == [
        ("lastRevokeActivity.updatedDate", ViolationCode.CONTRADICTORY_EVIDENCE)
    ]
    assert (
        error.value.violations[0].description
        == f"must be before the confirmation, or the state cannot be {state}"
    )


def test_a_revocation_before_its_confirmation_counts_at_it() -> None:
    """Rule 5.

    "its revocation then counts at the date of its confirmation", so that no opt-out is refused.
    """
    command = ask(REVOKED, yes(6), no(5))
    first = one(None, command)
    assert (first.consent.state, first.kept) == (REVOKED, None)
    assert (first.consent.confirmed_date, first.consent.revoked_date) == (at(6), at(6))
    again = one(first.consent, command)
    assert (again.result, again.kept) == (Result.UNCHANGED, None)


def test_undated_activities_count_from_receipt() -> None:
    """Rule 7 within rule 5: an undated activity is as late as its receipt."""
    assert one(None, ask(CONFIRMED, yes(), no(999))).consent.state is CONFIRMED
    assert one(None, ask(REVOKED, yes(999), no())).consent.state is REVOKED
    assert one(None, ask(REVOKED, yes(), no())).consent.state is REVOKED
    late = one(None, ask(REVOKED, yes(), no(5))).consent
    assert (late.state, late.revoked_date) == (REVOKED, at(1000))


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
@pytest.mark.parametrize("minute", [None, 5])
@pytest.mark.parametrize("policy", [Policy(), LAST_WRITE])
def test_a_revocation_beside_a_grant_needs_a_date(
    state: ConsentState, minute: int | None, policy: Policy
) -> None:
    """Rule 5: "a revocation beside a CONFIRMED needs a date, for it is asked when they left"."""
    with pytest.raises(InvalidConsent) as error:
        one(None, ask(state, yes(minute), no()), policy=policy)
    assert violations_of(error) == [("lastRevokeActivity.updatedDate", ViolationCode.REQUIRED)]
    said = f"is required beside {state}: the date when they left"
    assert error.value.violations[0].description == said


@pytest.mark.parametrize(
    ("confirmation", "revocation", "confirmed", "revoked"),
    [
        (1003, None, 998, 1000),
        (1003, 1000, 998, 1000),
        (1003, 1002, 998, 1000),
        (1003, 999, 998, 999),
        (1000, 1001, 1000, 1000),
        (2000, 999, 1000, 1000),
        (2000, None, 1000, 1000),
    ],
)
def test_a_fast_clock_on_the_confirmation_does_not_cost_the_opt_out(
    confirmation: float, revocation: float | None, confirmed: float, revoked: float
) -> None:
    """Sections 3.7 and 4.2.

    No date of its confirmation, however far ahead, refuses an opt-out or outranks it.
    """
    decision = one(None, ask(REVOKED, yes(confirmation), no(revocation)))
    assert (decision.consent.state, decision.kept) == (REVOKED, None)
    assert (decision.consent.confirmed_date, decision.consent.revoked_date) == (
        at(confirmed),
        at(revoked),
    )


@pytest.mark.parametrize("state", [UNKNOWN, NEVER])
def test_states_without_proof_contradict_nothing(state: ConsentState) -> None:
    """Rule 5: their activities are no evidence, in whatever order."""
    for confirmation, revocation in ((4, 5), (5, 5), (5, 4)):
        consent = one(None, ask(state, yes(confirmation), no(revocation))).consent
        assert (consent.state, consent.confirmed_date) == (state, at(confirmation))
        assert consent.revoked_date == at(revocation)


def test_both_pieces_are_weighed_against_the_record() -> None:
    """Each piece follows section 4.2 by itself.

    The answer is about the state that was asked for.
    """
    stale = one(record(REVOKED, None, 9), ask(CONFIRMED, yes(8), no(7)))
    assert (stale.consent.state, stale.kept) == (REVOKED, KeptReason.STALE_EVIDENCE)
    assert (stale.consent.confirmed_date, stale.consent.revoked_date) == (at(8), at(9))

    lifted = one(record(REVOKED, None, 3), ask(CONFIRMED, yes(8), no(7)))
    assert (lifted.consent.state, lifted.kept) == (CONFIRMED, None)
    assert (lifted.consent.confirmed_date, lifted.consent.revoked_date) == (at(8), at(7))

    asked = one(record(CONFIRMED, 2), ask(PENDING, yes(8), no(7)))
    assert (asked.consent.state, asked.kept) == (PENDING, None)
    assert (asked.consent.confirmed_date, asked.consent.revoked_date) == (at(8), at(7))

    kept = one(record(CONFIRMED, 9), ask(PENDING, yes(8), no(7)))
    assert (kept.consent.state, kept.kept) == (CONFIRMED, KeptReason.ALREADY_CONFIRMED)
    assert (kept.consent.confirmed_date, kept.consent.revoked_date) == (at(9), at(7))

    late = one(record(CONFIRMED, 9), ask(REVOKED, yes(7), no(8)))
    assert (late.consent.state, late.kept) == (CONFIRMED, KeptReason.STALE_EVIDENCE)
    assert (late.consent.confirmed_date, late.consent.revoked_date) == (at(9), at(8))

    taken = one(record(CONFIRMED, 3), ask(REVOKED, yes(7), no(8)))
    assert (taken.consent.state, taken.kept) == (REVOKED, None)
    assert (taken.consent.confirmed_date, taken.consent.revoked_date) == (at(7), at(8))


def test_a_companion_proves_a_confirmation_even_of_a_single_level() -> None:
    """Rule 6 is about PENDING: the yes beside a revocation is a CONFIRMED one."""
    consent = one(record(PENDING, 3), ask(REVOKED, yes(7), no(8))).consent
    assert (consent.state, consent.confirmed_date) == (REVOKED, at(7))


def test_with_double_opt_in_the_companion_revocation_counts() -> None:
    """Section 4.5: who revoked and said yes directly, in one request, is asked again."""
    created = one(None, ask(CONFIRMED, yes(5), no(4)), policy=DOUBLE_OPT_IN)
    assert (created.result, created.kept) == (
        Result.CREATED,
        KeptReason.RECONSENT_NEEDS_CONFIRMATION,
    )
    assert (created.consent.state, created.consent.revoked_date) == (REVOKED, at(4))


@pytest.mark.parametrize("before", [None, record(REVOKED, None, 1), record(CONFIRMED, 3, 1)])
def test_with_double_opt_in_a_yes_before_its_revocation_is_kept_as_evidence(
    before: MarketingConsent | None,
) -> None:
    """Law 1: the yes lifts nothing, for its revocation is later.

    It fills its slot at once, not when it comes again.
    """
    command = ask(REVOKED, yes(5), no(6))
    first = one(before, command, policy=DOUBLE_OPT_IN)
    assert (first.consent.state, first.kept) == (REVOKED, None)
    assert (first.consent.confirmed_date, first.consent.revoked_date) == (at(5), at(6))
    second = one(first.consent, command, policy=DOUBLE_OPT_IN)
    assert (second.result, second.consent) == (Result.UNCHANGED, first.consent)


def test_last_write_does_not_compare_dates() -> None:
    """Section 4.2.

    LAST_WRITE "takes requests as they arrive", so no request contradicts itself by its dates.
    """
    for state, confirmation, revocation in ((CONFIRMED, 4, 5), (CONFIRMED, 5, 5), (REVOKED, 4, 5)):
        decision = one(None, ask(state, yes(confirmation), no(revocation)), policy=LAST_WRITE)
        assert (decision.consent.state, decision.kept) == (state, None)
        assert decision.consent.confirmed_date == at(confirmation)
        assert decision.consent.revoked_date == at(revocation)


def test_law_9_holds_with_last_write_and_double_opt_in_together() -> None:
    """Law 9.

    A CONFIRMED record that was once revoked, sent back as it was read, is not revoked by its own
    history.
    """
    policy = Policy(ordering=Ordering.LAST_WRITE, reconsent=Reconsent.DOUBLE_OPT_IN)
    before = record(CONFIRMED, 5, 4)
    decision = one(before, ask(CONFIRMED, yes(5), no(4)), policy=policy)
    assert (decision.result, decision.kept, decision.consent.state) == (
        Result.UNCHANGED,
        None,
        CONFIRMED,
    )


def test_a_fast_server_does_not_cost_the_opt_out_that_comes_beside_a_state() -> None:
    """Section 4.2: where the slot lies ahead of receipt, the revocation counts at the slot."""
    before = record(CONFIRMED, 1003)
    for command in (ask(CONFIRMED, yes(1000), no(998)), ask(NEVER, None, no(998))):
        consent = one(before, command).consent
        assert (consent.state, consent.revoked_date) == (REVOKED, at(1003))


def test_an_undated_yes_beside_a_revocation_proves_no_order() -> None:
    """Section 4.2: where the revocation slot is filled, it fills nothing."""
    undated = ask(REVOKED, ConfirmationActivity(), no(10))
    consent = one(record(REVOKED, None, 9), undated).consent
    assert (consent.state, consent.confirmed_date) == (REVOKED, None)


def test_with_double_opt_in_an_older_yes_leaves_the_question() -> None:
    """Section 4.2: evidence fills a slot "where that is empty or older"."""
    command = ask(REVOKED, yes(7, SINGLE), no(9))
    consent = one(record(PENDING, 8, 5), command, policy=DOUBLE_OPT_IN).consent
    assert (consent.state, consent.confirmed_date) == (REVOKED, at(8))
