"""``report``, ``bulk_report`` and ``explain`` of both services (contract, section 9)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, Unpack

import pytest
from attrs import evolve
from sqlalchemy import create_engine

from consent_core import (
    AsyncConsentService,
    ConsentService,
    ConsentUpdated,
    Contended,
    DeliveryEvent,
    DeliveryReport,
    DeliveryStatus,
    Explanation,
    Identifier,
    InvalidConsent,
    MemoryRepository,
    Policy,
    Reason,
    ReportOutcome,
    Repository,
    Result,
    explain,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from tests.application.services import Awaitable, Options, collected
from tests.application.support import (
    ADA,
    BOB,
    CARL,
    Clock,
    Counting,
    Ids,
    Raced,
    at,
    confirm,
    revoke,
)

PERMANENT, TRANSIENT = DeliveryEvent.PERMANENT_BOUNCE, DeliveryEvent.TRANSIENT_BOUNCE
DELIVERED, COMPLAINT = DeliveryEvent.DELIVERED, DeliveryEvent.COMPLAINT


def told(
    event: DeliveryEvent, minute: float | None = None, who: Identifier = ADA
) -> DeliveryReport:
    """A report about somebody, of that minute."""
    date = None if minute is None else at(minute)
    return DeliveryReport(identifier=who, event=event, reported_date=date)


class Mail:
    """Both services behind one face, on one repository whose calls are counted."""

    def __init__(self, colour: str, repository: Repository, **options: Unpack[Options]) -> None:
        self.store = repository if isinstance(repository, Counting) else Counting(repository)
        self.clock = Clock()
        given: Options = {"clock": self.clock, "new_id": Ids(), **options}
        self.service = ConsentService(self.store, **given)
        self.awaited = AsyncConsentService(Awaitable(self.store), **given)
        self._is_async = colour == "async"

    def report(self, report: DeliveryReport) -> ReportOutcome:
        if self._is_async:
            return asyncio.run(self.awaited.report(report))
        return self.service.report(report)

    def bulk_report(self, reports: list[DeliveryReport]) -> list[ReportOutcome]:
        if self._is_async:
            return asyncio.run(collected(self.awaited.bulk_report(reports)))
        return list(self.service.bulk_report(reports))

    def explain(self, who: Identifier | str, minute: datetime | None = None) -> Explanation:
        if self._is_async:
            return asyncio.run(self.awaited.explain(who, at=minute))
        return self.service.explain(who, at=minute)

    def calls(self) -> tuple[int, int]:
        """Look-ups and writes since the last time, counted."""
        counted = len(self.store.finds), len(self.store.commits)
        self.store.finds.clear()
        self.store.commits.clear()
        return counted


Open: TypeAlias = Callable[..., Mail]

KINDS: Final = ("sync-memory", "async-memory", "sync-sqlite", "async-sqlite")


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a service that has Ada's consent, for each colour and store."""
    colour, _, store = str(request.param).partition("-")
    engine = create_engine(f"sqlite:///{tmp_path / 'consents.db'}")
    if store == "sqlite":
        create_schema(engine)
    inner = SqlAlchemyRepository(engine) if store == "sqlite" else MemoryRepository()

    def opening(
        repository: Callable[[Repository], Repository] = Counting, **options: Unpack[Options]
    ) -> Mail:
        mail = Mail(colour, repository(inner), **options)
        mail.service.upsert(confirm(minute=0))
        mail.calls()
        return mail

    yield opening
    engine.dispose()


def test_a_bounce_is_stored(opened: Open) -> None:
    """One look-up and one write; the change is a revision and an event of the history."""
    mail = opened()
    outcome = mail.report(told(PERMANENT, 5))
    assert mail.calls() == (1, 1)
    assert outcome.result is Result.UPDATED
    consent = mail.service.get_by_identifier(ADA).consent
    assert consent == outcome.consent
    assert consent is not None
    assert consent.delivery is not None
    assert consent.delivery.status is DeliveryStatus.UNREACHABLE
    assert mail.service.history(consent.id)[-1] == ConsentUpdated(consent) == outcome.events[0]
    assert mail.service.may_contact(ADA).reasons == (Reason.UNREACHABLE,)
    assert list(mail.service.audience(ADA.channel)) == []


