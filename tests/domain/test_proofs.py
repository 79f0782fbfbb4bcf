"""The proofs that a record remembers beside its slots (contract, sections 4.2 and 7)."""

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.decision import confirm_by_link
from consent_core.domain.vocabulary import ConfirmationSource, KeptReason, Result
from tests.domain.builders import CONFIRMED, DOUBLE, PENDING, REVOKED, ask, at, no, one, record


def click(minute: float) -> ConfirmationActivity:
    """The evidence of a click in a confirmation link: a double opt-in by the person."""
    return ConfirmationActivity(
        source=ConfirmationSource.LINK_CONFIRMATION, updated_date=at(minute), opt_in_level=DOUBLE
    )


def test_the_proofs_beside_a_revocation_are_remembered() -> None:
    """Sections 4.2 and 7: a record remembers the latest double opt-in, and the latest yes by the
    person, also one that comes with its revocation.
    """
    consent = one(None, ask(REVOKED, click(5), no(6))).consent
    assert (consent.double_confirmed_date, consent.subject_confirmed_date) == (at(5), at(5))


def test_the_dates_of_proofs_only_grow() -> None:
    """Sections 4.2 and 7: also where an older answer to a question is taken."""
    before = record(PENDING, 20, double_confirmed_date=at(15), subject_confirmed_date=at(15))
    after = one(before, ask(CONFIRMED, click(12))).consent
    assert (after.state, after.confirmed_date) == (CONFIRMED, at(12))
    assert (after.double_confirmed_date, after.subject_confirmed_date) == (at(15), at(15))


def test_a_click_that_is_older_than_the_slot_is_remembered_as_the_person_s() -> None:
    """Section 7: the first to arrive stands, "but the person's dates grow"; a topic is joined."""
    outcome = confirm_by_link(record(CONFIRMED, 9), now=at(8), topics=["offers"])
    assert (outcome.result, outcome.kept) == (Result.UPDATED, KeptReason.STALE_EVIDENCE)
    consent = outcome.consent
    assert (consent.confirmed_date, consent.subject_confirmed_date) == (at(9), at(8))
    assert consent.chosen_topics == {"offers"}


def test_the_slot_of_a_confirmed_record_is_a_proof() -> None:
    """Sections 4.2 and 7: the dates are those of the slot, where it says the same."""
    stored = record(CONFIRMED, click(3))
    assert (stored.double_confirmed_date, stored.subject_confirmed_date) == (at(3), at(3))
