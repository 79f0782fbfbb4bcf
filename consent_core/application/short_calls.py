"""The everyday calls of both services, in one line each; behind each is an upsert or a look-up."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from consent_core.application.addresses import address_page, page_size
from consent_core.application.arguments import opt_in_of, opt_out_of
from consent_core.application.outcomes import Found
from consent_core.application.query import Query
from consent_core.application.topic_calls import AsyncTopicCalls, TopicCalls
from consent_core.domain.explanation import Explanation
from consent_core.domain.identifiers import Identifier
from consent_core.domain.outcome import Outcome
from consent_core.domain.topics import ChoicesLike
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)


class ShortCalls(TopicCalls):
    """The everyday calls; they take strings for identifiers and for the words of an enum."""

    def request_opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
        topics: ChoicesLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """Ask a person to confirm, as the first half of a double opt-in: PENDING until then.

        Args:
            who: an e-mail address or a phone number.
            source: where the person asked for it.
            description: what happened, in words, such as the text of the form.
            updated_date: when the person acted, with an offset; the moment of receipt without one.
                Whoever may have to repeat the call gives it: a repeated call without it counts as a
                later act of the person, and lifts an opt-out that came in between.
            topics: choices of single topics by name; an IN that comes with a question is stored
                once the person has answered it.
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            What became of it; ``link`` is what to mail.

        Raises:
            InvalidConsent: an argument is wrong; the error names all that are. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        unknown = OptInLevel.UNKNOWN_OPT_IN_LEVEL
        request = opt_in_of(
            who, ConsentState.PENDING, source, unknown, description, updated_date, topics
        )
        return self.run(self.use_cases.upsert(request, link_language))

    def opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        opt_in_level: OptInLevel | str = OptInLevel.SINGLE_CONFIRMATION,
        description: str | None = None,
        updated_date: datetime | None = None,
        topics: ChoicesLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """Store that a person said yes: CONFIRMED.

        Args:
            who: an e-mail address or a phone number.
            source: where the person said so.
            opt_in_level: whether the person confirmed once or twice.
            description: what happened, in words, such as the text of the form.
            updated_date: when the person acted, with an offset; the moment of receipt without one.
                Whoever may have to repeat the call gives it, as for ``request_opt_in``; whoever
                copies consents from another system does so with ``upsert``.
            topics: choices of single topics by name.
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            What became of it; ``link`` is for the person to take the consent back.

        Raises:
            InvalidConsent: an argument is wrong; the error names all that are. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        confirmed = ConsentState.CONFIRMED
        request = opt_in_of(who, confirmed, source, opt_in_level, description, updated_date, topics)
        return self.run(self.use_cases.upsert(request, link_language))

    def opt_out(
        self,
        who: Identifier | str,
        *,
        source: RevokeSource | str = RevokeSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
    ) -> Outcome:
        """Store that a person said no: REVOKED, also for somebody who was never seen before.

        Args:
            who: an e-mail address or a phone number.
            source: where the person said so.
            description: what happened, in words.
            updated_date: when the person acted, with an offset; the moment of receipt without one.

        Raises:
            InvalidConsent: an argument is wrong; the error names all that are. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        # Undated, it stays undated: the rules date an opt-out at receipt, or later where a fast
        # clock dated the confirmation ahead of it.
        request = opt_out_of(who, source, description, updated_date)
        return self.run(self.use_cases.upsert(request))

    def may_contact(
        self, who: Identifier | str, *, topic: str | None = None, link_language: str | None = None
    ) -> Found:
        """Whether a person may be contacted now: the answer is true exactly then.

        Args:
            who: an e-mail address or a phone number.
            topic: what about, required where the policy declares topics: the name of one, or
                ``ANY_TOPIC`` for at least one of them.
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            Why not (``reasons``), the record (``consent``), and where the person can take the
            consent back, or leave the topic (``link``).

        Raises:
            InvalidConsent: the string is neither an address nor a number, or the topic is missing
                or unknown.
        """
        return self.run(self.use_cases.get_by_identifier(who, link_language, topic))

    def explain(
        self, who: Identifier | str, *, at: datetime | None = None, topic: str | None = None
    ) -> Explanation:
        """Say in sentences whether a person may be contacted, since when, by which evidence.

        Args:
            who: an e-mail address or a phone number.
            at: a moment of the past, with an offset, that is asked about instead of now. What was
                known then is told by the history, of which nothing is left once it is erased.
            topic: as in ``may_contact``.

        Raises:
            InvalidConsent: as in ``may_contact``.
        """
        return self.run(self.use_cases.explain(who, at, topic))

    def addresses(self, channel: Channel | str, *, topic: str | None = None) -> Iterator[str]:
        """The addresses, or the numbers, of all who may be contacted on a channel now.

        Those of the records of ``audience``, as they are kept, without the records: several times
        as fast from a SQL database. They are read lazily, in pages, by id. Nothing is held open
        between two pages, so take as long as you like for each address, and stop where you like.
        Whoever opts out before their page is read is not among them.

        Args:
            channel: how they are to be reached.
            topic: as in ``may_contact``.

        Raises:
            InvalidConsent: the channel is unknown, or the topic missing or unknown.
        """
        size = page_size(self.repository)
        return self._addresses(self.use_cases.audience_query(channel, size, topic))

    def _addresses(self, query: Query) -> Iterator[str]:
        rest: Query | None = query
        while rest is not None:
            found, rest = self.run(address_page(self.repository, rest))
            yield from found