def test_a_delivery_to_a_reachable_address_writes_nothing(opened: Open) -> None:
    """Section 9: "it must be cheap to report every delivery": one look-up for many, no write."""
    mail = opened()
    before = mail.service.get_by_identifier(ADA).consent
    mail.calls()
    assert mail.report(told(DELIVERED)) == ReportOutcome(Result.UNCHANGED, before, ())
    assert mail.calls() == (1, 0)
    outcomes = mail.bulk_report([told(DELIVERED, minute) for minute in range(300)])
    assert [outcome.result for outcome in outcomes] == [Result.UNCHANGED] * 300
    assert mail.calls() == (1, 0)


def test_a_report_about_nobody(opened: Open) -> None:
    """Section 9: it "changes nothing and says so"; a complaint is stored nevertheless."""
    mail = opened()
    assert mail.report(told(PERMANENT, 5, BOB)) == ReportOutcome(Result.UNCHANGED, None, ())
    assert mail.calls() == (1, 0)
    outcome = mail.report(told(COMPLAINT, 5, CARL))
    assert outcome.result is Result.CREATED
    assert mail.calls() == (1, 1)
    assert mail.service.may_contact(CARL).reasons == (Reason.REVOKED,)


def test_a_bulk_is_one_read_and_one_write(opened: Open) -> None:
    """Reports about one address are applied in order, with a revision and an event for each."""
    mail = opened(policy=Policy(bounce_limit=2))
    sent = [
        told(TRANSIENT, 5),
        told(COMPLAINT, 6, BOB),
        told(TRANSIENT, 7),
        told(DELIVERED, 8, CARL),
        told(DELIVERED, 6),
    ]
    outcomes = mail.bulk_report(sent)
    assert mail.calls() == (1, 1)
    updated, created, unchanged = Result.UPDATED, Result.CREATED, Result.UNCHANGED
    results = [outcome.result for outcome in outcomes]
    assert results == [updated, created, updated, unchanged, unchanged]
    consent = mail.service.get_by_identifier(ADA).consent
    assert consent is not None
    assert consent.unreachable
    assert consent.revision == 3 == len(mail.service.history(consent.id))
    assert outcomes[2].consent == outcomes[4].consent == consent
    mail.calls()
    assert mail.bulk_report([]) == []
    assert mail.calls() == (0, 0)


def test_a_bulk_is_stored_chunk_by_chunk(opened: Open) -> None:
    """Section 9, as for upserts: each chunk is one read and one write."""
    mail = opened(chunk_size=2)
    mail.bulk_report([told(TRANSIENT, minute) for minute in (5, 6, 7)])
    assert mail.calls() == (2, 2)


def test_reports_may_come_asynchronously() -> None:
    """The asynchronous service takes what arrives from elsewhere."""

    async def arriving() -> AsyncIterator[DeliveryReport]:
        yield told(PERMANENT, 5)
        yield told(COMPLAINT, 6, BOB)

    service = AsyncConsentService()
    outcomes = asyncio.run(collected(service.bulk_report(arriving())))
    assert [outcome.result for outcome in outcomes] == [Result.UNCHANGED, Result.CREATED]


def test_a_report_that_loses_a_race_is_decided_again(opened: Open) -> None:
    """An opt-out that was stored in between stays, and the bounce is stored beside it."""
    mail = opened(Raced)
    raced = mail.store
    assert isinstance(raced, Raced)
    rival = ConsentService(raced.inner)
    raced.rivals.append(lambda: rival.upsert(revoke(minute=3)))
    outcome = mail.report(told(PERMANENT, 5))
    assert mail.calls() == (2, 2)
    assert outcome.consent is not None
    assert (outcome.consent.revision, outcome.consent.unreachable) == (3, True)
    assert mail.service.may_contact(ADA).reasons == (Reason.REVOKED, Reason.UNREACHABLE)


