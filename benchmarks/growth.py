"""What does not depend on a rival's speed.

Cost as a store grows, memory for each record, the time to import.
"""

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from attrs import evolve, frozen

import consent_core as cc
from benchmarks.databases import sqlite
from benchmarks.harness import Measurable, Result, summary
from benchmarks.inputs import command, email_request
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from consent_core.wire import read_upsert, to_wire

DEPENDENCIES: Final = "attrs, statemachine, phonenumbers, email_validator"


def measures(rounds: int, size: int, people: int) -> Iterator[Measurable]:
    """All of them.

    Args:
        rounds: how often each is measured.
        size: rows of the small bulk; the large one has a hundred times as many.
        people: how many are stored on disk, from 50,000 on, so that each of the hundredths that are
            timed fills a transaction.
    """
    yield Growth(size, size * 100, collecting=True, accepted=0.65)
    yield Growth(size, size * 100, collecting=False)
    yield GrowthOnDisk(people)
    yield Memory(size)
    yield Import(rounds)


@frozen
class Growth:
    """Bulk upserts in memory: what a row costs in a large bulk, compared with a small one.

    Args:
        small: rows of the small bulk.
        large: rows of the large bulk.
        collecting: whether Python's garbage collector is on: its passes visit all that is alive.
        accepted: as in ``Result``.
    """

    small: int
    large: int
    collecting: bool
    accepted: float | None = None

    @property
    def name(self) -> str:
        """As ``Measurable.name``."""
        collector = "with" if self.collecting else "without"
        return f"bulk upsert in memory as it grows, {collector} the garbage collector"

    def measure(self) -> Result:
        """The large bulk is one stream, timed by tenths.

        Before and after it, as many rows in small bulks.
        """
        if not self.collecting:
            gc.disable()
        try:
            apart = [self._apart(tenth) for tenth in range(_TENTHS // 2)]
            whole = self._whole()
            apart += [self._apart(tenth) for tenth in range(_TENTHS // 2, _TENTHS)]
        finally:
            gc.enable()
        against = f"itself: {self.large:,} rows in one store, against stores of {self.small:,}"
        result = summary(self.name, against, "µs", whole, apart, 1 / 1.2)
        return evolve(_by_means(result, whole, apart), accepted=self.accepted)

    def _whole(self) -> list[float]:
        """What a row costs in each tenth of a store that grows."""
        consents = cc.ConsentService()
        _start_anew()
        rows = range(self.large // _TENTHS)
        return [
            _bulk(consents, [f"large{tenth}.{row}" for row in rows]) for tenth in range(_TENTHS)
        ]

    def _apart(self, tenth: int) -> float:
        """What a row costs in stores that stay small."""
        costs = []
        for start in range(0, self.large // _TENTHS, self.small):
            _start_anew()
            names = [f"{tenth}.{start}.{row}" for row in range(self.small)]
            costs.append(_bulk(cc.ConsentService(), names))
        return fmean(costs)


_TENTHS: Final = 10


def _by_means(result: Result, ours: list[float], theirs: list[float]) -> Result:
    """The result of all rows together: few of them may wait for what many have caused."""
    ratio = fmean(theirs) / fmean(ours)
    return evolve(result, ours=fmean(ours), theirs=fmean(theirs), ratio=ratio)


def _start_anew() -> None:
    """Let the garbage collector know of nothing, as in a new process.

    What it costs depends on what it knows.
    """
    gc.collect()
    gc.freeze()
    gc.collect()


def _bulk(consents: cc.ConsentService, names: Iterable[str]) -> float:
    requests = [command(name, 10) for name in names]
    begin = perf_counter()
    for _ in consents.bulk_upsert(requests):
        pass
    return (perf_counter() - begin) / len(requests) * 1e6


@frozen
class GrowthOnDisk:
    """Bulk upserts into a file of SQLite: what the last rows cost, compared with the first ones.

    The file is in the system's folder for temporary files, which should be on a disk.

    Args:
        people: how many there are in the end.
    """

    people: int

    @property
    def name(self) -> str:
        """As ``Measurable.name``."""
        return "bulk upsert into SQLite on disk as it grows"

    def measure(self) -> Result:
        """People come in no order of their addresses, as they do; each tenth is timed by tenths."""
        part = self.people // _TENTHS**2
        with sqlite() as engine:
            consents = cc.ConsentService(SqlAlchemyRepository(engine))
            _start_anew()
            costs = [
                _bulk(consents, map(_scattered, range(start, start + part)))
                for start in range(0, self.people, part)
            ]
        first, last = costs[:_TENTHS], costs[-_TENTHS:]
        tenth = part * _TENTHS
        against = f"itself: the last {tenth:,} of {self.people:,} people, against the first"
        result = summary(self.name, against, "µs", last, first, 1 / 1.3)
        return _by_means(result, last, first)


def _scattered(number: int) -> str:
    """A name for each number below 2**32, whose order is not that of the numbers."""
    return f"{number * 2_654_435_761 % 2**32:08x}"


@frozen
class Memory:
    """What a stored record takes in memory, its history included.

    Args:
        size: records.
    """

    size: int

    @property
    def name(self) -> str:
        """As ``Measurable.name``."""
        return "memory for each stored record"

    def measure(self) -> Result:
        """Both hold as many records as the other, read from the same JSON."""
        texts = [self._text(number) for number in range(self.size)]
        documents = [json.dumps(email_request(f"memory.{number}")) for number in range(self.size)]
        ours = _held(lambda: self._stored(documents), self.size)
        theirs = _held(lambda: [json.loads(text) for text in texts], self.size)
        return summary(self.name, "a dict of the same JSON", "bytes", [ours], [theirs], 1)

    @staticmethod
    def _text(number: int) -> str:
        outcome = cc.ConsentService().upsert(read_upsert(email_request(f"memory.{number}")))
        return json.dumps(to_wire(outcome.consent))

    @staticmethod
    def _stored(documents: list[str]) -> cc.ConsentService:
        consents = cc.ConsentService()
        for document in documents:
            consents.upsert(read_upsert(json.loads(document)))
        return consents


def _held(make: Callable[[], Any], size: int) -> float:
    """The bytes that a result holds, for each of its parts."""
    gc.collect()
    tracemalloc.start()
    held = make()
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return used / size


@frozen
class Import:
    """The first import in a new process, its bytecode compiled.

    Args:
        rounds: how often.
    """

    rounds: int

    @property
    def name(self) -> str:
        """As ``Measurable.name``."""
        return "import consent_core"

    def measure(self) -> Result:
        """One process after the other, in turn; the first of each only compiles."""
        with TemporaryDirectory() as compiled:
            pairs = [
                (_import("consent_core", compiled), _import(DEPENDENCIES, compiled))
                for _ in range(self.rounds + 1)
            ]
        ours, theirs = zip(*pairs[1:], strict=True)
        result = summary(self.name, "its four dependencies", "ms", ours, theirs, 1 / 0.9)
        return evolve(result, accepted=1 / 1.2)


def _import(modules: str, compiled: str) -> float:
    program = (
        "from time import perf_counter as now; begin = now(); "
        f"import {modules}; print((now() - begin) * 1e3)"
    )
    done = subprocess.run(  # noqa: S603  # this interpreter, with a program of this file
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
