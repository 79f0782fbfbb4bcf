"""Secrets that change, sites, and writers that meet while a person is erased (section 10)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Unpack

import pytest
from sqlalchemy import create_engine

from consent_core import (
    Actor,
    AsyncConsentService,
    AsyncMemoryRepository,
    Change,
    Conflict,
    ConsentService,
    ConsentState,
    Contended,
    KeptReason,
    MemoryRepository,
    Outcome,
    Repository,
    Result,
    Tombstone,
    TombstoneKeys,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.application.ids import new_consent_id
from consent_core.application.lookups import look_up
from tests.application.services import MakeService, Options, Service
from tests.application.support import (
    ADA,
    BOB,
    NOW,
    Clock,
    Delegate,
    at,
    confirm,
    no,
    revoke,
)

NEWER: Final = "n" * 32
OLDER: Final = "o" * 32
KEYS: Final = TombstoneKeys([NEWER, OLDER])
NEW, OLD = KEYS.digests_of(ADA)

BY_ERASURE: Final = Tombstone(
    revoked_date=at(NOW), revoked_by=Actor.SUBJECT, subject_revoked_date=at(NOW)
)


@pytest.fixture
def make(make: MakeService) -> MakeService:
    """Services with ids that no two of them share."""

    def made(repository: Repository | None = None, **options: Unpack[Options]) -> Service:
        chosen: Options = {"new_id": new_consent_id, **options}
        return make(repository, **chosen)

    return made


@pytest.fixture(params=["memory", "sqlite"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    """Both repositories of the library; those of PostgreSQL have tests of their own."""
    if request.param == "memory":
        yield MemoryRepository()
        return
    engine = create_engine(f"sqlite:///{tmp_path / 'consents.db'}")
    create_schema(engine)
    yield SqlAlchemyRepository(engine)
    engine.dispose()


def test_a_new_secret_finds_what_was_written_under_the_old_one(
    make: MakeService, repository: Repository
) -> None:
    """It is rewritten under the newest secret when it changes; then the old one can be dropped."""
    clock = Clock()
    before = make(repository, tombstone_keys=[OLDER], clock=clock)
    before.delete(before.upsert(confirm(minute=1)).consent.id)
    assert set(repository.find([NEW, OLD])) == {OLD}
    rotated = make(repository, tombstone_keys=[NEWER, OLDER], clock=clock)
    assert rotated.upsert(confirm(minute=2)).kept is KeptReason.STALE_EVIDENCE
    assert set(repository.find([NEW, OLD])) == {OLD}
    clock.minute += 1
    moved = rotated.upsert(revoke()).tombstone
    assert repository.find([NEW, OLD]) == {NEW: moved}
    after = make(repository, tombstone_keys=[NEWER], clock=clock)
    assert after.upsert(confirm(minute=3)).record is None
    stranger = make(repository, tombstone_keys=["s" * 32], clock=clock)
    assert stranger.upsert(confirm(minute=3)).result is Result.CREATED


def test_of_two_tombstones_the_latest_dates_count(
    make: MakeService, repository: Repository
) -> None:
    """As where a service without the old secret has erased the same person again."""
    clock = Clock()
    for secret in (OLDER, NEWER):
        clock.minute += 1
        consents = make(repository, tombstone_keys=[secret], clock=clock)
        consents.delete(consents.upsert(confirm()).consent.id)
    assert set(repository.find([NEW, OLD])) == {NEW, OLD}
    both = make(repository, tombstone_keys=[NEWER, OLDER], clock=clock)
    assert both.upsert(confirm(minute=NOW + 1)).record is None
    clock.minute += 1
    assert both.upsert(confirm()).result is Result.CREATED
    assert set(repository.find([ADA, NEW, OLD])) == {ADA}


def test_an_erasure_keeps_the_dates_of_an_earlier_one(
    make: MakeService, repository: Repository
) -> None:
    """A service without secrets may have founded a record beside a tombstone."""
    clock = Clock()
    consents = make(repository, tombstone_keys=[NEWER, OLDER], clock=clock)
    consents.delete(consents.upsert(confirm()).consent.id)
    made = make(repository, clock=clock).upsert(confirm()).consent
    assert consents.get_by_identifier(ADA).consent == made
    consents.delete(made.id, suppress=False)
    assert repository.find([ADA, NEW]) == {NEW: BY_ERASURE}


class ErasedMeanwhile(Delegate):
    """A store in which the person comes and is erased while a creation is on its way."""

    site = ""

    def __init__(self, inner: MemoryRepository) -> None:
        super().__init__(inner)
        self.others = ConsentService(inner, tombstone_keys=[NEWER], clock=Clock())
        self.waiting = True

    def commit(self, changes: Any, /) -> None:
        if self.waiting:
            self.waiting = False
            self.others.delete(self.others.upsert(confirm(minute=500)).consent.id)
        super().commit(changes)


@pytest.mark.parametrize("bulk", [False, True])
def test_an_erasure_between_look_up_and_creation(make: MakeService, bulk: bool) -> None:
    """The request is decided again, and meets the tombstone."""
    repository = ErasedMeanwhile(MemoryRepository())
    consents = make(repository, tombstone_keys=[NEWER], clock=Clock())
    requests = [confirm(minute=1), confirm(BOB, 1)]
    answers = [*consents.bulk_upsert(requests)] if bulk else [consents.upsert(requests[0])]
    assert isinstance(answers[0], Outcome)
    assert (answers[0].record, answers[0].kept) == (None, KeptReason.STALE_EVIDENCE)
    assert ADA not in repository.find([ADA])
    assert len(repository.find([BOB])) == bulk


class AlwaysLate(Delegate):
    """A store in which other writers are faster every time."""

    site = ""

    def commit(self, changes: Any, /) -> None:
        raise Conflict(changes)


def test_an_erasure_gives_up_at_last(make: MakeService) -> None:
    """After as many attempts as the service has."""
    inner = MemoryRepository()
    record = make(inner).upsert(confirm()).consent
    consents = make(AlwaysLate(inner), tombstone_keys=[NEWER], attempts=3)
    with pytest.raises(Contended):
        consents.delete(record.id)
    with pytest.raises(Contended):
        consents.update(record.id, state=ConsentState.REVOKED, last_revoke_activity=no())


def test_the_site_is_part_of_the_digest(tmp_path: Path) -> None:
    """It is that of the repository, and one that has none is refused at once."""
    engine = create_engine(f"sqlite:///{tmp_path / 'consents.db'}")
    create_schema(engine)
    repository = SqlAlchemyRepository(engine, site="acme")
    consents = ConsentService(repository, tombstone_keys=[NEWER])
    consents.delete(consents.upsert(confirm()).consent.id)
    (digest,) = TombstoneKeys([NEWER], site="acme").digests_of(ADA)
    assert set(repository.find([digest, NEW])) == {digest}
    assert SqlAlchemyRepository(engine, site="other").find([digest]) == {}
    engine.dispose()
    with pytest.raises(TypeError, match="attribute site"):
        ConsentService(Delegate(MemoryRepository()), tombstone_keys=[NEWER])
    assert AsyncConsentService(AsyncMemoryRepository(), tombstone_keys=[NEWER])


@pytest.mark.parametrize("service", [ConsentService, AsyncConsentService])
def test_secrets_that_can_be_guessed_are_refused(service: Any) -> None:
    """When the service is made, not at the first erasure."""
    with pytest.raises(ValueError, match=r"tombstone_keys must have 32 bytes or more"):
        service(tombstone_keys=["short"])
    with pytest.raises(ValueError, match=r"tombstone_keys must be a list"):
        service(tombstone_keys=[])


def test_services_without_secrets_never_send_digests() -> None:
    """So adapters that know no tombstones go on working."""
    (ask_for,) = look_up([ADA], None)
    assert ask_for.argument == [ADA]
    changes: list[Change] = []

    class Noting(MemoryRepository):
        def commit(self, changed: Any, /) -> None:
            changes.extend(changed)
            super().commit(changed)

    consents = ConsentService(Noting())
    consents.delete(consents.upsert(confirm()).consent.id)
    assert [change.tombstones for change in changes] == [(), ()]
