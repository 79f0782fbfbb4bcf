"""What both services do with single requests.

Upsert, create, remove and delete, with every documented error.
"""

import pytest

from consent_core import (
    ConfirmationSource,
    ConsentAlreadyExists,
    ConsentCreated,
    ConsentDeleted,
    ConsentNotFound,
    ConsentState,
    ConsentUpdated,
    ExtendedFields,
    InvalidConsent,
    KeptReason,
    MemoryRepository,
    OptInLevel,
    Policy,
    Reconsent,
    Result,
    Upsert,
    ViolationCode,
)
from tests.application.services import MakeService
from tests.application.support import (
    ADA,
    BOB,
    NOBODY,
    NOW,
    Clock,
    ask,
    at,
    confirm,
    no,
    revoke,
    yes,
)


def test_upsert_creates_a_record_with_revision_one_and_one_event(make: MakeService) -> None:
    """The first request for an identifier stores it, dated at receipt, and tells of it."""
    service = make()
    outcome = service.upsert(ask(ConsentState.PENDING))
    consent = outcome.consent
    assert (outcome.result, outcome.kept, outcome.error, outcome.link) == (
        Result.CREATED,
        None,
        None,
        None,
    )
    assert outcome.events == (ConsentCreated(consent),)
    assert (consent.state, consent.revision, consent.details) == (ConsentState.PENDING, 1, ADA)
    assert consent.created_date == consent.updated_date == consent.confirmed_date == at(NOW)
    assert consent.last_confirmation_activity is not None
    assert consent.last_confirmation_activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    assert service.get(consent.id) == consent


def test_upsert_updates_the_one_record_of_the_identifier(make: MakeService) -> None:
    """A second request for the same key changes the record, whatever the case of its letters."""
    clock = Clock()
    service = make(clock=clock)
    first = service.upsert(ask(ConsentState.PENDING)).consent
    clock.minute += 1
    outcome = service.upsert(confirm(type(ADA)("ADA@example.org"), NOW))
    assert (outcome.result, outcome.kept) == (Result.UPDATED, None)
    assert outcome.events == (ConsentUpdated(outcome.consent),)
    assert (outcome.consent.id, outcome.consent.revision) == (first.id, 2)
    assert (outcome.consent.created_date, outcome.consent.updated_date) == (
        first.created_date,
        at(NOW + 1),
    )
    assert outcome.consent.details.address == "ada@example.org"


def test_upsert_of_the_same_evidence_changes_nothing(make: MakeService) -> None:
    """The same request twice is one change: no revision, no event, no reason."""
    service = make()
    first = service.upsert(confirm(minute=NOW - 5))
    again = service.upsert(confirm(minute=NOW - 5))
    assert (again.result, again.kept, again.events, again.consent) == (
        Result.UNCHANGED,
        None,
        (),
        first.consent,
    )
    assert list(service.history(first.consent.id)) == list(first.events)


def test_upsert_tells_why_a_state_was_kept(make: MakeService) -> None:
    """A request that loses is an outcome with its reason, not an error."""
    service = make(policy=Policy(reconsent=Reconsent.DOUBLE_OPT_IN))
    service.upsert(revoke(minute=NOW - 5))
    outcome = service.upsert(confirm(minute=NOW - 4))
    assert outcome.kept is KeptReason.RECONSENT_NEEDS_CONFIRMATION
    assert (outcome.result, outcome.consent.state) == (Result.UNCHANGED, ConsentState.REVOKED)


def test_upsert_refuses_evidence_from_the_future_and_stores_nothing(make: MakeService) -> None:
    """A date beyond the clock skew is a violation, with its path and code."""
    service = make()
    with pytest.raises(InvalidConsent) as caught:
        service.upsert(confirm(minute=NOW + 6))
    [violation] = caught.value.violations
    assert (violation.path, violation.code) == (
        "lastConfirmationActivity.updatedDate",
        ViolationCode.DATE_IN_FUTURE,
    )
    assert list(service.query()) == []


def test_a_revocation_of_now_beside_a_confirmation_that_is_stored_as_later_is_taken(
    make: MakeService,
) -> None:
    """Two clocks never cost an opt-out.

    An undated revocation is dated no earlier than the confirmation beside it.
    """
    clock = Clock()
    service = make(clock=clock)
    read = service.upsert(confirm()).consent
    clock.minute -= 1
    outcome = service.upsert(
        Upsert(
            details=ADA,
            state=ConsentState.REVOKED,
            last_confirmation_activity=read.last_confirmation_activity,
            last_revoke_activity=no(),
        )
    )
    assert (outcome.consent.state, outcome.consent.revoked_date) == (
        ConsentState.REVOKED,
        read.confirmed_date,
    )


def test_create_stores_a_confirmed_consent_with_all_that_is_given(make: MakeService) -> None:
    """Create makes it CONFIRMED, and keeps an earlier revocation and the extended fields."""
    service = make()
    outcome = service.create(
        ADA, yes(3), last_revoke_activity=no(2), extended_fields={"shop": {"size": 4}}
    )
    consent = outcome.consent
    assert (outcome.result, consent.state, consent.revision) == (
        Result.CREATED,
        ConsentState.CONFIRMED,
        1,
    )
    assert (consent.confirmed_date, consent.revoked_date) == (at(3), at(2))
    assert consent.extended_fields == ExtendedFields({"shop": {"size": 4}})


