"""Several servers over one store, each with its own clock, that a story is played through."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from consent_core import (
    Channel,
    ConfirmationActivity,
    ConfirmationSource,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    Identifier,
    InvalidConsent,
    InvalidToken,
    Link,
    LinkType,
    MarketingConsent,
    MemoryRepository,
    Phone,
    Rejected,
    RevokeActivity,
    RevokeSource,
    Upsert,
    eligibility,
)
from consent_core.cli.apply import Run
from consent_core.links import SignedLinks
from consent_core.wire import Names, read_upsert, to_wire
from consent_core.wire.updates import read_update
from tests.application.support import Ids
from tests.attack.acts import Act, Door, Evidence, Second, Story

EPOCH: Final = datetime(2024, 5, 1, tzinfo=UTC)
LINKS: Final = SignedLinks("https://example.org/consent", keys=["a secret of at least thirty-two bytes"])
WHO: Final[dict[Channel, Identifier]] = {Channel.EMAIL: Email("ada@example.org"), Channel.PHONE: Phone("+12025550172")}
REFUSALS: Final = (InvalidConsent, ConsentNotFound, ConsentAlreadyExists, InvalidToken)
"""What a caller may be answered; anything else is a failure of the library."""


class Answer(NamedTuple):
    """What became of one request.

    Args:
        error: why it was refused; None where it is acknowledged.
        state: of the record afterwards.
        link: that came with the answer.
    """

    error: str | None
    state: ConsentState | None = None
    link: Link | None = None


class Servers:
    """The servers of a story."""

    def __init__(self, story: Story) -> None:
        self.now: Second = 0
        self.who = WHO[story.channel]
        self.channel = story.channel
        self.details = {"type": self.channel, self.channel.lower(): self.who.address}
        self.repository = MemoryRepository()
        self.services = [self._service(story, clock) for clock in story.clocks]
        self.tokens: dict[int, str] = {}
        self.exports: dict[int, MarketingConsent] = {}
        self.revocation: list[str] = []

    def _service(self, story: Story, ahead: Second) -> ConsentService:
        def clock() -> datetime:
            return EPOCH + timedelta(seconds=self.now + ahead)

        return ConsentService(self.repository, policy=story.policy, links=LINKS, clock=clock, new_id=Ids())

    @property
    def stored(self) -> MarketingConsent | None:
        """The person's record."""
        return self.repository.find([self.who]).get(self.who)

    def granted(self) -> bool:
        """Whether the person may be contacted."""
        use_cases = self.services[0].use_cases
        return eligibility(self.stored, now=use_cases.clock(), policy=use_cases.policy).granted

    def in_audience(self) -> bool:
        """Whether the person is among those who may be contacted."""
        return any(True for _ in self.services[0].audience(self.channel))

    def deliver(self, act: Act, server: int) -> list[tuple[Act, Answer]]:
        """Hand an act to a server: each of its parts with its answer."""
        service = self.services[server]
        if act.door is Door.IMPORT:
            answers = self._import(act, service)
        elif act.door is Door.BULK:
            answers = [
                Answer(str(given.error))
                if isinstance(given, Rejected)
                else Answer(None, given.consent.state, given.link)
                for given in service.bulk_upsert(self.request(part) for part in act.parts)
            ]
        else:
            answers = [self._single(act, service)]
        parts = act.parts or (act,)
        for part, answer in zip(parts, answers, strict=True):
            self._keep_links(part, answer)
        if (stored := self.stored) is not None:
            self.exports.setdefault(act.number, stored)
        return list(zip(parts, answers, strict=True))

    def _keep_links(self, act: Act, answer: Answer) -> None:
        if answer.link is not None and answer.link.type is LinkType.CONFIRMATION:
            self.tokens[act.number] = token_of(answer.link)
        elif answer.link is not None:
            self.revocation.append(token_of(answer.link))

    def _single(self, act: Act, service: ConsentService) -> Answer:
        try:
            outcome = DOORS[act.door](self, act, service)
        except REFUSALS as error:
            return Answer(f"{type(error).__name__}: {error}")
        return Answer("nothing to do") if outcome is None else Answer(None, outcome.consent.state, outcome.link)

    def request(self, act: Act) -> Upsert:
        """An act as a request."""
        assert act.state is not None
        return Upsert(
            details=self.who,
            state=act.state,
            last_confirmation_activity=None if act.yes is None else confirmation(act.yes),
            last_revoke_activity=None if act.no is None else revocation(act.no),
        )

    def body(self, act: Act) -> dict[str, Any]:
        """An act as JSON."""
        body: dict[str, Any] = {"details": self.details, "state": act.state}
        for name, evidence in (("lastConfirmationActivity", act.yes), ("lastRevokeActivity", act.no)):
            if evidence is not None:
                body[name] = {"source": evidence.source} | (
                    {} if evidence.clock is None else {"updatedDate": dated(evidence).isoformat()}
                )
        if act.yes is not None:
            body["lastConfirmationActivity"]["optInLevel"] = act.yes.level
        return body

    def _import(self, act: Act, service: ConsentService) -> list[Answer]:
        lines = BytesIO("\n".join(json.dumps(self.body(part)) for part in act.parts).encode())
        told = list(Run(service, Names.REST).apply(lines, lambda _: None))
        return [
            Answer(str(each["error"]))
            if "error" in each
            else Answer(None, ConsentState(each["marketingConsent"]["state"]), _link(each.get("link")))
            for each in told
        ]

    def _patch(self, act: Act, service: ConsentService) -> Any:
        consent = self.stored
        if consent is None:
            return None
        return self._update({"marketingConsent": self.body(act), "mask": {"paths": list(act.mask)}}, consent, service)

    def _correct(self, act: Act, service: ConsentService) -> Any:
        consent = self.stored
        name = act.mask[0].partition(".")[0]
        if consent is None:
            return None
        return self._update({"marketingConsent": {name: {"source": "OTHER"}}, "mask": act.mask[0]}, consent, service)

    def _update(self, body: dict[str, Any], consent: MarketingConsent, service: ConsentService) -> Any:
        command, _ = read_update(consent.id, body, policy=service.use_cases.policy)
        return service.run(service.use_cases.update(command))

    def _change(self, act: Act, service: ConsentService) -> Any:
        consent, request = self.stored, self.request(act)
        if consent is None:
            return None
        fields: dict[str, Any] = {
            "last_confirmation_activity": request.last_confirmation_activity,
            "last_revoke_activity": request.last_revoke_activity,
        }
        return service.update(consent.id, state=request.state, **fields)

    def _create(self, act: Act, service: ConsentService) -> Any:
        assert act.yes is not None
        return service.create(self.who, confirmation(act.yes))

    def _remove(self, act: Act, service: ConsentService) -> Any:
        assert act.no is not None
        return service.remove(self.who, revocation(act.no))

    def _export(self, act: Act, service: ConsentService) -> Any:
        exported = self.exports.get(act.of)
        if exported is None:
            return None
        policy, now = service.use_cases.policy, service.use_cases.clock()
        return service.upsert(read_upsert(to_wire(exported), policy=policy, now=now))

    def _confirm(self, act: Act, service: ConsentService) -> Any:
        token = self.tokens.get(act.of)
        return None if token is None else service.redeem(token, action=LinkType.CONFIRMATION)

    def _revoke(self, act: Act, service: ConsentService) -> Any:
        token = self._revocation_token(act, service)
        return None if token is None else service.redeem(token, action=LinkType.REVOKE_CONFIRMATION)

    def _one_click(self, act: Act, service: ConsentService) -> Any:
        token = self._revocation_token(act, service)
        return None if token is None else service.redeem_one_click(token, {"List-Unsubscribe": "One-Click"})

    def _revocation_token(self, act: Act, service: ConsentService) -> str | None:
        """The first link that was ever sent, or the one that a message of now carries."""
        if act.of >= 0 and self.revocation:
            return self.revocation[0]
        link = service.get_by_identifier(self.who).eligibility.revoke_confirmation_link
        return None if link is None else token_of(link)


