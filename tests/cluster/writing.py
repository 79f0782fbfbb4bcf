"""What each of several processes does to the same people, and what it was told."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Final, NamedTuple

from attrs import field, frozen

from consent_core import Change, Conflict, ConsentService, Contended, Unavailable, Upsert
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from tests.adapters.requests import confirm, person, revoke
from tests.cluster.galera import engine_of

PEOPLE: Final = 500
PROCESSES: Final = 4
PATIENCE: Final = 60.0
"""Seconds after which a request that no node takes is a failure of the job."""

AWAY: Final = 3.0
"""Seconds after which a process asks its own node again."""


class Acknowledged(NamedTuple):
    """A request that was answered.

    Args:
        mark: what it leaves in the extended fields, so that it must be stored.
        opt_out_minute: when its evidence is dated, where it is an opt-out.
    """

    mark: tuple[str, int]
    opt_out_minute: int | None


@frozen
class Told:
    """What one process was told.

    Args:
        process: which.
        acknowledged: what was answered, by the number of the person.
        moments: when, on the clock that all processes of the machine share.
        conflicts: how often another writer was faster.
        contended: how often the library gave up, and the process asked again.
        unavailable: how often a node did not take a request, and another was asked.
    """

    process: int
    acknowledged: dict[int, list[Acknowledged]] = field(repr=False)
    moments: list[float] = field(repr=False)
    conflicts: int
    contended: int
    unavailable: int


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


def request_of(process: int, number: int, random: Random) -> tuple[int, Upsert, Acknowledged]:
    """Somebody, a request about that person, and what it leaves; each has a date of its own."""
    # Some are asked for more often than others, so that processes meet.
    who = int(PEOPLE * random.random() ** 3)
    minute, mark = number * PROCESSES + process, f"process{process}"
    opt_out = random.random() < 0.5
    make = revoke if opt_out else confirm
    upsert = make(person(who), minute, {"crm": {mark: number}})
    return who, upsert, Acknowledged((mark, number), minute if opt_out else None)


def write(urls: Sequence[str], site: str, process: int, ended: Callable[[], bool]) -> Told:
    """Send requests until it is enough.

    What is contended is tried again; what a node does not take is sent to the next, and its own
    node is asked again some seconds later. Nothing is given up, for a request may be sent twice.

    Args:
        urls: the nodes, that of the process first.
        site: where.
        process: which of the processes.
        ended: tells whether it is enough.
    """
    engines = [engine_of(url) for url in urls]
    repositories = [Counting(engine, site=site) for engine in engines]
    services = [ConsentService(repository) for repository in repositories]
    acknowledged: dict[int, list[Acknowledged]] = defaultdict(list)
    moments: list[float] = []
    random = Random(process)  # noqa: S311  # people are drawn, no secrets
    contended = unavailable = at = 0
    back_at = 0.0
    while not ended():
        who, upsert, answer = request_of(process, len(moments), random)
        asked = time.monotonic()
        at = 0 if asked > back_at else at
        while True:
            assert time.monotonic() < asked + PATIENCE, "no node takes a request any more"
            try:
                services[at].upsert(upsert)
                break
            except Contended:
                contended += 1
            except Unavailable:
                unavailable += 1
                at, back_at = (at + 1) % len(services), time.monotonic() + AWAY
                time.sleep(0.05)
        moments.append(time.monotonic())
        acknowledged[who].append(answer)
    for engine in engines:
        # A node that was killed has nobody to say goodbye to.
        with suppress(OSError):
            engine.dispose()
    conflicts = sum(repository.conflicts for repository in repositories)
    return Told(process, dict(acknowledged), moments, conflicts, contended, unavailable)
