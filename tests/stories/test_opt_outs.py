"""Stories of people who left, each by itself.

Nobody of them is contactable (contract, sections 3 and 4).
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from consent_core import (
    Channel,
    ConfirmationSource,
    ConsentState,
    KeptReason,
    LinkType,
    OptInLevel,
    Ordering,
    Policy,
    Reconsent,
    Result,
    Upsert,
)
from consent_core.wire import read_upsert, to_wire
from tests.application.support import ADA, ask, at, confirm, no, revoke, yes
from tests.stories.shop import ONE_CLICK, OpenShop, Shop, confirms

DAY: Final = 24 * 60
NEVER, PENDING, REVOKED = ConsentState.NEVER_CONFIRMED, ConsentState.PENDING, ConsentState.REVOKED
DOUBLE: Final = OptInLevel.DOUBLE_CONFIRMATION
TWICE: Final = Policy(reconsent=Reconsent.DOUBLE_OPT_IN)
SYNC: Final = Upsert(
    details=ADA,
    state=ConsentState.CONFIRMED,
    last_confirmation_activity=yes(source=ConfirmationSource.WIX_USERS),
)

LEAVE: Final[dict[str, Callable[[Any, str], Any]]] = {
    "link": lambda service, token: service.redeem(token, action=LinkType.REVOKE_CONFIRMATION),
    "one-click": lambda service, token: service.redeem_one_click(token, ONE_CLICK),
    "upsert": lambda service, _: service.upsert(revoke()),
    "bulk": lambda service, _: list(service.bulk_upsert([revoke()])),
    "remove": lambda service, _: service.remove(ADA, no()),
    "update": lambda service, _: service.update(
        service.get_by_identifier(ADA).consent.id, state=REVOKED, last_revoke_activity=no()
    ),
}


@pytest.mark.parametrize("door", LEAVE)
def test_every_opt_out_stands_at_its_own_date(open_shop: OpenShop, door: str) -> None:
    """Whatever door it came through, and whatever the record's state was, no grant dated before it
    counts later.
    """
    shop = open_shop()
    shop.hears(0, confirm(minute=0))
    token = shop.revocation()
    shop.hears(2 * DAY, revoke())
    LEAVE[door](shop.at(4 * DAY), token)
    assert shop.hears(5 * DAY, confirm(minute=3 * DAY)) == [KeptReason.STALE_EVIDENCE]
    assert not shop.contactable()
    assert shop.hears(6 * DAY, confirm()) == [None]
    assert shop.contactable()


@pytest.mark.parametrize("level", [OptInLevel.UNKNOWN_OPT_IN_LEVEL, DOUBLE])
def test_a_stranger_and_a_sync_bring_nobody_back(open_shop: OpenShop, level: OptInLevel) -> None:
    """Only a yes lifts a revocation, and a question is none."""
    policy = Policy(never_confirmed_granted=frozenset(Channel), minimum_opt_in_level=level)
    shop = open_shop(policy)
    shop.hears(1, revoke())
    assert shop.hears(2, ask(PENDING), ask(NEVER)) == [None, KeptReason.REVOKED_NEEDS_EVIDENCE]
    shop.hears(3, revoke(minute=1))
    assert not shop.contactable()


@pytest.mark.parametrize("later", [2, 10, DAY])
def test_the_same_grant_again_lifts_no_opt_out(open_shop: OpenShop, later: float) -> None:
    """A grant dated ahead of receipt counts as its date minus the skew, at once and later."""
    shop, grant = open_shop(), confirm(minute=4)
    shop.hears(0, grant)
    assert shop.contactable()
    shop.hears(1, revoke())
    assert shop.hears(later, grant) == [KeptReason.STALE_EVIDENCE]
    assert not shop.contactable()


def test_a_fast_server_costs_nobody_the_opt_out(open_shop: OpenShop) -> None:
    """Where the slot lies ahead of receipt, a revocation within the skew before receipt counts at
    the slot.
    """
    shop = open_shop()
    shop.another().hears(3, confirm())
    assert shop.hears(1, revoke(minute=1 - 2 / 60)) == [None]
    assert not shop.contactable()


def test_an_undated_sync_lifts_no_opt_out(open_shop: OpenShop) -> None:
    """From a source where nobody acts, an undated yes cannot prove any order."""
    shop = open_shop()
    assert shop.hears(0, SYNC) == [None]
    assert shop.hears(1, revoke(), SYNC) == [None, KeptReason.UNDATED_EVIDENCE]
    assert shop.hears(DAY, SYNC) == [KeptReason.UNDATED_EVIDENCE]
    assert not shop.contactable()


def test_a_dated_request_may_be_sent_again(open_shop: OpenShop) -> None:
    """Whoever may retry dates the request before the first attempt."""
    shop, request = open_shop(), confirm().dated_at(at(0))
    shop.hears(1, request)
    shop.hears(2, revoke())
    assert shop.hears(3, request) != [None]
    assert not shop.contactable()


def test_an_old_yes_answers_no_new_question(open_shop: OpenShop) -> None:
    """While the revocation slot of a PENDING record is filled, only a double opt-in not older than
    it answers.
    """
    shop, old = open_shop(TWICE), confirm(minute=2)
    double = Upsert(
        details=ADA,
        state=ConsentState.CONFIRMED,
        last_confirmation_activity=yes(2, ConfirmationSource.FORM, DOUBLE),
    )
    refused = [KeptReason.RECONSENT_NEEDS_CONFIRMATION] * 2
    shop.hears(1, revoke())
    assert shop.hears(3, old, double) == refused
    token = shop.question(4, ask(PENDING))
    assert shop.hears(5, old, double) == refused
    assert not shop.contactable()
    confirms(shop, 6, token)
    assert shop.contactable()


@pytest.mark.parametrize("state", [NEVER, ConsentState.UNKNOWN_STATE])
def test_the_last_write_does_not_go_round_a_double_opt_in(
    open_shop: OpenShop, state: ConsentState
) -> None:
    """Under any re-consent but FRESH_EVIDENCE, UNKNOWN_STATE and NEVER_CONFIRMED lift no
    revocation.
    """
    shop = open_shop(Policy(ordering=Ordering.LAST_WRITE, reconsent=Reconsent.DOUBLE_OPT_IN))
    shop.hears(1, revoke())
    assert None not in shop.hears(2, ask(state), confirm())
    assert not shop.contactable()


@pytest.mark.parametrize("state", [NEVER, ConsentState.UNKNOWN_STATE])
def test_a_revocation_counts_whatever_it_comes_with(
    open_shop: OpenShop, state: ConsentState
) -> None:
    """For an existing record a revocation is decided first, as a REVOKED request of its own."""
    shop = open_shop(Policy.wix())
    shop.hears(0, confirm())
    shop.hears(1, Upsert(details=ADA, state=state, last_revoke_activity=no(1)))
    assert not shop.contactable()
    shop.hears(2, confirm(minute=0.5))
    assert not shop.contactable()


def test_an_export_can_be_read_back(open_shop: OpenShop) -> None:
    """A record that was read can be sent back, and nothing changes.

    A REVOKED is not refused for its confirmation.
    """
    shop = open_shop()
    late = Upsert(
        details=ADA, state=REVOKED, last_revoke_activity=no(1), last_confirmation_activity=yes(2)
    )
    assert shop.hears(3, late) == [None]
    exported = shop.at(4).get_by_identifier(ADA).consent
    assert exported is not None
    assert exported.revoked_date == at(2)
    again = shop.service.upsert(read_upsert(to_wire(exported)))
    assert (again.result, again.consent) == (Result.UNCHANGED, exported)
    assert not shop.contactable()


@pytest.mark.parametrize("ahead", [6, 366 * DAY])
def test_an_opt_out_of_the_future_happened_now(open_shop: OpenShop, ahead: float) -> None:
    """An opt-out is never refused for its date: ahead of receipt, it happened now."""
    shop = open_shop()
    shop.hears(0, confirm())
    doors: list[Callable[[Shop], Any]] = [
        lambda shop: shop.at(1).upsert(revoke(minute=1 + ahead)),
        lambda shop: shop.at(2).remove(ADA, no(2 + ahead)),
        lambda shop: list(shop.at(3).bulk_upsert([revoke(minute=3 + ahead)])),
    ]
    for minute, door in enumerate(doors, 1):
        door(shop)
        stored = shop.service.get_by_identifier(ADA).consent
        assert stored is not None
        assert (stored.state, stored.revoked_date) == (REVOKED, at(minute))
