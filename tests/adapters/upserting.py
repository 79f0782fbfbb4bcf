"""What each of several processes does to the same people at the same time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Final, NamedTuple

from attrs import field, frozen
from sqlalchemy import create_engine

from consent_core import Change, Conflict, ConsentService, ConsentState, Contended, Email, Upsert
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from tests.adapters.requests import at, confirm, pending, person, revoke, unknown

PROCESSES: Final = 4
PEOPLE: Final = 200
ROUNDS: Final = 2


class Told(NamedTuple):
    """What one process was told.

    Args:
        results: how often which result came.
        conflicts: how often another writer was faster.
        contended: how often it had to give up and try again.
    """

    results: Counter[str]
    conflicts: int
    contended: int


@frozen
class Dated:
    """A request, and when its evidence is dated.

    Args:
        who: whom it is about.
        state: what it asks for.
        date: when its evidence is dated.
        upsert: the request.
    """

    who: Email
    state: ConsentState
    date: datetime
    upsert: Upsert = field(repr=False)


def requests(process: int, rounds: int = ROUNDS) -> Iterator[Dated]:
    """The requests of one process.

    All people, several times over, each with evidence of a date of its own.

    Every request leaves a mark of its own in the extended fields, so that each of them must be
    stored. PENDING is dated before all other evidence: so the latest confirmation or revocation
    alone decides the state in the end.
    """
    random = Random(process)  # noqa: S311  # a test that can be repeated
    minutes = [minute * PROCESSES + process for minute in range(PEOPLE * rounds)]
    random.shuffle(minutes)
    for number, minute in enumerate(minutes):
        who, fields = person(number % PEOPLE), {"crm": {f"process{process}": number // PEOPLE}}
        match random.randrange(8):
            case 0:
                yield Dated(who, ConsentState.UNKNOWN_STATE, at(0), unknown(who, fields))
            case 1:
                yield Dated(
                    who, ConsentState.PENDING, at(-minute - 1), pending(who, -minute - 1, fields)
                )
            case 2 | 3 | 4:
                yield Dated(who, ConsentState.REVOKED, at(minute), revoke(who, minute, fields))
            case _:
                yield Dated(who, ConsentState.CONFIRMED, at(minute), confirm(who, minute, fields))


class Counting(SqlAlchemyRepository):
    """Counts conflicts."""

    conflicts = 0

    def commit(self, changes: Sequence[Change], /) -> None:
        """As it is, counted."""
        try:
            super().commit(changes)
        except Conflict:
            self.conflicts += 1
            raise


_start: Barrier | None = None


def begin_with(start: Barrier) -> None:
    """Give a process what lets all begin at once."""
    global _start  # noqa: PLW0603  # a barrier can only be inherited by a process, not sent to it
    _start = start


def upsert_all(url: str, process: int, rounds: int = ROUNDS) -> Told:
    """Send the requests of one process, beginning together with the others.

    What is contended is tried again.
    """
    # Nobody loses a server here, so none needs to wait for the disk.
    told = {"options": "-c synchronous_commit=off"} if url.startswith("postgresql") else {}
    engine = create_engine(url, pool_size=1, connect_args=told)
    repository = Counting(engine)
    consents = ConsentService(repository)
    results: Counter[str] = Counter()
    contended = 0
    consents.get_by_identifier(person(0))
    assert _start is not None
    _start.wait(60)
    for request in requests(process, rounds):
        for attempt in range(10):
            try:
                results[consents.upsert(request.upsert).result] += 1
                break
            except Contended:
                contended += 1
                assert attempt < 9
    engine.dispose()
    return Told(results, repository.conflicts, contended)
