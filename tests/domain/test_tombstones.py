"""What an erasure leaves of a person, and what lifts it (contract, section 10)."""

from datetime import datetime

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from consent_core.domain.activities import RevokeActivity
from consent_core.domain.decision import decide
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import ConsentNotFound, InvalidConsent
from consent_core.domain.evidence import status_of
from consent_core.domain.explanation import explain
from consent_core.domain.identifiers import Email
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.reports import ReportOutcome, decide_report
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import Tombstone, newest, tombstone_of
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    DeliveryEvent,
    KeptReason,
    Ordering,
    Reason,
    Reconsent,
    Result,
    RevokeSource,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    DOUBLE,
    ID,
    LAST_WRITE,
    LINE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    at,
    confirmed,
    minutes,
    no,
    one,
    pending,
    policies,
    record,
    records,
    requests,
    revoked,
    yes,
)

GONE = Tombstone(revoked_date=at(10), revoked_by=Actor.SUBJECT, subject_revoked_date=at(10))
"""Left at minute 10."""


@st.composite
def tombstones(draw: st.DrawFn) -> Tombstone:
    """Tombstones that hold a revocation."""
    actor, dated = draw(st.sampled_from(Actor)), at(draw(minutes))
    subject = draw(st.none() | minutes.map(at))
    if actor is not Actor.OPERATOR:
        subject = max(dated, subject or dated)
    return Tombstone(revoked_date=dated, revoked_by=actor, subject_revoked_date=subject)


def stored_as(tombstone: Tombstone, request: Upsert) -> MarketingConsent:
    """A REVOKED record that has the dates of a tombstone, and nothing else."""
    slot = RevokeActivity(updated_date=tombstone.revoked_date, actor=tombstone.revoked_by)
    subject = tombstone.subject_revoked_date
    return record(REVOKED, None, slot, details=request.details, subject_revoked_date=subject)


@given(tombstones(), requests(), policies())
@example(GONE, ask(UNKNOWN, details=LINE), LAST_WRITE)
@example(GONE, confirmed(1), LAST_WRITE)
def test_it_is_lifted_by_exactly_what_lifts_a_stored_revocation(
    tombstone: Tombstone, request: Upsert, policy: Policy
) -> None:
    """Of that date, whatever the request says and the policy chooses: the outcome is the same, and
    so are all dates. Dates are compared also where the last write stands.
    """
    dated = evolve(policy, ordering=Ordering.BY_EVIDENCE)
    try:
        buried = decide(None, request, now=NOW, policy=policy, new_id=ID, tombstone=tombstone)
        stored = decide(stored_as(tombstone, request), request, now=NOW, policy=dated)
    except InvalidConsent:
        assume(False)
    assert buried.kept == stored.kept
    if stored.consent.state is REVOKED:
        assert (buried.result, buried.record, buried.events) == (Result.UNCHANGED, None, ())
        assert buried.tombstone == Tombstone.of(status_of(stored.consent))
    else:
        assert buried.result is Result.CREATED
        assert buried.tombstone is None
        assert status_of(buried.consent) == status_of(stored.consent)
        assert (buried.consent.id, buried.consent.revision) == (ID, 1)
        assert buried.consent.extended_fields == stored.consent.extended_fields


@given(records(), policies(), st.booleans())
def test_after_any_history_it_is_lifted_by_what_lifts_that_revocation(
    before: MarketingConsent, policy: Policy, suppress: bool
) -> None:
    """A tombstone has the dates of the revocation that stands, or of an opt-out at the erasure."""
    left = tombstone_of(before, now=NOW, policy=policy, suppress=suppress)
    lifted = before.state is CONFIRMED or before.revoked_date is None
    if before.state is REVOKED or (not suppress and not lifted):
        assert left == Tombstone.of(status_of(before))
    elif not suppress:
        assert left is None
    else:
        opt_out = ask(REVOKED, None, RevokeActivity(actor=Actor.SUBJECT), details=before.details)
        after = decide(before, opt_out, now=NOW, policy=policy).consent
        assert left == Tombstone.of(status_of(after))
        assert left is not None
        assert left.revoked_by is Actor.SUBJECT
        assert left.revoked_date == left.subject_revoked_date
        assert left.revoked_date is not None
        assert left.revoked_date >= NOW


