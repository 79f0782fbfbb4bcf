"""Clicks on links, in both colours.

What is honoured, what is refused, and why (contract, section 6).
"""

from datetime import timedelta

import pytest

from consent_core import (
    ConfirmationSource,
    ConsentNotFound,
    ConsentState,
    LinkType,
    OptInLevel,
    Phone,
    Policy,
    Result,
    RevokeSource,
    TokenRefusal,
)
from tests.application.support import ADA, Delegate, ask, at, confirm, no, revoke
from tests.wire.clicking import CONFIRM, REVOKE, Clicks, refused
from tests.wire.serving import Site, token_of

DAYS_30 = 30 * 24 * 60


@pytest.fixture
def clicks(site: Site) -> Clicks:
    """The clicks on the links of an empty site."""
    return Clicks(site)


def test_a_click_confirms(clicks: Clicks) -> None:
    """The click is the evidence: a double opt-in by link, dated at receipt."""
    token = clicks.pending()
    clicks.site.clock.minute += 7
    outcome = clicks.redeem(token)
    assert (outcome.result, outcome.kept, outcome.consent.state) == (
        Result.UPDATED,
        None,
        ConsentState.CONFIRMED,
    )
    activity = outcome.consent.last_confirmation_activity
    assert activity is not None
    assert (activity.source, activity.opt_in_level, activity.updated_date) == (
        ConfirmationSource.LINK_CONFIRMATION,
        OptInLevel.DOUBLE_CONFIRMATION,
        at(1007),
    )
    assert outcome.link is not None
    assert outcome.link.type is LinkType.REVOKE_CONFIRMATION
    assert clicks.preview(token_of(outcome.link)).language == "de", (
        "the language goes from link to link"
    )


def test_a_second_click_has_the_same_outcome(clicks: Clicks) -> None:
    """Nothing changes any more, and it is no error."""
    token = clicks.pending()
    first = clicks.redeem(token, LinkType.CONFIRMATION)
    clicks.site.clock.minute += 1
    second = clicks.redeem(token, LinkType.CONFIRMATION)
    assert (second.result, second.kept, second.events) == (Result.UNCHANGED, None, ())
    assert second.consent == first.consent


def test_a_preview_changes_nothing(clicks: Clicks) -> None:
    """Mail scanners may fetch a link as often as they like."""
    token, revocation = clicks.pending(), clicks.revocation()
    before = clicks.site.stored()
    for _ in range(3):
        seen = clicks.preview(token)
        assert (seen.type, seen.language, seen.consent.details) == (
            LinkType.CONFIRMATION,
            "de",
            ADA,
        )
        seen = clicks.preview(revocation, LinkType.REVOKE_CONFIRMATION)
        assert (seen.type, seen.language) == (LinkType.REVOKE_CONFIRMATION, "fr")
    assert clicks.site.stored() == before
    assert len(clicks.site.repository.history(seen.consent.id)) == 1


def test_a_confirmation_expires_to_the_second(clicks: Clicks) -> None:
    """Exactly at the limit it is honoured still; one second later, not even shown."""
    token = clicks.pending()
    clicks.site.clock.minute += DAYS_30
    assert clicks.preview(token).type is LinkType.CONFIRMATION
    clicks.site.clock.minute += 1 / 60
    assert refused(lambda: clicks.preview(token)) is TokenRefusal.EXPIRED
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.EXPIRED
    clicks.site.clock.minute -= 1 / 60
    assert clicks.redeem(token).consent.state is ConsentState.CONFIRMED


def test_the_policy_says_when_it_expires(colour: str) -> None:
    """A deployment may be stricter."""
    clicks = Clicks(Site(colour, policy=Policy(confirmation_link_lifetime=timedelta(minutes=5))))
    token = clicks.pending()
    clicks.site.clock.minute += 6
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.EXPIRED


def test_a_token_never_does_what_it_is_not_for(clicks: Clicks) -> None:
    """Section 6.

    "a page says which action it is for, and a token for another action is refused".
    """
    token, revocation = clicks.pending(), clicks.revocation()
    before = clicks.site.stored()
    for act in (clicks.preview, clicks.redeem):
        assert refused(lambda act=act: act(token, REVOKE)) is TokenRefusal.WRONG_ACTION  # type: ignore[misc]
        assert refused(lambda act=act: act(revocation, CONFIRM)) is TokenRefusal.WRONG_ACTION  # type: ignore[misc]
        assert refused(lambda act=act: act("made.up")) is TokenRefusal.FORGED  # type: ignore[misc]
    assert clicks.site.stored() == before
    assert clicks.redeem(revocation, REVOKE).consent.state is ConsentState.REVOKED


