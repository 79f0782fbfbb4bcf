"""A link that one server makes and another one, whose clock differs, redeems (contract, 6)."""

from datetime import timedelta

import pytest

from consent_core import ConsentState, Policy, Reconsent, Result
from tests.application.support import NOW, at, revoke
from tests.wire.clicking import REVOKE, Clicks
from tests.wire.serving import Site, token_of

STRICT = Policy(reconsent=Reconsent.DOUBLE_OPT_IN, evidence_margin=timedelta(minutes=5))


@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["default", "margin"])
@pytest.mark.parametrize("behind", [0, 1, 3])
def test_a_server_whose_clock_is_behind(colour: str, policy: Policy, behind: float) -> None:
    """Section 6: "dated at receipt or just after the revocation slot", and not before the question.

    No margin is added.

    The person left and came back on a server that is ahead; the click is served by one that is
    behind.
    """
    ahead, other = (Clicks(site) for site in _two_servers(colour, policy))
    ahead.site.service.upsert(revoke(minute=NOW - 1))
    token = ahead.pending(NOW)
    other.site.clock.minute = NOW - behind
    consent = other.redeem(token).consent
    assert consent.state is ConsentState.CONFIRMED
    assert consent.revoked_date == at(NOW - 1)
    assert consent.confirmed_date == at(NOW)
    again = other.redeem(token)
    assert (again.result, again.kept, again.consent) == (Result.UNCHANGED, None, consent)


def test_the_opt_out_after_such_a_click_counts(colour: str) -> None:
    """Law 4.

    A confirmation that is dated ahead of a server's clock never outranks an opt-out of that moment.
    """
    ahead, other = (Clicks(site) for site in _two_servers(colour, STRICT))
    ahead.site.service.upsert(revoke(minute=NOW - 1))
    token = ahead.pending(NOW)
    revocation = token_of(other.redeem(token).link)
    left = other.redeem(revocation, REVOKE)
    assert (left.kept, left.consent.state) == (None, ConsentState.REVOKED)


def _two_servers(colour: str, policy: Policy) -> tuple[Site, Site]:
    first = Site(colour, policy=policy)
    return first, Site(colour, first.repository, policy)
