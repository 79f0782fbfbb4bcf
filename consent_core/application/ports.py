"""What an adapter implements: the repository for records, and the issuer of links."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self
from uuid import UUID

from consent_core.application.query import Query
from consent_core.domain.events import ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import LinkType


class TombstoneChange(NamedTuple):
    """What is to be stored under one digest.

    Args:
        digest: what the tombstone is found by.
        expected: the tombstone that must be stored for the change to hold; None where there must be
            none.
        tombstone: the tombstone afterwards; None where there is none.
    """

    digest: TombstoneDigest
    expected: Tombstone | None
    tombstone: Tombstone | None


class Change(NamedTuple):
    """What is to be stored for one identifier.

    Args:
        identifier: whose record.
        expected: the revision that must be stored for the change to hold; 0 where there must be
            none.
        consent: the record afterwards; None where it is erased, and its history with it.
        events: what happened, in order; they are stored together with the record. Without any, only
            tombstones change. An erasure may carry several, and the last alone is stored.
        tombstones: what is stored together with the record under its digests, or must be absent.
            Empty from services without secrets.
    """

    identifier: Identifier
    expected: int
    consent: MarketingConsent | None
    events: tuple[ConsentEvent, ...]
    tombstones: tuple[TombstoneChange, ...] = ()

    @property
    def consent_id(self) -> UUID:
        """The consent that changes, if there are events."""
        return self.events[-1].consent_id

    @property
    def expects(self) -> tuple[UUID, int] | None:
        """The id and the revision of the record that must be stored; None where there must be none.

        Of a change with events, as ``leaves`` and ``remaining``.
        """
        return (self.consent_id, self.expected) if self.expected else None

    @property
    def leaves(self) -> tuple[UUID, int] | None:
        """The id and the revision of the record afterwards; None where it is erased."""
        return None if self.consent is None else (self.consent.id, self.consent.revision)

    @property
    def remaining(self) -> tuple[ConsentEvent, ...]:
        """The events that are stored: of an erasure the last one alone, its ``ConsentDeleted``."""
        return self.events if self.consent is not None else self.events[-1:]

    def holds(self, stored: Mapping[Any, Any]) -> bool:
        """Whether what is stored is what the change expects.

        Args:
            stored: what ``find`` answers for the identifier and the digests of the tombstones.
        """
        record: MarketingConsent | None = stored.get(self.identifier)
        there = None if record is None else (record.id, record.revision)
        return (not self.events or there == self.expects) and all(
            stored.get(each.digest) == each.expected for each in self.tombstones
        )


class Page(NamedTuple):
    """Some of the records of a query, in its order.

    Args:
        consents: the records.
        more: whether there are others further on in the direction of the query.
    """

    consents: tuple[MarketingConsent, ...]
    more: bool

    @classmethod
    def of(cls, query: Query, found: Sequence[MarketingConsent]) -> Self:
        """The page of what a store has found.

        Args:
            query: what was asked for.
            found: the records that match, from the position on, read in the direction of
                ``Query.downward``: one more than the page size, if there are so many.
        """
        consents = tuple(found[: query.page_size])
        return cls(consents[::-1] if query.backward else consents, len(found) > len(consents))

    def next_of(self, query: Query) -> Query | None:
        """The query for the page that follows this one in the direction of its query.

        None where there is none.
        """
        if not self.more or not self.consents:
            return None
        return query.before(self.consents[0]) if query.backward else query.after(self.consents[-1])

    def back_of(self, query: Query) -> Query | None:
        """The query for the page that this one followed; None where it is the first."""
        if query.position is None or not self.consents:
            return None
        return query.after(self.consents[-1]) if query.backward else query.before(self.consents[0])


class Repository(Protocol):
    """Where records are kept; the promises below are what ``consent_core.testing`` verifies.

    A repository may have an attribute ``max_changes``: how many records and events one commit may
    have together. It is an integer, 2 at the least. Services then store no more at once, and
    tombstones are not counted.

    Services call it from several threads at once, and the conformance kit does: a client or a
    connection that belongs to one thread needs a pool, or one for each thread.

    Reads see what the same caller has stored before. What others store may be seen later: a change
    that was decided on an older record is refused as a conflict. But an audience that lags behind
    has people who have left since.
    """

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """What is stored under these keys; a key with nothing stored is absent.

        Args:
            keys: each ``Identifier`` stands for its record. A service with secrets also asks for
                the tombstone of each ``TombstoneDigest``; others never do.
        """
        ...

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """The records with these ids; an id without a record is absent."""
        ...

    def commit(self, changes: Sequence[Change], /) -> None:
        """Store all changes with all their events, or nothing.

        Args:
            changes: at most one for each identifier.

        An id belongs to one identifier for good. Services never give it to another one: a store may
        refuse such a change, and need not look for it.

        Raises:
            Conflict: naming every change whose stored revision is another than expected, whose
                identifier has another record by now, or one of whose tombstones is another than
                expected, and no other change; nothing was stored.
            Unavailable: the store cannot do it. Nothing was stored, unless the connection broke
                while the commit was being confirmed. Doing it again is harmless, also where the
                client does it by itself: what was stored refuses the second one as a conflict, and
                the service that reads again finds its request done.
        """
        ...

    def query(self, query: Query, /) -> Page:
        """One page of the records that match, in the order of the query, from its position on."""
        ...

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """The events of one consent in the order of their sequence.

        Empty where it was never stored.

        What remains of an erased consent is its ``ConsentDeleted``.
        """
        ...


class AsyncRepository(Protocol):
    """``Repository`` for asyncio: the same five promises."""

    async def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        ...

    async def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        ...

    async def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        ...

    async def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        ...

    async def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        ...


class Outbox(Protocol):
    """What a repository may have besides, for a relay that passes events on.

    Events of stored changes wait in it. They are passed on at least once: a relay that fails
    between the two calls passes some on again, which their ids tell.
    """

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """The oldest events that were not marked as published, those of one consent in order.

        Args:
            limit: how many at the most.
        """
        ...

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Mark events as published, after the relay has passed them on.

        Args:
            ids: those of the events; one that is unknown or marked already is passed over.
        """
        ...


