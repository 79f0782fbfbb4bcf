"""How FastAPI answers the errors of the library."""

import asyncio
import importlib
import json
import logging
import sys
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.exceptions import HTTPException

import consent_core as cc
from consent_core.fastapi import ANSWERS, add_exception_handlers, consent_exception_handler
from consent_core.pydantic import ConsentPart, Email, Limits

ADA = "ada@example.org"

ERRORS: list[cc.ConsentError] = [
    cc.PermissionDenied("SCOPE"),
    cc.InvalidToken(cc.TokenRefusal.EXPIRED),
    cc.ConsentNotFound(cc.Email(ADA)),
    cc.ConsentAlreadyExists(UUID(int=7)),
    cc.RevisionMismatch(3, 4),
    cc.Contended(64),
    cc.Unavailable("refused ada@example.org", "IntegrityError", "23514", "mailboxes"),
]


class SignUp(BaseModel):
    """The body of an application."""

    email: Email
    consent: Annotated[ConsentPart, Limits(cc.Claims.sign_up_form())]


def raising(error: Exception) -> FastAPI:
    """An application whose routes raise: one is sync, one is async."""
    app = FastAPI()
    add_exception_handlers(app)

    @app.api_route("/sync", methods=["GET", "POST"])
    def sync() -> None:
        raise error

    @app.post("/async")
    async def asynchronous() -> None:
        raise error

    return app


def asked(app: FastAPI, path: str = "/sync", body: Any = None) -> Any:
    """What a client gets."""
    with TestClient(app) as client:
        return client.post(path, json=body)


@pytest.mark.parametrize("path", ["/sync", "/async"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_has_a_status_and_a_fixed_text(error: cc.ConsentError, path: str) -> None:
    """The body is that of an HTTPException; it names neither the person nor the database."""
    answer = asked(raising(error), path)
    status, text = ANSWERS[type(error)]
    assert (answer.status_code, answer.json()) == (status, {"detail": text})
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)


def test_every_error_that_a_caller_can_meet_is_answered() -> None:
    """What is left to FastAPI's 500 is the author's to mend."""
    kinds = {*cc.ConsentError.__subclasses__(), *cc.RepositoryError.__subclasses__()}
    assert kinds - ANSWERS.keys() == {
        cc.RepositoryError,
        cc.InvalidConsent,  # a 422, with all violations
        cc.Conflict,  # between a repository and the service
        cc.ChartError,  # at import
    }
    app = raising(cc.Conflict([]))
    app.add_exception_handler(cc.ConsentError, consent_exception_handler)
    with pytest.raises(cc.Conflict):
        asked(app)


def test_the_422_of_the_store_has_the_shape_of_the_one_of_the_body() -> None:
    """Whether the model refuses or the service, a form reads the same keys."""
    app, consents = FastAPI(), cc.ConsentService(policy=cc.Policy(max_identifier_length=12))
    add_exception_handlers(app)

    @app.post("/sign-up")
    def sign_up(form: SignUp) -> None:
        consents.upsert(form.consent.upsert(form.email))

    body = {"email": ADA, "consent": {"state": "PENDING"}}
    late = asked(app, "/sign-up", body)
    early = asked(app, "/sign-up", body | {"email": "ada@"})
    assert late.status_code == early.status_code == 422
    assert "ada@" not in late.text + early.text
    (refused,), (invalid,) = late.json()["detail"], early.json()["detail"]
    assert refused.keys() == invalid.keys() == {"type", "loc", "msg", "input"}
    assert (refused["type"], refused["loc"]) == ("TOO_LONG", ["body", "details", "email"])
    assert (invalid["type"], invalid["loc"]) == ("INVALID_EMAIL", ["body", "email"])


def test_all_violations_are_told_where_they_are() -> None:
    """In a request without a body, they are in its query; one of the whole is at the root."""
    error = cc.InvalidConsent(
        [
            cc.Violation("topics.news.choice", cc.ViolationCode.NOT_ALLOWED, "must be IN"),
            cc.Violation("request", cc.ViolationCode.WRONG_TYPE, "must be an object"),
        ]
    )
    with TestClient(raising(error)) as client:
        posted, got = client.post("/sync").json(), client.get("/sync").json()
    assert [each["loc"] for each in posted["detail"]] == [
        ["body", "topics", "news", "choice"],
        ["body"],
    ]
    assert [each["type"] for each in got["detail"]] == ["NOT_ALLOWED", "WRONG_TYPE"]
    assert got["detail"][0]["loc"][0] == "query"
    assert got["detail"][0]["msg"] == "must be IN"


def test_a_websocket_is_answered_as_well() -> None:
    """As FastAPI answers its own errors there; what it was asked with is its query."""
    scope = {"type": "websocket", "app": FastAPI(), "query_string": b"who=ada@", "headers": []}
    error = cc.InvalidConsent([cc.Violation("who", cc.ViolationCode.INVALID_EMAIL, "must be")])
    answer = asyncio.run(consent_exception_handler(HTTPConnection(scope), error))
    assert answer.status_code == 422
    assert json.loads(bytes(answer.body))["detail"][0]["loc"] == ["query", "who"]


def test_the_handlers_of_the_application_make_the_answer() -> None:
    """Sync or async, for a class or a status: all errors of an application look the same."""

    def plain(_: Request, exc: Exception) -> PlainTextResponse:
        return PlainTextResponse(f"plain: {exc}", 400)

    async def ours(_: Request, exc: Exception) -> JSONResponse:
        assert isinstance(exc, RequestValidationError)
        return JSONResponse({"ours": len(exc.errors())}, 400)

    invalid = raising(cc.InvalidConsent([cc.Violation("", cc.ViolationCode.REQUIRED, "is")]))
    invalid.add_exception_handler(RequestValidationError, ours)
    assert asked(invalid).json() == {"ours": 1}
    for key in (404, HTTPException):
        missing = raising(cc.ConsentNotFound(UUID(int=7)))
        missing.add_exception_handler(key, plain)
        assert asked(missing).text == "plain: 404: there is no such consent"


def test_a_handler_of_ones_own_takes_the_place_of_one() -> None:
    """Such as a page for links that do not work."""
    app = raising(cc.InvalidToken(cc.TokenRefusal.EXPIRED))

    @app.exception_handler(cc.InvalidToken)
    def refused(_: Request, exc: cc.InvalidToken) -> PlainTextResponse:
        return PlainTextResponse(f"no: {exc.reason}")

    assert asked(app).text == "no: EXPIRED"
    assert app.exception_handlers[cc.InvalidConsent] is consent_exception_handler


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged."""
    with caplog.at_level(logging.WARNING, "consent_core"):
        yield caplog


def test_a_failing_store_is_logged(logged: pytest.LogCaptureFixture) -> None:
    """FastAPI logs no exception that was handled; the cause is for the log, not for the caller."""
    answer = asked(raising(cc.Unavailable("refused", "OperationalError", "57P03")))
    assert "57P03" not in answer.text
    (record,) = logged.records
    assert (record.name, record.levelname) == ("consent_core.fastapi", "ERROR")
    assert "57P03" in record.getMessage()
    assert record.exc_info is not None


def test_what_the_caller_can_mend_is_not_logged(logged: pytest.LogCaptureFixture) -> None:
    """A stranger does not fill the log of errors."""
    asked(raising(cc.ConsentNotFound(UUID(int=7))))
    assert logged.records == []


def test_without_fastapi_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module is imported anew and FastAPI is not there."""
    monkeypatch.delitem(sys.modules, "consent_core.fastapi")
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"needs FastAPI: pip install 'consent_core\[fastapi\]'"
    ):
        importlib.import_module("consent_core.fastapi")
