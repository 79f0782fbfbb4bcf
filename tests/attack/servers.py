"""Several servers over one store, each with its own clock, that a story is played through."""

import json
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final, NamedTuple

from consent_core import (
    ConsentAlreadyExists,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    InvalidConsent,
    InvalidToken,
    Link,
    LinkType,
    MarketingConsent,
    MemoryRepository,
    Outcome,
    Rejected,
    eligibility,
)
from consent_core.cli.apply import Run
from consent_core.links import SignedLinks
from consent_core.rest.updates import read_update
from consent_core.wire import Names, read_upsert, to_wire
from tests.application.support import Ids
from tests.attack.acts import Act, Door, Second, Story
from tests.attack.sending import EPOCH, WHO, body, confirmation, request, revocation, token_of

LINKS: Final = SignedLinks(
    "https://example.org/consent", keys=["a secret of at least thirty-two bytes"]
)

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
    """The servers of a story, and what their callers keep of their answers.

    Args:
        story: that will be played.
    """

    def __init__(self, story: Story) -> None:
        self.now: Second = 0
        self.who = WHO[story.channel]
        self.repository = MemoryRepository()
        self.services = [self._service(story, clock) for clock in story.clocks]
        self.confirmations: dict[int, str] = {}
        self.first_revocation: str | None = None
        self.exports: dict[int, MarketingConsent] = {}

    def _service(self, story: Story, ahead: Second) -> ConsentService:
        def clock() -> datetime:
            return EPOCH + timedelta(seconds=self.now + ahead)

        return ConsentService(
            self.repository, policy=story.policy, links=LINKS, clock=clock, new_id=Ids()
        )

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
        return any(True for _ in self.services[0].audience(self.who.channel))

    def deliver(self, act: Act, server: int) -> list[tuple[Act, Answer]]:
        """Hand an act to a server: each of its parts with its answer."""
        service, parts = self.services[server], act.parts or (act,)
        if act.door is Door.IMPORT:
            answers = self._import(parts, service)
        elif act.door is Door.BULK:
            answers = [
                _answer(given)
                for given in service.bulk_upsert(request(part, self.who) for part in parts)
            ]
        else:
            answers = [self._single(act, service)]
        for part, answer in zip(parts, answers, strict=True):
            self._keep_link(part, answer.link)
        if (stored := self.stored) is not None:
            self.exports.setdefault(act.number, stored)
        return list(zip(parts, answers, strict=True))

    def _keep_link(self, act: Act, link: Link | None) -> None:
        if link is not None and link.type is LinkType.CONFIRMATION:
            self.confirmations[act.number] = token_of(link)
        elif link is not None and self.first_revocation is None:
            self.first_revocation = token_of(link)

    def _import(self, parts: tuple[Act, ...], service: ConsentService) -> list[Answer]:
        lines = BytesIO("\n".join(json.dumps(body(part, self.who)) for part in parts).encode())
        return [_told(line.body) for line in Run(service, Names.REST).apply(lines, lambda _: None)]

    def _single(self, act: Act, service: ConsentService) -> Answer:
        through = getattr(self, f"_{act.door.name.lower()}")
        try:
            outcome: Outcome | None = through(act, service)
        except REFUSALS as error:
            return Answer(f"{type(error).__name__}: {error}")
        return Answer("there is nothing to do it to") if outcome is None else _answer(outcome)

    def _upsert(self, act: Act, service: ConsentService) -> Outcome:
        return service.upsert(request(act, self.who))

    def _create(self, act: Act, service: ConsentService) -> Outcome | None:
        return act.yes and service.create(self.who, confirmation(act.yes))

    def _remove(self, act: Act, service: ConsentService) -> Outcome | None:
        return act.no and service.remove(self.who, revocation(act.no))

    def _update(self, act: Act, service: ConsentService) -> Outcome | None:
        consent = self.stored
        if consent is None or act.state is None:
            return None
        sent: dict[str, Any] = (
            {} if act.yes is None else {"last_confirmation_activity": confirmation(act.yes)}
        )
        sent |= {} if act.no is None else {"last_revoke_activity": revocation(act.no)}
        return service.update(consent.id, state=act.state, **sent)

    def _patch(self, act: Act, service: ConsentService) -> Outcome | None:
        return self._masked(
            {"marketingConsent": body(act, self.who), "mask": {"paths": list(act.mask)}}, service
        )

    def _correct(self, act: Act, service: ConsentService) -> Outcome | None:
        name = act.mask[0].partition(".")[0]
        return self._masked(
            {"marketingConsent": {name: {"source": "OTHER"}}, "mask": act.mask[0]}, service
        )

    def _masked(self, sent: dict[str, Any], service: ConsentService) -> Outcome | None:
        consent = self.stored
        if consent is None:
            return None
        command, _ = read_update(consent.id, sent, policy=service.use_cases.policy)
        return service.run(service.use_cases.update(command))

    def _export(self, act: Act, service: ConsentService) -> Outcome | None:
        exported, use_cases = self.exports.get(act.of), service.use_cases
        if exported is None:
            return None
        return service.upsert(
            read_upsert(to_wire(exported), policy=use_cases.policy, now=use_cases.clock())
        )

    def _confirm(self, act: Act, service: ConsentService) -> Outcome | None:
        token = self.confirmations.get(act.of)
        if token is None:
            return None
        try:
            service.preview(token, action=LinkType.CONFIRMATION)
        except InvalidToken as refused:
            service.redeem(token, action=LinkType.CONFIRMATION)
            raise AssertionError("a link is honoured that the preview refuses") from refused
        return service.redeem(token, action=LinkType.CONFIRMATION)

    def _revoke(self, act: Act, service: ConsentService) -> Outcome | None:
        token = self._revocation(act, service)
        return token and service.redeem(token, action=LinkType.REVOKE_CONFIRMATION)

    def _one_click(self, act: Act, service: ConsentService) -> Outcome | None:
        token = self._revocation(act, service)
        return token and service.redeem_one_click(token, {"List-Unsubscribe": "One-Click"})

    def _revocation(self, act: Act, service: ConsentService) -> Any:
        """The first link that was ever sent, or the one that a message of now carries."""
        if act.of >= 0 and self.first_revocation is not None:
            return self.first_revocation
        link = service.get_by_identifier(self.who).eligibility.revoke_confirmation_link
        return link and token_of(link)


def _answer(given: Outcome | Rejected) -> Answer:
    if isinstance(given, Rejected):
        return Answer(f"{type(given.error).__name__}: {given.error}")
    return Answer(None, given.consent.state, given.link)


def _told(line: dict[str, Any]) -> Answer:
    """What a line of the command line says."""
    if "error" in line:
        return Answer(f"InvalidConsent: {line['error']}")
    link = line.get("link")
    found = None if link is None else Link(LinkType(link["type"]), link["url"])
    return Answer(None, ConsentState(line["marketingConsent"]["state"]), found)
