"""The commands with secrets: whoever is erased stays erased (contract, section 10)."""

import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest

from consent_core.cli.stores import KEYS_VARIABLE
from tests.cli.process import Console, body, described, line
from tests.cli.storing import confirmed

SECRET: Final = "s" * 32
OLD: Final = line(confirmed(date="2024-01-01T00:00:00Z"))
ADA: Final = "ada@example.org"


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """A file with a newer and an older secret."""
    file = tmp_path / "keys"
    file.write_text(f"{'n' * 32}\n\n{SECRET}\n", encoding="utf-8")
    return str(file)


def erase(console: Console, store: str, *options: str) -> Any:
    """Store Ada's consent, and erase it."""
    (created,) = console("apply", "-", "--store", store, stdin=OLD).answers
    consent_id = created["marketingConsent"]["id"]
    return console("delete", consent_id, "--store", store, *options)


def test_every_command_meets_the_tombstone(console: Console, store: str, keys: str) -> None:
    """The answers have no record and say why; the export has nobody."""
    secrets = ("--store", store, "--tombstone-keys", keys)
    assert erase(console, store, "--tombstone-keys", keys, "--suppress").status == 0
    for command in ("check", "apply"):
        (kept,) = console(command, "-", *secrets, stdin=OLD).answers
        assert (kept["result"], kept["kept"]) == ("UNCHANGED", "STALE_EVIDENCE")
        assert "marketingConsent" not in kept
    found = console("get", ADA, *secrets)
    assert found.status == 1
    (answer,) = found.answers
    assert answer["marketingConsent"] is None
    assert answer["communicationEligibility"]["reasons"] == ["REVOKED"]
    (told,) = console("explain", ADA, *secrets).answers
    assert "The person was erased, and the opt-out is remembered." in told["sentences"]
    (removed,) = console("remove", ADA, *secrets).answers
    assert removed == {"result": "UNCHANGED", "kept": None}
    complaint = {"identifier": body()["details"], "event": "COMPLAINT"}
    (reported,) = console("report", "-", *secrets, stdin=line(complaint)).answers
    assert (reported["result"], reported["marketingConsent"]) == ("UNCHANGED", None)
    assert console("export", *secrets).answers == []


def test_a_check_remembers_what_earlier_lines_have_brought_back(
    console: Console, store: str, keys: str
) -> None:
    """And stores nothing of it."""
    secrets = ("--store", store, "--tombstone-keys", keys)
    erase(console, store, "--tombstone-keys", keys)
    new = line(confirmed(date="2999-01-01T00:00:00Z") | {"lastConfirmationActivity": FORM})
    (back, kept) = console("check", "-", *secrets, stdin=new + OLD).answers
    assert (back["result"], kept["result"]) == ("CREATED", "UNCHANGED")
    (kept,) = console("apply", "-", *secrets, stdin=OLD).answers
    assert kept["kept"] == "STALE_EVIDENCE"


FORM: Final = {"source": "FORM"}
"""Undated, it is evidence of now."""


def test_secrets_from_the_environment(
    console: Console, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No argument shows them to whoever lists the processes."""
    monkeypatch.setenv(KEYS_VARIABLE, f"{'n' * 32} {SECRET}")
    erase(console, store)
    (kept,) = console("apply", "-", "--store", store, stdin=OLD).answers
    assert kept["kept"] == "STALE_EVIDENCE"


def test_a_record_made_by_mistake(console: Console, store: str, keys: str) -> None:
    """``--no-suppress`` leaves nothing."""
    erase(console, store, "--tombstone-keys", keys, "--no-suppress")
    (back,) = console("apply", "-", "--store", store, "--tombstone-keys", keys, stdin=OLD).answers
    assert back["result"] == "CREATED"


def test_remembering_needs_a_secret(console: Console, store: str) -> None:
    """Else nothing is erased."""
    refused = erase(console, store, "--suppress")
    assert refused.status == 1
    assert "tombstone_keys" in described(refused.answers[0])
    assert console("get", ADA, "--store", store).status == 0


@pytest.mark.parametrize("text", ["", "\n \n", "short\n", f"{SECRET}\nshort\n"])
def test_wrong_secrets(
    console: Console, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The message names the option or the variable and the remedy, and never the secret."""
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    secrets = ("--tombstone-keys", str(file))
    status, out, err = console.text("get", ADA, "--store", store, *secrets)
    assert (status, out) == (2, "")
    assert "consent_core: --tombstone-keys must" in err
    monkeypatch.setenv(KEYS_VARIABLE, text)
    status, _, err = console.text("get", ADA, "--store", store)
    assert status == 2
    assert f"{KEYS_VARIABLE} must" in err
    assert "short" not in err.replace("shorter", "")


def test_a_file_that_is_not_there(console: Console, store: str, tmp_path: Path) -> None:
    """One line that says so."""
    missing = str(tmp_path / "missing")
    status, _, err = console.text("get", ADA, "--store", store, "--tombstone-keys", missing)
    assert (status, "No such file" in err) == (2, True)


def test_the_store_has_no_address(console: Console, store: str, keys: str) -> None:
    """Of an erased person, a digest remains."""
    erase(console, store, "--tombstone-keys", keys)
    with sqlite3.connect(store.removeprefix("sqlite:///")) as connection:
        tables = ("consent_records", "consent_events", "consent_tombstones")
        rows = {each: connection.execute(f"SELECT * FROM {each}").fetchall() for each in tables}  # noqa: S608  # our own names
    connection.close()
    assert [len(found) for found in rows.values()] == [0, 1, 1]
    assert "ada@" not in str(rows)
