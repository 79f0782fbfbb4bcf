"""Evidence that the record already holds is not judged again (contract, section 4.2)."""

import pytest

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import ConfirmationSource, Result
from tests.domain.builders import (
    CONFIRMED,
    DOUBLE,
    PENDING,
    REVOKED,
    ask,
    at,
    confirmed,
    no,
    one,
    record,
    revoked,
    yes,
)


def test_stored_evidence_is_not_judged_again() -> None:
    """A record whose dates lie ahead of a clock that was set back can be sent back (law 9) and
    revoked (law 4).
    """
    slow = at(500)
    before = record(CONFIRMED, 900, 800)
    same = one(before, ask(CONFIRMED, yes(900), no(800)), now=slow)
    assert (same.result, same.kept) == (Result.UNCHANGED, None)
    with pytest.raises(InvalidConsent):
        one(before, confirmed(901), now=slow)
    assert one(before, revoked(), now=slow).consent.revoked_date == at(900)


def test_stored_evidence_keeps_its_date_when_it_proves_another_state() -> None:
    """The yes of a PENDING record that comes again as CONFIRMED is the same yes, also for a clock
    that was set back.
    """
    before = record(PENDING, 900)
    decision = one(before, ask(CONFIRMED, yes(900)), now=at(500))
    assert (decision.consent.state, decision.kept) == (CONFIRMED, None)
    assert decision.consent.last_confirmation_activity == yes(900)


def test_a_revocation_that_is_stored_is_no_late_one() -> None:
    """Section 4.3.

    Evidence that says what the slot says is no reason, also where its date lies ahead of the clock.
    """
    before = record(REVOKED, 1, 900)
    decision = one(before, revoked(900), now=at(500))
    assert (decision.result, decision.kept, decision.consent) == (Result.UNCHANGED, None, before)


def test_both_stored_activities_keep_their_dates_when_they_prove_another_state() -> None:
    """Also for a clock that was set back: the revocation that is stored is not counted anew."""
    decision = one(record(PENDING, 901, 900), ask(CONFIRMED, yes(901), no(900)), now=at(500))
    assert (decision.consent.state, decision.kept) == (CONFIRMED, None)
    assert decision.consent.revoked_date == at(900)


def test_undated_evidence_that_says_what_the_slot_says_is_no_reason() -> None:
    """Section 4.3: "date included", which is that of the slot; also of a double opt-in."""
    double = ConfirmationActivity(source=ConfirmationSource.OTHER, opt_in_level=DOUBLE)
    again = one(record(CONFIRMED, double.at(at(3))), ask(CONFIRMED, double))
    assert (again.result, again.kept) == (Result.UNCHANGED, None)
