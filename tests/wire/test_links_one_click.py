"""Unsubscribing with one click of a mail program (contract, section 6; RFC 8058)."""

from collections.abc import Mapping

import pytest

from consent_core import (
    ConsentNotFound,
    ConsentState,
    InvalidConsent,
    Policy,
    Result,
    RevokeSource,
    TokenRefusal,
    ViolationCode,
)
from tests.application.support import ADA, confirm
from tests.wire.clicking import ONE_CLICK, Clicks, refused
from tests.wire.serving import Site


@pytest.fixture
def clicks(site: Site) -> Clicks:
    """The clicks on the links of a site that Ada has confirmed at."""
    site.service.upsert(confirm())
    site.clock.minute += 1
    return Clicks(site)


@pytest.mark.parametrize("form", [ONE_CLICK, {**ONE_CLICK, "utm_source": "newsletter"}])
def test_the_button_revokes(clicks: Clicks, form: Mapping[str, str]) -> None:
    """The body ``List-Unsubscribe=One-Click`` is an opt-out of that moment, any number of times."""
    token = clicks.revocation()
    for _ in range(2):
        clicks.site.clock.minute += 1
        outcome = clicks.one_click(token, form)
        assert (outcome.result, outcome.kept, outcome.link) == (Result.UPDATED, None, None)
        activity = outcome.consent.last_revoke_activity
        assert activity is not None
        assert (outcome.consent.state, activity.source) == (
            ConsentState.REVOKED,
            RevokeSource.REVOKE_LINK,
        )
        assert activity.updated_date == clicks.site.clock()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"List-Unsubscribe": ""},
        {"List-Unsubscribe": "one-click"},
        {"List-Unsubscribe": "One-Click "},
        {"list-unsubscribe": "One-Click"},
        {"One-Click": "List-Unsubscribe"},
        {"action": "REVOKE_CONFIRMATION"},
    ],
)
def test_any_other_form_needs_a_page_that_asks(clicks: Clicks, form: Mapping[str, str]) -> None:
    """What a scanner or a crawler posts is no wish of the person."""
    before = clicks.site.stored()
    with pytest.raises(InvalidConsent) as caught:
        clicks.one_click(clicks.revocation(), form)
    [violation] = caught.value.violations
    assert (violation.path, violation.code) == ("List-Unsubscribe", ViolationCode.REQUIRED)
    assert clicks.site.stored() == before


def test_it_never_confirms(colour: str) -> None:
    """Section 6.

    "the body List-Unsubscribe=One-Click never confirms", whatever the token is for.
    """
    clicks = Clicks(Site(colour))
    token = clicks.pending()
    before = clicks.site.stored()
    assert refused(lambda: clicks.one_click(token)) is TokenRefusal.WRONG_ACTION
    assert refused(lambda: clicks.one_click("made.up")) is TokenRefusal.FORGED
    assert clicks.site.stored() == before


def test_the_form_is_judged_before_the_token(clicks: Clicks) -> None:
    """A wrong form says nothing about a token."""
    with pytest.raises(InvalidConsent):
        clicks.one_click("made.up", {})


def test_no_policy_and_no_time_stands_in_the_way(clicks: Clicks) -> None:
    """A token to revoke does not expire; and after an erasure there is nothing to revoke."""
    token = clicks.revocation()
    strict = Clicks(Site(clicks.site.colour, clicks.site.repository, Policy.strict()))
    strict.site.clock.minute += 100 * 365 * 24 * 60
    revoked = strict.one_click(token).consent
    assert revoked.state is ConsentState.REVOKED
    strict.site.service.delete(revoked.id)
    with pytest.raises(ConsentNotFound):
        strict.one_click(token)
    assert strict.site.service.get_by_identifier(ADA).consent is None
