"""What a service does, as plans that the sync and the async service share."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from consent_core.application.bulk import BulkAnswer, BulkItem, decide_all
from consent_core.application.erasing import erase_record
from consent_core.application.ids import NewId, new_consent_id, new_consent_ids
from consent_core.application.linking import preview_of, revocation_link, with_link
from consent_core.application.lookups import Stored, look_up, split
from consent_core.application.outcomes import Found, LinkPreview, Rejected
from consent_core.application.plans import Ask, Plan, commit, history, one
from consent_core.application.ports import Change, LinkIssuer, LinkToken
from consent_core.application.query import Query
from consent_core.application.redeeming import decide_token, refuse_expired, still_honoured
from consent_core.application.reporting import report_all
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.decision import NO_ID, decide
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.errors import (
    Conflict,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidToken,
    RevisionMismatch,
)
from consent_core.domain.events import ConsentDeleted, as_of
from consent_core.domain.explanation import Explanation, explain
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.language import check_language
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import Policy
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.reports import ReportOutcome, decide_report
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import TombstoneKeys
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    Channel,
    ConsentState,
    LinkType,
    TokenRefusal,
    ViolationCode,
)


def system_clock() -> datetime:
    """The moment, in UTC, by the clock of this machine."""
    return datetime.now(UTC)


class UseCases:
    """The use cases of a deployment.

    Args:
        policy: the choices of the deployment.
        links: makes links; None for none.
        clock: tells the moment of receipt, with an offset.
        new_id: makes the id of a new record from its identifier.
        attempts: how often a change is tried when other writers are faster.
        keys: the secrets of tombstones; None where erasing forgets the no.
        most: how many requests one commit has room for; None for any number.
    """

    def __init__(
        self,
        policy: Policy,
        links: LinkIssuer | None,
        clock: Callable[[], datetime],
        new_id: NewId,
        attempts: int,
        keys: TombstoneKeys | None = None,
        most: int | None = None,
    ) -> None:
        self.policy = policy
        self.links = links
        self.clock = clock
        self._new_id = new_id
        self._attempts = attempts
        self._keys, self._most = keys, most

    def upsert(self, request: Upsert, language: str | None = None) -> Plan[Outcome]:
        """Apply a request to the identifier's record, or create one.

        Args:
            request: what is asked for.
            language: a BCP 47 tag for the page behind the link.
        """
        check_language(language)
        now = self.clock()
        return self._change(
            request.details, lambda before: self._decide(before, request, now), now, language
        )

    def create(self, request: Upsert, language: str | None = None) -> Plan[Outcome]:
        """Apply a CONFIRMED request to an identifier that must not have a record."""
        check_language(language)
        now = self.clock()

        def decide_new(before: Stored) -> Outcome:
            if isinstance(before, MarketingConsent):
                raise ConsentAlreadyExists(before.id)
            return self._decide(before, request, now)

        return self._change(request.details, decide_new, now, language)

    def update(self, update: Update, language: str | None = None) -> Plan[Outcome]:
        """Change the record with the update's id."""
        check_language(language)
        now = self.clock()
        for _ in range(self._attempts):
            before = yield from one(update.id)
            if update.revision not in (None, before.revision):
                raise RevisionMismatch(update.revision or 0, before.revision)
            outcome = decide(before, update, now=now, policy=self.policy)
            with suppress(Conflict):
                if outcome.events:
                    yield from commit([_change_of(before, outcome)])
                return with_link(outcome, self.links, now, language)
        raise Contended(self._attempts)

    def remove(self, identifier: Identifier | str, activity: RevokeActivity) -> Plan[Outcome]:
        """Revoke the consent of an identifier that must have a record (contract, section 4.6)."""
        now, who = self.clock(), identifier_of(identifier)
        request = Upsert(details=who, state=ConsentState.REVOKED, last_revoke_activity=activity)

        def decide_stored(before: Stored) -> Outcome:
            if before is None:
                raise ConsentNotFound(who)
            return self._decide(before, request, now)

        return self._change(who, decide_stored, now, None)

    def delete(self, consent_id: UUID, *, suppress: bool | None = None) -> Plan[ConsentDeleted]:
        """Erase a record with its history; its ``ConsentDeleted`` is what remains."""
        now, keys = self.clock(), self._keys
        return erase_record(consent_id, now, self.policy, keys, self._attempts, suppress=suppress)

    def upsert_all(self, items: Sequence[BulkItem]) -> Plan[list[BulkAnswer]]:
        """Apply requests in order; one read and one write serve as many as a commit has room for.

        An error among the items is answered in its place.
        """
        received = [(item, self.clock()) for item in items if isinstance(item, Upsert)]
        new_id = self._new_id
        if new_id is new_consent_id:
            new_id = new_consent_ids(len(received))
        decided = yield from decide_all(
            received, partial(self._decide, new_id=new_id), self._attempts, self._keys, self._most
        )
        rest = iter(zip(decided, received, strict=True))
        answers: list[BulkAnswer] = []
        for item in items:
            if isinstance(item, ConsentError):
                answers.append(Rejected(item))
                continue
            answer, (_, now) = next(rest)
            if isinstance(answer, Outcome):
                answers.append(with_link(answer, self.links, now, None))
            else:
                answers.append(Rejected(answer))
        return answers

    def report_all(self, reports: Sequence[DeliveryReport]) -> Plan[list[ReportOutcome]]:
        """Apply delivery reports in order, with one read and one write for all."""
        now, keys = self.clock(), self._keys
        return report_all(reports, self._decide_report, now, self._attempts, keys)

    def get_by_identifier(
        self,
        identifier: Identifier | str,
        language: str | None = None,
        topic: str | None = None,
    ) -> Plan[Found]:
        """What is known of an identifier, and whether the person may be contacted now."""
        check_language(language)
        who, now = identifier_of(identifier), self.clock()
        consent, tombstone = (yield from look_up([who], self._keys)).both(who)
        policy = self.policy
        signal = eligibility(consent, now=now, policy=policy, topic=topic, tombstone=tombstone)
        if consent is None or self.links is None:
            return Found(consent, signal)
        # A message about one topic gets the link to leave that topic.
        topics = () if topic is None or topic not in policy.topics else (topic,)
        revoke = LinkType.REVOKE_CONFIRMATION
        link = self.links.issue(revoke, consent, now=now, language=language, topics=topics)
        return Found(consent, signal.with_link(link))

    def revocation_link(
        self, who: MarketingConsent | Identifier | str, language: str | None, topic: str | None
    ) -> Plan[Link]:
        """A link to leave one topic, or to revoke everything."""
        check_language(language)
        links, now, declared = self._issuer(), self.clock(), self.policy.topics
        return revocation_link(who, links, now, language, topic, declared)

    def explain(
        self, who: Identifier | str, at: datetime | None, topic: str | None = None
    ) -> Plan[Explanation]:
        """Whether a person may be contacted, and why, in sentences; now, or at a past moment."""
        identifier, now = identifier_of(who), self.clock()
        consent, tombstone = (yield from look_up([identifier], self._keys)).both(identifier)
        if at is not None and consent is not None:
            consent = as_of((yield from history(consent.id)), at)
        at = now if at is None else at
        return explain(consent, now=at, policy=self.policy, topic=topic, tombstone=tombstone)

    def audience_query(self, channel: Channel | str, size: int, topic: str | None = None) -> Query:
        """The query for everybody who may be contacted on a channel now."""
        where = audience(channel, now=self.clock(), policy=self.policy, topic=topic)
        return Query(where=where, page_size=size)

    def preview(self, token: str, action: LinkType | None = None) -> Plan[LinkPreview]:
        """What a link would do, without doing it."""
        link = self._read(token, action)
        consent = yield from one(link.consent_id)
        link = yield from still_honoured(link, consent, self.policy)
        return preview_of(link, consent, self._issuer(), self.clock())

    def redeem(self, token: str, action: LinkType) -> Plan[Outcome]:
        """Do what a link is for."""
        link = self._read(token, action)
        now = self.clock()
        for _ in range(self._attempts):
            before = yield from one(link.consent_id)
            honoured = yield from still_honoured(link, before, self.policy)
            outcome = decide_token(honoured, before, now, self.policy)
            with suppress(Conflict):
                if outcome.events:
                    yield from commit([_change_of(before, outcome)])
                return with_link(outcome, self.links, now, link.language)
        raise Contended(self._attempts)

    def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Plan[Outcome]:
        """Unsubscribe as a mail program asks for it (RFC 8058)."""
        if form.get("List-Unsubscribe") != "One-Click":
            description = "must be One-Click: any other form needs a page that asks"
            raise invalid("List-Unsubscribe", ViolationCode.REQUIRED, description)
        return self.redeem(token, LinkType.REVOKE_CONFIRMATION)

    def _read(self, token: str, action: LinkType | None) -> LinkToken:
        link = self._issuer().read(token)
        if action is not None and link.type is not action:
            raise InvalidToken(TokenRefusal.WRONG_ACTION)
        refuse_expired(link, self.clock(), self.policy)
        return link

    def _issuer(self) -> LinkIssuer:
        if self.links is None:
            raise TypeError("the service has no links: give it a LinkIssuer")
        return self.links

    def _change(
        self,
        who: Identifier,
        decide_it: Callable[[Stored], Outcome],
        now: datetime,
        language: str | None,
    ) -> Plan[Outcome]:
        """Read, decide and commit; from the start again while other writers are faster."""
        for _ in range(self._attempts):
            found = yield from look_up([who], self._keys)
            before = found.stored(who)
            outcome = decide_it(before)
            after = outcome.record or outcome.tombstone
            changes = found.changes(who, before, after, outcome.events)
            if changes:
                try:
                    yield Ask("commit", changes)
                except Conflict:
                    continue
            return with_link(outcome, self.links, now, language)
        raise Contended(self._attempts)

    def _decide(
        self, stored: Stored, request: Upsert, now: datetime, new_id: NewId | None = None
    ) -> Outcome:
        before, buried = split(stored)
        made = NO_ID if before is not None else (new_id or self._new_id)(request.details)
        policy = self.policy
        return decide(before, request, now=now, policy=policy, new_id=made, tombstone=buried)

    def _decide_report(
        self, stored: Stored, report: DeliveryReport, now: datetime
    ) -> ReportOutcome:
        before, left = split(stored)
        new_id = NO_ID if before is not None else self._new_id(report.identifier)
        policy = self.policy
        return decide_report(before, report, now=now, policy=policy, new_id=new_id, tombstone=left)


def _change_of(before: MarketingConsent, outcome: Outcome) -> Change:
    return Change(before.details, before.revision, outcome.consent, outcome.events)
