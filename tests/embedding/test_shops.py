"""The two small shops of the documents, each through the test client of its framework."""

import json
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
from tests.docs.markdown import ROOT, generated
from tests.docs.reference.shops import EXAMPLES, SHOPS, sections

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
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{folder / 'shop.db'}")
    monkeypatch.setenv("SHOP_URL", "https://shop.example.org")
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # FastAPI and SQLAlchemy look names up in it.
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


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


@pytest.fixture(params=[fastapi_shop, flask_shop], ids=lambda each: each.__name__)
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """Each shop, empty."""
    module = loaded(request.param.__name__, tmp_path, monkeypatch)
    mails: list[EmailMessage] = []
    monkeypatch.setattr(module, "deliver", mails.append)
    yield from request.param(module, mails)
    module.engine.dispose()


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_from_the_form_to_the_unsubscribe_button(shop: Shop) -> None:
    """She signs up, confirms, gets news, and leaves by the button of her mail program."""
    assert "look into your mailbox" in shop.sign_up().text
    assert shop.customers == 1
    assert shop.send("news") == []

    link = shop.link()
    assert "a***@e***" in shop.get(link).text.lower()
    assert shop.send("news") == []
    assert shop.post(link, ONE_CLICK).status == 403
    assert shop.post(link, {"action": "CONFIRMATION"}).status == 200
    assert shop.send("news") == ["Ada@example.org"]
    assert shop.send("offers") == []

    mail = shop.mails[-1]
    assert "Dear Ada," in mail.get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = mail["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example.org")
    asked = shop.get(leave).text
    assert "Ada" not in asked
    assert "news" in asked
    assert "Unsubscribe" in asked
    assert shop.post(leave, ONE_CLICK).status == 200
    assert shop.send("news") == []
    assert shop.may_contact(ADA, "news").reasons == (cc.Reason.TOPIC_LEFT,)

    everything = re.search(r'href="https://shop\.example\.org([^"]+)"', asked)
    assert everything is not None
    shop.post(everything[1], {"action": "REVOKE_CONFIRMATION"})
    assert shop.may_contact(ADA, "offers").reasons[0] is cc.Reason.REVOKED


def confirmed(shop: Shop, *topics: str) -> str:
    """Ada, and the page of her preferences."""
    shop.sign_up("Ada", ADA, *topics)
    shop.post(shop.link(), {"action": "CONFIRMATION"})
    shop.send("news")
    return shop.link()


def test_topics_are_chosen_in_the_form_and_on_the_page(shop: Shop) -> None:
    """Only the person joins them: by the link, or on the page behind it."""
    page = confirmed(shop, "offers")
    assert shop.send("offers") == ["Ada@example.org"]
    assert shop.get(page).text.count("checked") == 2
    assert shop.post(page, {"topics": ["offers"]}) == shop.get(page)
    assert shop.get(page).text.count("checked") == 1
    assert not shop.may_contact(ADA, "news")
    assert shop.may_contact(ADA, "offers")
    shop.post(page, {"topics": ["news"]})
    assert shop.may_contact(ADA, "news")
    assert not shop.may_contact(ADA, "offers")
    choices = shop.may_contact(ADA, "news").consent
    assert choices is not None
    assert choices.topics["news"].subject_in_date is not None


def test_what_is_wrong_stands_beside_its_field(shop: Shop) -> None:
    """The framework's rules and the library's alike; nothing is stored and nobody gets a mail."""
    answer = shop.sign_up("", "ada@")
    assert answer.status == 422
    assert "must have something after the @-sign" in answer.text
    assert "1 character" in answer.text or "must be given" in answer.text
    assert shop.sign_up("Ada", ADA, "colour").status == 422
    assert (shop.customers, shop.mails) == (0, [])


def test_the_answer_tells_nobody_who_is_known(shop: Shop) -> None:
    """A stranger types her address: the answer is the same, and her row stays as it was."""
    confirmed(shop)
    known, unknown = shop.sign_up("Mallory"), shop.sign_up("Mallory", "bob@example.org")
    assert known == unknown
    assert shop.send("news") == ["Ada@example.org"]
    assert "Dear Ada," in shop.mails[-1].get_content()


def test_customer_and_consent_are_stored_together_or_not_at_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consent is a part of the shop's own transaction."""
    monkeypatch.setattr(shop.module.cc.ConsentService, "upsert", failing)
    answer = shop.sign_up()
    assert answer.status == 503
    assert "57P03" not in answer.text
    assert (shop.customers, shop.mails) == (0, [])


def failing(*_: Any, **__: Any) -> None:
    """A store that is down."""
    raise cc.Unavailable("cannot be reached", "OperationalError", "57P03")


def test_a_link_that_does_not_work_is_a_page(shop: Shop) -> None:
    """Made up, for another action, or of no button."""
    assert shop.get("/consent?token=made-up").status == 403
    assert shop.get("/preferences?token=made-up").status == 403
    shop.sign_up()
    link = shop.link()
    assert shop.get(link.replace("/consent", "/preferences")).status == 403
    assert shop.post(link, {}).status in (403, 422)
    assert "does not work" in shop.post(link, {"action": "REVOKE_CONFIRMATION"}).text
    assert shop.get("/").status == 200


def test_a_stranger_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a form may not say is refused, at the field that does."""
    module = loaded("fastapi_shop", tmp_path, monkeypatch)
    activity = {"optInLevel": "DOUBLE_CONFIRMATION", "updatedDate": "2022-05-01T00:00:00Z"}
    hostile = {"state": "CONFIRMED", "lastConfirmationActivity": activity}
    body = {"name": "Mallory", "email": ADA, "consent": hostile}
    with TestClient(module.app) as client:
        answer = client.post("/sign-up", json=body)
    module.engine.dispose()
    assert answer.status_code == 422
    assert {".".join(each["loc"]): each["type"] for each in answer.json()["detail"]} == {
        "body.consent.state": "NOT_ALLOWED",
        "body.consent.lastConfirmationActivity.optInLevel": "NOT_ALLOWED",
        "body.consent.lastConfirmationActivity.updatedDate": "NOT_ALLOWED",
    }
    assert "ada" not in json.dumps(answer.json()).lower()


@pytest.mark.parametrize("name", ["fastapi", "flask"])
def test_the_page_shows_every_part_of_the_file_but_its_html(name: str) -> None:
    """What a reader copies piece by piece is the whole application."""
    parts = {part for part in SHOPS if part.startswith(f"{name}-shop-")}
    page = generated(ROOT / "docs" / "howto" / f"use-in-{name}.md")
    assert parts - page.keys() == {f"{name}-shop-pages"}


@pytest.mark.parametrize("name", ["fastapi", "flask"])
def test_its_picture_is_small_and_shown(name: str) -> None:
    """``python -m tests.docs.screens`` makes it."""
    text = (ROOT / "docs" / "howto" / f"use-in-{name}.md").read_text("utf-8")
    assert f"](../images/{name}-shop.png)" in text
    assert (ROOT / "docs" / "images" / f"{name}-shop.png").stat().st_size < 60_000


def test_the_bridge_of_the_fastapi_shop_is_short() -> None:
    """What stands between framework and library is at most 15 lines."""
    bridge = dict(sections("fastapi_shop"))["Bridge"]
    assert "add_exception_handlers(app)" in bridge
    assert len([line for line in bridge.splitlines() if line.strip()]) <= 15