class AsyncOutbox(Protocol):
    """``Outbox`` for asyncio."""

    async def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """As ``Outbox.unpublished``."""
        ...

    async def mark_published(self, ids: Collection[UUID]) -> None:
        """As ``Outbox.mark_published``."""
        ...


class LinkToken(NamedTuple):
    """What the token of a link says.

    Args:
        type: what it is for.
        consent_id: whose consent.
        requested: the moment of the request that it answers.
        revision: which revision the record had then.
        language: a BCP 47 tag for the page behind the link, if one was given.
        topics: those that the person joins by confirming, or leaves; none where a revocation is of
            the whole consent (section 8).
    """

    type: LinkType
    consent_id: UUID
    requested: datetime
    revision: int
    language: str | None = None
    topics: tuple[str, ...] = ()


class LinkIssuer(Protocol):
    """Makes the links in messages and reads their tokens (contract, section 6)."""

    def issue(
        self,
        link_type: LinkType,
        consent: MarketingConsent,
        *,
        now: datetime,
        language: str | None,
        topics: tuple[str, ...] = (),
    ) -> Link:
        """A link that acts on this consent; ``Link.deferred`` makes its URL when it is read.

        Its token holds the consent's id and revision, the moment, and the topics.

        Args:
            link_type: what it does.
            consent: whose, as it is stored after the request.
            now: the moment of the request that it answers.
            language: a BCP 47 tag that the page behind the link may use.
            topics: as in ``LinkToken``.
        """
        ...

    def read(self, token: str) -> LinkToken:
        """What a token says; whether it is still honoured is not decided here.

        Raises:
            InvalidToken: no key of this issuer signed it.
        """
        ...