def test_an_old_yes_stays_out_and_a_new_one_founds_a_record() -> None:
    """Dates decide; the new record begins with the revocation slot of the tombstone."""
    kept = decide(None, confirmed(9), now=NOW, tombstone=GONE)
    assert (kept.kept, kept.record, kept.tombstone) == (KeptReason.STALE_EVIDENCE, None, GONE)
    taken = decide(None, confirmed(11), now=NOW, new_id=ID, tombstone=GONE).consent
    assert (taken.state, taken.id, taken.revision) == (CONFIRMED, ID, 1)
    assert taken.last_revoke_activity == RevokeActivity(updated_date=at(10), actor=Actor.SUBJECT)


@pytest.mark.parametrize("state", [UNKNOWN, NEVER])
@pytest.mark.parametrize("details", [ADA, LINE])
@pytest.mark.parametrize("policy", [DEFAULT_POLICY, LAST_WRITE])
def test_what_is_no_evidence_lifts_nothing(
    state: ConsentState, details: Email, policy: Policy
) -> None:
    """Only a yes lifts a revocation."""
    outcome = decide(None, ask(state, details=details), now=NOW, policy=policy, tombstone=GONE)
    assert outcome.record is None
    assert outcome.kept in (KeptReason.REVOKED_NEEDS_EVIDENCE, KeptReason.EMAIL_KEEPS_STATE)


def test_an_undated_yes_that_proves_no_order_stays_out() -> None:
    """So a nightly synchronisation brings nobody back."""
    sync = ask(CONFIRMED, evolve(yes(), source=ConfirmationSource.EMAIL_SERVICE))
    assert decide(None, sync, now=NOW, tombstone=GONE).kept is KeptReason.UNDATED_EVIDENCE


@pytest.mark.parametrize(
    "policy",
    [
        DEFAULT_POLICY,
        LAST_WRITE,
        Policy.strict(),
        Policy.wix(),
        *(Policy(reconsent=reconsent) for reconsent in Reconsent),
    ],
    ids=["default", "last write", "strict", "wix", *Reconsent],
)
def test_a_new_double_opt_in_lifts_it(policy: Policy) -> None:
    """Under every policy: the question founds a record, and the answer confirms it."""
    asked = decide(None, pending(20), now=at(20), policy=policy, tombstone=GONE).consent
    assert asked.state is PENDING
    assert not eligibility(asked, now=at(21), policy=policy)
    answer = evolve(yes(30, DOUBLE), source=ConfirmationSource.LINK_CONFIRMATION)
    back = one(asked, ask(CONFIRMED, answer), now=at(30), policy=policy).consent
    assert eligibility(back, now=at(31), policy=policy)


def test_a_revocation_moves_its_dates_on() -> None:
    """It founds no record, and is not kept. An older one changes nothing."""
    by_staff = ask(REVOKED, None, evolve(no(20), actor=Actor.OPERATOR, source=RevokeSource.OTHER))
    moved = decide(None, by_staff, now=NOW, tombstone=GONE)
    assert (moved.result, moved.kept, moved.record, moved.events) == (
        Result.UNCHANGED,
        None,
        None,
        (),
    )
    assert moved.tombstone == Tombstone(
        revoked_date=at(20), revoked_by=Actor.OPERATOR, subject_revoked_date=at(10)
    )
    older = decide(None, revoked(5), now=NOW, tombstone=GONE)
    assert (older.kept, older.tombstone) == (KeptReason.STALE_EVIDENCE, GONE)
    undated = decide(None, revoked(), now=NOW, tombstone=GONE)
    assert undated.tombstone is not None
    assert undated.tombstone.revoked_date == NOW


