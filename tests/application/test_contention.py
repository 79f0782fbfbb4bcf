"""What happens when other writers are faster: retries, their bound, and what is read again."""

from collections.abc import Callable
from functools import partial

import pytest

from consent_core import (
    ConsentAlreadyExists,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Contended,
    Email,
    MemoryRepository,
    Outcome,
    Rejected,
    RepositoryError,
    Result,
    RevisionMismatch,
)
from tests.application.services import MakeService
from tests.application.support import ADA, BOB, CARL, NOW, Clock, Raced, confirm, no, revoke, yes


class Race:
    """A store, a rival that writes to it directly, and the store with that rival in the way."""

    def __init__(self) -> None:
        self.store = MemoryRepository()
        self.rival = ConsentService(self.store, clock=Clock())

    def writes(self, minute: float, who: Email = ADA) -> Callable[[], object]:
        """A rival's confirmation at a minute."""
        return partial(self.rival.upsert, confirm(who, minute))

    def with_rivals(self, *rivals: Callable[[], object]) -> Raced:
        """The store, where each commit is preceded by one of these."""
        return Raced(self.store, *rivals)


def test_the_loser_of_a_race_is_applied_to_the_winners_record(make: MakeService) -> None:
    """Two that create at the same moment make one record with both events."""
    race = Race()
    raced = race.with_rivals(race.writes(1))
    outcome = make(raced).upsert(revoke(minute=2))
    assert (outcome.result, outcome.consent.revision, outcome.consent.state) == (
        Result.UPDATED,
        2,
        ConsentState.REVOKED,
    )
    assert (outcome.consent.confirmed_date, outcome.consent.revoked_date) == (
        yes(1).updated_date,
        no(2).updated_date,
    )
    assert len(race.store) == 1
    assert (len(raced.finds), len(raced.commits)) == (2, 2)


def test_a_loser_that_has_nothing_left_to_say_is_unchanged(make: MakeService) -> None:
    """When the rival stored the very same evidence, the request changes nothing and needs no second
    commit.
    """
    race = Race()
    raced = race.with_rivals(race.writes(1))
    outcome = make(raced).upsert(confirm(minute=1))
    assert (outcome.result, outcome.events, outcome.consent.revision) == (Result.UNCHANGED, (), 1)
    assert len(raced.commits) == 1


@pytest.mark.parametrize("lost", range(4))
def test_a_change_is_tried_as_often_as_allowed(make: MakeService, lost: int) -> None:
    """With fewer lost races than attempts the change is stored, after one read and one write for
    each attempt.
    """
    race = Race()
    race.writes(0)()
    raced = race.with_rivals(*[race.writes(n + 1) for n in range(lost)])
    outcome = make(raced, attempts=4).upsert(revoke(minute=50))
    assert outcome.consent.revision == lost + 2
    assert (len(raced.finds), len(raced.commits)) == (lost + 1, lost + 1)


WRITES: list[Callable[..., object]] = [
    lambda service, _id: service.upsert(revoke(minute=50)),
    lambda service, _id: service.remove(ADA, no(50)),
    lambda service, id_: service.update(id_, extended_fields={"a": {"x": 1}}),
    lambda service, id_: service.delete(id_),
]


@pytest.mark.parametrize("write", WRITES, ids=["upsert", "remove", "update", "delete"])
@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_whoever_always_loses_gives_up_and_stores_nothing(
    make: MakeService, write: Callable[..., object], attempts: int
) -> None:
    """After the allowed attempts the error says how many there were, and only the rival's changes
    are stored.
    """
    race = Race()
    race.writes(0)()
    consent = race.rival.get_by_identifier(ADA).consent
    assert consent is not None
    raced = race.with_rivals(*[race.writes(n + 1) for n in range(20)])
    with pytest.raises(Contended) as caught:
        write(make(raced, attempts=attempts), consent.id)
    assert caught.value.attempts == attempts
    assert isinstance(caught.value, RepositoryError)
    stored = race.rival.get(consent.id)
    assert (stored.revision, stored.state, stored.extended_fields) == (
        attempts + 1,
        ConsentState.CONFIRMED,
        consent.extended_fields,
    )


def test_create_notices_a_rival_that_created_first(make: MakeService) -> None:
    """A create that loses the race finds that the consent exists, and changes nothing."""
    race = Race()
    service = make(race.with_rivals(race.writes(1)))
    with pytest.raises(ConsentAlreadyExists) as caught:
        service.create(ADA, yes(9))
    stored = race.rival.get(caught.value.consent_id)
    assert (stored.revision, stored.confirmed_date) == (1, yes(1).updated_date)


def test_an_expected_revision_is_held_again_after_a_conflict(make: MakeService) -> None:
    """An update that insists on a revision never slips in behind the rival that overtook it."""
    race = Race()
    race.writes(1)()
    [consent] = race.rival.query()
    service = make(race.with_rivals(race.writes(2)))
    with pytest.raises(RevisionMismatch) as caught:
        service.update(
            consent.id, revision=1, state=ConsentState.REVOKED, last_revoke_activity=no(3)
        )
    assert (caught.value.expected, caught.value.stored) == (1, 2)
    assert race.rival.get(consent.id).state is ConsentState.CONFIRMED


