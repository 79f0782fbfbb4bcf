"""Writers that meet at one key: one wins, the others are told, nothing is lost."""

from datetime import timedelta
from typing import Final

from consent_core.application.plans import commit, find, history
from consent_core.application.ports import Change
from consent_core.domain.events import replay
from consent_core.domain.identifiers import Identifier
from consent_core.testing.arrange import NOON, consent, creation, email, exactly, revision_of
from consent_core.testing.clauses.committing import STORED, refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, Mismatch, Parallel, clause, expect

WRITERS: Final = 8
ROUNDS: Final = 5
KEYS: Final = 5

PATIENCE: Final = 500
"""Attempts of one writer.

Each time it is refused another one got through, which happens fewer times than this.
"""


@clause(SINCE)
def one_record_for_an_identifier() -> ClausePlan[None]:
    """Of many who create a record for one identifier at once, exactly one does.

    The others are told of the conflict.
    """
    for number in range(ROUNDS):
        contested = email(f"contested{number}")
        rivals = [
            consent(contested, id=consent(email(f"{number}.{writer}")).id)
            for writer in range(WRITERS)
        ]
        answers = yield Parallel([refused([creation(rival)]) for rival in rivals])
        winners = [rival for rival, answer in zip(rivals, answers, strict=True) if answer == STORED]
        expect(len(winners), 1)
        expect([answer for answer in answers if answer != STORED], [{contested}] * (WRITERS - 1))
        found = yield from find([contested])
        expect(found[contested].id, winners[0].id)


@clause(SINCE)
def one_change_for_a_revision() -> ClausePlan[None]:
    """Of many who have read one revision and change it at once, exactly one does.

    The others are told.
    """
    before = consent(email("contested"))
    yield from commit([creation(before)])
    for _ in range(ROUNDS):
        changes = [revision_of(before, writer) for writer in range(1, WRITERS + 1)]
        answers = yield Parallel([refused([change]) for change in changes])
        winners = [
            change for change, answer in zip(changes, answers, strict=True) if answer == STORED
        ]
        expect(len(winners), 1)
        expect(
            [answer for answer in answers if answer != STORED], [{before.details}] * (WRITERS - 1)
        )
        before = (yield from find([before.details]))[before.details]
        expect(exactly(before), exactly(winners[0].consent))


@clause(SINCE)
def no_change_is_lost() -> ClausePlan[None]:
    """Every writer that retries until its change holds is counted, in revisions and in events."""
    first = consent(email("counter"))
    yield from commit([creation(first)])
    yield Parallel([_count_up(first.details) for _ in range(WRITERS)])
    last = (yield from find([first.details]))[first.details]
    events = yield from history(first.id)
    expect(last.revision, 1 + WRITERS * ROUNDS)
    expect([event.sequence for event in events], list(range(1, last.revision + 1)))
    expect(exactly(replay(events)), exactly(last))


def _count_up(contested: Identifier) -> ClausePlan[None]:
    held = tried = 0
    while held < ROUNDS:
        _be_patient(held, tried)
        before = (yield from find([contested]))[contested]
        held += (yield from refused([revision_of(before)])) == STORED
        tried += 1


def _be_patient(held: int, tried: int) -> None:
    if tried == PATIENCE:
        raise Mismatch(f"{ROUNDS} changes that hold", f"{held} in {tried} attempts")


@clause(SINCE)
def rivals_over_many_keys_keep_each_whole() -> ClausePlan[None]:
    """Each of several commits that overlap in their keys is stored wholly or not at all."""
    for number in range(ROUNDS):
        batches = [_batch(number, writer) for writer in range(WRITERS)]
        answers = yield Parallel([refused(batch) for batch in batches])
        winners = [
            batch for batch, answer in zip(batches, answers, strict=True) if answer == STORED
        ]
        expect(len(winners), 1)
        found = yield from find([change.identifier for batch in batches for change in batch])
        expect(
            {i: exactly(c) for i, c in found.items()},
            {c.identifier: exactly(c.consent) for c in winners[0]},
        )


def _batch(number: int, writer: int) -> list[Change]:
    """A key that nobody else wants, then keys that all want."""
    dated = NOON + timedelta(seconds=writer)
    wanted = [f"{number}.key{key}" for key in range(KEYS)]
    named = [f"{number}.mine{writer}", *(wanted if writer % 2 else reversed(wanted))]
    ids = [consent(email(f"{number}.{writer}.{name}")).id for name in named]
    return [
        creation(consent(email(name), id=new, created_date=dated, updated_date=dated))
        for name, new in zip(named, ids, strict=True)
    ]
