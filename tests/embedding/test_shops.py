"""The two small shops of the documents, each through the test client of its framework."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import consent_core as cc
from tests.docs.markdown import ROOT, generated
from tests.docs.reference.shops import SHOPS, sections
from tests.embedding.shops import ADA, Shop, confirmed, loaded

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


def test_an_outage_is_a_503_wherever_it_is_met(shop: Shop, tmp_path: Path) -> None:
    """By a statement of the shop's own, by its commit, or by a look-up of the library."""
    page = confirmed(shop)
    with sqlite3.connect(tmp_path / "shop.db", isolation_level=None) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        assert shop.sign_up("Bob", "bob@example.org").status == 503
        assert shop.get(page).status == 503
        lock.execute("ROLLBACK")
        # SQLite lets writers prepare a commit beside readers, and make none.
        lock.execute("BEGIN")
        lock.execute("SELECT * FROM customers").fetchone()
        assert shop.sign_up("Bob", "bob@example.org").status == 503
        lock.execute("ROLLBACK")
    lock.close()
    assert shop.customers == 1
    shop.module.engine.dispose()
    (tmp_path / "shop.db").rename(tmp_path / "moved.db")
    (tmp_path / "shop.db").mkdir()
    answer = shop.sign_up("Bob", "bob@example.org")
    assert answer.status == 503
    assert "unable to open" not in answer.text


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
