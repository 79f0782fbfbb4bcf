"""May this person be contacted, and if not, every reason (contract, section 5)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.eligibility import CommunicationEligibility, eligibility
from consent_core.domain.policy import Policy
from consent_core.domain.reasons import TEXTS
from consent_core.domain.records import Link
from consent_core.domain.vocabulary import Channel, ConsentState, LinkType, Reason
from tests.domain.builders import (  # fmt: skip
    ADA,
    ANY_LEVEL,
    CONFIRMED,
    DOUBLE,
    LINE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    at,
    one,
    record,
    yes,
)

TICK = timedelta(microseconds=1)
HOUR = Policy(confirmation_lifetime=timedelta(hours=1))

# Section 5: the state, and what default and the preset `wix` say of e-mail and phone; an empty text
# is granted.
TABLE: list[tuple[ConsentState, str, str, str]] = [
    (CONFIRMED, "", "", ""),
    (PENDING, "PENDING_CONFIRMATION", "PENDING_CONFIRMATION", "PENDING_CONFIRMATION"),
    (NEVER, "NEVER_CONFIRMED", "", "NEVER_CONFIRMED"),
    (UNKNOWN, "UNKNOWN_STATE", "UNKNOWN_STATE", "UNKNOWN_STATE"),
    (REVOKED, "REVOKED", "REVOKED", "REVOKED"),
]


@pytest.mark.parametrize(("state", "default", "wix_email", "wix_phone"), TABLE)
def test_the_table(state: ConsentState, default: str, wix_email: str, wix_phone: str) -> None:
    """Section 5, as written there."""
    left = 2 if state is REVOKED else None
    email, phone = record(state, 1, left, details=ADA), record(state, 1, left, details=LINE)
    cases = [
        (email, Policy(), default),
        (phone, Policy(), default),
        (email, Policy.wix(), wix_email),
        (phone, Policy.wix(), wix_phone),
    ]
    for consent, policy, expected in cases:
        answer = eligibility(consent, now=NOW, policy=policy)
        assert answer.reasons == (() if not expected else (Reason(expected),))
        assert answer.granted is (not expected)
        assert answer.reason == (TEXTS[Reason(expected)] if expected else "")


def test_without_a_record_there_is_no_consent() -> None:
    """Section 5, last row, under every preset."""
    for policy in (Policy(), Policy.wix(), Policy.strict()):
        assert eligibility(None, now=NOW, policy=policy).reasons == (Reason.NO_CONSENT,)


def test_the_default_policy_is_the_default() -> None:
    """Eligibility can be asked for without a policy."""
    assert eligibility(record(CONFIRMED, yes(1, SINGLE)), now=NOW).granted
    assert eligibility(record(NEVER), now=NOW).reasons == (Reason.NEVER_CONFIRMED,)


@pytest.mark.parametrize(
    ("level", "granted"), [(DOUBLE, True), (SINGLE, False), (ANY_LEVEL, False)]
)
def test_strict_wants_a_double_opt_in(level: object, granted: bool) -> None:
    """Section 5: the policy adds "a minimum opt-in level (DOUBLE_CONFIRMATION_REQUIRED)"."""
    answer = eligibility(record(CONFIRMED, yes(1, level)), now=NOW, policy=Policy.strict())  # type: ignore[arg-type]
    assert answer.granted is granted
    assert answer.reasons == (() if granted else (Reason.DOUBLE_CONFIRMATION_REQUIRED,))


def test_a_minimum_level_binds_every_state_that_may_be_contacted() -> None:
    """Section 5: with both wishes, who never confirmed has no double opt-in to show."""
    policy = Policy(minimum_opt_in_level=DOUBLE, never_confirmed_granted=frozenset({Channel.EMAIL}))
    assert eligibility(record(NEVER), now=NOW, policy=policy).reasons == (
        Reason.DOUBLE_CONFIRMATION_REQUIRED,
    )
    assert not eligibility(record(NEVER, yes(1, DOUBLE)), now=NOW, policy=policy).granted
    assert eligibility(record(NEVER, double_confirmed_date=at(1)), now=NOW, policy=policy).granted


def test_a_double_opt_in_counts_from_the_last_revocation() -> None:
    """Section 5.

    Required, "unless the latest double confirmation is later than the revocation slot".
    """
    policy = Policy(minimum_opt_in_level=DOUBLE)
    for proven, revoked, granted in (
        (3, None, True),
        (3, 2, True),
        (3, 3, False),
        (3, 4, False),
        (None, 2, False),
    ):
        date = None if proven is None else at(proven)
        consent = record(CONFIRMED, yes(9, SINGLE), revoked, double_confirmed_date=date)
        assert consent.doubly_confirmed is granted
        assert eligibility(consent, now=NOW, policy=policy).granted is granted


def test_an_unanswered_question_proves_no_double_opt_in() -> None:
    """Section 5.

    "the question of a PENDING record proves none", whatever the state becomes (4.2).
    """
    policy = Policy(minimum_opt_in_level=DOUBLE)
    consent = one(record(PENDING, 1, details=LINE), ask(UNKNOWN, details=LINE)).consent
    assert consent.last_confirmation_activity == yes(1, DOUBLE)
    for asked in (record(PENDING, 1), consent):
        assert (
            Reason.DOUBLE_CONFIRMATION_REQUIRED
            in eligibility(asked, now=NOW, policy=policy).reasons
        )


@pytest.mark.parametrize("channel", Channel)
def test_who_left_is_not_granted_by_never_confirmed(channel: Channel) -> None:
    """Section 5: "granted by a policy only to those who never revoked.

    Where the revocation slot is filled".
    """
    consent = record(NEVER, None, 2, details=ADA if channel is Channel.EMAIL else LINE)
    granting = Policy(never_confirmed_granted=frozenset(Channel))
    assert eligibility(consent, now=NOW, policy=granting).reasons == (Reason.REVOKED,)
    assert eligibility(consent, now=NOW).reasons == (Reason.REVOKED, Reason.NEVER_CONFIRMED)


def test_a_confirmation_expires_at_the_end_of_its_lifetime() -> None:
    """Section 5: "a lifetime of confirmations (EXPIRED)", to the microsecond."""
    consent = record(CONFIRMED, 100)
    end = at(160)
    assert eligibility(consent, now=end - TICK, policy=HOUR).granted
    assert eligibility(consent, now=end, policy=HOUR).reasons == (Reason.EXPIRED,)
    assert eligibility(consent, now=end + TICK, policy=HOUR).reasons == (Reason.EXPIRED,)


def test_a_lifetime_of_nothing_expires_at_once() -> None:
    """A lifetime of zero is a lifetime, not the absence of one."""
    policy = Policy(confirmation_lifetime=timedelta(0))
    assert eligibility(record(CONFIRMED, 5), now=at(5), policy=policy).reasons == (Reason.EXPIRED,)
    assert eligibility(record(CONFIRMED, 5), now=at(5) - TICK, policy=policy).granted
    assert eligibility(record(CONFIRMED, 5), now=at(9999), policy=Policy()).granted


def test_who_never_confirmed_has_nothing_that_expires() -> None:
    """Without a confirmation there is no lifetime; with one, it ends."""
    policy = Policy(
        confirmation_lifetime=timedelta(hours=1), never_confirmed_granted=frozenset(Channel)
    )
    assert eligibility(record(NEVER), now=NOW, policy=policy).granted
    assert eligibility(record(NEVER, 5), now=NOW, policy=policy).reasons == (Reason.EXPIRED,)


def test_moments_compare_across_offsets() -> None:
    """The moment may come with any offset."""
    east = timezone(timedelta(hours=9))
    assert eligibility(
        record(CONFIRMED, 100), now=(at(160) - TICK).astimezone(east), policy=HOUR
    ).granted
    assert not eligibility(
        record(CONFIRMED, 100), now=at(160).astimezone(east), policy=HOUR
    ).granted


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (REVOKED, Reason.REVOKED),
        (UNKNOWN, Reason.UNKNOWN_STATE),
        (PENDING, Reason.PENDING_CONFIRMATION),
    ],
)
def test_every_reason_is_told_in_order_of_precedence(state: ConsentState, first: Reason) -> None:
    """Section 5.

    "every blocking reason in order of precedence", which is that of the vocabulary.
    """
    policy = Policy(minimum_opt_in_level=DOUBLE, confirmation_lifetime=timedelta(hours=1))
    level = DOUBLE if state is PENDING else SINGLE
    reasons = eligibility(record(state, yes(1, level), 2), now=NOW, policy=policy).reasons
    assert reasons == (first, Reason.DOUBLE_CONFIRMATION_REQUIRED, Reason.EXPIRED)
    assert list(reasons) == sorted(reasons, key=list(Reason).index)


def test_the_first_reason_is_the_text() -> None:
    """Section 5: "the first as text in ``reason`` (empty when granted)"."""
    assert CommunicationEligibility().reason == ""
    assert (
        CommunicationEligibility((Reason.REVOKED, Reason.EXPIRED)).reason
        == "The person took the consent back."
    )
    assert (
        CommunicationEligibility((Reason.EXPIRED, Reason.REVOKED)).reason == TEXTS[Reason.EXPIRED]
    )
    assert set(TEXTS) == set(Reason)
    assert len(set(TEXTS.values())) == len(Reason)
    assert all(text.endswith(".") and text[0].isupper() for text in TEXTS.values())


def test_the_link_rides_along() -> None:
    """Section 5: eligibility carries the revoke link, beside the same reasons."""
    link = Link(LinkType.REVOKE_CONFIRMATION, "https://example.org/r")
    bare = CommunicationEligibility((Reason.EXPIRED,))
    linked = bare.with_link(link)
    assert (linked.reasons, linked.revoke_confirmation_link) == (bare.reasons, link)
    assert bare.revoke_confirmation_link is None
    assert linked.with_link(None) == bare


def test_choices_by_channel() -> None:
    """Section 13: "one value for all channels, or a mapping by channel".

    A channel left out has the default.
    """
    policy = Policy(
        minimum_opt_in_level={Channel.EMAIL: DOUBLE},
        confirmation_lifetime={Channel.PHONE: timedelta(minutes=5)},
    )
    email, phone = (
        record(CONFIRMED, yes(1, SINGLE)),
        record(CONFIRMED, yes(1, SINGLE), details=LINE),
    )
    assert eligibility(email, now=NOW, policy=policy).reasons == (
        Reason.DOUBLE_CONFIRMATION_REQUIRED,
    )
    assert eligibility(phone, now=NOW, policy=policy).reasons == (Reason.EXPIRED,)


def test_a_lifetime_in_months() -> None:
    """Section 13.

    "a number of calendar months (counted in UTC, the day clamped to the month's last)".
    """
    consent = record(
        CONFIRMED, ConfirmationActivity(updated_date=datetime(2026, 1, 31, 9, tzinfo=UTC))
    )
    policy, end = Policy(confirmation_lifetime=1), datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert eligibility(consent, now=end - TICK, policy=policy).granted
    assert eligibility(consent, now=end, policy=policy).reasons == (Reason.EXPIRED,)
