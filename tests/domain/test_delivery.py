"""Whether an address can be reached (contract, section 9)."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.conditions import Condition
from consent_core.domain.delivery import Delivery, DeliveryEffect, DeliveryReport, effect_of
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import ConsentUpdated, replay
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.reports import decide_report
from consent_core.domain.vocabulary import (
    Actor,
    Channel,
    ConfirmationSource,
    DeliveryEvent,
    DeliveryStatus,
    Reason,
    Result,
    RevokeSource,
    ViolationCode,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    ID,
    LINE,
    NOW,
    REVOKED,
    ask,
    at,
    one,
    record,
    violations_of,
    yes,
)

PERMANENT, TRANSIENT = DeliveryEvent.PERMANENT_BOUNCE, DeliveryEvent.TRANSIENT_BOUNCE
DELIVERED, RESET = DeliveryEvent.DELIVERED, DeliveryEvent.RESET
BOUNCING, UNREACHABLE = DeliveryStatus.BOUNCING, DeliveryStatus.UNREACHABLE


def report(event: DeliveryEvent, minute: float | None, code: str | None = None) -> DeliveryReport:
    """A report about Ada of that minute."""
    date = None if minute is None else at(minute)
    return DeliveryReport(identifier=ADA, event=event, reported_date=date, code=code)


def hear(consent: MarketingConsent, *reports: DeliveryReport, limit: int = 7) -> MarketingConsent:
    """The record after these reports."""
    for each in reports:
        outcome = decide_report(consent, each, now=NOW, policy=Policy(bounce_limit=limit))
        assert outcome.consent is not None
        consent = outcome.consent
    return consent


ADDRESS = [f"5.1.{number}" for number in (0, 1, 2, 3, 4, 6, 10)] + ["5.2.0", "5.2.1"]


@pytest.mark.parametrize("code", ADDRESS)
@pytest.mark.parametrize("event", [PERMANENT, TRANSIENT, DeliveryEvent.UNDETERMINED_BOUNCE])
def test_codes_about_the_address(code: str, event: DeliveryEvent) -> None:
    """Section 9: these, "and a permanent bounce without a code are *about the address*"."""
    assert effect_of(report(event, 1, code)) is DeliveryEffect.ADDRESS
    assert effect_of(report(PERMANENT, 1)) is DeliveryEffect.ADDRESS


@pytest.mark.parametrize("code", ["5.2.2", "4.2.2", "4.3.1", "5.3.2", "4.4.7", "5.4.4", "4.2.1"])
def test_codes_that_count_as_transient(code: str) -> None:
    """Section 9: "x.2.2 (full), x.3.x, x.4.x and a transient bounce without a code"."""
    assert effect_of(report(PERMANENT, 1, code)) is DeliveryEffect.TRANSIENT
    assert effect_of(report(TRANSIENT, 1)) is DeliveryEffect.TRANSIENT


@pytest.mark.parametrize("code", ["5.5.0", "5.6.1", "5.7.1", "4.7.0", "5.1.8", "5.2.3"])
def test_codes_that_count_for_nothing(code: str) -> None:
    """Section 9: "the sender was refused, not the address"."""
    before = record(CONFIRMED, 1)
    outcome = decide_report(before, report(PERMANENT, 2, code), now=NOW)
    assert (outcome.result, outcome.consent, outcome.events) == (Result.UNCHANGED, before, ())


def delivery(status: DeliveryStatus, minute: float, bounces: int = 0, **other: Any) -> Delivery:
    """What is known of an address."""
    return Delivery(status=status, since=at(minute), bounces=bounces, **other)


TABLE = [
    (None, PERMANENT, delivery(UNREACHABLE, 5)),
    (None, TRANSIENT, delivery(BOUNCING, 5, 1)),
    (None, DELIVERED, None),
    (None, RESET, None),
    (delivery(BOUNCING, 1, 3), PERMANENT, delivery(UNREACHABLE, 5)),
    (delivery(BOUNCING, 1, 3), TRANSIENT, delivery(BOUNCING, 5, 4)),
    (delivery(BOUNCING, 1, 6), TRANSIENT, delivery(UNREACHABLE, 5, 7)),
    (delivery(BOUNCING, 1, 3), DELIVERED, None),
    (delivery(BOUNCING, 1, 3), RESET, None),
    (delivery(UNREACHABLE, 1), PERMANENT, delivery(UNREACHABLE, 1)),
    (delivery(UNREACHABLE, 1), TRANSIENT, delivery(UNREACHABLE, 1)),
    (delivery(UNREACHABLE, 1, 7), DELIVERED, None),
    (delivery(UNREACHABLE, 1), RESET, None),
]


@pytest.mark.parametrize(("before", "event", "after"), TABLE)
def test_the_table(before: Delivery | None, event: DeliveryEvent, after: Delivery | None) -> None:
    """The table of section 9; a change is a revision and an event."""
    consent = record(CONFIRMED, 1, delivery=before)
    outcome = decide_report(consent, report(event, 5), now=NOW)
    assert outcome.consent is not None
    assert (outcome.consent.delivery, outcome.consent.state) == (after, CONFIRMED)
    assert outcome.consent.updated_date == max(consent.updated_date, NOW)
    changed = before != after
    assert outcome.result is (Result.UPDATED if changed else Result.UNCHANGED)
    assert outcome.consent.revision == consent.revision + changed
    assert outcome.events == ((ConsentUpdated(outcome.consent),) if changed else ())
    assert not changed or replay(outcome.events) == outcome.consent


def test_the_code_of_the_last_bounce_is_kept_and_a_clock_that_is_set_back_is_not() -> None:
    """Section 9; history is read by date."""
    consent = record(CONFIRMED, 1, updated_date=at(2_000))
    after = decide_report(consent, report(PERMANENT, 5, "5.1.1"), now=NOW).consent
    assert after is not None
    assert after.delivery == delivery(UNREACHABLE, 5, last_code="5.1.1")
    assert after.updated_date == at(2_000)


def test_a_report_that_is_not_newer_changes_nothing() -> None:
    """Section 9: "A report that is not newer than the last one stored changes nothing"."""
    bounced = record(CONFIRMED, 1, delivery=delivery(BOUNCING, 5, 2))
    for event in (PERMANENT, TRANSIENT, DELIVERED, RESET):
        assert hear(bounced, report(event, 5)) == hear(bounced, report(event, 4)) == bounced


def test_a_moment_ahead_of_receipt_is_receipt() -> None:
    """Section 9, its first paragraph; so is no moment at all."""
    later = (NOW - at(0)) / timedelta(minutes=1) + 60
    for minute in (later, None):
        after = hear(record(CONFIRMED, 1), report(PERMANENT, minute))
        assert after.delivery is not None
        assert after.delivery.since == NOW


def test_a_report_without_a_record_changes_nothing_and_says_so() -> None:
    """Section 9."""
    outcome = decide_report(None, report(PERMANENT, 1), now=NOW)
    assert (outcome.result, outcome.consent, outcome.events) == (Result.UNCHANGED, None, ())


@pytest.mark.parametrize("before", [None, record(CONFIRMED, 1)])
def test_a_complaint_is_an_opt_out(before: MarketingConsent | None) -> None:
    """Section 9: "source OTHER and actor PROVIDER, dated at the complaint, also where there was no
    record".
    """
    outcome = decide_report(before, report(DeliveryEvent.COMPLAINT, 5), now=NOW, new_id=ID)
    assert outcome.consent is not None
    revocation = outcome.consent.last_revoke_activity
    assert revocation is not None
    assert (outcome.consent.state, outcome.consent.delivery) == (REVOKED, None)
    assert (revocation.source, revocation.actor) == (RevokeSource.OTHER, Actor.PROVIDER)
    assert revocation.updated_date == at(5)
    assert outcome.result is (Result.CREATED if before is None else Result.UPDATED)
    assert [event.consent_id for event in outcome.events] == [ID]
    assert (outcome.consent.id, outcome.consent.confirmed_date) == (ID, before and at(1))


def test_a_click_on_a_confirmation_link_reaches_the_address() -> None:
    """The last column of the table: "CONFIRMED with source LINK_CONFIRMATION, later"."""
    before = record(CONFIRMED, 1, delivery=delivery(UNREACHABLE, 5))
    for source, minute, reached in (
        (ConfirmationSource.LINK_CONFIRMATION, 6, True),
        (ConfirmationSource.LINK_CONFIRMATION, 5, False),
        (ConfirmationSource.LINK_CONFIRMATION, 4, False),
        (ConfirmationSource.FORM, 6, False),
    ):
        clicked = ask(CONFIRMED, ConfirmationActivity(source=source, updated_date=at(minute)))
        after = one(before, clicked).consent
        assert (after.delivery is None) is reached


def test_a_state_never_changes_the_delivery() -> None:
    """Section 9: reachability "is kept beside the state"."""
    before = record(CONFIRMED, 1, delivery=delivery(UNREACHABLE, 5))
    after = one(before, ask(CONFIRMED, yes(7))).consent
    assert (after.confirmed_date, after.delivery) == (at(7), before.delivery)


def matches(conditions: tuple[Condition, ...], consent: MarketingConsent) -> bool:
    """Whether a record is in an audience."""
    return all(condition.matches(consent) for condition in conditions)


@pytest.mark.parametrize(
    ("known", "days", "reasons"),
    [
        (None, 0, ()),
        (delivery(BOUNCING, 0, 3), 0, ()),
        (delivery(UNREACHABLE, 0), 0, (Reason.UNREACHABLE,)),
        (delivery(UNREACHABLE, 0), 3000, (Reason.UNREACHABLE,)),
        (delivery(UNREACHABLE, 0, 7), 29, (Reason.UNREACHABLE,)),
        (delivery(UNREACHABLE, 0, 7), 30, ()),
    ],
)
def test_unreachable_people_are_not_contacted(
    known: Delivery | None, days: int, reasons: tuple[Reason, ...]
) -> None:
    """Section 9: what came from transient bounces lapses; an audience leaves the others out."""
    consent, now = record(CONFIRMED, 0, delivery=known), at(0) + timedelta(days=days)
    assert eligibility(consent, now=now).reasons == reasons
    assert matches(audience(Channel.EMAIL, now=now), consent) is not bool(reasons)
    revoked = record(REVOKED, None, 0, delivery=known)
    assert eligibility(revoked, now=now).reasons == (Reason.REVOKED, *reasons)


def test_a_lapse_longer_than_time_itself_never_ends() -> None:
    """What would have bounced before the first date that exists has not lapsed."""
    policy, consent = Policy(transient_lapse=timedelta.max), record(CONFIRMED, 0)
    bounced = evolve(consent, delivery=delivery(UNREACHABLE, 0, 7))
    for each, granted in ((consent, True), (bounced, False)):
        assert bool(eligibility(each, now=NOW, policy=policy)) is granted
        assert matches(audience(Channel.EMAIL, now=NOW, policy=policy), each) is granted


reports = st.builds(
    report,
    st.sampled_from([PERMANENT, TRANSIENT, DELIVERED, RESET]),
    st.integers(0, 4),
    st.sampled_from([None, "5.1.1", "5.2.2", "5.7.1"]),
)


@given(st.lists(reports, max_size=5))
def test_only_a_later_delivery_reaches_an_unreachable_address(heard: list[DeliveryReport]) -> None:
    """The section's law: "reports in any order with equal dates never make an unreachable address
    reachable without a later delivery or a person's confirmation by link".
    """
    wrong = record(CONFIRMED, 0, delivery=delivery(UNREACHABLE, 2))
    later = [
        each
        for each in heard
        if each.event in (DELIVERED, RESET) and each.reported_date and each.reported_date > at(2)
    ]
    for order in permutations(heard):
        after = hear(wrong, *order)
        if not later:
            assert after.delivery == wrong.delivery


@pytest.mark.parametrize("code", ["5.1", "3.1.1", "5.1.1.1", "5.1.x", "550", ""])
def test_malformed_codes_are_refused(code: str) -> None:
    """A malformed code is a violation that names the field and the remedy."""
    with pytest.raises(InvalidConsent) as error:
        report(PERMANENT, 1, code)
    assert violations_of(error) == [("code", ViolationCode.INVALID_NUMBER)]
    assert "such as 5.1.1" in str(error.value)


def test_a_report_is_about_the_record_s_identifier() -> None:
    """As for requests."""
    other = DeliveryReport(identifier=LINE, event=PERMANENT)
    with pytest.raises(InvalidConsent) as error:
        decide_report(record(CONFIRMED, 1), other, now=NOW)
    assert violations_of(error) == [("identifier", ViolationCode.IMMUTABLE)]


def test_a_complaint_is_decided_under_the_policy() -> None:
    """Section 9: it is "a REVOKED upsert", so the policy's margin counts for it."""
    complaint = report(DeliveryEvent.COMPLAINT, 5)
    assert effect_of(complaint) is DeliveryEffect.NONE
    policy = Policy(evidence_margin=timedelta(minutes=5))
    outcome = decide_report(record(CONFIRMED, 8), complaint, now=NOW, policy=policy)
    assert outcome.consent is not None
    assert outcome.consent.state is REVOKED


def test_a_change_of_the_delivery_dates_the_record() -> None:
    """Section 9: "A change is a revision and an event."."""
    before = record(CONFIRMED, 1, updated_date=at(2))
    after = hear(before, report(PERMANENT, 5))
    assert (after.revision, after.updated_date) == (before.revision + 1, NOW)
