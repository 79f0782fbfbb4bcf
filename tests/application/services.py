"""One face for both services, so that every rule is shown for each by the same test."""

import asyncio
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import datetime
from typing import Protocol, TypeAlias, TypedDict, TypeVar, Unpack
from uuid import UUID

from consent_core import (
    Actor,
    AsyncConsentService,
    AsyncRepository,
    Change,
    Channel,
    ConfirmationActivity,
    ConsentDeleted,
    ConsentError,
    ConsentEvent,
    ConsentService,
    DeliveryReport,
    Explanation,
    Found,
    Identifier,
    Link,
    LinkIssuer,
    MarketingConsent,
    MemoryRepository,
    Outcome,
    Page,
    Policy,
    Query,
    Rejected,
    ReportOutcome,
    Repository,
    RevokeActivity,
    TopicChoice,
    Upsert,
)
from consent_core.application.arguments import UpdateFields
from consent_core.domain.requests import FieldsLike
from consent_core.domain.topics import ChoicesLike
from tests.application.support import Clock, Ids

T = TypeVar("T")


class Options(TypedDict, total=False):
    """What both services take beside the repository."""

    policy: Policy
    links: LinkIssuer | None
    clock: Callable[[], datetime]
    new_id: Callable[[Identifier], UUID]
    attempts: int
    chunk_size: int
    tombstone_keys: Sequence[str | bytes] | None


class CreateFields(TypedDict, total=False):
    """What ``create`` takes by name."""

    last_revoke_activity: RevokeActivity | None
    extended_fields: FieldsLike
    link_language: str | None


class Evidence(TypedDict, total=False):
    """What the short calls take by name; strings where the rules have words."""

    source: str
    description: str | None
    updated_date: datetime | None


class Asked(Evidence, total=False):
    """What ``request_opt_in`` takes by name."""

    topics: ChoicesLike
    link_language: str | None


class OptedIn(Asked, total=False):
    """What ``opt_in`` takes by name."""

    opt_in_level: str


class Awaitable:
    """A repository for threads, seen as one for asyncio, that lets other tasks run before each
    call.
    """

    def __init__(self, inner: Repository) -> None:
        self.inner = inner
        self.site = getattr(inner, "site", None)

    async def find(
        self, identifiers: Collection[Identifier], /
    ) -> Mapping[Identifier, MarketingConsent]:
        await asyncio.sleep(0)
        return self.inner.find(identifiers)

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        await asyncio.sleep(0)
        return self.inner.get(ids)

    async def commit(self, changes: Sequence[Change], /) -> None:
        await asyncio.sleep(0)
        self.inner.commit(changes)

    async def query(self, query: Query, /) -> Page:
        await asyncio.sleep(0)
        return self.inner.query(query)

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        await asyncio.sleep(0)
        return self.inner.history(consent_id)


async def collected(items: AsyncIterable[T]) -> list[T]:
    """Everything that an asynchronous iterable has."""
    return [item async for item in items]


async def stream(items: Iterable[T]) -> AsyncIterator[T]:
    """The same items, asynchronously."""
    for item in items:
        await asyncio.sleep(0)
        yield item


