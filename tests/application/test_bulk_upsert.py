"""What both services do with many requests: order, chunks, duplicates, rejections and failures."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import chain, count
from uuid import UUID

import pytest

from consent_core import (
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    InvalidConsent,
    KeptReason,
    MemoryRepository,
    Outcome,
    Rejected,
    Result,
    Unavailable,
    Upsert,
    Violation,
    ViolationCode,
)
from tests.application.services import MakeService
from tests.application.support import (
    ADA,
    BOB,
    CARL,
    NOW,
    Broken,
    Clock,
    Counting,
    Ids,
    Raced,
    ask,
    confirm,
    no,
    revoke,
    yes,
)


def person(n: int) -> Email:
    """One of many people."""
    return Email(f"person{n}@example.org")


def test_answers_come_in_the_order_of_the_requests(make: MakeService) -> None:
    """Each request has one answer, in its place, over the borders of chunks."""
    commands = [confirm(person(n)) for n in range(10)]
    answers = list(make(chunk_size=3).bulk_upsert(commands))
    assert [answer.consent.details for answer in answers if isinstance(answer, Outcome)] == [
        command.details for command in commands
    ]
    assert len(answers) == 10


def test_a_chunk_takes_one_read_and_one_write(make: MakeService) -> None:
    """Seven requests in chunks of three are three finds and three commits, one for a chunk."""
    repository = Counting(MemoryRepository())
    list(make(repository, chunk_size=3).bulk_upsert(confirm(person(n)) for n in range(7)))
    assert [len(asked) for asked in repository.finds] == [3, 3, 1]
    assert [len(changes) for changes in repository.commits] == [3, 3, 1]


def test_a_chunk_that_changes_nothing_is_not_written(make: MakeService) -> None:
    """Requests that are all unchanged take one read and no write."""
    repository = Counting(MemoryRepository())
    service = make(repository)
    commands = [confirm(person(n), 1) for n in range(5)]
    list(service.bulk_upsert(commands))
    answers = list(service.bulk_upsert(commands))
    assert [answer.result for answer in answers if isinstance(answer, Outcome)] == [
        Result.UNCHANGED
    ] * 5
    assert (len(repository.finds), len(repository.commits)) == (2, 1)


def test_a_chunk_of_nothing_but_errors_touches_no_store(make: MakeService) -> None:
    """Where there is nothing to apply, nothing is read."""
    repository = Counting(MemoryRepository())
    error = InvalidConsent([Violation("state", ViolationCode.REQUIRED, "is required")])
    assert list(make(repository).bulk_upsert([error])) == [Rejected(error)]
    assert list(make(repository).bulk_upsert([])) == []
    assert repository.finds == repository.commits == []


def test_duplicates_are_applied_one_after_the_other(make: MakeService) -> None:
    """Several requests for one identifier give what they would give singly, in one change with all
    their events.
    """
    repository = Counting(MemoryRepository())
    commands = [
        ask(ConsentState.PENDING, 1),
        confirm(BOB, 1),
        confirm(ADA, 2),
        revoke(ADA, 1),
        confirm(ADA, 2),
        revoke(ADA, 4),
    ]
    answers = list(make(repository).bulk_upsert(commands))
    single = ConsentService(clock=Clock(), new_id=Ids())
    assert answers == [single.upsert(command) for command in commands]
    [[ada, bob]] = repository.commits
    assert [event.sequence for event in ada.events] == [1, 2, 3, 4]
    assert (ada.expected, bob.expected, len(bob.events)) == (0, 0, 1)
    assert repository.finds == [[ADA, BOB]]


def test_undated_duplicates_get_each_their_own_moment() -> None:
    """Undated requests of one chunk are received one after the other: the last one stands."""
    clock = Clock()

    def ticking() -> datetime:
        clock.minute += 1
        return clock()

    service = ConsentService(clock=ticking)
    answers = list(service.bulk_upsert([confirm(), revoke(), confirm()]))
    states = [answer.consent.state for answer in answers if isinstance(answer, Outcome)]
    assert states == [ConsentState.CONFIRMED, ConsentState.REVOKED, ConsentState.CONFIRMED]


def test_undated_duplicates_of_one_moment_leave_the_person_alone(make: MakeService) -> None:
    """Where the clock cannot tell them apart, the revocation wins and the confirmation is told to
    be stale.
    """
    answers = list(make().bulk_upsert([confirm(), revoke(), confirm()]))
    assert [(a.consent.state, a.kept) for a in answers if isinstance(a, Outcome)] == [
        (ConsentState.CONFIRMED, None),
        (ConsentState.REVOKED, None),
        (ConsentState.REVOKED, KeptReason.STALE_EVIDENCE),
    ]


def test_a_bad_request_is_rejected_and_stops_no_other(make: MakeService) -> None:
    """What breaks rules is answered with its error.

    Requests before and after it are stored, duplicates too.
    """
    repository = Counting(MemoryRepository())
    service = make(repository)
    answers = list(
        service.bulk_upsert(
            [confirm(ADA, 1), confirm(ADA, NOW + 99), confirm(CARL, 1), revoke(ADA, 2)]
        )
    )
    assert [type(answer) for answer in answers] == [Outcome, Rejected, Outcome, Outcome]
    assert isinstance(answers[1].error, InvalidConsent)
    assert [v.code for v in answers[1].error.violations] == [ViolationCode.DATE_IN_FUTURE]
    assert {c.details: c.state for c in service.query()} == {
        ADA: ConsentState.REVOKED,
        CARL: ConsentState.CONFIRMED,
    }
    assert len(repository.commits) == 1


def test_a_bad_request_alone_creates_nothing(make: MakeService) -> None:
    """A rejected request for a new identifier leaves no record and writes nothing."""
    repository = Counting(MemoryRepository())
    [answer] = make(repository).bulk_upsert([confirm(ADA, NOW + 99)])
    assert isinstance(answer, Rejected)
    assert repository.commits == []


def test_an_error_in_place_of_a_request_is_answered_in_its_place(make: MakeService) -> None:
    """What could not even be read keeps its place among the answers."""
    unread, missing = InvalidConsent([]), ConsentNotFound(BOB)
    answers = list(
        make(chunk_size=2).bulk_upsert([unread, confirm(ADA), missing, confirm(CARL), unread])
    )
    assert [answer.error for answer in answers] == [unread, None, missing, None, unread]


def test_errors_of_the_store_propagate_and_nothing_of_the_chunk_is_stored(
    make: MakeService,
) -> None:
    """When the second chunk cannot be stored, the first one is and the second one is not."""
    inner = MemoryRepository()
    service = make(Broken(inner, Unavailable("disk"), commits=1), chunk_size=2)
    with pytest.raises(Unavailable, match="disk"):
        list(service.bulk_upsert([confirm(person(n)) for n in range(4)]))
    assert set(inner.find([person(n) for n in range(4)])) == {person(0), person(1)}


@pytest.mark.parametrize("sound", [3, 4])
def test_a_store_that_fails_after_lost_races_has_stored_only_what_was_answered(
    make: MakeService, sound: int
) -> None:
    """Also where other writers were faster before, no request of a chunk is stored without its
    answer.
    """
    inner = MemoryRepository()
    rival = ConsentService(inner, clock=Clock())
    raced = Raced(inner, *[partial(rival.upsert, revoke(person(2), n)) for n in range(3)])
    service = make(Broken(raced, Unavailable("disk"), commits=sound), attempts=3)
    answers: list[Outcome | Rejected] = []
    with suppress(Unavailable):
        answers += service.bulk_upsert(
            [confirm(person(n)) for n in range(2)] + [confirm(person(2), 9)]
        )
    assert set(inner.find([person(0), person(1)])) == {
        a.consent.details for a in answers if isinstance(a, Outcome)
    }


def test_two_new_records_never_share_an_id(make: MakeService) -> None:
    """An id that is made twice within one chunk is no reason to store two records with it."""
    inner = MemoryRepository()
    numbers = chain([7, 7], count(100))
    service = make(inner, new_id=lambda _: UUID(int=next(numbers)))
    answers = list(service.bulk_upsert([confirm(ADA), confirm(BOB)]))
    assert [answer.error for answer in answers] == [None, None]
    assert len(inner) == 2
    assert len({consent.id for consent in inner.find([ADA, BOB]).values()}) == 2


@pytest.mark.parametrize("size", [0, -1])
def test_a_chunk_size_that_would_swallow_requests_is_refused(make: MakeService, size: int) -> None:
    """No setting of a service makes it drop opt-outs without a word."""
    with pytest.raises(ValueError, match="chunk"):
        list(make(chunk_size=size).bulk_upsert([revoke(ADA)]))


def test_evidence_of_both_kinds_goes_through_a_bulk(make: MakeService) -> None:
    """Requests with two pieces of evidence fill both slots."""
    [answer] = make().bulk_upsert(
        [
            Upsert(
                details=ADA,
                state=ConsentState.REVOKED,
                last_confirmation_activity=yes(1),
                last_revoke_activity=no(2),
            )
        ]
    )
    assert isinstance(answer, Outcome)
    assert (answer.consent.last_confirmation_activity, answer.consent.last_revoke_activity) == (
        yes(1),
        no(2),
    )
