"""Right use: the strictest settings of mypy and pyright have nothing to say about it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy import create_engine

import consent_core as cc
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.links import SignedLinks, list_unsubscribe_headers
from consent_core.rest import TRUSTED, Request, Response, handle, handle_async
from consent_core.testing import assert_conforms
from consent_core.wire import read_upsert, to_wire


def opened(url: str) -> cc.ConsentService:
    """A service on a database, with links."""
    engine = create_engine(url)
    create_schema(engine)
    links = SignedLinks(
        "https://example.org/consent", keys=["a secret of thirty-two bytes or more"]
    )
    return cc.ConsentService(
        SqlAlchemyRepository(engine, site="acme"),
        policy=cc.Policy.strict(),
        links=links,
        clock=lambda: datetime.now(UTC),
    )


def sign_up(consents: cc.ConsentService, address: str) -> cc.Link | None:
    """What a form does; the link goes into the mail."""
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.FORM)
    outcome = consents.upsert(
        cc.Upsert(
            details=cc.Email(address),
            state=cc.ConsentState.PENDING,
            last_confirmation_activity=activity,
            extended_fields={"newsletter": {"topics": ["cats"]}},
        ),
        link_language="de",
    )
    return outcome.link if outcome.kept is None else None


def said(outcome: cc.Outcome) -> str:
    """Every reason has a sentence, or the type checker complains."""
    match outcome.kept:
        case None:
            return "done"
        case cc.KeptReason.ALREADY_CONFIRMED:
            return "you are on the list already"
        case cc.KeptReason.STALE_EVIDENCE | cc.KeptReason.REVOKED_NEEDS_EVIDENCE:
            return "you have left since"
        case cc.KeptReason.RECONSENT_NEEDS_CONFIRMATION | cc.KeptReason.RECONSENT_NEEDS_SUBJECT:
            return "please confirm by mail"
        case cc.KeptReason.UNDATED_EVIDENCE:
            return "say when"
        case cc.KeptReason.EMAIL_KEEPS_STATE:
            return "nothing to do"
        case _:
            assert_never(outcome.kept)


def headers_for(consents: cc.ConsentService, who: cc.Identifier) -> dict[str, str] | None:
    """The headers of a newsletter; None where it must not be sent."""
    eligibility = consents.get_by_identifier(who).eligibility
    if not eligibility.granted or eligibility.revoke_confirmation_link is None:
        return None
    return list_unsubscribe_headers(eligibility.revoke_confirmation_link)


def imported(consents: cc.ConsentService, lines: Iterable[str]) -> list[cc.Violation]:
    """Import a file; what is refused is answered."""
    refused: list[cc.Violation] = []
    for answer in consents.bulk_upsert(read_upsert(json.loads(line)) for line in lines):
        match answer:
            case cc.Rejected(error=cc.InvalidConsent(violations=violations)):
                refused.extend(violations)
            case cc.Rejected(error=error):
                raise error
            case cc.Outcome():
                pass
    return refused


def answered(consents: cc.ConsentService, method: str, path: str, body: Any) -> tuple[int, str]:
    """An HTTP adapter."""
    response: Response = handle(consents, Request(method, path, body=body, scopes=["MANAGE"]))
    return response.status, json.dumps(response.body)


async def asynchronously(consents: cc.AsyncConsentService, consent_id: UUID) -> Mapping[str, Any]:
    """The same words with ``await``."""
    await handle_async(
        consents, Request("GET", f"/v1/marketing-consent/{consent_id}", scopes=TRUSTED)
    )
    async for consent in consents.audience(cc.Channel.PHONE):
        print(consent.details.address)  # noqa: T201  # a user may
    return to_wire(await consents.get(consent_id))


def decided(before: cc.MarketingConsent | None, command: cc.Upsert) -> cc.MarketingConsent:
    """The rules without a store."""
    return cc.decide(
        before, command, now=datetime.now(UTC), policy=cc.Policy(valid_phones_only=True)
    ).consent


class Logged:
    """A repository of the user's own, which inherits from nothing."""

    def __init__(self, inner: cc.Repository) -> None:
        self._inner = inner

    def find(
        self, identifiers: Collection[cc.Identifier], /
    ) -> Mapping[cc.Identifier, cc.MarketingConsent]:
        """As ``Repository.find``."""
        return self._inner.find(identifiers)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, cc.MarketingConsent]:
        """As ``Repository.get``."""
        return self._inner.get(ids)

    def commit(self, changes: Sequence[cc.Change], /) -> None:
        """As ``Repository.commit``."""
        self._inner.commit(changes)

    def query(self, query: cc.Query, /) -> cc.Page:
        """As ``Repository.query``."""
        return self._inner.query(query)

    def history(self, consent_id: UUID, /) -> Sequence[cc.ConsentEvent]:
        """As ``Repository.history``."""
        return self._inner.history(consent_id)


def conforming() -> None:
    """The kit takes a factory of such repositories."""
    assert_conforms(lambda: Logged(cc.MemoryRepository()))
    cc.ConsentService(Logged(cc.MemoryRepository()))
