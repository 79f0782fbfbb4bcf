"""Erasing a person whose no is remembered (contract, section 10): one test for each service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Unpack

import pytest
from sqlalchemy import create_engine

from consent_core import (
    Actor,
    ConfirmationSource,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    DeliveryEvent,
    DeliveryReport,
    InvalidConsent,
    KeptReason,
    LinkType,
    MemoryRepository,
    Outcome,
    Policy,
    Reason,
    Rejected,
    Repository,
    Result,
    Tombstone,
    TombstoneKeys,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.application.ids import new_consent_id
from consent_core.links import SignedLinks
from tests.application.services import MakeService, Options, Service
from tests.application.support import (
    ADA,
    BOB,
    NOW,
    Clock,
    Counting,
    UrlLinks,
    ask,
    at,
    confirm,
    no,
    revoke,
    yes,
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


def test_an_old_list_brings_nobody_back(make: MakeService, repository: Repository) -> None:
    """What is dated before the erasure stays out, and stores nothing; what is new is taken."""
    clock = Clock()
    consents = make(repository, tombstone_keys=[NEWER], clock=clock)
    first = consents.upsert(confirm(minute=1)).consent
    consents.delete(first.id)
    assert repository.find([ADA, NEW]) == {NEW: BY_ERASURE}
    clock.minute += 1
    kept = consents.upsert(confirm(minute=2))
    assert kept == Outcome(
        Result.UNCHANGED, KeptReason.STALE_EVIDENCE, None, (), tombstone=BY_ERASURE
    )
    assert repository.find([ADA, NEW]) == {NEW: BY_ERASURE}
    found = consents.get_by_identifier(ADA)
    assert (found.consent, found.reasons) == (None, (Reason.REVOKED,))
    assert "The person was erased, and the opt-out is remembered." in str(consents.explain(ADA))
    back = consents.upsert(confirm())
    assert (back.result, back.consent.state) == (Result.CREATED, ConsentState.CONFIRMED)
    assert back.consent.id != first.id
    assert back.consent.revoked_date == at(NOW)
    assert repository.find([ADA, NEW]) == {ADA: back.consent}


def test_without_secrets_erasing_forgets_the_no(make: MakeService, repository: Repository) -> None:
    """And to insist on remembering is an error before anything is erased."""
    consents = make(repository)
    first = consents.upsert(revoke(minute=5)).consent
    with pytest.raises(InvalidConsent, match=r"suppress: needs a secret.*tombstone_keys"):
        consents.delete(first.id, suppress=True)
    assert consents.get(first.id) == first
    consents.delete(first.id)
    assert consents.upsert(confirm(minute=1)).result is Result.CREATED


@pytest.mark.parametrize("suppress", [None, True, False])
def test_who_left_before_keeps_that_date(
    make: MakeService, repository: Repository, suppress: bool | None
) -> None:
    """Whoever is erased after an opt-out left then, however the record is erased."""
    consents = make(repository, tombstone_keys=[NEWER])
    consents.delete(consents.upsert(revoke(minute=5)).consent.id, suppress=suppress)
    left = Tombstone(revoked_date=at(5), revoked_by=Actor.SUBJECT, subject_revoked_date=at(5))
    assert repository.find([NEW]) == {NEW: left}


def test_a_record_that_was_made_by_mistake_leaves_nothing(
    make: MakeService, repository: Repository
) -> None:
    """Nothing was said by anybody."""
    consents = make(repository, tombstone_keys=[NEWER])
    consents.delete(consents.upsert(confirm()).consent.id, suppress=False)
    assert repository.find([ADA, NEW]) == {}
    assert consents.get_by_identifier(ADA).reasons == (Reason.NO_CONSENT,)


def test_every_way_of_asking_meets_it(make: MakeService, repository: Repository) -> None:
    """The short calls, ``create``, ``remove`` and reports are requests like others."""
    clock = Clock()
    consents = make(repository, tombstone_keys=[NEWER], links=UrlLinks(), clock=clock)
    consents.delete(consents.upsert(confirm(minute=1)).consent.id)
    assert consents.create(ADA, yes(2)).kept is KeptReason.STALE_EVIDENCE
    assert consents.opt_in(str(ADA.address), updated_date=at(3)).record is None
    with pytest.raises(ConsentNotFound):
        consents.remove(BOB, no())
    clock.minute += 10
    for act in (
        lambda: consents.remove(ADA, no()),
        lambda: consents.upsert(revoke()),
        lambda: consents.opt_out(ADA),
        lambda: consents.report(complaint()),
    ):
        clock.minute += 1
        answer: Any = act()
        assert (answer.result, answer.events) == (Result.UNCHANGED, ())
        assert repository.find([NEW])[NEW] == answer.tombstone
        assert answer.tombstone.revoked_date == at(clock.minute)
    delivered = consents.report(DeliveryReport(identifier=ADA, event=DeliveryEvent.DELIVERED))
    assert delivered.tombstone == repository.find([NEW])[NEW]
    clock.minute += 1
    created = consents.create(ADA, yes())
    assert (created.result, created.link is not None) == (Result.CREATED, True)


def complaint() -> DeliveryReport:
    """An undated complaint by Ada's provider."""
    return DeliveryReport(identifier=ADA, event=DeliveryEvent.COMPLAINT)


