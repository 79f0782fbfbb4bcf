"""Three nodes, every one of which is written to, and one of which is killed meanwhile.

Run it with ``python -m tests.cluster.run``; ``--seconds`` says how long the people are fought for.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from consent_core import Change
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.testing import CLAUSES, assert_conforms
from tests.cluster.galera import Node, cluster, engine_of, missing
from tests.cluster.looking import by_person, checksums, look
from tests.cluster.writing import PROCESSES, Told, write

LONG: Final = 60.0
OTHERS: Final = "others"
FOUGHT_FOR: Final = "fought for"

_enough: Event | None = None


def _begin(enough: Event) -> None:
    global _enough  # noqa: PLW0603  # an event can only be inherited by a process, not sent to it
    _enough = enough


def _write(urls: Sequence[str], site: str, process: int) -> Told:
    assert _enough is not None
    return write(urls, site, process, _enough.is_set)


@contextmanager
def writers(homes: Sequence[Sequence[Node]], site: str) -> Iterator[Callable[[], list[Told]]]:
    """Processes that write, each to the first of its nodes; gives what ends them."""
    context = get_context("spawn")
    enough = context.Event()
    with ProcessPoolExecutor(len(homes), context, _begin, (enough,)) as pool:
        running: list[Future[Told]] = [
            pool.submit(_write, [node.url for node in nodes], site, process)
            for process, nodes in enumerate(homes)
        ]

        def end() -> list[Told]:
            enough.set()
            return [each.result(timeout=120) for each in running]

        try:
            yield end
        finally:
            enough.set()


class Elsewhere(SqlAlchemyRepository):
    """Writes on one node, and reads on another."""

    def __init__(self, writes: Any, reads: Any, site: str) -> None:
        super().__init__(reads, site=site)
        self._writes = SqlAlchemyRepository(writes, site=site)

    def commit(self, changes: Sequence[Change], /) -> None:
        """On the node for writing."""
        self._writes.commit(changes)


def kit(nodes: Sequence[Node]) -> None:
    """All clauses on node 2, while others write on nodes 1 and 3; then across two nodes."""
    first, second, third = (engine_of(node.url) for node in nodes)
    with writers([[nodes[0]], [nodes[2]]], OTHERS) as end:
        assert_conforms(lambda: SqlAlchemyRepository(second, site=uuid4().hex))
        assert_conforms(lambda: Elsewhere(third, second, uuid4().hex))
        told = end()
    written = sum(len(each.moments) for each in told)
    print(
        f"the kit on node 2, and with commits on node 3 and reads on node 2: {len(CLAUSES)} "
        f"clauses kept, while {written} upserts were acknowledged on nodes 1 and 3"
    )
    for engine in (first, second, third):
        engine.dispose()


def fight(nodes: Sequence[Node], seconds: float) -> tuple[list[Told], float]:
    """Four processes on three nodes, one of which is killed and comes back; when it was killed."""
    homes = [[*nodes[number % 3 :], *nodes[: number % 3]] for number in range(PROCESSES)]
    begun = time.monotonic()
    with writers(homes, FOUGHT_FOR) as end:
        time.sleep(seconds / 3)
        killed = time.monotonic()
        nodes[2].kill()
        time.sleep(seconds / 6)
        nodes[2].rejoin()
        back = time.monotonic()
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
        told = end()
    print(f"node 3 was killed, and had caught up again {back - killed:.1f} s later")
    return told, killed


def silence(moments: Sequence[float], since: float) -> float:
    """The longest time after a moment in which nothing was acknowledged."""
    later = [since, *sorted(moment for moment in moments if moment > since)]
    return max(then - now for now, then in pairwise(later))


def verdict(nodes: Sequence[Node], told: Sequence[Told], killed: float) -> bool:
    """Print what was acknowledged, and what every node has; whether all of it is there."""
    acknowledged = by_person(told)
    moments = [moment for each in told for moment in each.moments]
    of_third = [moment for each in told if each.process % 3 == 2 for moment in each.moments]
    print(f"upserts acknowledged: {len(moments)}, about {len(acknowledged)} people")
    for name in ("conflicts", "contended", "unavailable"):
        print(f"{name}: {sum(getattr(each, name) for each in told)}")
    print(f"seconds without service after the kill: {silence(moments, killed):.1f}")
    print(f"the same for the client of the killed node: {silence(of_third, killed):.1f}")
    holds, sums = True, set()
    for node in nodes:
        engine = engine_of(node.url)
        seen = look(engine, FOUGHT_FOR, acknowledged)
        sums.add(checksums(engine))
        engine.dispose()
        holds = holds and seen.whole and seen.records == len(acknowledged)
        print(
            f"node {node.number}: records {seen.records}, second records {seen.second_records}, "
            f"updates lost {seen.updates_lost}, opt-outs lost {seen.opt_outs_lost}, "
            f"broken histories {seen.broken_histories}, "
            f"revisions {seen.revisions} against {seen.events} events"
        )
    print(f"the tables of all nodes are {'the same' if len(sums) == 1 else 'DIFFERENT'}")
    return holds and len(sums) == 1


def main() -> int:
    """Run all of it, where it can be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=LONG)
    seconds = parser.parse_args().seconds
    if lacking := missing():
        print(f"The cluster was NOT tested: not installed are {', '.join(lacking)}.")
        return 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="galera") as folder, cluster(Path(folder)) as nodes:
        engine = engine_of(nodes[0].url)
        create_schema(engine)
        engine.dispose()
        print(f"three nodes in a cluster after {time.monotonic() - begun:.1f} s")
        kit(nodes)
        told, killed = fight(nodes, seconds)
        return 0 if verdict(nodes, told, killed) else 1


if __name__ == "__main__":
    sys.exit(main())
