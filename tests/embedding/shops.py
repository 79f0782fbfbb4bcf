"""The two small shops of the documents, served to a browser of each framework."""

import re
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import frozen
from fastapi.testclient import TestClient
from sqlalchemy import func, select

import consent_core as cc
from tests.docs.reference.shops import EXAMPLES

ADA = "Ada@Example.org"


@frozen
class Answer:
    """What a browser gets."""

    status: int
    text: str


@frozen
class Shop:
    """A shop that is served.

    Args:
        module: the application's file.
        get: asks for a page.
        post: sends a form, by the path of its page.
        sign_up: sends the form to sign up: name, address, and the topics that were chosen.
        mails: what was mailed.
    """

    module: ModuleType
    get: Callable[[str], Answer]
    post: Callable[[str, dict[str, Any]], Answer]
    sign_up: Callable[..., Answer]
    mails: list[EmailMessage]

    @property
    def customers(self) -> int:
        """How many rows the shop's own table has."""
        with self.module.database() as session:
            count: int = session.scalar(select(func.count()).select_from(self.module.Customer))
            return count

    def may_contact(self, who: str, topic: str) -> cc.Found:
        """Whether a person may be contacted."""
        with self.module.database() as session:
            found: cc.Found = self.module.consents_in(session).may_contact(who, topic=topic)
            return found

    def link(self) -> str:
        """The link of the latest mail, as the path that the shop serves."""
        found = re.search(r"https://shop\.example\.org(/\S+)", self.mails[-1].get_content())
        assert found is not None
        return found[1]

    def send(self, topic: str) -> list[str]:
        """The addresses that get a message."""
        before = len(self.mails)
        self.module.send(topic, "News", "There is news.")
        return [mail["To"] for mail in self.mails[before:]]


def loaded(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file of a shop, with a database of its own."""
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{folder / 'shop.db'}?timeout=0.05")
    monkeypatch.setenv("SHOP_URL", "https://shop.example.org")
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # FastAPI and SQLAlchemy look names up in it.
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def mailed(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """What a shop mails from now on."""
    mails: list[EmailMessage] = []
    monkeypatch.setattr(module, "deliver", mails.append)
    return mails


def fastapi_shop(module: ModuleType, mails: list[EmailMessage]) -> Iterator[Shop]:
    """Its form sends JSON."""

    def answer(response: Any) -> Answer:
        return Answer(response.status_code, response.text)

    with TestClient(module.app) as client:

        def sign_up(name: str = "Ada", email: str = ADA, *topics: str) -> Answer:
            chosen = {topic: {"choice": "IN"} for topic in topics}
            consent = {"state": "PENDING", "topics": chosen}
            body = {"name": name, "email": email, "consent": consent}
            return answer(client.post("/sign-up", json=body))

        yield Shop(
            module,
            lambda path: answer(client.get(path)),
            lambda path, data: answer(client.post(path, data=data)),
            sign_up,
            mails,
        )


def flask_shop(module: ModuleType, mails: list[EmailMessage]) -> Iterator[Shop]:
    """Its form is a form."""
    client = module.app.test_client()

    def answer(response: Any) -> Answer:
        return Answer(response.status_code, response.text)

    def post(path: str, data: dict[str, Any]) -> Answer:
        return answer(client.post(path, data=data))

    def sign_up(name: str = "Ada", email: str = ADA, *topics: str) -> Answer:
        return post("/", {"name": name, "email": email, "topics": list(topics)})

    yield Shop(module, lambda path: answer(client.get(path)), post, sign_up, mails)


def confirmed(shop: Shop, *topics: str) -> str:
    """Ada, and the page of her preferences."""
    shop.sign_up("Ada", ADA, *topics)
    shop.post(shop.link(), {"action": "CONFIRMATION"})
    shop.send("news")
    return shop.link()
