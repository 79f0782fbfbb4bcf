"""The calls about topics of both services (contract, section 8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from consent_core.application.arguments import choices_of
from consent_core.application.drivers import run, run_async
from consent_core.application.plans import Plan
from consent_core.application.ports import AsyncRepository, Repository
from consent_core.application.use_cases import UseCases
from consent_core.domain.identifiers import Identifier
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.vocabulary import Actor

T = TypeVar("T")


class TopicCalls:
    """The calls about topics."""

    repository: Repository
    use_cases: UseCases

    def run(self, plan: Plan[T]) -> T:
        """Run a plan, such as one of ``use_cases``, against the repository."""
        return run(plan, self.repository)

    def choose_topics(
        self,
        who: Identifier | str,
        topics: Mapping[str, TopicChoice | str],
        *,
        actor: Actor | str = Actor.UNKNOWN_ACTOR,
        updated_date: datetime | None = None,
    ) -> Outcome:
        """Store which topics a person wants, or leaves; the state of the consent stays.

        Args:
            who: an e-mail address or a phone number.
            topics: ``IN`` or ``OUT`` by the name of a topic.
            actor: who chose. Only the person comes back to a topic that was left: say ``SUBJECT``
                on a page that the person reached by a signed link or a log-in.
            updated_date: when the person chose, with an offset; the moment of receipt without one.

        Returns:
            What became of it; for somebody who was never seen before, a record in UNKNOWN_STATE.

        Raises:
            InvalidConsent: an argument is wrong, or the policy does not declare a topic that is
                to be joined. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        return self.run(self.use_cases.upsert(choices_of(who, topics, actor, updated_date)))

    def revocation_link(
        self,
        who: MarketingConsent | Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Link:
        """A link for a message to leave the topic that it is about, or to revoke everything.

        It is one look-up for an address or a number. For a record nothing is read, so a mailing
        gives each record of ``audience``. Whether the person may be contacted is not asked.

        Args:
            who: an e-mail address, a phone number, or a record.
            topic: the name of a declared topic; everything without one.
            link_language: a BCP 47 tag for the page behind the link.

        Raises:
            ConsentNotFound: there is no record.
            InvalidConsent: the policy does not declare the topic, or a string is neither an address
                nor a number, or no language tag.
            TypeError: the service has no links.
        """
        return self.run(self.use_cases.revocation_link(who, link_language, topic))


class AsyncTopicCalls:
    """The calls about topics, as in ``ConsentService``."""

    repository: AsyncRepository
    use_cases: UseCases

    async def run(self, plan: Plan[T]) -> T:
        """As ``ConsentService.run``."""
        return await run_async(plan, self.repository)

    async def choose_topics(
        self,
        who: Identifier | str,
        topics: Mapping[str, TopicChoice | str],
        *,
        actor: Actor | str = Actor.UNKNOWN_ACTOR,
        updated_date: datetime | None = None,
    ) -> Outcome:
        """As ``ConsentService.choose_topics``."""
        return await self.run(self.use_cases.upsert(choices_of(who, topics, actor, updated_date)))

    async def revocation_link(
        self,
        who: MarketingConsent | Identifier | str,
        *,
        topic: str | None = None,
        link_language: str | None = None,
    ) -> Link:
        """As ``ConsentService.revocation_link``."""
        return await self.run(self.use_cases.revocation_link(who, link_language, topic))
