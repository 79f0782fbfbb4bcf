"""Requests of a bulk that change extended fields alone are stored together, evidence never
(contract, 3.9 and 4.4).
"""

from datetime import datetime

from consent_core import (
    ConsentService,
    ConsentState,
    ConsentUpdated,
    MemoryRepository,
    Outcome,
    Result,
    Upsert,
    replay,
)
from tests.application.services import MakeService
from tests.application.support import ADA, BOB, Clock, Counting, Ids, confirm, revoke

UNKNOWN = ConsentState.UNKNOWN_STATE


def keep(value: object, whom: object = ADA, name: str = "x") -> Upsert:
    """A request that brings a field and no evidence."""
    return Upsert(details=whom, state=UNKNOWN, extended_fields={"app": {name: value}})  # type: ignore[arg-type]


def told(answers: list[object]) -> list[tuple[Result, int, int]]:
    """What became of each request.

    Its result, the revision it is answered, and the number of its events.
    """
    return [
        (a.result, a.consent.revision, len(a.events)) for a in answers if isinstance(a, Outcome)
    ]


def test_changes_of_fields_alone_are_one_revision(make: MakeService) -> None:
    """Laws 5 and 6: "exactly one per stored change".

    Each is answered the record and the event that are stored.
    """
    repository = Counting(MemoryRepository())
    service = make(repository)
    created = service.upsert(keep(0))
    answers = list(
        service.bulk_upsert([keep(1), keep(2, name="y"), keep(1), keep(3, BOB), keep(4)])
    )
    updated, unchanged, made = (
        (Result.UPDATED, 2, 1),
        (Result.UNCHANGED, 2, 0),
        (Result.CREATED, 1, 1),
    )
    assert told([*answers]) == [updated, updated, unchanged, made, updated]
    [stored] = repository.find([ADA]).values()
    assert stored.extended_fields.namespaces == {"app": {"x": 4, "y": 2}}
    mine = [a for a in answers if isinstance(a, Outcome) and a.consent.details == ADA]
    assert all(answer.consent == stored for answer in mine)
    assert {answer.events for answer in mine if answer.events} == {(ConsentUpdated(stored),)}
    history = service.history(stored.id)
    assert [event.sequence for event in history] == [1, 2]
    assert replay(history) == stored
    assert created.consent.revision == 1


def test_evidence_keeps_its_own_revision(make: MakeService) -> None:
    """Each piece of evidence is part of the proof, and is answered what it would be answered
    singly.
    """
    service = make()
    commands = [
        confirm(ADA, 1),
        keep(1),
        keep(2),
        revoke(ADA, 2),
        keep(3),
        confirm(ADA, 3),
        keep(4),
        keep(5),
    ]
    answers = list(service.bulk_upsert(commands))
    assert [revision for _, revision, _ in told([*answers])] == [1, 2, 2, 3, 4, 5, 6, 6]
    [stored] = service.query()
    states = [event.consent.state for event in service.history(stored.id)]  # type: ignore[union-attr]
    confirmed, revoked = ConsentState.CONFIRMED, ConsentState.REVOKED
    assert states == [confirmed, confirmed, revoked, revoked, confirmed, confirmed]
    assert stored.extended_fields.namespaces == {"app": {"x": 5}}


def test_fields_that_come_with_evidence_are_no_change_of_fields_alone(make: MakeService) -> None:
    """What moves a slot is stored by itself, whatever else it brings."""
    both = [
        Upsert(
            details=ADA,
            state=ConsentState.CONFIRMED,
            last_confirmation_activity=confirm(ADA, minute).last_confirmation_activity,
            extended_fields={"app": {"x": minute}},
        )
        for minute in (1, 2, 3)
    ]
    answers = list(make().bulk_upsert(both))
    single = ConsentService(clock=Clock(), new_id=Ids())
    assert answers == [single.upsert(command) for command in both]


def test_a_record_is_as_late_as_its_last_change() -> None:
    """The revision is dated at the receipt of the last request that it holds."""
    clock = Clock()

    def ticking() -> datetime:
        clock.minute += 1
        return clock()

    service = ConsentService(clock=ticking)
    service.upsert(keep(0))
    [one, two] = service.bulk_upsert([keep(1), keep(2)])
    assert isinstance(one, Outcome)
    assert isinstance(two, Outcome)
    assert one.consent == two.consent
    assert one.consent.updated_date == clock()
