"""Answers of FastAPI to the errors of the library (extra ``fastapi``).

What is wrong with a request is FastAPI's own 422, as with the types of ``consent_core.pydantic``: a
form reads one kind of error, whether the model or the service refuses. No answer has personal
data, and none says which database failed.

FastAPI reads forms with python-multipart, which the extra does not bring.
"""

import logging
from collections.abc import Mapping
from inspect import iscoroutinefunction
from types import MappingProxyType
from typing import Any, Final

from consent_core.domain.errors import (
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    InvalidToken,
    PermissionDenied,
    RevisionMismatch,
    Unavailable,
    Violation,
)

try:
    from fastapi import FastAPI, HTTPException, Response
    from fastapi.concurrency import run_in_threadpool
    from fastapi.exceptions import RequestValidationError
    from fastapi.requests import HTTPConnection
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "consent_core.fastapi needs FastAPI: pip install 'consent_core[fastapi]'"
    ) from error

__all__ = ["add_exception_handlers", "consent_exception_handler"]

ANSWERS: Final[Mapping[type[ConsentError], tuple[int, str]]] = MappingProxyType(
    {
        PermissionDenied: (403, "a permission is missing"),
        InvalidToken: (403, "the link is not valid"),
        ConsentNotFound: (404, "there is no such consent"),
        ConsentAlreadyExists: (409, "the identifier has a consent already"),
        RevisionMismatch: (409, "another revision is stored: read it again"),
        Contended: (503, "other writers were faster: try again"),
        Unavailable: (503, "the store is unavailable: try again later"),
    }
)
"""Status and text by error, beside InvalidConsent.

The texts are fixed: an error may name the person or the database.
"""

RETRY_AFTER: Final = 5
"""Seconds that a 503 asks the caller to wait."""

_LOG: Final = logging.getLogger(__name__)


def add_exception_handlers(app: FastAPI) -> None:
    """Answer the errors of the library in all routes of an application, sync and async.

    Add a handler of your own for one of the errors afterwards, and it takes the place of this one.

    Args:
        app: the application, before it serves its first request.
    """
    kinds: list[type[ConsentError]] = [InvalidConsent, *ANSWERS]
    for kind in kinds:
        app.add_exception_handler(kind, consent_exception_handler)


async def consent_exception_handler(request: HTTPConnection, exc: Exception) -> Response:
    """Answer an error of the library as FastAPI answers its own.

    The error becomes FastAPI's exception of the same meaning, ``RequestValidationError`` or
    ``HTTPException``. The application's handler for that makes the answer, so all errors look the
    same.

    Args:
        request: as FastAPI gives it, or a WebSocket.
        exc: an error of the library. What the caller cannot mend is not answered but raised again.
    """
    framework_exc = _framework_exception(request, exc)
    handlers = request.app.exception_handlers
    keys = (getattr(framework_exc, "status_code", None), *type(framework_exc).__mro__)
    handler = next(handlers[key] for key in keys if key in handlers)
    if iscoroutinefunction(handler):
        response: Response = await handler(request, framework_exc)
    else:
        response = await run_in_threadpool(handler, request, framework_exc)
    return response


def _framework_exception(
    request: HTTPConnection, exc: Exception
) -> RequestValidationError | HTTPException:
    """The exception of FastAPI that means the same.

    Raises:
        Exception: the one given, where there is none.
    """
    if isinstance(exc, InvalidConsent):
        # A path begins at the root of what was read. A request without a body has a query; one for
        # a WebSocket has no method.
        root = "query" if request.scope.get("method", "GET") in ("GET", "HEAD") else "body"
        return RequestValidationError([_detail(each, root) for each in exc.violations])
    for kind, (status, text) in ANSWERS.items():
        if isinstance(exc, kind):
            if status < 500:  # noqa: PLR2004  # where the fault is the server's
                return HTTPException(status, text)
            # FastAPI logs no exception that was handled, and this one is the operator's to know.
            _LOG.error("%s", exc, exc_info=exc)
            return HTTPException(status, text, {"Retry-After": str(RETRY_AFTER)})
    raise exc


def _detail(violation: Violation, root: str) -> dict[str, Any]:
    path = [] if violation.path == "request" else violation.path.split(".")
    return {
        "type": violation.code.value,
        "loc": (root, *path),
        "msg": violation.description,
        # As in the errors of pydantic. What was sent is left out: it is personal data.
        "input": None,
    }
