"""What a service does, as plans: free of the colour of the function that runs them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from consent_core.application import plans
from consent_core.application.bulk import upsert_all
from consent_core.application.outcomes import Found, LinkPreview, Outcome, Rejected, link_type_of
from consent_core.application.plans import Plan, Rules
from consent_core.application.ports import LinkClaim, LinkIssuer
from consent_core.application.query import Query
from consent_core.application.redeeming import (
    redeem,
    refuse_expired,
    refuse_overtaken,
    require_one_click,
)
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import as_word
from consent_core.domain.commands import FieldsLike, Update, Upsert
from consent_core.domain.decision import Decision
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.errors import ConsentError, InvalidConsent, InvalidToken, Violation
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.language import checked_language
from consent_core.domain.model import Link, MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    LinkType,
    OptInLevel,
    RevokeSource,
    TokenRefusal,
)

BulkItem: TypeAlias = Upsert | ConsentError
"""What a bulk takes.

A request, or the error that reading it gave, which is answered in its place.
"""

BulkAnswer: TypeAlias = Outcome | Rejected
"""What a bulk gives for each item."""


def system_clock() -> datetime:
    """The moment, in UTC, by the clock of this machine."""
    return datetime.now(UTC)


def checked_chunk_size(size: int) -> int:
    """A chunk size that loses nothing: a chunk of no requests would end a bulk before it began."""
    if size < 1:
        raise ValueError(f"chunk_size must be 1 at the least, not {size}")
    return size


class UseCases:
    """The use cases of a deployment.

    Args:
        policy: the choices of the deployment.
        links: makes links; None for none.
        clock: tells the moment of receipt, with an offset.
        new_id: makes the id of a new record from its identifier.
        attempts: how often a change is tried when other writers are faster.
    """

    def __init__(
        self,
        policy: Policy,
        links: LinkIssuer | None,
        clock: Callable[[], datetime],
        new_id: Callable[[Identifier], UUID],
        attempts: int,
    ) -> None:
        self.policy = policy
        self.links = links
        self.clock = clock
        self._rules = Rules(policy, new_id, attempts)

    def upsert(
        self, command: Upsert, language: str | None = None, *, dated: bool = False
    ) -> Plan[Outcome]:
        """Apply a request to the identifier's record, or create one.

        Args:
            command: the request.
            language: a BCP 47 tag for the page behind the link.
            dated: whether undated evidence is of the moment of receipt, whatever its source.
        """
        checked_language(language)
        now = self.clock()
        if dated:
            command = command.dated_at(now)
        decision = yield from plans.upsert(command, now, self._rules)
        return self._outcome(decision, now, language)

    def upsert_all(self, items: Sequence[BulkItem]) -> Plan[list[BulkAnswer]]:
        """Apply requests one after the other with one read and one write for all.

        An error stands in its place.
        """
        received = [(item, self.clock()) for item in items if isinstance(item, Upsert)]
        answers = iter((yield from upsert_all(received, self._rules)) if received else ())
        moments = iter(received)
        return [
            self._answer(next(answers), next(moments)[1])
            if isinstance(item, Upsert)
            else Rejected(item)
            for item in items
        ]

    def request_opt_in(
        self,
        who: Identifier | str,
        source: ConfirmationSource | str,
        description: str | None,
        updated_date: datetime | None,
        language: str | None,
    ) -> Plan[Outcome]:
        """Store that a person was asked to confirm, and make the link to mail."""

        def activity() -> ConfirmationActivity:
            word = as_word(source, ConfirmationSource)
            return ConfirmationActivity(
                source=word, description=description, updated_date=updated_date
            )

        request = _request(who, ConsentState.PENDING, last_confirmation_activity=activity)
        return self.upsert(request, language, dated=True)

    def opt_in(
        self,
        who: Identifier | str,
        source: ConfirmationSource | str,
        opt_in_level: OptInLevel | str,
        description: str | None,
        updated_date: datetime | None,
        language: str | None,
    ) -> Plan[Outcome]:
        """Store that a person said yes."""

        def activity() -> ConfirmationActivity:
            return ConfirmationActivity(
                source=as_word(source, ConfirmationSource),
                description=description,
                updated_date=updated_date,
                opt_in_level=as_word(opt_in_level, OptInLevel),
            )

        request = _request(who, ConsentState.CONFIRMED, last_confirmation_activity=activity)
        return self.upsert(request, language, dated=True)

    def opt_out(
        self,
        who: Identifier | str,
        source: RevokeSource | str,
        description: str | None,
        updated_date: datetime | None,
    ) -> Plan[Outcome]:
        """Store that a person said no, whether or not there is a record."""

        def activity() -> RevokeActivity:
            word = as_word(source, RevokeSource)
            return RevokeActivity(source=word, description=description, updated_date=updated_date)

        # Undated evidence stays undated: the rules date an opt-out at receipt, or later where a
        # fast clock dated the confirmation ahead of it.
        return self.upsert(_request(who, ConsentState.REVOKED, last_revoke_activity=activity))

    def create(
        self,
        identifier: Identifier | str,
        confirmation: ConfirmationActivity,
        revocation: RevokeActivity | None = None,
        fields: FieldsLike = None,
        language: str | None = None,
    ) -> Plan[Outcome]:
        """Store a CONFIRMED consent for an identifier that must not have a record."""
        return self.create_from(
            Upsert(
                details=identifier_of(identifier),
                state=ConsentState.CONFIRMED,
                last_confirmation_activity=confirmation,
                last_revoke_activity=revocation,
                extended_fields=fields,
            ),
            language,
        )

    def create_from(self, command: Upsert, language: str | None = None) -> Plan[Outcome]:
        """Apply a CONFIRMED request to an identifier that must not have a record."""
        checked_language(language)
        now = self.clock()
        decision = yield from plans.create(command, now, self._rules)
        return self._outcome(decision, now, language)

    def update(self, command: Update, language: str | None = None) -> Plan[Outcome]:
        """Apply a request to the record with its id."""
        checked_language(language)
        now = self.clock()
        decision = yield from plans.update(command, now, self._rules)
        return self._outcome(decision, now, language)

    def remove(self, identifier: Identifier | str, activity: RevokeActivity) -> Plan[Outcome]:
        """Revoke the consent of an identifier that must have a record."""
        now = self.clock()
        decision = yield from plans.remove(identifier_of(identifier), activity, now, self._rules)
        return self._outcome(decision, now, None)

    def delete(self, consent_id: UUID) -> Plan[ConsentDeleted]:
        """Erase a record with its history."""
        return plans.delete(consent_id, self.clock(), self._rules)

    def get_by_identifier(
        self, identifier: Identifier | str, language: str | None = None
    ) -> Plan[Found]:
        """What is known of an identifier, and whether the person may be contacted now."""
        checked_language(language)
        who, now = identifier_of(identifier), self.clock()
        consent = (yield from plans.find([who])).get(who)
        signal = eligibility(consent, now=now, policy=self.policy)
        if consent is None or self.links is None:
            return Found(consent, signal)
        return Found(
            consent,
            signal.with_link(self._link(LinkType.REVOKE_CONFIRMATION, consent, now, language)),
        )

    def preview(self, token: str, action: LinkType | None = None) -> Plan[LinkPreview]:
        """What a link would do, without doing it."""
        claim = self._claim(token, action)
        consent = yield from plans.one(claim.consent_id)
        yield from refuse_overtaken(claim, consent)
        return LinkPreview(claim.type, consent, claim.language)

    def redeem(self, token: str, action: LinkType) -> Plan[Outcome]:
        """Do what a link is for."""
        claim = self._claim(token, action)
        now = self.clock()
        decision = yield from redeem(claim, now, self._rules)
        return self._outcome(decision, now, claim.language)

    def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Plan[Outcome]:
        """Unsubscribe as a mail program asks for it (RFC 8058)."""
        require_one_click(form)
        return self.redeem(token, LinkType.REVOKE_CONFIRMATION)

    def _claim(self, token: str, action: LinkType | None) -> LinkClaim:
        if self.links is None:
            raise TypeError("the service has no links: give it a LinkIssuer")
        claim = self.links.read(token)
        if action is not None and claim.type is not action:
            raise InvalidToken(TokenRefusal.WRONG_ACTION)
        refuse_expired(claim, self.clock(), self.policy)
        return claim

    def audience_query(self, channel: Channel, page_size: int) -> Query:
        """The query for everybody who may be contacted on a channel now."""
        return Query(
            where=audience(channel, now=self.clock(), policy=self.policy), page_size=page_size
        )

    def _answer(self, answer: Decision | ConsentError, now: datetime) -> BulkAnswer:
        return (
            Rejected(answer)
            if isinstance(answer, ConsentError)
            else self._outcome(answer, now, None)
        )

    def _outcome(self, decision: Decision, now: datetime, language: str | None) -> Outcome:
        link_type = (
            None if self.links is None else link_type_of(decision.consent.state, decision.kept)
        )
        link = None if link_type is None else self._link(link_type, decision.consent, now, language)
        return Outcome(*decision, link)

    def _link(
        self, link_type: LinkType, consent: MarketingConsent, now: datetime, language: str | None
    ) -> Link | None:
        return (
            None
            if self.links is None
            else self.links.issue(link_type, consent, now=now, language=language)
        )


def _request(
    who: Identifier | str, state: ConsentState, **activity: Callable[[], object]
) -> Upsert:
    """The request of a short call; where several arguments are wrong, one error names them all."""
    parts: dict[str, Any] = {"state": state}
    violations: list[Violation] = []
    makers: dict[str, Callable[[], object]] = {"details": lambda: identifier_of(who), **activity}
    for name, make in makers.items():
        try:
            parts[name] = make()
        except InvalidConsent as error:
            violations += error.violations
    if violations:
        raise InvalidConsent(violations)
    return Upsert(**parts)
