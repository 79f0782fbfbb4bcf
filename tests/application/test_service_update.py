"""What both services do with an update by id: its parts, its expectations and its errors."""

import pytest

from consent_core import (
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    ExtendedFields,
    InvalidConsent,
    KeptReason,
    MemoryRepository,
    Ordering,
    Policy,
    Result,
    RevisionMismatch,
    ViolationCode,
)
from tests.application.services import MakeService
from tests.application.support import ADA, NOBODY, NOW, Clock, ask, at, confirm, no, revoke, yes


def test_update_takes_a_state_with_its_evidence(make: MakeService) -> None:
    """A state with the activity that proves it moves the record."""
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    outcome = service.update(consent.id, state=ConsentState.REVOKED, last_revoke_activity=no(2))
    assert (outcome.result, outcome.consent.state, outcome.consent.revision) == (
        Result.UPDATED,
        ConsentState.REVOKED,
        2,
    )
    assert service.get(consent.id) == outcome.consent


def test_update_of_extended_fields_leaves_the_rest(make: MakeService) -> None:
    """What an update does not name stays as it is, and fields are merged."""
    service = make()
    consent = service.upsert(ask(ConsentState.CONFIRMED, 1, fields={"a": {"x": 1, "y": 2}})).consent
    outcome = service.update(consent.id, extended_fields={"a": {"x": None, "z": 3}})
    assert outcome.consent.extended_fields == ExtendedFields({"a": {"y": 2, "z": 3}})
    assert (outcome.consent.state, outcome.consent.confirmed_date) == (
        ConsentState.CONFIRMED,
        at(1),
    )
    assert service.update(consent.id).result is Result.UNCHANGED


def test_update_of_evidence_alone_refreshes_the_stored_state(make: MakeService) -> None:
    """An activity that proves the stored state needs no state beside it."""
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    outcome = service.update(consent.id, last_confirmation_activity=yes(2))
    assert (outcome.kept, outcome.consent.confirmed_date) == (None, at(2))
    late = service.update(consent.id, last_confirmation_activity=yes(1))
    assert (late.result, late.kept) == (Result.UNCHANGED, KeptReason.STALE_EVIDENCE)


def test_update_with_an_activity_of_another_state_must_name_it(make: MakeService) -> None:
    """Evidence that proves another state than the stored one is refused without that state."""
    service = make()
    consent = service.upsert(revoke(minute=1)).consent
    with pytest.raises(InvalidConsent) as caught:
        service.update(consent.id, last_confirmation_activity=yes(2))
    assert [(v.path, v.code) for v in caught.value.violations] == [
        ("state", ViolationCode.STATE_REQUIRED)
    ]
    assert service.get(consent.id) == consent


def test_update_with_a_state_needs_the_evidence_in_the_request(make: MakeService) -> None:
    """What is already stored does not count as evidence of a state that an update names."""
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    with pytest.raises(InvalidConsent) as caught:
        service.update(consent.id, state=ConsentState.CONFIRMED)
    assert [v.code for v in caught.value.violations] == [ViolationCode.EVIDENCE_REQUIRED]


def test_update_never_changes_the_identifier(make: MakeService) -> None:
    """Other details than the stored ones are a violation.

    The same ones, however written, are not.
    """
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    with pytest.raises(InvalidConsent) as caught:
        service.update(
            consent.id, details=Email("eve@example.org"), extended_fields={"a": {"x": 1}}
        )
    assert [(v.path, v.code) for v in caught.value.violations] == [
        ("details", ViolationCode.IMMUTABLE)
    ]
    assert service.get(consent.id) == consent
    assert service.update(consent.id, details=Email("Ada@Example.org")).result is Result.UNCHANGED


def test_update_holds_the_expected_revision(make: MakeService) -> None:
    """Another stored revision than the one insisted on is an error that names both."""
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    service.update(consent.id, revision=1, last_confirmation_activity=yes(2))
    with pytest.raises(RevisionMismatch) as caught:
        service.update(consent.id, revision=1, last_confirmation_activity=yes(3))
    assert (caught.value.expected, caught.value.stored) == (1, 2)
    assert service.get(consent.id).confirmed_date == at(2)


def test_update_that_changes_nothing_still_holds_the_expected_revision(make: MakeService) -> None:
    """The caller's expectation is judged even where nothing is to be stored."""
    service = make()
    consent = service.upsert(confirm(minute=1)).consent
    assert service.update(consent.id, revision=1).result is Result.UNCHANGED
    with pytest.raises(RevisionMismatch):
        service.update(consent.id, revision=2)


def test_update_of_an_unknown_id_is_not_found(make: MakeService) -> None:
    """An update names the id that has no record, before it judges anything else."""
    service = make()
    with pytest.raises(ConsentNotFound) as caught:
        service.update(NOBODY, revision=4, details=ADA)
    assert caught.value.subject == NOBODY


def test_update_refuses_values_of_the_wrong_type(make: MakeService) -> None:
    """All that is wrong with an update is told at once."""
    with pytest.raises(InvalidConsent) as caught:
        make().update(NOBODY, state="CONFIRMED", revision="1")  # type: ignore[arg-type]
    assert {v.path for v in caught.value.violations} == {"state", "revision"}


def test_extended_fields_change_even_where_two_clocks_disagree(make: MakeService) -> None:
    """A clock set back does not make stored evidence a violation of an update that does not name
    it.
    """
    clock = Clock()
    service = make(clock=clock)
    consent = service.upsert(confirm()).consent
    clock.minute -= 60
    outcome = service.update(consent.id, extended_fields={"a": {"x": 1}})
    assert (outcome.result, outcome.consent.revision) == (Result.UPDATED, 2)
    assert outcome.consent.updated_date == at(NOW)


def test_extended_fields_change_after_the_deployment_changed_its_ordering(
    make: MakeService,
) -> None:
    """Stored evidence is not judged again by a policy that orders by date."""
    repository = MemoryRepository()
    before = ConsentService(repository, clock=Clock(), policy=Policy(ordering=Ordering.LAST_WRITE))
    before.upsert(revoke(minute=9))
    consent = before.upsert(confirm(minute=5)).consent
    assert consent.state is ConsentState.CONFIRMED
    outcome = make(repository).update(consent.id, extended_fields={"a": {"x": 1}})
    assert (outcome.result, outcome.consent.state) == (Result.UPDATED, ConsentState.CONFIRMED)