def test_a_complaint_that_loses_a_race_is_not_lost(opened: Open) -> None:
    """Somebody else creates the record first: the opt-out is applied to that one."""
    mail = opened(Raced)
    raced = mail.store
    assert isinstance(raced, Raced)
    rival = ConsentService(raced.inner)
    raced.rivals.append(lambda: rival.upsert(confirm(BOB, minute=3)))
    assert mail.report(told(COMPLAINT, 5, BOB)).result is Result.UPDATED
    assert mail.service.may_contact(BOB).reasons == (Reason.REVOKED,)


def test_too_many_races(opened: Open) -> None:
    """After all attempts it says so; nothing of the bulk is stored."""
    mail = opened(Raced, attempts=2)
    raced = mail.store
    assert isinstance(raced, Raced)
    rival = ConsentService(raced.inner)
    for minute in (3, 4):
        raced.rivals.append(partial(rival.upsert, revoke(minute=minute)))
    with pytest.raises(Contended) as caught:
        mail.bulk_report([told(COMPLAINT, 5, BOB), told(PERMANENT, 5)])
    assert caught.value.attempts == 2
    consent = mail.service.get_by_identifier(ADA).consent
    assert consent is not None
    assert consent.delivery is None
    assert mail.service.get_by_identifier(BOB).consent is None


@pytest.mark.parametrize("code", ["5.1", "511", "5.1.1.1", "3.1.1", "5.1.1 no such user", ""])
def test_a_malformed_code_cannot_be_reported(code: str) -> None:
    """It names the field and what is right, so there is nothing that could be stored."""
    with pytest.raises(InvalidConsent) as caught:
        DeliveryReport(identifier=ADA, event=PERMANENT, code=code)
    (violation,) = caught.value.violations
    assert violation.path == "code"
    assert "5.1.1" in violation.description


def test_a_report_without_an_offset_cannot_be_made() -> None:
    """Nor one whose moment is none."""
    for wrong in (datetime(2024, 5, 1), "2024-05-01"):  # noqa: DTZ001  # that is the mistake
        date: Any = wrong
        with pytest.raises(InvalidConsent) as caught:
            DeliveryReport(identifier=ADA, event=PERMANENT, reported_date=date)
        assert [violation.path for violation in caught.value.violations] == ["reportedDate"]


def test_explain_says_what_the_rules_say(opened: Open) -> None:
    """One look-up; the sentences are those of ``cc.explain`` for the stored record."""
    mail = opened(policy=Policy.strict())
    consent = mail.service.get_by_identifier(ADA).consent
    mail.calls()
    expected = explain(consent, now=mail.clock(), policy=Policy.strict())
    assert mail.explain("Ada@Example.org") == mail.explain(ADA) == expected
    assert expected.reasons == (Reason.DOUBLE_CONFIRMATION_REQUIRED,)
    assert mail.calls() == (2, 0)
    assert mail.explain(BOB) == explain(None, now=mail.clock())


def test_explain_what_was_known(opened: Open) -> None:
    """``at`` asks the history: a moment counts by what was stored until then."""
    mail = opened()
    mail.clock.minute = 2_000
    mail.service.upsert(revoke(minute=1_500))
    assert mail.explain(ADA).reasons == mail.explain(ADA, at(2_000)).reasons == (Reason.REVOKED,)
    assert mail.explain(ADA, at(1_999))
    assert mail.explain(ADA, at(999)).reasons == (Reason.NO_CONSENT,)
    assert mail.explain(BOB, at(999)).reasons == (Reason.NO_CONSENT,)


def test_explain_by_the_lifetime_of_that_moment(opened: Open) -> None:
    """The moment that is asked about is the one that consents are too old at."""
    mail = opened(policy=evolve(Policy(), confirmation_lifetime=at(1_100) - at(0)))
    mail.clock.minute = 5_000
    assert mail.explain(ADA).reasons == (Reason.EXPIRED,)
    assert mail.explain(ADA, at(1_050))


@pytest.mark.parametrize(("who", "moment"), [("ada", None), (ADA, datetime(2024, 5, 1))])  # noqa: DTZ001
def test_what_cannot_be_explained(opened: Open, who: Any, moment: datetime | None) -> None:
    """Neither an address nor a number, and a moment without an offset."""
    with pytest.raises(InvalidConsent):
        opened().explain(who, moment)