class AsyncShortCalls(AsyncTopicCalls):
    """The everyday calls take strings, as in ``ConsentService``."""

    async def request_opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
        topics: ChoicesLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """As ``ConsentService.request_opt_in``."""
        unknown = OptInLevel.UNKNOWN_OPT_IN_LEVEL
        request = opt_in_of(
            who, ConsentState.PENDING, source, unknown, description, updated_date, topics
        )
        return await self.run(self.use_cases.upsert(request, link_language))

    async def opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        opt_in_level: OptInLevel | str = OptInLevel.SINGLE_CONFIRMATION,
        description: str | None = None,
        updated_date: datetime | None = None,
        topics: ChoicesLike = None,
        link_language: str | None = None,
    ) -> Outcome:
        """As ``ConsentService.opt_in``."""
        confirmed = ConsentState.CONFIRMED
        request = opt_in_of(who, confirmed, source, opt_in_level, description, updated_date, topics)
        return await self.run(self.use_cases.upsert(request, link_language))

    async def opt_out(
        self,
        who: Identifier | str,
        *,
        source: RevokeSource | str = RevokeSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
    ) -> Outcome:
        """As ``ConsentService.opt_out``."""
        request = opt_out_of(who, source, description, updated_date)
        return await self.run(self.use_cases.upsert(request))

    async def may_contact(
        self, who: Identifier | str, *, topic: str | None = None, link_language: str | None = None
    ) -> Found:
        """As ``ConsentService.may_contact``."""
        return await self.run(self.use_cases.get_by_identifier(who, link_language, topic))

    async def explain(
        self, who: Identifier | str, *, at: datetime | None = None, topic: str | None = None
    ) -> Explanation:
        """As ``ConsentService.explain``."""
        return await self.run(self.use_cases.explain(who, at, topic))

    def addresses(self, channel: Channel | str, *, topic: str | None = None) -> AsyncIterator[str]:
        """As ``ConsentService.addresses``."""
        size = page_size(self.repository)
        return self._addresses(self.use_cases.audience_query(channel, size, topic))

    async def _addresses(self, query: Query) -> AsyncIterator[str]:
        rest: Query | None = query
        while rest is not None:
            found, rest = await self.run(address_page(self.repository, rest))
            for each in found:
                yield each
