"""A site as its HTTP callers see it: requests in, responses out, in either colour."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from consent_core import (
    AsyncConsentService,
    ConsentService,
    LinkPreview,
    LinkType,
    MemoryRepository,
    Outcome,
    Policy,
    Repository,
)
from consent_core.domain.policy import DEFAULT_POLICY
from consent_core.links import SignedLinks
from consent_core.rest import TRUSTED, Request, Response, Trusted, handle, handle_async
from tests.application.services import Awaitable, Blocking
from tests.application.support import Clock, Ids, at

Body: TypeAlias = dict[str, Any]

BASE: Final = "/v1/marketing-consent"
BULK: Final = "/v1/bulk/marketing-consent/upsert"
NOBODY: Final = f"{BASE}/00000000-0000-0000-0000-0000000f423f"
COLOURS: Final = ("sync", "async")

LINKS: Final = SignedLinks("https://example.org/consent", keys=["the newest secret of these tests"])


class Clicking(Blocking):
    """``Blocking`` with the two steps of a link."""

    def preview(self, token: str, *, action: LinkType | None = None) -> LinkPreview:
        return asyncio.run(self.service.preview(token, action=action))

    def redeem(self, token: str, *, action: LinkType) -> Outcome:
        return asyncio.run(self.service.redeem(token, action=action))

    def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Outcome:
        return asyncio.run(self.service.redeem_one_click(token, form))


class Site:
    """One deployment with a clock that the test sets and ids that count.

    Args:
        colour: which of the two services and handlers serves it.
        repository: in memory without one.
        policy: the default one without.
        links: signed ones without.
    """

    def __init__(
        self,
        colour: str = "sync",
        repository: Repository | None = None,
        policy: Policy = DEFAULT_POLICY,
        links: SignedLinks | None = LINKS,
    ) -> None:
        self.clock = Clock()
        self.repository: Repository = MemoryRepository() if repository is None else repository
        new_id = Ids()
        self._sync = ConsentService(
            self.repository, policy=policy, links=links, clock=self.clock, new_id=new_id
        )
        self._async = AsyncConsentService(
            Awaitable(self.repository), policy=policy, links=links, clock=self.clock, new_id=new_id
        )
        self.colour = colour

    @property
    def service(self) -> ConsentService | Clicking:
        """The service behind, called the same way in both colours."""
        return self._sync if self.colour == "sync" else Clicking(self._async)

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        if self.colour == "sync":
            return handle(self._sync, request)
        return asyncio.run(handle_async(self._async, request))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        scopes: Iterable[str] | Trusted | None = TRUSTED,
        namespaces: Iterable[str] | Trusted | None = TRUSTED,
    ) -> Response:
        """Send one request, as a trusted caller without more."""
        return self.answer(
            Request(method, path, query or {}, body, scopes=scopes, namespaces=namespaces)
        )

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Body:
        """The body of an answer that must be a success, which is always 200."""
        response = self.ask(method, path, body, **more)
        assert response.status == 200, response.body
        return response.body

    def stored(self) -> list[Body]:
        """Everything that is stored, as it goes out."""
        found: list[Body] = self.ok("POST", f"{BASE}/query", {})["marketingConsent"]
        return found


def day(minute: float) -> str:
    """A moment as the wire writes it."""
    return at(minute).isoformat().replace("+00:00", "Z")


def consent(
    state: str = "CONFIRMED",
    email: str = "ada@example.org",
    minute: float | None = None,
    **more: Any,
) -> Body:
    """A request for a state with its evidence."""
    activity = {} if minute is None else {"updatedDate": day(minute)}
    name = {"REVOKED": "lastRevokeActivity", "PENDING": "lastConfirmationActivity"}.get(state, "")
    evidence = (
        {name or "lastConfirmationActivity": activity} if name or state == "CONFIRMED" else {}
    )
    return {"details": {"type": "EMAIL", "email": email}, "state": state} | evidence | more


def wrapped(body: Body) -> Body:
    """The same in the documented wrapper."""
    return {"marketingConsent": body}


def fields(**namespaces: Any) -> Body:
    """Extended fields of these namespaces."""
    return {"extendedFields": {"namespaces": namespaces}}


def violations(response: Response) -> set[tuple[str, str]]:
    """Path and code of all that is wrong with a request."""
    assert response.status == 400, response
    found = response.body["details"]["validationError"]["fieldViolations"]
    assert found
    assert all(each["description"] and each["violatedRule"] for each in found)
    assert response.body["message"]
    return {(each["field"], each["ruleName"]) for each in found}


def refusal(response: Response) -> tuple[int, str]:
    """Status and code of an error that is not about fields."""
    error = response.body["details"]["applicationError"]
    assert response.body["message"] == error["description"]
    assert error["data"] == {}
    return response.status, error["code"]


def token_of(link: Any) -> str:
    """The token of a link, as a value of the service or as it goes out."""
    url = link["url"] if isinstance(link, dict) else link.url
    return parse_qs(urlsplit(url).query)["token"][0]
