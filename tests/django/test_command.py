"""``manage.py consents``: the command line on the project's own service."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

import consent_core as cc
from consent_core.adapters.django.conf import get_setting

LINES = [
    {"details": {"type": "EMAIL", "email": "ada@example.org"}, "state": "NEVER_CONFIRMED"},
    {"details": {"type": "EMAIL", "email": "grace@"}, "state": "NEVER_CONFIRMED"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of consents, one of them broken."""
    file = tmp_path / "consents.ndjson"
    file.write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    return file


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[Any]]:
    """The status of a command, and the lines that it wrote."""
    status: Any = 0
    try:
        call_command("consents", *words)
    except SystemExit as stop:
        status = stop.code
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_check_then_apply_then_export(
    shop: cc.ConsentService, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``check`` says what ``apply`` would do, and stores nothing; ``export`` writes what is there.

    A rejected line makes the status 1, as on the command line.
    """
    status, answers = run(capsys, "check", str(file))
    assert (status, answers[0]["result"]) == (1, "CREATED")
    assert shop.may_contact("ada@example.org").consent is None
    status, answers = run(capsys, "apply", str(file))
    assert (status, answers[0]["result"], "error" in answers[1]) == (1, "CREATED", True)
    status, answers = run(capsys, "--", "export", "--names", "sdk")
    assert (status, [each["state"] for each in answers]) == (0, ["NEVER_CONFIRMED"])
    assert answers[0]["_id"] == str(shop.may_contact("ada@example.org").consent.id)  # type: ignore[union-attr]  # stored above


def test_a_number_is_one_of_the_region(
    shop: cc.ConsentService, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the project's; without it, the message says what is wrong with WHO."""
    shop.opt_in("+4930123456")
    status, answers = run(capsys, "explain", "030 123456")
    (wrong,) = answers[0]["error"]["details"]["validationError"]["fieldViolations"]
    assert (status, wrong["field"], "a number with +" in wrong["description"]) == (1, "who", True)
    given = {**settings.CONSENT_CORE, "SITE": get_setting("SITE"), "DEFAULT_REGION": "DE"}
    with override_settings(CONSENT_CORE=given):
        assert run(capsys, "explain", "030 123456")[0] == 0
        assert run(capsys, "remove", "030/123456", "--description", "110")[0] == 0
    found = shop.may_contact("+4930123456").consent
    assert found is not None
    assert found.last_revoke_activity is not None
    assert found.last_revoke_activity.description == "110"


def test_the_store_is_that_of_the_settings(
    shop: cc.ConsentService, capsys: pytest.CaptureFixture[str]
) -> None:
    """So no argument may name another."""
    del shop
    with pytest.raises((SystemExit, CommandError)):
        call_command("consents", "export", "--store", "sqlite://")
    assert "manage.py consents: error: unrecognized arguments" in capsys.readouterr().err
