"""A service with fixed ids and dates, and the requests that the reference shows."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import consent_core as cc
from consent_core.rest import TRUSTED, Request, Response, handle
from consent_core.rest.routes import OPERATIONS, Operation

NOON: Final = datetime(2024, 5, 1, 12, tzinfo=UTC)
"""When the first example happens."""


class Links:
    """Links with tokens that can be read: for pages, not for people."""

    def issue(
        self,
        link_type: cc.LinkType,
        consent: cc.MarketingConsent,
        *,
        now: datetime,
        language: str | None,
        topics: tuple[str, ...] = (),
    ) -> cc.Link:
        """As ``LinkIssuer.issue``."""
        assert now >= consent.created_date
        assert not topics
        page = f"https://example.org/{language or 'en'}/{link_type.lower().partition('_')[0]}"
        return cc.Link(link_type, f"{page}?token=...")

    def read(self, token: str) -> cc.LinkToken:
        """As ``LinkIssuer.read``: honours none."""
        assert token
        raise cc.InvalidToken(cc.TokenRefusal.FORGED)


LINKS: Final = Links()
"""The links of the examples."""


def deployment(
    repository: cc.Repository | None = None,
    links: cc.LinkIssuer | None = LINKS,
    policy: cc.Policy | None = None,
) -> cc.ConsentService:
    """A service whose ids are always the same, and whose clock goes on by a second whenever it is
    read.
    """
    numbers, seconds = count(1), count()
    return cc.ConsentService(
        repository,
        links=links,
        policy=policy or cc.Policy(),
        clock=lambda: NOON + timedelta(seconds=next(seconds)),
        new_id=lambda _: uuid5(UUID(int=0), str(next(numbers))),
    )


class Example(NamedTuple):
    """A request with its answer.

    Args:
        operation: what it is for.
        request: what was sent.
        response: what came back.
    """

    operation: Operation
    request: Request
    response: Response


ADA: Final = {"type": "EMAIL", "email": "ada@example.org"}
_ASKED: Final = {
    "details": ADA,
    "state": "PENDING",
    "lastConfirmationActivity": {"source": "FORM", "description": "Yes, send me the newsletter."},
}
_CONFIRMED: Final = {
    "revision": "1",
    "state": "CONFIRMED",
    "lastConfirmationActivity": {
        "source": "LINK_CONFIRMATION",
        "optInLevel": "DOUBLE_CONFIRMATION",
    },
}
_REVOKED: Final = {
    "details": {"type": "PHONE", "phone": "+1 202-555-0172"},
    "state": "REVOKED",
    "lastRevokeActivity": {"source": "IN_PERSON", "updatedDate": "2024-04-30T18:30:00+02:00"},
}
_BROKEN: Final = {"details": {"type": "EMAIL", "email": "grace.example.org"}, "state": "CONFIRMD"}
_CREATED: Final = {
    "details": {"type": "EMAIL", "email": "grace@example.com"},
    "lastConfirmationActivity": {"source": "IN_PERSON", "optInLevel": "SINGLE_CONFIRMATION"},
}
_FILTER: Final = {
    "state": {"$in": ["CONFIRMED", "REVOKED"]},
    "createdDate": {"$gte": "2024-05-01T00:00:00Z"},
}
_QUERY: Final = {
    "filter": _FILTER,
    "sort": [{"fieldName": "createdDate", "order": "DESC"}],
    "cursorPaging": {"limit": 1},
}

_SENT: Final[dict[str, tuple[dict[str, str], Any]]] = {
    "upsertMarketingConsent": ({"linkLanguage": "de"}, {"marketingConsent": _ASKED}),
    "updateMarketingConsent": ({}, {"marketingConsent": _CONFIRMED}),
    "getMarketingConsentByIdentifier": (ADA, None),
    "bulkUpsertMarketingConsent": ({}, {"info": [_REVOKED, _BROKEN]}),
    "createMarketingConsent": ({}, {"marketingConsent": _CREATED}),
    "queryMarketingConsent": ({}, {"query": _QUERY}),
    "removeMarketingConsent": ({}, {"details": ADA, "lastRevokeActivity": {"source": "FORM"}}),
    "getMarketingConsent": ({}, None),
    "deleteMarketingConsent": ({}, None),
}
"""For each operation, in the order in which they happen.

The parameters of the query, and the body.
"""


def examples() -> list[Example]:
    """One request for each of the nine operations, and what it was answered.

    Raises:
        KeyError: an operation has no example.
    """
    service, known = deployment(), {operation.name: operation for operation in OPERATIONS}
    if missing := known.keys() - _SENT.keys():
        raise KeyError(missing)
    first = str(uuid5(UUID(int=0), "1"))
    made = []
    for name, (parameters, body) in _SENT.items():
        path = known[name].path.replace("{id}", first)
        request = Request(known[name].method, path, parameters, body, scopes=TRUSTED)
        made.append(Example(known[name], request, handle(service, request)))
    return made