class Blocking:
    """``AsyncConsentService`` with the face of ``ConsentService``.

    Every call is one run of the event loop.
    """

    def __init__(self, service: AsyncConsentService) -> None:
        self.service = service

    def upsert(self, command: Upsert, *, link_language: str | None = None) -> Outcome:
        return asyncio.run(self.service.upsert(command, link_language=link_language))

    def bulk_upsert(
        self, commands: Iterable[Upsert | ConsentError]
    ) -> Iterator[Outcome | Rejected]:
        return iter(asyncio.run(collected(self.service.bulk_upsert(commands))))

    def request_opt_in(self, who: Identifier | str, **fields: Unpack[Asked]) -> Outcome:
        return asyncio.run(self.service.request_opt_in(who, **fields))

    def opt_in(self, who: Identifier | str, **fields: Unpack[OptedIn]) -> Outcome:
        return asyncio.run(self.service.opt_in(who, **fields))

    def opt_out(self, who: Identifier | str, **fields: Unpack[Evidence]) -> Outcome:
        return asyncio.run(self.service.opt_out(who, **fields))

    def may_contact(
        self,
        who: Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Found:
        return asyncio.run(self.service.may_contact(who, topic=topic, link_language=link_language))

    def explain(
        self, who: Identifier | str, *, topic: str | None = None, at: datetime | None = None
    ) -> Explanation:
        return asyncio.run(self.service.explain(who, topic=topic, at=at))

    def choose_topics(
        self,
        who: Identifier | str,
        topics: Mapping[str, TopicChoice | str],
        *,
        actor: Actor | str = Actor.UNKNOWN_ACTOR,
        updated_date: datetime | None = None,
    ) -> Outcome:
        chosen = self.service.choose_topics(who, topics, actor=actor, updated_date=updated_date)
        return asyncio.run(chosen)

    def revocation_link(
        self,
        who: MarketingConsent | Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Link:
        made = self.service.revocation_link(who, topic=topic, link_language=link_language)
        return asyncio.run(made)

    def create(
        self,
        identifier: Identifier | str,
        confirmation: ConfirmationActivity,
        **fields: Unpack[CreateFields],
    ) -> Outcome:
        return asyncio.run(self.service.create(identifier, confirmation, **fields))

    def update(
        self, id: UUID, *, link_language: str | None = None, **changes: Unpack[UpdateFields]
    ) -> Outcome:
        return asyncio.run(self.service.update(id, link_language=link_language, **changes))

    def remove(self, identifier: Identifier | str, revocation: RevokeActivity) -> Outcome:
        return asyncio.run(self.service.remove(identifier, revocation))

    def delete(self, id: UUID, *, suppress: bool | None = None) -> ConsentDeleted:
        return asyncio.run(self.service.delete(id, suppress=suppress))

    def report(self, report: DeliveryReport) -> ReportOutcome:
        return asyncio.run(self.service.report(report))

    def get(self, id: UUID) -> MarketingConsent:
        return asyncio.run(self.service.get(id))

    def get_by_identifier(
        self,
        identifier: Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Found:
        found = self.service.get_by_identifier(identifier, topic=topic, link_language=link_language)
        return asyncio.run(found)

    def query(self, query: Query | None = None) -> Iterator[MarketingConsent]:
        found = self.service.query() if query is None else self.service.query(query)
        return iter(asyncio.run(collected(found)))

    def page(self, query: Query | None = None) -> Page:
        return asyncio.run(self.service.page() if query is None else self.service.page(query))

    def audience(
        self, channel: Channel, *, topic: str | None = None, page_size: int = 500
    ) -> Iterator[MarketingConsent]:
        found = self.service.audience(channel, topic=topic, page_size=page_size)
        return iter(asyncio.run(collected(found)))

    def addresses(self, channel: Channel | str, *, topic: str | None = None) -> Iterator[str]:
        return iter(asyncio.run(collected(self.service.addresses(channel, topic=topic))))

    def history(self, id: UUID) -> Sequence[ConsentEvent]:
        return asyncio.run(self.service.history(id))


Service: TypeAlias = ConsentService | Blocking
"""Either service, called the same way."""


class MakeService(Protocol):
    """Makes a service of the kind that the test is run for."""

    def __call__(self, repository: Repository | None = None, **options: Unpack[Options]) -> Service:
        """A service with a clock that stands still and ids that count, if nothing else is given."""
        ...


def _deterministic(options: Options) -> Options:
    defaults: Options = {"clock": Clock(), "new_id": Ids()}
    return {**defaults, **options}


def make_sync(repository: Repository | None = None, **options: Unpack[Options]) -> Service:
    """A ``ConsentService``."""
    return ConsentService(repository, **_deterministic(options))


def make_async(repository: Repository | None = None, **options: Unpack[Options]) -> Service:
    """An ``AsyncConsentService`` behind the same face."""
    inner: AsyncRepository = Awaitable(MemoryRepository() if repository is None else repository)
    return Blocking(AsyncConsentService(inner, **_deterministic(options)))