def test_create_refuses_an_identifier_that_has_a_consent(make: MakeService) -> None:
    """Create on an existing identifier names the consent that exists, and changes nothing."""
    service = make()
    stored = service.upsert(revoke()).consent
    with pytest.raises(ConsentAlreadyExists) as caught:
        service.create(ADA, yes())
    assert caught.value.consent_id == stored.id
    assert service.get(stored.id) == stored


def test_create_refuses_evidence_that_contradicts_itself(make: MakeService) -> None:
    """A confirmation that is not later than the revocation beside it is a violation, and nothing is
    stored.
    """
    service = make()
    with pytest.raises(InvalidConsent) as caught:
        service.create(ADA, yes(2), last_revoke_activity=no(2))
    assert [v.code for v in caught.value.violations] == [ViolationCode.CONTRADICTORY_EVIDENCE]
    assert service.get_by_identifier(ADA).consent is None


def test_remove_revokes_and_keeps_the_record(make: MakeService) -> None:
    """Remove makes the record REVOKED with the evidence, and does not erase it."""
    service = make()
    stored = service.upsert(confirm(minute=5)).consent
    outcome = service.remove(ADA, no(7))
    assert (outcome.result, outcome.kept) == (Result.UPDATED, None)
    assert (outcome.consent.state, outcome.consent.revoked_date) == (ConsentState.REVOKED, at(7))
    assert (outcome.consent.id, outcome.consent.confirmed_date) == (stored.id, at(5))


def test_remove_of_late_evidence_keeps_the_state_and_says_so(make: MakeService) -> None:
    """A revocation from before the confirmation fills its slot and is told to be stale."""
    service = make()
    service.upsert(confirm(minute=5))
    outcome = service.remove(ADA, no(4))
    assert (outcome.result, outcome.kept) == (Result.UPDATED, KeptReason.STALE_EVIDENCE)
    assert (outcome.consent.state, outcome.consent.revoked_date) == (ConsentState.CONFIRMED, at(4))


def test_remove_of_somebody_unknown_is_not_found(make: MakeService) -> None:
    """Remove names the identifier that has no record, and does not invent one."""
    service = make()
    service.upsert(confirm(BOB))
    with pytest.raises(ConsentNotFound) as caught:
        service.remove(ADA, no())
    assert caught.value.subject == ADA
    assert [consent.details for consent in service.query()] == [BOB]


def test_remove_takes_evidence_from_the_future(make: MakeService) -> None:
    """Section 3, rule 7: "an opt-out is never refused for its date.

    Ahead of receipt, it happened now".
    """
    service = make()
    service.upsert(confirm())
    removed = service.remove(ADA, no(NOW + 10_000)).consent
    assert (removed.state, removed.revoked_date) == (ConsentState.REVOKED, at(NOW))


def test_delete_erases_the_record_and_its_history(make: MakeService) -> None:
    """After a delete only the event without personal data is left."""
    clock = Clock()
    service = make(clock=clock)
    consent = service.upsert(confirm()).consent
    service.remove(ADA, no())
    clock.minute += 1
    event = service.delete(consent.id)
    assert event == ConsentDeleted(consent.id, 3, at(NOW + 1))
    assert list(service.history(consent.id)) == [event]
    assert service.get_by_identifier(ADA).consent is None
    with pytest.raises(ConsentNotFound):
        service.get(consent.id)


def test_delete_of_an_unknown_or_erased_id_is_not_found(make: MakeService) -> None:
    """A second delete finds nothing, and neither does one of an id that never was."""
    service = make()
    consent = service.upsert(confirm()).consent
    service.delete(consent.id)
    for unknown in (consent.id, NOBODY):
        with pytest.raises(ConsentNotFound) as caught:
            service.delete(unknown)
        assert caught.value.subject == unknown


def test_an_erased_person_starts_again_with_a_new_id(make: MakeService) -> None:
    """Erasure leaves nothing for the next consent of the same person to inherit."""
    repository = MemoryRepository()
    service = make(repository)
    old = service.upsert(revoke(minute=NOW)).consent
    service.delete(old.id)
    new = service.upsert(confirm(minute=3)).consent
    assert (new.revision, new.state, new.revoked_date) == (1, ConsentState.CONFIRMED, None)
    assert new.id != old.id
    assert len(repository) == 1


def test_sources_are_kept_as_they_were_sent(make: MakeService) -> None:
    """The evidence is stored as given, with its date filled in."""
    consent = (
        make()
        .upsert(
            Upsert(
                details=ADA,
                state=ConsentState.CONFIRMED,
                last_confirmation_activity=yes(
                    None, ConfirmationSource.IN_PERSON, OptInLevel.SINGLE_CONFIRMATION
                ),
            )
        )
        .consent
    )
    assert consent.last_confirmation_activity == yes(
        NOW, ConfirmationSource.IN_PERSON, OptInLevel.SINGLE_CONFIRMATION
    )
