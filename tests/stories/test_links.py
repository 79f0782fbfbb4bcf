"""Stories of links and of proof, each by itself (contract, sections 4.2, 5 and 6)."""

from datetime import timedelta

import pytest

from consent_core import (
    ConsentState,
    InvalidConsent,
    InvalidToken,
    KeptReason,
    OptInLevel,
    Policy,
    Reason,
    TokenRefusal,
)
from tests.application.support import ADA, ask, confirm, revoke
from tests.stories.shop import ONE_CLICK, OpenShop, confirms
from tests.stories.test_opt_outs import DAY, NEVER, PENDING, SYNC

TWICE = Policy(minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION)


@pytest.mark.parametrize("dated", [None, 1.5])
def test_a_link_of_before_an_opt_out_is_refused_for_ever(
    open_shop: OpenShop, dated: float | None
) -> None:
    """It is refused whatever is asked anew, which the history tells whatever any clock says."""
    shop = open_shop()
    old = shop.question(1, ask(PENDING))
    shop.hears(2, revoke(minute=dated))
    new = shop.question(3, ask(PENDING))
    with pytest.raises(InvalidToken) as caught:
        confirms(shop, 4, old)
    assert caught.value.reason is TokenRefusal.REVOKED_SINCE
    assert not shop.contactable()
    confirms(shop, 5, new)
    assert shop.contactable()


def test_a_spent_link_never_confirms_again(open_shop: OpenShop) -> None:
    """A second click gives the same outcome.

    Once the record was reset, the link is refused for ever.
    """
    shop = open_shop()
    token = shop.question(1, ask(PENDING))
    first = confirms(shop, 2, token)
    assert confirms(shop, 3, token).consent == first.consent
    shop.hears(4, ask(NEVER))
    with pytest.raises(InvalidToken):
        confirms(shop, 5, token)
    shop.hears(6, ask(PENDING))
    with pytest.raises(InvalidToken):
        confirms(shop, 7, token)
    assert not shop.contactable()


def test_the_first_of_two_questions_still_works(open_shop: OpenShop) -> None:
    """A link is honoured while the record was never REVOKED since."""
    shop = open_shop()
    first = shop.question(1, ask(PENDING))
    shop.question(2, ask(PENDING))
    confirms(shop, 3, first)
    assert shop.contactable()


def test_one_click_never_confirms(open_shop: OpenShop) -> None:
    """The body of RFC 8058 never confirms, and no other body unsubscribes at once."""
    shop = open_shop()
    token = shop.question(1, ask(PENDING))
    with pytest.raises(InvalidToken) as caught:
        shop.service.redeem_one_click(token, ONE_CLICK)
    assert caught.value.reason is TokenRefusal.WRONG_ACTION
    revocation = shop.revocation()
    for form in ({}, {"List-Unsubscribe": "Two-Clicks"}, {"action": "confirm"}):
        with pytest.raises(InvalidConsent):
            shop.service.redeem_one_click(revocation, form)
    assert (
        shop.service.redeem_one_click(revocation, ONE_CLICK).consent.state is ConsentState.REVOKED
    )


def test_a_nightly_sync_renews_nothing(open_shop: OpenShop) -> None:
    """An undated yes from where nobody acts never moves a filled slot, so a confirmation expires
    all the same.
    """
    shop = open_shop(Policy(confirmation_lifetime=timedelta(days=30)))
    shop.hears(0, confirm())
    for night in range(1, 30):
        shop.hears(night * DAY, SYNC)
        assert shop.contactable()
    shop.hears(31 * DAY, SYNC)
    assert not shop.contactable()


def test_a_single_confirmation_does_not_take_the_double_one_away(open_shop: OpenShop) -> None:
    """Beside the slots a record remembers its latest double opt-in, until the person leaves."""
    shop = open_shop(TWICE)
    confirms(shop, 2, shop.question(1, ask(PENDING)))
    assert shop.hears(3, confirm()) == [None]
    assert shop.contactable()
    shop.hears(4, revoke(), confirm(minute=4))
    shop.hears(5, confirm())
    assert not shop.contactable()


def test_whoever_confirmed_singly_can_confirm_again(open_shop: OpenShop) -> None:
    """A PENDING that is kept as ALREADY_CONFIRMED comes with a link to confirm.

    Until then the state stays.
    """
    shop = open_shop(TWICE)
    shop.hears(1, confirm())
    token = shop.question(2, ask(PENDING))
    assert shop.hears(2, ask(PENDING)) == [KeptReason.ALREADY_CONFIRMED]
    found = shop.service.get_by_identifier(ADA)
    assert found.eligibility.reasons == (Reason.DOUBLE_CONFIRMATION_REQUIRED,)
    confirms(shop, 3, token)
    assert shop.contactable()


def test_whose_consent_expired_can_confirm_again(open_shop: OpenShop) -> None:
    """As after a single confirmation."""
    shop = open_shop(Policy(confirmation_lifetime=timedelta(days=30)))
    confirms(shop, 2, shop.question(1, ask(PENDING)))
    token = shop.question(40 * DAY, ask(PENDING))
    assert not shop.contactable()
    confirms(shop, 40 * DAY + 1, token)
    assert shop.contactable()


def test_a_link_moves_no_slot_ahead_of_a_later_opt_out(open_shop: OpenShop) -> None:
    """Two clocks must never cost a person their opt-out.

    Under a margin, clocks may be apart by as much.
    """
    fast = open_shop(Policy(evidence_margin=timedelta(minutes=5)))
    slow, right = fast.another(), fast.another()
    fast.hears(0 + 2.5, revoke(minute=0 + 2.5))
    token = fast.question(1 + 2.5, ask(PENDING))
    confirms(slow, 2 - 2.5, token)
    assert right.hears(30, revoke(minute=3 - 2.5)) == [None]
    assert not right.contactable()
