"""``explain``, ``history``, ``delete``, and ``get`` at a moment (design, section 7)."""

import sys
from datetime import UTC, datetime

import pytest

from tests.cli.process import Answer, Console, codes, described
from tests.cli.storing import confirmed, lines
from tests.cli.terminal import on_a_terminal

ADA = "ada@example.org"
STRANGER = "6d0f6c1e-6f0e-4a53-9a4c-0c2c4f2f2b11"
FAR = "2999-01-01T00:00:00Z"


@pytest.fixture
def ada(console: Console, store: str) -> Answer:
    """Ada confirmed, and left; her record."""
    console("apply", "-", "--store", store, stdin=lines([confirmed()]))
    removed = console("remove", ADA, "--store", store, "--description", "Ada rang us up.")
    record: Answer = removed.answers[0]["marketingConsent"]
    return record


def before(record: Answer) -> str:
    """The moment of the first change, which was before the last one."""
    assert record["createdDate"] < record["updatedDate"]
    return str(record["createdDate"])


def test_get_at_a_moment(console: Console, store: str, ada: Answer) -> None:
    """What was known then, and whether the person might be contacted by that."""
    then, now = (
        console("get", ADA, "--store", store, "--at", moment)
        for moment in (before(ada), ada["updatedDate"])
    )
    assert (then.status, now.status) == (0, 0)
    assert then.answers[0]["marketingConsent"]["state"] == "CONFIRMED"
    assert then.answers[0]["communicationEligibility"]["granted"] is True
    assert now.answers == console("get", ADA, "--store", store).answers
    never = console("get", ada["id"], "--store", store, "--at", "2020-01-01T00:00:00Z")
    assert never.status == 1
    assert never.answers[0]["marketingConsent"] is None
    assert never.answers[0]["communicationEligibility"]["reasons"] == ["NO_CONSENT"]


@pytest.mark.parametrize("who", ["bob@example.org", "+12025550199"])
def test_a_moment_of_somebody_unknown(console: Console, store: str, who: str) -> None:
    """As without a moment."""
    ran = console("get", who, "--store", store, "--at", FAR)
    assert ran == console("get", who, "--store", store)