def test_one_without_a_revocation_holds_nobody_back() -> None:
    """It waits for a no, and says no more than that there is no consent."""
    empty = Tombstone()
    assert decide(None, confirmed(1), now=NOW, tombstone=empty).consent.state is CONFIRMED
    assert decide(None, revoked(1), now=NOW, tombstone=empty).tombstone == Tombstone(
        revoked_date=at(1), revoked_by=Actor.SUBJECT, subject_revoked_date=at(1)
    )
    assert eligibility(None, now=NOW, tombstone=empty).reasons == (Reason.NO_CONSENT,)
    assert explain(None, now=NOW, tombstone=empty) == explain(None, now=NOW)


def test_a_record_is_decided_without_it() -> None:
    """There is one of both at the most; where a caller gives both, the record counts."""
    before = record(NEVER)
    assert decide(before, confirmed(1), now=NOW, tombstone=GONE).consent.state is CONFIRMED


def test_an_outcome_without_a_record_says_so() -> None:
    """``record`` is None, and ``consent`` an error that says why."""
    outcome = decide(None, confirmed(9), now=NOW, tombstone=GONE)
    with pytest.raises(ConsentNotFound, match="erased"):
        _ = outcome.consent


def test_reports() -> None:
    """A complaint is an opt-out; other reports change nothing."""
    complaint = DeliveryReport(identifier=ADA, event=DeliveryEvent.COMPLAINT, reported_date=at(20))
    moved = Tombstone(revoked_date=at(20), revoked_by=Actor.PROVIDER, subject_revoked_date=at(20))
    unchanged = Result.UNCHANGED
    assert decide_report(None, complaint, now=NOW, tombstone=GONE) == ReportOutcome(
        unchanged, None, (), moved
    )
    delivered = evolve(complaint, event=DeliveryEvent.DELIVERED)
    assert decide_report(None, delivered, now=NOW, tombstone=GONE) == ReportOutcome(
        unchanged, None, (), GONE
    )
    assert decide_report(record(NEVER), delivered, now=NOW, tombstone=GONE).tombstone is None


def test_what_is_said_of_an_erased_person() -> None:
    """The eligibility is that of a revocation; sentences say that the opt-out is remembered."""
    signal = eligibility(None, now=NOW, tombstone=GONE)
    assert signal.reasons == (Reason.REVOKED,)
    assert signal == eligibility(record(REVOKED, None, 1), now=NOW)
    told = explain(None, now=NOW, tombstone=GONE)
    assert told.reasons == (Reason.REVOKED,)
    assert told.sentences == (
        "This person may not be contacted.",
        "The person was erased, and the opt-out is remembered.",
        "The consent was revoked on 2026-01-01 at 12:10 UTC, by the person.",
        "A new double opt-in by the person would change it.",
    )


def later(minute: float, actor: Actor, subject: datetime | None) -> Tombstone:
    """A tombstone of that minute."""
    return Tombstone(revoked_date=at(minute), revoked_by=actor, subject_revoked_date=subject)


def test_of_several_the_latest_dates_count() -> None:
    """As where a person was erased under two secrets."""
    staff, subject = later(20, Actor.OPERATOR, None), later(10, Actor.SUBJECT, at(10))
    both = later(20, Actor.OPERATOR, at(10))
    assert newest([staff, None, subject]) == newest([subject, staff]) == both
    assert newest([Tombstone(), subject]) == subject
    assert newest([None]) is None


def test_it_is_checked_like_every_value() -> None:
    """A date needs an offset."""
    with pytest.raises(InvalidConsent, match="revokedDate"):
        Tombstone(revoked_date=datetime(2026, 1, 1))  # noqa: DTZ001  # that is what is wrong


def test_single_confirmation_is_enough_by_default() -> None:
    """As for a stored revocation."""
    single = ask(CONFIRMED, yes(11, SINGLE))
    assert decide(None, single, now=NOW, tombstone=GONE).result is Result.CREATED
    doubly = Policy(reconsent=Reconsent.DOUBLE_OPT_IN)
    kept = decide(None, single, now=NOW, policy=doubly, tombstone=GONE)
    assert kept.kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION
