"""Answers one request.

Finds its operation, asks for permission, and turns documented errors into responses.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen
from attrs.converters import optional

from consent_core.application.async_service import AsyncConsentService
from consent_core.application.plans import Plan
from consent_core.application.service import ConsentService
from consent_core.application.use_cases import UseCases
from consent_core.domain.claims import Claims
from consent_core.domain.errors import (
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    PermissionDenied,
    RevisionMismatch,
)
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.outcome import Outcome
from consent_core.rest.claimed import answer_claimed
from consent_core.rest.operations import Call
from consent_core.rest.routes import OPERATIONS, PREFIX, Operation
from consent_core.wire.claims import Provided
from consent_core.wire.errors import application_error, error_body

__all__ = ["TRUSTED", "Request", "Response", "Trusted", "handle", "handle_async"]


class Trusted(Enum):
    """What stands for every scope or every namespace; nobody gets it by leaving something out."""

    TRUSTED = "TRUSTED"


TRUSTED: Final = Trusted.TRUSTED
"""For a caller who may do everything, such as a job of your own.

``Request(..., scopes=TRUSTED)``.
"""


def _granted(words: Iterable[str] | Trusted | None) -> frozenset[str] | Trusted:
    return TRUSTED if words is TRUSTED else frozenset(words or ())


@frozen
class Request:
    """What an HTTP adapter hands over.

    ``repr`` leaves out query and body, because both hold addresses.

    Args:
        method: in capitals, as ``POST``.
        path: without query, as ``/v1/marketing-consent/upsert``; a prefix ``/marketing-consent`` is
            taken, too.
        query: the parameters of the query.
        body: the parsed JSON; None where there is none.
        scopes: what the caller may do, nothing without them; ``TRUSTED`` for a caller who may do
            everything.
        namespaces: the namespaces of extended fields that the caller sees and writes; ``TRUSTED``
            for all. Without them a trusted caller has all and everybody else none.
        claims: for input from the public: what it may say (contract, section 12). Then upsert and
            remove are permitted, without scopes, and nothing else; the answer is an empty object,
            and ``Response.outcome`` is for the application.
        identifier: with claims, whom the request is about; a body that says so, too, is refused.
            Give it for a preference page: from the body, anyone could silence anyone.
        description: with claims, the description of the evidence, likewise.
        source: with claims, the source of the evidence, likewise.

    Raises:
        ValueError: an identifier, a description or a source is given without claims.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    scopes: frozenset[str] | Trusted = field(default=frozenset(), kw_only=True, converter=_granted)
    namespaces: frozenset[str] | Trusted | None = field(
        default=None, kw_only=True, converter=optional(_granted)
    )
    claims: Claims | None = field(default=None, kw_only=True)
    identifier: Identifier | str | None = field(default=None, kw_only=True, repr=False)
    description: str | None = field(default=None, kw_only=True, repr=False)
    source: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        beside = (self.identifier, self.description, self.source)
        if self.claims is None and beside != (None, None, None):
            raise ValueError("identifier, description and source need claims")

    @property
    def provided(self) -> Provided:
        """What the application says of the request beside its body."""
        who = None if self.identifier is None else identifier_of(self.identifier)
        return Provided(self.claims, who, self.description, self.source)


@frozen
class Response:
    """What an HTTP adapter sends back. ``repr`` leaves out the body, because it holds addresses.

    Args:
        status: of HTTP.
        body: ready for ``json.dumps``.
        headers: to be set beside those of JSON.
        outcome: what became of a request with claims, such as the link to mail; None without claims
            and where it failed.
        error: why a request with claims was not applied, where that depends on what is stored: the
            answer is the same as if it were.

    ``outcome`` and ``error`` are for the application: a caller who saw them could learn who is on
    the list, or confirm in another person's name.
    """

    status: int
    body: dict[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict)
    outcome: Outcome | None = field(default=None, repr=False)
    error: InvalidConsent | None = field(default=None, repr=False)


def handle(service: ConsentService, request: Request) -> Response:
    """Answer one request; what goes wrong as documented is a response, everything else is raised.

    Args:
        service: what it is about.
        request: from the HTTP adapter.

    Raises:
        Unavailable: the store failed; like any unforeseen exception it is the framework's to log.
    """
    return service.run(_answer(service.use_cases, request))


async def handle_async(service: AsyncConsentService, request: Request) -> Response:
    """Answer one request; as ``handle``, for asyncio."""
    return await service.run(_answer(service.use_cases, request))


def _answer(use_cases: UseCases, request: Request) -> Plan[Response]:
    operations, consent_id = _routed(request.path)
    if not operations:
        return Response(404, application_error("NOT_FOUND", "there is no such path"))
    operation = operations.get(request.method)
    if operation is None:
        allowed = ", ".join(operations)
        body = application_error("METHOD_NOT_ALLOWED", f"this path takes {allowed}")
        return Response(405, body, {"Allow": allowed})
    try:
        if request.claims is not None:
            outcome = yield from answer_claimed(
                operation,
                use_cases,
                request.body,
                request.provided,
                request.query.get("linkLanguage"),
            )
            # The same answer for everybody: it tells nobody whether the person was known.
            if isinstance(outcome, InvalidConsent):
                return Response(200, {}, error=outcome)
            return Response(200, {}, outcome=outcome)
        _permit(operation, request)
        call = Call(use_cases, request.query, request.body, consent_id, _namespaces(request))
        return Response(200, (yield from operation.answer(call)))
    except ConsentError as error:
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
        if status is None:
            raise
        return Response(status, error_body(error))


def _routed(path: str) -> tuple[Mapping[str, Operation], str]:
    """The operations of a path by method, none where it is unknown, and the id in the path."""
    path = path.removeprefix(PREFIX)
    if path in _EXACT:
        return _EXACT[path], ""
    matched = _WITH_ID.fullmatch(path)
    return (_BY_ID, matched["id"]) if matched else ({}, "")


def _permit(operation: Operation, request: Request) -> None:
    """Refuse a caller without the scope of an operation; MANAGE includes READ."""
    if request.scopes is not TRUSTED and not request.scopes & operation.scopes:
        raise PermissionDenied(operation.scope)


def _namespaces(request: Request) -> frozenset[str] | None:
    """Those that the caller may access; None for all."""
    if request.namespaces is None:
        return None if request.scopes is TRUSTED else frozenset()
    return None if request.namespaces is TRUSTED else request.namespaces


_WITH_ID: Final = re.compile(r"/v1/marketing-consent/(?P<id>[^/]+)")

_BY_ID: Final = {o.method: o for o in OPERATIONS if o.path.endswith("{id}")}

_EXACT: Final[Mapping[str, Mapping[str, Operation]]] = MappingProxyType(
    {
        path: {o.method: o for o in OPERATIONS if o.path == path}
        for path in {o.path for o in OPERATIONS if not o.path.endswith("{id}")}
    }
)

_STATUSES: Final = (
    (InvalidConsent, 400),
    (PermissionDenied, 403),
    (ConsentNotFound, 404),
    (ConsentAlreadyExists, 409),
    (RevisionMismatch, 409),
    (Contended, 409),
)
