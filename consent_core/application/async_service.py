"""The service that applications call from asyncio."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar, Unpack
from uuid import UUID

from consent_core.application import arguments, plans
from consent_core.application.arguments import UpdateFields
from consent_core.application.bulk import BulkAnswer, BulkItem
from consent_core.application.ids import NewId, new_consent_id
from consent_core.application.memory import AsyncMemoryRepository
from consent_core.application.outcomes import Found, LinkPreview
from consent_core.application.ports import AsyncRepository, LinkIssuer, Page
from consent_core.application.query import EVERYTHING, Query
from consent_core.application.short_calls import AsyncShortCalls
from consent_core.application.use_cases import UseCases, system_clock
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.reports import ReportOutcome
from consent_core.domain.requests import FieldsLike, Upsert
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import Channel, LinkType

T = TypeVar("T")


class AsyncConsentService(AsyncShortCalls):
    """``ConsentService`` for asyncio, with the same words.

    Args:
        repository: where records are kept; in memory without one.
        policy: as in ``ConsentService``, and so are all others.
        links: as there.
        clock: as there.
        new_id: as there.
        attempts: as there.
        chunk_size: as there.
        tombstone_keys: as there.
    """

    def __init__(
        self,
        repository: AsyncRepository | None = None,
        *,
        policy: Policy = DEFAULT_POLICY,
        links: LinkIssuer | None = None,
        clock: Callable[[], datetime] = system_clock,
        new_id: NewId = new_consent_id,
        attempts: int = 64,
        chunk_size: int = 500,
        tombstone_keys: Sequence[str | bytes] | None = None,
    ) -> None:
        self.repository = AsyncMemoryRepository() if repository is None else repository
        keys = arguments.checked_tombstone_keys(tombstone_keys, self.repository)
        most = arguments.most_requests(self.repository)
        self.use_cases = UseCases(policy, links, clock, new_id, attempts, keys, most)
        self._chunk_size = arguments.checked_chunk_size(chunk_size, most)

    async def upsert(self, request: Upsert, *, link_language: str | None = None) -> Outcome:
        """As ``ConsentService.upsert``."""
        return await self.run(self.use_cases.upsert(request, link_language))

    async def bulk_upsert(
        self, commands: Iterable[BulkItem] | AsyncIterable[BulkItem]
    ) -> AsyncIterator[BulkAnswer]:
        """As ``ConsentService.bulk_upsert``; the requests may come asynchronously."""
        async for chunk in _chunks(commands, self._chunk_size):
            for answer in await self.run(self.use_cases.upsert_all(chunk)):
                yield answer

    async def create(
        self,
        identifier: Identifier | str,
        last_confirmation_activity: ConfirmationActivity,
        *,
        last_revoke_activity: RevokeActivity | None = None,
        extended_fields: FieldsLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """As ``ConsentService.create``."""
        request = arguments.creation(
            identifier, last_confirmation_activity, last_revoke_activity, extended_fields
        )
        return await self.run(self.use_cases.create(request, link_language))

    async def update(
        self, id: UUID, *, link_language: str | None = None, **changes: Unpack[UpdateFields]
    ) -> Outcome:
        """As ``ConsentService.update``."""
        return await self.run(self.use_cases.update(Update(id=id, **changes), link_language))

    async def remove(
        self, identifier: Identifier | str, last_revoke_activity: RevokeActivity
    ) -> Outcome:
        """As ``ConsentService.remove``."""
        return await self.run(self.use_cases.remove(identifier, last_revoke_activity))

    async def delete(self, id: UUID, *, suppress: bool | None = None) -> ConsentDeleted:
        """As ``ConsentService.delete``."""
        return await self.run(self.use_cases.delete(id, suppress=suppress))

    async def report(self, report: DeliveryReport) -> ReportOutcome:
        """As ``ConsentService.report``."""
        return (await self.run(self.use_cases.report_all([report])))[0]

    async def bulk_report(
        self, reports: Iterable[DeliveryReport] | AsyncIterable[DeliveryReport]
    ) -> AsyncIterator[ReportOutcome]:
        """As ``ConsentService.bulk_report``; the reports may come asynchronously."""
        async for chunk in _chunks(reports, self._chunk_size):
            for outcome in await self.run(self.use_cases.report_all(chunk)):
                yield outcome

    async def get(self, id: UUID) -> MarketingConsent:
        """As ``ConsentService.get``."""
        return await self.run(plans.one(id))

    async def get_by_identifier(
        self,
        identifier: Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Found:
        """As ``ConsentService.get_by_identifier``."""
        return await self.run(self.use_cases.get_by_identifier(identifier, link_language, topic))

    async def query(self, query: Query = EVERYTHING) -> AsyncIterator[MarketingConsent]:
        """As ``ConsentService.query``."""
        rest: Query | None = query
        while rest is not None:
            page = await self.page(rest)
            for consent in page.consents:
                yield consent
            rest = page.next_of(rest)

    async def page(self, query: Query = EVERYTHING) -> Page:
        """As ``ConsentService.page``."""
        return await self.run(plans.page(query))

    def audience(
        self, channel: Channel, *, topic: str | None = None, page_size: int = 1_000
    ) -> AsyncIterator[MarketingConsent]:
        """As ``ConsentService.audience``."""
        return self.query(self.use_cases.audience_query(channel, page_size, topic))

    async def preview(self, token: str, *, action: LinkType | None = None) -> LinkPreview:
        """As ``ConsentService.preview``."""
        return await self.run(self.use_cases.preview(token, action))

    async def redeem(self, token: str, *, action: LinkType) -> Outcome:
        """As ``ConsentService.redeem``."""
        return await self.run(self.use_cases.redeem(token, action))

    async def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Outcome:
        """As ``ConsentService.redeem_one_click``."""
        return await self.run(self.use_cases.redeem_one_click(token, form))

    async def history(self, id: UUID) -> Sequence[ConsentEvent]:
        """As ``ConsentService.history``."""
        return await self.run(plans.history(id))


async def _chunks(items: Iterable[T] | AsyncIterable[T], size: int) -> AsyncIterator[list[T]]:
    if isinstance(items, Iterable):
        rest = iter(items)
        while chunk := list(islice(rest, size)):
            yield chunk
        return
    chunk = []
    async for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
