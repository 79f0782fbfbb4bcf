"""The everyday calls of both services, in one line each; behind each is an upsert or a look-up."""

from datetime import datetime
from typing import TypeVar

from consent_core.application.arguments import opt_in_of, opt_out_of
from consent_core.application.drivers import run, run_async
from consent_core.application.outcomes import Found
from consent_core.application.plans import Plan
from consent_core.application.ports import AsyncRepository, Repository
from consent_core.application.use_cases import UseCases
from consent_core.domain.decision import Outcome
from consent_core.domain.explanation import Explanation
from consent_core.domain.identifiers import Identifier
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)

T = TypeVar("T")


class ShortCalls:
    """The everyday calls; they take strings for identifiers and for the words of an enum."""

    repository: Repository
    use_cases: UseCases

    def run(self, plan: Plan[T]) -> T:
        """Run a plan, such as one of ``use_cases``, against the repository."""
        return run(plan, self.repository)

    def request_opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
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
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            What became of it; ``link`` is what to mail.

        Raises:
            InvalidConsent: an argument is wrong; the error names all that are. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        unknown = OptInLevel.UNKNOWN_OPT_IN_LEVEL
        request = opt_in_of(who, ConsentState.PENDING, source, unknown, description, updated_date)
        return self.run(self.use_cases.upsert(request, link_language))

    def opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        opt_in_level: OptInLevel | str = OptInLevel.SINGLE_CONFIRMATION,
        description: str | None = None,
        updated_date: datetime | None = None,
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
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            What became of it; ``link`` is for the person to take the consent back.

        Raises:
            InvalidConsent: an argument is wrong; the error names all that are. Nothing was stored.
            Contended: other writers were faster every time; nothing was stored.
        """
        confirmed = ConsentState.CONFIRMED
        request = opt_in_of(who, confirmed, source, opt_in_level, description, updated_date)
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

    def may_contact(self, who: Identifier | str, *, link_language: str | None = None) -> Found:
        """Whether a person may be contacted now: the answer is true exactly then.

        Args:
            who: an e-mail address or a phone number.
            link_language: a BCP 47 tag for the page behind the link.

        Returns:
            Why not (``reasons``), the record (``consent``), and where the person can take the
            consent back (``link``).

        Raises:
            InvalidConsent: the string is neither an address nor a number.
        """
        return self.run(self.use_cases.get_by_identifier(who, link_language))

    def explain(self, who: Identifier | str, *, at: datetime | None = None) -> Explanation:
        """Say in sentences whether a person may be contacted, since when, by which evidence.

        Args:
            who: an e-mail address or a phone number.
            at: a moment of the past, with an offset, that is asked about instead of now. What was
                known then is told by the history, of which nothing is left once it is erased.

        Raises:
            InvalidConsent: the string is neither an address nor a number.
        """
        return self.run(self.use_cases.explain(who, at))


class AsyncShortCalls:
    """The everyday calls take strings, as in ``ConsentService``."""

    repository: AsyncRepository
    use_cases: UseCases

    async def run(self, plan: Plan[T]) -> T:
        """As ``ConsentService.run``."""
        return await run_async(plan, self.repository)

    async def request_opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        description: str | None = None,
        updated_date: datetime | None = None,
        link_language: str | None = None,
    ) -> Outcome:
        """As ``ConsentService.request_opt_in``."""
        unknown = OptInLevel.UNKNOWN_OPT_IN_LEVEL
        request = opt_in_of(who, ConsentState.PENDING, source, unknown, description, updated_date)
        return await self.run(self.use_cases.upsert(request, link_language))

    async def opt_in(
        self,
        who: Identifier | str,
        *,
        source: ConfirmationSource | str = ConfirmationSource.FORM,
        opt_in_level: OptInLevel | str = OptInLevel.SINGLE_CONFIRMATION,
        description: str | None = None,
        updated_date: datetime | None = None,
        link_language: str | None = None,
    ) -> Outcome:
        """As ``ConsentService.opt_in``."""
        confirmed = ConsentState.CONFIRMED
        request = opt_in_of(who, confirmed, source, opt_in_level, description, updated_date)
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
        self, who: Identifier | str, *, link_language: str | None = None
    ) -> Found:
        """As ``ConsentService.may_contact``."""
        return await self.run(self.use_cases.get_by_identifier(who, link_language))

    async def explain(self, who: Identifier | str, *, at: datetime | None = None) -> Explanation:
        """As ``ConsentService.explain``."""
        return await self.run(self.use_cases.explain(who, at))