DOORS: Final[dict[Door, Callable[[Servers, Act, ConsentService], Any]]] = {
    Door.UPSERT: lambda servers, act, service: service.upsert(servers.request(act)),
    Door.CREATE: Servers._create,
    Door.UPDATE: Servers._change,
    Door.PATCH: Servers._patch,
    Door.CORRECT: Servers._correct,
    Door.REMOVE: Servers._remove,
    Door.EXPORT: Servers._export,
    Door.CONFIRM: Servers._confirm,
    Door.REVOKE: Servers._revoke,
    Door.ONE_CLICK: Servers._one_click,
}


def dated(evidence: Evidence) -> datetime:
    """The date that the clock of the device wrote."""
    return EPOCH + timedelta(seconds=evidence.acted + (evidence.clock or 0))


def confirmation(evidence: Evidence) -> ConfirmationActivity:
    """Evidence of a yes as an activity."""
    assert isinstance(evidence.source, ConfirmationSource)
    date = None if evidence.clock is None else dated(evidence)
    return ConfirmationActivity(source=evidence.source, updated_date=date, opt_in_level=evidence.level)


def revocation(evidence: Evidence) -> RevokeActivity:
    """Evidence of a no as an activity."""
    assert isinstance(evidence.source, RevokeSource)
    return RevokeActivity(source=evidence.source, updated_date=None if evidence.clock is None else dated(evidence))


def token_of(link: Link) -> str:
    """The token of a link."""
    return parse_qs(urlsplit(link.url).query)["token"][0]


def _link(link: dict[str, str] | None) -> Link | None:
    return None if link is None else Link(LinkType(link["type"]), link["url"])