def test_writes_by_id_notice_that_a_rival_erased_the_record(make: MakeService) -> None:
    """Update, remove and delete find nothing once the record is gone, and do not bring it back."""
    for write in WRITES[1:]:
        race = Race()
        race.writes(1)()
        [consent] = race.rival.query()
        service = make(race.with_rivals(partial(race.rival.delete, consent.id)))
        with pytest.raises(ConsentNotFound):
            write(service, consent.id)
        assert len(race.store) == 0


def test_an_upsert_creates_anew_what_a_rival_erased(make: MakeService) -> None:
    """An upsert that meets an erased record starts a new one with a new id and revision one."""
    race = Race()
    race.writes(1)()
    [consent] = race.rival.query()
    raced = race.with_rivals(partial(race.rival.delete, consent.id))
    outcome = make(raced).upsert(revoke(minute=2))
    assert (outcome.result, outcome.consent.revision) == (Result.CREATED, 1)
    assert outcome.consent.id != consent.id


def test_a_bulk_reads_only_what_it_lost_again(make: MakeService) -> None:
    """After a conflict over one identifier, only that one is read again, and all are stored
    together.
    """
    race = Race()
    raced = race.with_rivals(race.writes(1, BOB))
    answers = list(make(raced).bulk_upsert([confirm(ADA, 5), revoke(BOB, 5), confirm(CARL, 5)]))
    assert raced.finds == [[ADA, BOB, CARL], [BOB]]
    assert [len(changes) for changes in raced.commits] == [3, 3]
    assert [a.result for a in answers if isinstance(a, Outcome)] == [
        Result.CREATED,
        Result.UPDATED,
        Result.CREATED,
    ]


def test_a_bulk_sees_that_a_rival_erased_a_record(make: MakeService) -> None:
    """An identifier that is gone at the second reading is created anew, not updated from what was
    read first.
    """
    race = Race()
    race.writes(1)()
    [consent] = race.rival.query()
    raced = race.with_rivals(partial(race.rival.delete, consent.id))
    [answer, _] = make(raced).bulk_upsert([revoke(ADA, 5), confirm(CARL, 5)])
    assert len(raced.commits) == 2
    assert isinstance(answer, Outcome)
    assert (answer.result, answer.consent.revision) == (Result.CREATED, 1)


def test_a_bulk_that_always_loses_tries_each_request_alone(make: MakeService) -> None:
    """When a chunk loses every time, its requests go one by one.

    Those that nobody fights over are stored.
    """
    race = Race()
    rivals = [race.writes(n, BOB) for n in range(3)]
    raced = race.with_rivals(*rivals)
    answers = list(
        make(raced, attempts=3).bulk_upsert([confirm(ADA, 9), revoke(BOB, 9), confirm(CARL, 9)])
    )
    assert [answer.error for answer in answers] == [None] * 3
    assert [len(changes) for changes in raced.commits] == [3, 3, 3, 1, 1, 1]
    assert raced.finds[-3:] == [[ADA], [BOB], [CARL]]
    assert {c.details: c.state for c in race.rival.query()} == {
        ADA: ConsentState.CONFIRMED,
        BOB: ConsentState.REVOKED,
        CARL: ConsentState.CONFIRMED,
    }


def test_a_request_that_always_loses_is_rejected_alone(make: MakeService) -> None:
    """Alone, too, a request is tried only so often.

    It is rejected as contended, and stops no other.
    """
    race = Race()
    nothing = (lambda: None,)
    rivals = (
        [race.writes(n, BOB) for n in range(2)]
        + [*nothing]
        + [race.writes(n, BOB) for n in range(2, 4)]
    )
    raced = race.with_rivals(*rivals)
    answers = list(
        make(raced, attempts=2).bulk_upsert(
            [confirm(ADA, NOW), revoke(BOB, NOW), confirm(CARL, NOW)]
        )
    )
    assert [type(answer) for answer in answers] == [Outcome, Rejected, Outcome]
    assert isinstance(answers[1].error, Contended)
    assert answers[1].error.attempts == 2


def test_duplicates_keep_their_order_when_tried_alone(make: MakeService) -> None:
    """The fallback to single requests applies duplicates in their order, too."""
    race = Race()
    raced = race.with_rivals(race.writes(1))
    answers = list(
        make(raced, attempts=1).bulk_upsert([confirm(ADA, 5), revoke(ADA, 5), confirm(ADA, 7)])
    )
    states = [a.consent.state for a in answers if isinstance(a, Outcome)]
    assert states == [ConsentState.CONFIRMED, ConsentState.REVOKED, ConsentState.CONFIRMED]
    assert [event.sequence for a in answers if isinstance(a, Outcome) for event in a.events] == [
        2,
        3,
        4,
    ]
