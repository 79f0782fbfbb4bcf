"""Evidence that the record already holds is not judged again (contract, section 4.2)."""

import pytest

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import Result
from tests.domain.builders import (
    CONFIRMED,
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
