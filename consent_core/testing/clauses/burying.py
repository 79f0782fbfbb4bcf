"""Tombstones: stored with the erasure, found by digest, changed only as expected (section 10)."""

from datetime import timedelta
from typing import Final
from uuid import uuid5

from attrs import evolve

from consent_core.application.plans import commit, find, get
from consent_core.application.ports import Change, TombstoneChange
from consent_core.domain.identifiers import Identifier
from consent_core.domain.tombstones import Tombstone, TombstoneDigest, TombstoneKeys
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.vocabulary import Actor
from consent_core.testing.arrange import NOON, consent, creation, email, erasure_of, phone
from consent_core.testing.clauses.committing import STORED, refused
from consent_core.testing.clauses.racing import ROUNDS
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, Parallel, clause, expect, store

_KEYS: Final = TombstoneKeys(["newer secret " * 3, "older secret " * 3])
_LEFT: Final = Tombstone(
    revoked_date=NOON,
    revoked_by=Actor.SUBJECT,
    subject_revoked_date=NOON - timedelta(days=1),
    topics=Topics({"offers": TopicEvidence(choice=TopicChoice.OUT, updated_date=NOON)}),
)


def _digest(who: Identifier) -> TombstoneDigest:
    return _KEYS.digests_of(who)[0]


def _buried(change: Change, before: Tombstone | None, after: Tombstone | None) -> Change:
    """The change, with one of the tombstone under the newest secret."""
    return change._replace(tombstones=(TombstoneChange(_digest(change.identifier), before, after),))


def _moved(who: Identifier, before: Tombstone | None, after: Tombstone | None) -> Change:
    """A change of a tombstone alone."""
    return _buried(Change(who, 0, None, ()), before, after)


@clause(SINCE)
def an_erasure_and_its_tombstone_are_stored_together() -> ClausePlan[None]:
    """An erasure leaves its tombstone, and one that is refused neither erases nor leaves one."""
    first = consent(email("ada"))
    digest = _digest(first.details)
    yield from commit([creation(first)])
    gone = erasure_of(first)
    late = _buried(erasure_of(first, expected=2), None, _LEFT)
    surprised = _buried(gone, Tombstone(), _LEFT)
    for change in (late, surprised):
        expect((yield from refused([change])), {first.details})
        expect(dict((yield from find([digest]))), {})
        expect(set((yield from find([first.details]))), {first.details})
    yield from commit([_buried(gone, None, _LEFT)])
    expect(dict((yield from find([first.details, digest]))), {digest: _LEFT})
    expect(dict((yield from get([first.id]))), {})


@clause(SINCE)
def tombstones_are_found_by_digest() -> ClausePlan[None]:
    """A tombstone is found by its digest alone, beside records, with all that it says.

    What it is about is nowhere: a change that names another identifier meets the same tombstone.
    """
    ada, bob = email("ada"), consent(phone(1))
    newer, older = _KEYS.digests_of(ada)
    for said in (
        _LEFT,
        Tombstone(),
        evolve(_LEFT, revoked_by=Actor.OPERATOR, subject_revoked_date=None),
    ):
        stored = tuple(TombstoneChange(each, None, said) for each in (newer, older))
        yield from commit([Change(ada, 0, None, (), stored)])
        expect(dict((yield from find([older]))), {older: said})
        expect(dict((yield from find([ada, older, newer, newer]))), {newer: said, older: said})
        gone = tuple(TombstoneChange(each, said, None) for each in (newer, older))
        yield from commit([Change(bob.details, 0, None, (), gone)])
        expect(dict((yield from find([newer, older, ada]))), {})
    yield from store([creation(bob), _moved(ada, None, _LEFT)])
    found = yield from find([bob.details, ada, newer, older])
    expect({key: value for key, value in found.items() if key == newer}, {newer: _LEFT})
    expect(set(found), {bob.details, newer})


@clause(SINCE)
def a_tombstone_changes_only_as_expected() -> ClausePlan[None]:
    """A change is refused where another tombstone is stored than the one it expects, or none is.

    Nothing of its commit is stored.
    """
    ada, other = email("ada"), creation(consent(email("bob")))
    yield from commit([_moved(ada, None, _LEFT)])
    others = (
        evolve(_LEFT, revoked_date=NOON + timedelta(microseconds=1)),
        evolve(_LEFT, revoked_by=Actor.OPERATOR),
        evolve(_LEFT, subject_revoked_date=None),
        None,
    )
    for expected in others:
        for after in (Tombstone(), None):
            expect((yield from refused([_moved(ada, expected, after), other])), {ada})
            found = yield from find([_digest(ada), other.identifier])
            expect(dict(found), {_digest(ada): _LEFT})
    later = evolve(_LEFT, revoked_date=NOON + timedelta(days=1))
    yield from commit([_moved(ada, _LEFT, later)])
    expect(dict((yield from find([_digest(ada)]))), {_digest(ada): later})
    yield from commit([_moved(ada, later, None)])
    expect(dict((yield from find([_digest(ada)]))), {})
    expect((yield from refused([_moved(ada, later, _LEFT)])), {ada})
    yield from commit([_moved(ada, None, None)])
    expect(dict((yield from find([_digest(ada)]))), {})


@clause(SINCE)
def an_erasure_in_between_is_a_conflict() -> ClausePlan[None]:
    """A record is not created where a tombstone has appeared since the look-up.

    That is so, too, while the erasure that leaves it is being stored.
    """
    for number in range(ROUNDS):
        first = consent(email(f"contested{number}"))
        again = creation(consent(first.details, id=uuid5(first.id, "again")))
        digest = _digest(first.details)
        yield from commit([_buried(creation(first), None, None)])
        gone = _buried(erasure_of(first), None, _LEFT)
        created = [_buried(again, None, None)]
        answers = yield Parallel([refused([gone]), *(refused(created) for _ in range(3))])
        expect(answers, [STORED, *[{first.details}] * 3])
        expect((yield from refused(created)), {first.details})
        expect(dict((yield from find([first.details, digest]))), {digest: _LEFT})
    yield from commit([_buried(again, _LEFT, None)])
    expect(set((yield from find([first.details, digest]))), {first.details})
