"""The service that applications call from threads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Unpack
from uuid import UUID

from consent_core.application import arguments, plans
from consent_core.application.arguments import UpdateFields
from consent_core.application.bulk import BulkAnswer, BulkItem
from consent_core.application.ids import NewId, new_consent_id
from consent_core.application.memory import MemoryRepository
from consent_core.application.outcomes import Found, LinkPreview
from consent_core.application.ports import LinkIssuer, Page, Repository
from consent_core.application.query import EVERYTHING, Query
from consent_core.application.short_calls import ShortCalls
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


class ConsentService(ShortCalls):
    """Stores consents and tells who may be contacted.

    Args:
        repository: where records are kept; in memory without one.
        policy: the choices of the deployment.
        links: makes the links of messages; without it there are none.
        clock: tells the moment of receipt, with an offset; the system's clock without one.
        new_id: makes the id of a new record from its identifier. Any UUID will do; without it,
            UUIDv7 that carry the identifier's shard, by which a partitioned database finds them.
        attempts: how often a change is tried when other writers are faster, before ``Contended``.
        chunk_size: how many requests of a bulk are stored at once, if ``max_changes`` lets them.
        tombstone_keys: secrets of 32 bytes or more, the newest first, by which an erased person's
            no is remembered (contract, section 10). Without them, erasing forgets it.

    Raises:
        ValueError: the chunk size is less than 1, a secret is too short, or ``max_changes`` is.
        TypeError: there are secrets, and the repository has no ``site``, which is part of a digest.
    """

    def __init__(
        self,
        repository: Repository | None = None,
        *,
        policy: Policy = DEFAULT_POLICY,
        links: LinkIssuer | None = None,
        clock: Callable[[], datetime] = system_clock,
        new_id: NewId = new_consent_id,
        attempts: int = 64,
        chunk_size: int = 500,
        tombstone_keys: Sequence[str | bytes] | None = None,
    ) -> None:
        self.repository = MemoryRepository() if repository is None else repository
        keys = arguments.checked_tombstone_keys(tombstone_keys, self.repository)
        most = arguments.most_requests(self.repository)
        self.use_cases = UseCases(policy, links, clock, new_id, attempts, keys, most)
        self._chunk_size = arguments.checked_chunk_size(chunk_size, most)

    def upsert(self, request: Upsert, *, link_language: str | None = None) -> Outcome:
        """Apply a request to the identifier's record, or create one (contract, section 4).

        Args:
            request: what is asked for.
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            What became of it; a state that was not taken is no error but told in ``kept``.

        Raises:
            InvalidConsent: the request breaks rules; nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        return self.run(self.use_cases.upsert(request, link_language))

    def bulk_upsert(self, commands: Iterable[BulkItem]) -> Iterator[BulkAnswer]:
        """Apply many requests, lazily and in order; a bad one stops no other.

        Args:
            commands: the requests; an error in place of a request is answered as ``Rejected``.

        Returns:
            One answer for each request, in order: ``Outcome``, or ``Rejected`` with its error. What
            has been answered is stored.

        Raises:
            RepositoryError: the store failed; nothing that was not answered is stored.
        """
        rest = iter(commands)
        while chunk := list(islice(rest, self._chunk_size)):
            yield from self.run(self.use_cases.upsert_all(chunk))

    def create(
        self,
        identifier: Identifier | str,
        last_confirmation_activity: ConfirmationActivity,
        *,
        last_revoke_activity: RevokeActivity | None = None,
        extended_fields: FieldsLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """Store a CONFIRMED consent for an identifier that has none (contract, section 2).

        Args:
            identifier: whom it is about; a string is read as an address or a number.
            last_confirmation_activity: the evidence.
            last_revoke_activity: an earlier revocation, if one is known.
            extended_fields: what applications keep beside it.
            link_language: a BCP 47 tag for the page behind the link.

        Raises:
            ConsentAlreadyExists: the identifier has a consent.
            InvalidConsent: the request breaks rules; nothing was stored.
        """
        request = arguments.creation(
            identifier, last_confirmation_activity, last_revoke_activity, extended_fields
        )
        return self.run(self.use_cases.create(request, link_language))

    def update(
        self, id: UUID, *, link_language: str | None = None, **changes: Unpack[UpdateFields]
    ) -> Outcome:
        """Change the consent with this id (contract, section 2).

        Args:
            id: the consent.
            link_language: a BCP 47 tag for the page behind the link.
            changes: ``state`` with its evidence, ``extended_fields``, and ``revision`` to insist on
                what was read; see ``Update``.

        Raises:
            ConsentNotFound: there is none.
            RevisionMismatch: another revision is stored than the one insisted on.
            InvalidConsent: the request breaks rules; nothing was stored.
        """
        return self.run(self.use_cases.update(Update(id=id, **changes), link_language))

    def remove(self, identifier: Identifier | str, last_revoke_activity: RevokeActivity) -> Outcome:
        """Revoke the consent of an identifier; the record stays (contract, section 4.6).

        Args:
            identifier: whose; a string is read as an address or a number.
            last_revoke_activity: the evidence.

        Raises:
            ConsentNotFound: it has none; ``opt_out`` stores an opt-out without a record, too.
        """
        return self.run(self.use_cases.remove(identifier, last_revoke_activity))

    def delete(self, id: UUID, *, suppress: bool | None = None) -> ConsentDeleted:
        """Erase a consent with its history.

        A service with ``tombstone_keys`` remembers the person's no (contract, section 10).

        Args:
            id: the consent.
            suppress: None: with secrets, the erasure counts as an opt-out by the person. True: the
                same, and an error without secrets. False, for a record that was made by mistake:
                only an opt-out that stands is remembered.

        Returns:
            The event that remains; it carries no personal data.

        Raises:
            ConsentNotFound: there is none.
            InvalidConsent: an opt-out is to be remembered without secrets; nothing was erased.
        """
        return self.run(self.use_cases.delete(id, suppress=suppress))

    def report(self, report: DeliveryReport) -> ReportOutcome:
        """Store what a delivery report says of an address (contract, section 9).

        Args:
            report: a bounce, a complaint, a reset, or a delivery; a delivery to a reachable address
                costs one look-up, and nothing is stored.

        Returns:
            What became of it; where there is no record, nothing but a complaint changes anything.

        Raises:
            Contended: other writers were faster every time; nothing was stored.
        """
        return self.run(self.use_cases.report_all([report]))[0]

    def bulk_report(self, reports: Iterable[DeliveryReport]) -> Iterator[ReportOutcome]:
        """Store many delivery reports, lazily and in order, and answer each.

        Args:
            reports: the reports; what has been answered is stored.
        """
        rest = iter(reports)
        while chunk := list(islice(rest, self._chunk_size)):
            yield from self.run(self.use_cases.report_all(chunk))

    def get(self, id: UUID) -> MarketingConsent:
        """The consent with this id.

        Raises:
            ConsentNotFound: there is none.
        """
        return self.run(plans.one(id))

    def get_by_identifier(
        self,
        identifier: Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Found:
        """What is known of an identifier, and whether the person may be contacted now.

        Args:
            identifier: whose; a string is read as an address or a number.
            topic: as in ``may_contact``.
            link_language: a BCP 47 tag for the page behind the revoke link.

        Returns:
            The record, or None, with the eligibility and every reason against it.
        """
        return self.run(self.use_cases.get_by_identifier(identifier, link_language, topic))

    def query(self, query: Query = EVERYTHING) -> Iterator[MarketingConsent]:
        """All records that match, lazily, page by page; none twice while rows come and go.

        Args:
            query: conditions and order; its page size is what one call of the repository fetches.
        """
        rest: Query | None = query
        while rest is not None:
            page = self.page(rest)
            yield from page.consents
            rest = page.next_of(rest)

    def audience(
        self, channel: Channel, *, topic: str | None = None, page_size: int = 1_000
    ) -> Iterator[MarketingConsent]:
        """All who may be contacted on a channel now: exactly those that ``eligibility`` grants.

        Args:
            channel: how they are to be reached.
            topic: as in ``may_contact``.
            page_size: what one call of the repository fetches.
        """
        return self.query(self.use_cases.audience_query(channel, page_size, topic))

    def preview(self, token: str, *, action: LinkType | None = None) -> LinkPreview:
        """What a link would do, without doing it: safe for GET (contract, section 6).

        Args:
            token: from the link.
            action: what the page is there for; a token for another action is refused.

        Raises:
            InvalidToken: forged, for another action, expired, spent, or revoked since.
            ConsentNotFound: the consent was erased.
        """
        return self.run(self.use_cases.preview(token, action))

    def redeem(self, token: str, *, action: LinkType) -> Outcome:
        """Do what a link is for: confirm, or revoke; for POST. A second click has the same outcome.

        Args:
            token: from the link.
            action: what the page is there for; a token for another action is refused.

        Raises:
            InvalidToken: forged, for another action, expired, spent, or revoked since.
            ConsentNotFound: the consent was erased.
        """
        return self.run(self.use_cases.redeem(token, action))

    def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Outcome:
        """Unsubscribe as a mail program asks for it, without a page that asks first (RFC 8058).

        Args:
            token: from the link.
            form: the fields of the POST body; ``List-Unsubscribe`` must be ``One-Click``.

        Raises:
            InvalidConsent: it is another form.
        """
        return self.run(self.use_cases.redeem_one_click(token, form))

    def history(self, id: UUID) -> Sequence[ConsentEvent]:
        """What happened to a consent, in order; empty where it was never stored."""
        return self.run(plans.history(id))

    def page(self, query: Query = EVERYTHING) -> Page:
        """One page of the records that match."""
        return self.run(plans.page(query))