def test_a_link_of_before_the_erasure(repository: Repository) -> None:
    """It says that the consent is gone; the opt-out is taken by the address."""
    links, clock = SignedLinks("https://example.org/leave", ["l" * 32]), Clock()
    consents = ConsentService(repository, tombstone_keys=[NEWER], links=links, clock=clock)
    outcome = consents.upsert(confirm())
    consents.delete(outcome.consent.id)
    assert outcome.link is not None
    token = outcome.link.url.partition("token=")[2]
    with pytest.raises(ConsentNotFound):
        consents.redeem(token, action=LinkType.REVOKE_CONFIRMATION)
    with pytest.raises(ConsentNotFound):
        consents.preview(token)
    clock.minute += 1
    consents.opt_out(ADA)
    assert repository.find([NEW])[NEW].revoked_date == at(NOW + 1)


def test_a_bulk_decides_in_order(make: MakeService, repository: Repository) -> None:
    """Each request meets what the ones before it have left, as if they came one by one."""
    consents = make(repository, tombstone_keys=[NEWER], clock=Clock())
    consents.delete(consents.upsert(revoke(minute=10)).consent.id)
    fields = ask(ConsentState.CONFIRMED, 31, fields={"app": {"x": 1}})
    answers = consents.bulk_upsert(
        [confirm(minute=9), revoke(minute=20), confirm(minute=15), confirm(BOB), InvalidConsent([])]
    )
    kept, moved, still, bob, wrong = answers
    assert not isinstance(kept, Rejected)
    assert isinstance(wrong, Rejected)
    assert (kept.record, kept.kept) == (None, KeptReason.STALE_EVIDENCE)
    assert [each.record for each in (moved, still) if isinstance(each, Outcome)] == [None, None]
    assert isinstance(bob, Outcome)
    assert bob.result is Result.CREATED
    assert repository.find([NEW])[NEW].revoked_date == at(20)
    late, taken, more = consents.bulk_upsert([confirm(minute=19), confirm(minute=30), fields])
    assert isinstance(late, Outcome)
    assert isinstance(taken, Outcome)
    assert isinstance(more, Outcome)
    assert (late.record, taken.consent.revision, more.consent.revision) == (None, 1, 2)
    assert taken.consent.revoked_date == at(20)
    assert repository.find([ADA, NEW]) == {ADA: more.consent}


class Watched(Counting):
    """A store that counts, for one site."""

    site = ""


def test_what_is_kept_stores_nothing(make: MakeService) -> None:
    """Not even a commit of nothing."""
    repository = Watched(MemoryRepository())
    consents = make(repository, tombstone_keys=[NEWER])
    consents.delete(consents.upsert(confirm(minute=1)).consent.id)
    before = len(repository.commits)
    consents.upsert(confirm(minute=1))
    list(consents.bulk_upsert([confirm(minute=1), confirm(minute=2)]))
    assert len(repository.commits) == before


@pytest.mark.parametrize(
    "policy", [Policy(), Policy.wix(), Policy.strict()], ids=["default", "wix", "strict"]
)
def test_a_double_opt_in_brings_the_person_back(
    make: MakeService, repository: Repository, policy: Policy
) -> None:
    """The question founds a record, which holds the no until it is answered."""
    clock = Clock()
    consents = make(repository, tombstone_keys=[NEWER], policy=policy, clock=clock)
    consents.delete(consents.upsert(confirm(minute=1)).consent.id)
    clock.minute += 10
    assert consents.request_opt_in(ADA).consent.state is ConsentState.PENDING
    assert not consents.may_contact(ADA)
    clock.minute += 10
    link = ConfirmationSource.LINK_CONFIRMATION
    consents.opt_in(ADA, source=link, opt_in_level="DOUBLE_CONFIRMATION")
    assert consents.may_contact(ADA)
