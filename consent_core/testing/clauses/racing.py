"""Writers that meet at one key: one wins, the others are told, nothing is lost."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from consent_core.application.plans import commit, find, history, page
from consent_core.application.ports import Change
from consent_core.application.query import Query
from consent_core.domain.events import ConsentUpdated, replay
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.query_fields import QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.testing.arrange import (
    NOON,
    confirmation,
    consent,
    creation,
    email,
    erasure_of,
    exactly,
    revision_of,
)
from consent_core.testing.broken import Mismatch
from consent_core.testing.clauses.committing import STORED, refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, Parallel, clause, expect, store

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


@clause(SINCE, changes=9)
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


@clause(SINCE, changes=12)
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


@clause(SINCE, changes=4)
def writers_of_different_people_never_conflict() -> ClausePlan[None]:
    """A change conflicts with changes of the same identifier, and with no others.

    However many are stored at once.
    """
    yield Parallel([_write_alone(writer) for writer in range(WRITERS)])


def _write_alone(writer: int) -> ClausePlan[None]:
    mine = [consent(email(f"{writer}.{number}")) for number in range(2)]
    expect((yield from refused([creation(each) for each in mine])), STORED)
    for _ in range(ROUNDS):
        changes = [revision_of(each) for each in mine]
        expect((yield from refused(changes)), STORED)
        mine = [change.consent for change in changes if change.consent is not None]


@clause(SINCE)
def pages_are_whole_while_others_write() -> ClausePlan[None]:
    """A page that is read while others write has whole records in its order, each once.

    Whoever is stored all the time is on it.
    """
    stored = [_marked(email(f"stays{number}"), 1) for number in range(WRITERS)]
    yield from store([creation(each) for each in stored])
    staying = {each.id for each in stored}
    readers = [_read_pages(staying, sort) for sort in (QueryField.ID, QueryField.UPDATED_DATE)]
    writers = [_rewrite(stored[0]), _rewrite(stored[1]), _come_and_go()]
    yield Parallel([*readers, *writers])


def _marked(who: Identifier, revision: int, **fields: Any) -> MarketingConsent:
    """A record whose fields follow from its revision."""
    dated = NOON + timedelta(minutes=revision)
    marks = ExtendedFields({"app": {"revision": revision, "padding": "x" * 500}})
    return consent(
        who,
        revision=revision,
        updated_date=dated,
        last_confirmation_activity=confirmation(dated),
        extended_fields=marks,
        **fields,
    )


def _rewrite(record: MarketingConsent) -> ClausePlan[None]:
    for revision in range(1, 4 * ROUNDS):
        later = _marked(record.details, revision + 1)
        yield from commit([Change(record.details, revision, later, (ConsentUpdated(later),))])


def _come_and_go() -> ClausePlan[None]:
    who = email("comes.and.goes")
    for number in range(2 * ROUNDS):
        record = _marked(who, 1, id=consent(email(f"{number}")).id)
        yield from commit([creation(record)])
        yield from commit([erasure_of(record)])


def _read_pages(staying: set[UUID], sort: QueryField) -> ClausePlan[None]:
    query = Query(sort=sort)
    for _ in range(4 * ROUNDS):
        found = (yield from page(query)).consents
        expect(
            [exactly(each) for each in found],
            [exactly(_marked(each.details, each.revision, id=each.id)) for each in found],
        )
        expect([each.id for each in found], [each.id for each in sorted(found, key=query.order_of)])
        ids = [each.id for each in found]
        expect(len(ids), len(set(ids)))
        expect(staying - set(ids), set())


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