def test_a_link_never_lifts_a_revocation(clicks: Clicks) -> None:
    """Revoked since: refused while it stands, and after a new sign-up, whose own link works."""
    old = clicks.pending()
    clicks.site.clock.minute += 1
    clicks.site.service.remove(ADA, no())
    assert refused(lambda: clicks.preview(old)) is TokenRefusal.REVOKED_SINCE
    assert refused(lambda: clicks.redeem(old)) is TokenRefusal.REVOKED_SINCE
    clicks.site.clock.minute += 1
    new = clicks.pending()
    assert refused(lambda: clicks.redeem(old)) is TokenRefusal.REVOKED_SINCE
    assert clicks.redeem(new).consent.state is ConsentState.CONFIRMED
    assert refused(lambda: clicks.redeem(old)) is TokenRefusal.REVOKED_SINCE


def test_a_used_link_is_not_used_again_after_a_revocation(clicks: Clicks) -> None:
    """Confirmed by it, then unsubscribed.

    A replay of the old click is refused and nothing changes.
    """
    token = clicks.pending()
    revocation = token_of(clicks.redeem(token).link)
    clicks.site.clock.minute += 1
    assert clicks.redeem(revocation, REVOKE).consent.state is ConsentState.REVOKED
    before = clicks.site.stored()
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.REVOKED_SINCE
    assert clicks.site.stored() == before


def test_a_revocation_of_the_same_moment_wins(clicks: Clicks) -> None:
    """In doubt nobody is contacted."""
    token = clicks.pending()
    clicks.site.service.remove(ADA, no())
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.REVOKED_SINCE


@pytest.mark.parametrize("state", ConsentState)
def test_a_revocation_link_works_for_ever_from_every_state(
    clicks: Clicks, state: ConsentState
) -> None:
    """Any number of times, after years, whatever the state is by then."""
    clicks.site.service.upsert(ask(ConsentState.NEVER_CONFIRMED))
    token = clicks.revocation()
    clicks.site.clock.minute += 100 * 365 * 24 * 60
    clicks.site.service.upsert(ask(state))
    for _ in range(2):
        clicks.site.clock.minute += 1
        clicked = clicks.redeem(token, REVOKE)
        assert (clicked.result, clicked.kept, clicked.link) == (Result.UPDATED, None, None)
        activity = clicked.consent.last_revoke_activity
        assert activity is not None
        assert (clicked.consent.state, activity.source) == (
            ConsentState.REVOKED,
            RevokeSource.REVOKE_LINK,
        )
        assert activity.updated_date == clicks.site.clock(), (
            "every click is an opt-out of that moment"
        )
    clicks.site.service.upsert(confirm(minute=clicks.site.clock.minute + 1))
    clicks.site.clock.minute += 1
    assert clicks.redeem(token, REVOKE).consent.state is ConsentState.REVOKED, (
        "it works after a new yes, too"
    )


def test_a_revocation_link_works_under_a_tightened_policy(colour: str) -> None:
    """An opt-out is not refused because the number would not be taken any more."""
    site = Site(colour)
    outcome = site.service.upsert(ask(ConsentState.CONFIRMED, who=Phone("+445168993333")))
    tight = Clicks(Site(colour, site.repository, Policy(valid_phones_only=True)))
    assert tight.redeem(token_of(outcome.link), REVOKE).consent.state is ConsentState.REVOKED


def test_the_links_of_an_erased_consent(clicks: Clicks) -> None:
    """They lead nowhere, also when the same person signs up anew: that is another consent."""
    token, revocation = clicks.pending(), clicks.revocation()
    clicks.site.service.delete(clicks.preview(token).consent.id)
    for again in (False, True):
        if again:
            clicks.pending()
        for old, action in ((token, CONFIRM), (revocation, REVOKE)):
            for act in (clicks.preview, clicks.redeem):
                with pytest.raises(ConsentNotFound):
                    act(old, action)
    assert [record["state"] for record in clicks.site.stored()] == ["PENDING"]


def test_a_click_that_meets_another_writer(colour: str) -> None:
    """A revocation that arrives while the click is under way is seen: the click is refused."""
    inner = Site()

    class Meanwhile(Delegate):
        """Lets the person unsubscribe between the reading and the writing of the click."""

        armed = False

        def commit(self, changes, /) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
            if self.armed:
                self.armed = False
                inner.service.upsert(revoke())
            super().commit(changes)

    store = Meanwhile(inner.repository)
    clicks = Clicks(Site(colour, store))
    token = clicks.pending()
    store.armed = True
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.REVOKED_SINCE
    assert inner.stored()[0]["state"] == "REVOKED"


def test_a_service_without_links(colour: str) -> None:
    """It has none to read, and says what is missing."""
    site = Site(colour, links=None)
    assert site.service.upsert(ask(ConsentState.PENDING)).link is None
    for act in (site.service.preview, site.service.redeem):
        with pytest.raises(TypeError, match="LinkIssuer"):
            act("token", action=CONFIRM)
