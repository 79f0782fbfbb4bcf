"""A real HTTP server on loopback, driven over every operation by a client of each colour."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from consent_core import AsyncConsentService
from tests.wire.asgi import App
from tests.wire.serving import BASE, BULK, LINKS, Body, consent, fields, wrapped


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of a fresh deployment, until the block is left."""
    config = uvicorn.Config(
        App(AsyncConsentService(links=LINKS)),
        host="127.0.0.1",
        port=0,
        lifespan="off",
        log_config=None,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for _ in range(1000):
            if server.started:
                break
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()


class Caller:
    """Sends requests in one colour, as any client would."""

    def __init__(self, colour: str, address: str) -> None:
        self.colour, self.address = colour, address

    def send(self, method: str, path: str, **what: Any) -> httpx.Response:
        """One request; it is done within seconds."""
        if self.colour == "sync":
            with httpx.Client(base_url=self.address, timeout=10, trust_env=False) as client:
                return client.request(method, path, **what)
        return asyncio.run(self._send(method, path, **what))

    async def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.address, timeout=10, trust_env=False) as client:
            return await client.request(method, path, **what)

    def ok(self, method: str, path: str, **what: Any) -> Body:
        """The body of a success."""
        response = self.send(method, path, **what)
        assert response.status_code == 200, response.text
        body: Body = response.json()
        return body


@pytest.mark.parametrize("prefix", ["", "/marketing-consent"])
def test_every_operation_over_http(colour: str, prefix: str) -> None:
    """The nine operations in a row, and the errors between them, over a real connection."""
    base = prefix + BASE
    with serving() as address:
        caller = Caller(colour, address)
        made = caller.ok("POST", base, json=wrapped(consent()), params={"linkLanguage": "de"})
        assert made["link"]["type"] == "REVOKE_CONFIRMATION"
        one = f"{base}/{made['marketingConsent']['id']}"
        assert caller.send("POST", base, json=wrapped(consent())).status_code == 409
        assert (
            caller.ok("GET", one, params={"marketingConsentId": "x"})["marketingConsent"][
                "revision"
            ]
            == "1"
        )
        updated = caller.ok(
            "PATCH",
            one,
            json=wrapped(fields(app={"x": "é"})) | {"mask": {"paths": ["extendedFields"]}},
        )
        assert updated["marketingConsent"]["extendedFields"]["namespaces"] == {"app": {"x": "é"}}
        upserted = caller.ok("POST", f"{base}/upsert", json=consent("PENDING", "bob@example.org"))
        assert upserted["link"]["type"] == "CONFIRMATION"
        phone = {"type": "PHONE", "phone": "+445168993333"}
        info = [{"details": phone, "state": "NEVER_CONFIRMED"}, {}]
        assert caller.ok("POST", prefix + BULK, json={"info": info})["metadata"] == {
            "totalSuccess": 1,
            "totalFailure": 1,
        }
        unescaped = f"{base}/get-by?type=PHONE&phone=+445168993333"
        assert caller.ok("GET", unescaped)["marketingConsent"]["details"] == phone
        assert (
            caller.ok("GET", f"{base}/get-by", params=phone)["marketingConsent"]["details"] == phone
        )
        removed = caller.ok("POST", f"{base}/remove", json={"details": phone})
        assert removed["marketingConsent"]["state"] == "REVOKED"
        page = caller.ok("POST", f"{base}/query", json={"query": {"cursorPaging": {"limit": 2}}})
        assert page["pagingMetadata"]["count"] == 2
        cursor = {"cursor": page["pagingMetadata"]["cursors"]["next"]}
        rest = caller.ok("POST", f"{base}/query", json={"query": {"cursorPaging": cursor}})
        assert rest["pagingMetadata"]["hasNext"] is False
        assert caller.ok("DELETE", one) == {}
        assert caller.send("GET", one).status_code == 404
        assert caller.send("PUT", one).status_code == 405
        assert caller.send("POST", f"{base}/upsert", content=b"{").status_code == 400
        assert caller.send("POST", f"{base}/nothing/here").status_code == 404
