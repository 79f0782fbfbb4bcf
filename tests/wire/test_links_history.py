"""Revisions and history say what happened since a link was made, clocks do not (section 6)."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from consent_core import (
    Change,
    Conflict,
    ConsentCreated,
    ConsentEvent,
    ConsentNotFound,
    ConsentState,
    ConsentUpdated,
    Contended,
    KeptReason,
    MemoryRepository,
    Result,
    TokenRefusal,
)
from tests.application.support import NOW, Delegate, ask, at, confirm, revoke
from tests.wire.clicking import CONFIRM, REVOKE, Clicks, Forgetful, refused
from tests.wire.serving import Site

PENDING, NEVER = ConsentState.PENDING, ConsentState.NEVER_CONFIRMED


@pytest.fixture
def clicks(site: Site) -> Clicks:
    """The clicks on the links of an empty site."""
    return Clicks(site)


@pytest.mark.parametrize("minute", [NOW - 900, NOW - 1, NOW, NOW + 3])
def test_revoked_since_whatever_the_clocks_say(clicks: Clicks, minute: float) -> None:
    """Section 6.

    "after an opt-out it is refused for ever, whatever is asked anew", whatever that is dated.
    """
    old = clicks.pending(NOW - 1000)
    clicks.site.service.upsert(revoke(minute=minute))
    assert clicks.refused(old) is TokenRefusal.REVOKED_SINCE
    clicks.site.clock.minute += 10
    new = clicks.pending()
    assert clicks.refused(old) is TokenRefusal.REVOKED_SINCE
    assert clicks.redeem(new).consent.state is ConsentState.CONFIRMED
    assert clicks.refused(old) is TokenRefusal.REVOKED_SINCE


def test_an_opt_out_that_was_kept_back_spends_no_link(clicks: Clicks) -> None:
    """Section 6: "honoured while the record was never REVOKED", and it never was."""
    token = clicks.pending(NOW)
    late = clicks.site.service.upsert(revoke(minute=NOW - 10))
    assert (late.kept, late.consent.state) == (KeptReason.STALE_EVIDENCE, PENDING)
    assert clicks.redeem(token).consent.state is ConsentState.CONFIRMED


@pytest.mark.parametrize("clicked", [True, False])
def test_taken_out_of_confirmed(clicks: Clicks, clicked: bool) -> None:
    """Section 6.

    "once it was spent and the record reset, it is refused for ever, whatever is asked anew".

    Whether the link itself or other evidence confirmed makes no difference: the person's yes was
    used.
    """
    old = clicks.pending()
    clicks.site.clock.minute += 1
    if clicked:
        clicks.redeem(old)
    else:
        clicks.site.service.upsert(confirm())
    assert clicks.site.service.upsert(ask(NEVER)).consent.state is NEVER
    assert clicks.refused(old) is TokenRefusal.SPENT
    clicks.site.clock.minute += 1
    new = clicks.pending()
    assert clicks.refused(old) is TokenRefusal.SPENT
    assert clicks.redeem(new).consent.state is ConsentState.CONFIRMED
    assert clicks.refused(old) is TokenRefusal.SPENT


def test_a_reset_before_the_click_spends_nothing(clicks: Clicks) -> None:
    """A nightly NEVER_CONFIRMED between question and click takes nothing out of CONFIRMED."""
    token = clicks.pending()
    clicks.site.service.upsert(ask(NEVER))
    clicks.site.clock.minute += 1
    assert clicks.redeem(token).consent.state is ConsentState.CONFIRMED


def test_the_first_of_two_questions_still_works(clicks: Clicks) -> None:
    """Section 6: "the first of two questions still works".

    A click on the second is then the second click.
    """
    first = clicks.pending()
    clicks.site.clock.minute += 1
    second = clicks.pending()
    clicks.site.clock.minute += 1
    outcome = clicks.redeem(first)
    assert (outcome.result, outcome.consent.confirmed_date) == (Result.UPDATED, clicks.site.clock())
    clicks.site.clock.minute += 1
    for token in (second, first):
        again = clicks.redeem(token)
        assert (again.result, again.kept, again.consent) == (
            Result.UNCHANGED,
            None,
            outcome.consent,
        )


def test_where_the_history_is_not_there(colour: str) -> None:
    """Section 6.

    "where the history is not there, a confirmation is refused and a revocation taken".
    """
    clicks = Clicks(Site(colour, Forgetful(MemoryRepository())))
    token, revocation = clicks.pending(), clicks.revocation()
    assert clicks.preview(token).type is CONFIRM, (
        "a revision that is still the stored one needs no history"
    )
    clicks.site.service.upsert(ask(PENDING, NOW - 1, fields={"app": {"x": 1}}))
    assert clicks.refused(token) is TokenRefusal.UNPROVEN
    assert clicks.redeem(revocation, REVOKE).consent.state is ConsentState.REVOKED


@pytest.mark.parametrize(
    ("lost", "answer"),
    [({2}, TokenRefusal.UNPROVEN), ({2, 3}, TokenRefusal.UNPROVEN), ({1}, None), ({3}, None)],
)
def test_where_a_part_of_the_history_is_not_there(
    colour: str, lost: frozenset[int], answer: TokenRefusal | None
) -> None:
    """What is missing could be the opt-out.

    What came before the link tells nothing, and the record tells its state.
    """
    store = Forgetful(MemoryRepository())
    clicks = Clicks(Site(colour, store))
    clicks.site.service.upsert(ask(NEVER))
    token = clicks.pending()  # revision 2
    store.lost = frozenset(lost)
    clicks.site.service.upsert(ask(PENDING, NOW - 1, fields={"app": {"x": 1}}))
    if answer is None:
        assert clicks.redeem(token).consent.state is ConsentState.CONFIRMED
    else:
        assert clicks.refused(token) is answer


@pytest.mark.parametrize("further", [0, 1])
def test_a_record_that_was_restored_from_a_backup(colour: str, further: int) -> None:
    """A link that was made for a revision that the record does not have yet.

    Nobody knows what was lost.
    """
    lost = Site(colour)
    old = lost.service.upsert(ask(NEVER)).consent
    for minute in range(3):
        lost.service.upsert(ask(PENDING, minute))
    token = Clicks(lost).pending()
    revocation = Clicks(lost).revocation()

    store = MemoryRepository()
    store.commit([Change(old.details, 0, old, (ConsentCreated(old),))])
    restored = Clicks(Site(colour, store))
    if further:
        restored.site.service.upsert(ask(PENDING))
    assert restored.refused(token) is TokenRefusal.UNPROVEN
    assert restored.redeem(revocation, REVOKE).consent.state is ConsentState.REVOKED


@pytest.mark.parametrize("one_click", [False, True])
def test_a_click_while_revoked_is_an_opt_out_of_that_moment(
    clicks: Clicks, one_click: bool
) -> None:
    """Law 10: left, said yes in a shop whose till is offline, unsubscribed again.

    Then the shop's yes arrives.
    """
    clicks.site.service.upsert(confirm(minute=10))
    revocation = clicks.revocation()
    clicks.site.service.upsert(revoke(minute=20))
    clicks.site.clock.minute += 5
    clicked = clicks.one_click(revocation) if one_click else clicks.redeem(revocation, REVOKE)
    assert (clicked.result, clicked.kept, clicked.consent.revoked_date) == (
        Result.UPDATED,
        None,
        at(NOW + 5),
    )
    clicks.site.clock.minute += 60
    late = clicks.site.service.upsert(confirm(minute=NOW + 3))
    assert (late.kept, late.consent.state) == (KeptReason.STALE_EVIDENCE, ConsentState.REVOKED)


def test_events_tell_each_revision(clicks: Clicks) -> None:
    """The history that links are judged by has one event for each revision, whatever door it came
    through.
    """
    token = clicks.pending()
    clicks.site.clock.minute += 1
    consent = clicks.redeem(token).consent
    events = clicks.site.repository.history(consent.id)
    assert [(type(event), event.sequence) for event in events] == [
        (ConsentCreated, 1),
        (ConsentUpdated, 2),
    ]


def test_a_click_that_never_gets_its_turn(colour: str) -> None:
    """A store where others are always first is an error of the store.

    Nothing of the click is stored.
    """
    inner = Site()

    class Busy(Delegate):
        """Lets somebody else write before every click."""

        busy = False

        def commit(self, changes: Sequence[Change], /) -> None:
            if self.busy:
                raise Conflict(changes)
            super().commit(changes)

    store = Busy(inner.repository)
    clicks = Clicks(Site(colour, store))
    token = clicks.pending()
    before = clicks.site.stored()
    store.busy = True
    with pytest.raises(Contended):
        clicks.redeem(token)
    assert clicks.site.stored() == before


def test_a_record_that_is_erased_under_the_click(colour: str) -> None:
    """Where the record goes between the look at it and at its history, nothing can be proven any
    more.
    """
    inner = Site()

    class Erasing(Delegate):
        """Erases a record before its history is read."""

        def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
            inner.service.delete(consent_id)
            return super().history(consent_id)

    clicks = Clicks(Site(colour, Erasing(inner.repository)))
    token = clicks.pending(NOW - 2)
    clicks.site.service.upsert(ask(PENDING, NOW - 1))
    assert refused(lambda: clicks.redeem(token)) is TokenRefusal.UNPROVEN
    with pytest.raises(ConsentNotFound):
        clicks.redeem(token)
