"""The smallest ASGI application over ``handle_async``."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from consent_core import AsyncConsentService
from consent_core.rest import TRUSTED, Request, handle_async

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class App:
    """Serves one deployment.

    Args:
        service: the deployment.
    """

    def __init__(self, service: AsyncConsentService) -> None:
        self.service = service

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "there is nothing to start or stop"
        sent, more = b"", True
        while more:
            message = await receive()
            sent, more = sent + message.get("body", b""), message.get("more_body", False)
        status, answer = await self._answer(scope, sent)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def _answer(self, scope: Message, sent: bytes) -> tuple[int, Any]:
        try:
            body = json.loads(sent) if sent else None
        except (ValueError, RecursionError):
            return 400, {"message": "the body is not JSON", "details": {}}
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        request = Request(scope["method"], scope["path"], query, body, scopes=TRUSTED)
        response = await handle_async(self.service, request)
        return response.status, response.body