@pytest.mark.parametrize("command", ["get", "explain"])
@pytest.mark.parametrize(
    "moment", ["2024", "2024-06-01T00:00:00", "today", "0001-01-01T00:00:00+23:00"]
)
def test_a_moment_that_is_none(
    store: str, command: str, moment: str, console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a wrong call: which of many moments was meant is not guessed."""
    with pytest.raises(SystemExit) as caught:
        console(command, ADA, "--store", store, "--at", moment)
    assert caught.value.code == 2
    assert "--at: must be a date-time with an offset" in capsys.readouterr().err


def test_explain(console: Console, store: str, ada: Answer) -> None:
    """The reasons and the sentences of the library, by every name of the person."""
    ran = console("explain", ADA, "--store", store)
    assert (ran.status, ran.errors) == (0, "")
    (told,) = ran.answers
    assert (told["granted"], told["reasons"]) == (False, ["REVOKED"])
    assert told["sentences"][0] == "a***@e*** may not be contacted by e-mail."
    assert "rang us up" not in str(told)
    assert console("explain", ada["id"].upper(), "--store", store) == ran
    then = console("explain", ADA, "--store", store, "--at", before(ada))
    assert then.status == 0
    assert (then.answers[0]["granted"], then.answers[0]["reasons"]) == (True, [])


def test_explain_by_a_policy(console: Console, store: str) -> None:
    """The policy decides, as for ``get``."""
    console("apply", "-", "--store", store, stdin=lines([confirmed()]))
    ran = console("explain", ADA, "--store", store, "--policy", "strict")
    assert ran.answers[0]["reasons"] == ["DOUBLE_CONFIRMATION_REQUIRED"]


def test_explain_where_there_is_no_consent(console: Console, store: str) -> None:
    """Exit status 1, as for ``get``; the answer says so in words."""
    ran = console("explain", "bob@example.org", "--store", store)
    assert (ran.status, ran.errors) == (1, "")
    assert ran.answers[0]["reasons"] == ["NO_CONSENT"]


def test_history(console: Console, store: str, ada: Answer) -> None:
    """Every event in order, as it is written elsewhere, with the evidence."""
    ran = console("history", ADA, "--store", store)
    assert (ran.status, ran.errors) == (0, "")
    assert [event["slug"] for event in ran.answers] == ["created", "updated"]
    assert ran.answers[1]["updatedEvent"]["currentEntity"] == ada
    assert console("history", ada["id"], "--store", store) == ran
    (_, event) = console("history", ADA, "--store", store, "--names", "sdk").answers
    assert event["updatedEvent"]["currentEntity"]["_id"] == ada["id"]


@pytest.mark.usefixtures("ada")
def test_delete(console: Console, store: str, ada: Answer) -> None:
    """The record and its history are gone; its last event remains, without personal data."""
    ran = console("delete", ada["id"], "--store", store)
    assert (ran.status, ran.errors) == (0, "")
    assert ran.answers[0]["slug"] == "deleted"
    assert "ada@" not in str(ran.answers)
    assert console("export", "--store", store).answers == []
    assert console("get", ADA, "--store", store).status == 1
    assert console("history", ada["id"], "--store", store).answers == ran.answers
    again = console("delete", ada["id"], "--store", store)
    assert again.status == 1
    assert again.answers[0]["error"]["details"]["applicationError"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("named", [ADA, "+12025550123"])
def test_delete_asks_for_an_id(console: Console, store: str, ada: Answer, named: str) -> None:
    """Whoever means an opt-out is told the other command, and nothing is erased."""
    ran = console("delete", named, "--store", store)
    assert ran.status == 1
    assert codes(ran.answers[0]) == {("id", "INVALID_ID")}
    assert "use remove" in described(ran.answers[0])
    assert console("get", ADA, "--store", store).answers[0]["marketingConsent"] == ada


@pytest.mark.parametrize(
    ("command", "who"),
    [("history", "bob@example.org"), *((each, STRANGER) for each in ("history", "explain"))],
)
def test_not_found(console: Console, store: str, command: str, who: str) -> None:
    """Exit status 1 and the error body, without the address."""
    ran = console(command, who, "--store", store)
    assert (ran.status, ran.errors) == (1, "")
    (answer,) = ran.answers
    assert answer["error"]["details"]["applicationError"]["code"] == "NOT_FOUND"
    assert "bob@example" not in str(answer)


@pytest.mark.parametrize("command", ["explain", "history", "delete"])
@pytest.mark.parametrize("who", ["ada", "", "ada@", "+1"])
def test_neither_address_nor_number_nor_id(
    console: Console, store: str, command: str, who: str
) -> None:
    """What names nobody is refused with the error body."""
    ran = console(command, who, "--store", store)
    assert (ran.status, ran.errors) == (1, "")
    ((_, code),) = codes(ran.answers[0])
    assert code in {"INVALID_EMAIL", "INVALID_PHONE", "INVALID_ID"}


def test_on_a_terminal(console: Console, store: str, ada: Answer) -> None:
    """Lines that a person can read, with masked identifiers and no descriptions."""
    called = [sys.executable, "-m", "consent_core"]
    bounce = {"identifier": ada["details"], "event": "PERMANENT_BOUNCE"}
    console("report", "-", "--store", store, stdin=lines([bounce]))
    told = on_a_terminal([*called, "explain", ADA, "--store", store], output_too=True)
    sentences = console("explain", ADA, "--store", store).answers[0]["sentences"]
    assert told.terminal.splitlines() == sentences
    shown = on_a_terminal([*called, "history", ADA, "--store", store], output_too=True).terminal
    assert "ada@example" not in shown
    assert "rang us up" not in shown
    rows = shown.splitlines()
    yes = "yes: 2024-01-01 00:00:00 unknown source"
    assert [row.partition("  ")[2].partition("  no: ")[0] for row in rows] == [
        f"1  created  a***@e***  confirmed  {yes}",
        f"2  updated  a***@e***  revoked  {yes}",
        f"3  updated  a***@e***  revoked  {yes}",
    ]
    assert rows[2].endswith("unknown source  unreachable")
    stored = datetime.strptime(rows[0].partition("  ")[0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert f"{stored:%Y-%m-%dT%H:%M:%S}" == ada["createdDate"][:19]
    console("delete", ada["id"], "--store", store)
    erased = on_a_terminal([*called, "history", ada["id"], "--store", store], output_too=True)
    assert erased.terminal.endswith("  4  erased\n")
