"""Never run: mypy reads what types callers get, and complains where they are others."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never, assert_type
from uuid import UUID

import consent_core as cc
from consent_core.adapters import memory


def sync_service(
    consents: cc.ConsentService, command: cc.Upsert, who: cc.Identifier, id: UUID, now: datetime
) -> None:
    """What the service for threads answers."""
    assert_type(consents.upsert(command), cc.Outcome)
    assert_type(
        consents.bulk_upsert([command, cc.InvalidConsent([])]), Iterator[cc.Outcome | cc.Rejected]
    )
    assert_type(consents.create(who, cc.ConfirmationActivity()), cc.Outcome)
    assert_type(consents.update(id, revision=3, state=cc.ConsentState.UNKNOWN_STATE), cc.Outcome)
    assert_type(consents.remove(who, cc.RevokeActivity()), cc.Outcome)
    assert_type(consents.delete(id), cc.ConsentDeleted)
    assert_type(consents.get(id), cc.MarketingConsent)
    assert_type(consents.get_by_identifier(who).consent, cc.MarketingConsent | None)
    assert_type(consents.get_by_identifier(who).eligibility.reasons, tuple[cc.Reason | str, ...])
    assert_type(consents.request_opt_in("ada@example.org", link_language="de"), cc.Outcome)
    assert_type(
        consents.opt_in(who, source="FORM", opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION),
        cc.Outcome,
    )
    assert_type(
        consents.opt_out("+12025550172", source=cc.RevokeSource.OTHER, description="STOP"),
        cc.Outcome,
    )
    assert_type(consents.may_contact(who), cc.Found)
    assert_type(consents.may_contact(who).reasons, tuple[cc.Reason | str, ...])
    assert_type(consents.may_contact(who).link, cc.Link | None)
    assert_type(consents.query(), Iterator[cc.MarketingConsent])
    assert_type(consents.page(cc.Query()), cc.Page)
    assert_type(consents.audience(cc.Channel.EMAIL), Iterator[cc.MarketingConsent])
    assert_type(consents.addresses(cc.Channel.EMAIL), Iterator[str])
    assert_type(cc.as_of(consents.history(id), now), cc.MarketingConsent | None)


async def async_service(
    consents: cc.AsyncConsentService, command: cc.Upsert, who: cc.Identifier, id: UUID
) -> None:
    """What the service for asyncio answers."""
    assert_type(await consents.upsert(command), cc.Outcome)
    assert_type(consents.bulk_upsert([command]), AsyncIterator[cc.Outcome | cc.Rejected])
    assert_type(await consents.create(who, cc.ConfirmationActivity()), cc.Outcome)
    assert_type(await consents.update(id, extended_fields={"app": {"x": 1}}), cc.Outcome)
    assert_type(await consents.remove(who, cc.RevokeActivity()), cc.Outcome)
    assert_type(await consents.delete(id), cc.ConsentDeleted)
    assert_type(await consents.get(id), cc.MarketingConsent)
    assert_type((await consents.get_by_identifier(who)).consent, cc.MarketingConsent | None)
    assert_type(await consents.request_opt_in(who), cc.Outcome)
    assert_type(await consents.opt_in("ada@example.org"), cc.Outcome)
    assert_type(await consents.opt_out("ada@example.org"), cc.Outcome)
    assert_type(await consents.may_contact("ada@example.org"), cc.Found)
    assert_type(consents.query(), AsyncIterator[cc.MarketingConsent])
    assert_type(await consents.page(), cc.Page)
    assert_type(consents.audience(cc.Channel.PHONE), AsyncIterator[cc.MarketingConsent])
    assert_type(consents.addresses(cc.Channel.PHONE), AsyncIterator[str])
    assert_type(await consents.history(id), Sequence[cc.ConsentEvent])
    async for answer in consents.bulk_upsert(one_by_one(command)):
        assert_type(answer, cc.Outcome | cc.Rejected)


async def one_by_one(command: cc.Upsert) -> AsyncIterator[cc.Upsert | cc.ConsentError]:
    """Requests that come asynchronously."""
    yield command


def repositories() -> None:
    """The repositories in memory are what the services take."""
    sync: cc.Repository = cc.MemoryRepository()
    asynchronous: cc.AsyncRepository = cc.AsyncMemoryRepository(memory.MemoryRepository())
    cc.ConsentService(sync)
    cc.AsyncConsentService(asynchronous)
    assert_type(sync.find([]), Mapping[Any, Any])


def every_event(event: cc.ConsentEvent) -> UUID:
    """There are three events, and each has an id, a consent and a place in the sequence."""
    assert_type(event.consent_id, UUID)
    assert_type(event.sequence, int)
    match event:
        case cc.ConsentCreated(consent=consent) | cc.ConsentUpdated(consent=consent):
            return consent.id
        case cc.ConsentDeleted(consent_id=consent_id):
            return consent_id
        case _:
            assert_never(event)


def every_answer(answer: cc.Outcome | cc.Rejected) -> str:
    """A bulk answers with an outcome or a rejection, which ``error`` tells apart, too."""
    match answer:
        case cc.Outcome(result=result):
            return result
        case cc.Rejected(error=error):
            return str(error)
        case _:
            assert_never(answer)


def told_apart_by_error(answer: cc.Outcome | cc.Rejected) -> cc.MarketingConsent | None:
    """Where there is no error, there is a record."""
    if answer.error is None:
        return answer.consent
    assert_type(answer.error, cc.ConsentError)
    return None


def every_state(state: cc.ConsentState) -> bool:
    """Five states, and no other."""
    match state:
        case cc.ConsentState.CONFIRMED:
            return True
        case cc.ConsentState.PENDING | cc.ConsentState.REVOKED:
            return False
        case cc.ConsentState.UNKNOWN_STATE | cc.ConsentState.NEVER_CONFIRMED:
            return False
        case _:
            assert_never(state)


def the_rules(before: cc.MarketingConsent | None, command: cc.Upsert, now: datetime) -> None:
    """The rules without any repository."""
    decision = cc.decide(before, command, now=now)
    assert_type(decision, cc.Outcome)
    assert_type(decision.kept, cc.KeptReason | None)
    assert_type(decision.events, tuple[cc.ConsentEvent, ...])
    assert_type(cc.eligibility(before, now=now).granted, bool)
    assert_type(cc.replay(decision.events), cc.MarketingConsent | None)
