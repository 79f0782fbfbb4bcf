"""Whoever confirmed singly, or long ago, can confirm again by a link (contract, section 6)."""

from datetime import timedelta

import pytest

from consent_core import ConsentState, KeptReason, OptInLevel, Policy, Reason, Result, TokenRefusal
from tests.application.support import ADA, NOW, ask, confirm, no, yes
from tests.wire.clicking import CONFIRM, Clicks
from tests.wire.serving import Site, token_of

PENDING, NEVER = ConsentState.PENDING, ConsentState.NEVER_CONFIRMED


@pytest.fixture
def clicks(site: Site) -> Clicks:
    """The clicks on the links of an empty site."""
    return Clicks(site)


SINGLE = yes(NOW - 10, level=OptInLevel.SINGLE_CONFIRMATION)


@pytest.mark.parametrize(
    ("policy", "confirmation", "reason"),
    [
        (
            Policy(minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION),
            SINGLE,
            Reason.DOUBLE_CONFIRMATION_REQUIRED,
        ),
        (
            Policy(confirmation_lifetime=timedelta(minutes=20)),
            yes(NOW - 30, level=OptInLevel.DOUBLE_CONFIRMATION),
            Reason.EXPIRED,
        ),
    ],
    ids=["singly", "long ago"],
)
def test_whoever_confirmed_singly_or_long_ago_can_confirm_again(
    colour: str, policy: Policy, confirmation: object, reason: Reason
) -> None:
    """Section 6: PENDING kept as ALREADY_CONFIRMED has a link to confirm.

    "until then the state stays".
    """
    clicks = Clicks(Site(colour, policy=policy))
    service = clicks.site.service
    service.create(ADA, confirmation)  # type: ignore[arg-type]  # of two kinds
    assert service.get_by_identifier(ADA).eligibility.reasons == (reason,)

    asked = service.upsert(ask(PENDING))
    assert (asked.result, asked.kept) == (Result.UNCHANGED, KeptReason.ALREADY_CONFIRMED)
    assert asked.link is not None
    assert asked.link.type is CONFIRM
    clicks.site.clock.minute += 1
    token = token_of(asked.link)
    assert clicks.preview(token).consent == asked.consent

    clicked = clicks.redeem(token)
    assert (clicked.result, clicked.consent.confirmed_date) == (Result.UPDATED, clicks.site.clock())
    assert service.get_by_identifier(ADA).eligibility.granted
    clicks.site.clock.minute += 1
    assert clicks.redeem(token).consent == clicked.consent


def test_a_question_of_before_an_opt_out_does_not_confirm_again(clicks: Clicks) -> None:
    """The same link is refused like any other once the person has left, or the record was reset."""
    clicks.site.service.upsert(confirm())
    first = clicks.pending()
    clicks.site.service.upsert(ask(NEVER))
    assert clicks.refused(first) is TokenRefusal.SPENT
    clicks.site.clock.minute += 1
    second = clicks.pending()
    clicks.site.service.remove(ADA, no())
    assert clicks.refused(second) is TokenRefusal.REVOKED_SINCE
