"""What ``apply``, ``check`` and ``lifecycle`` answer (design, section 7)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent_core.cli.lifecycle import mermaid, table
from consent_core.domain.lifecycle import LIFECYCLE, Lifecycle
from consent_core.domain.vocabulary import ConsentState
from consent_core.wire import read_record, to_wire
from tests.cli.process import Console, body, codes, line, process

KEYS = ["line", "result", "kept", "marketingConsent", "communicationEligibility"]
EVIDENCE = {"updatedDate": "2024-01-01T00:00:00Z", "optInLevel": "SINGLE_CONFIRMATION"}


def confirmed(**more: Any) -> dict[str, Any]:
    """A CONFIRMED request."""
    return body("CONFIRMED", lastConfirmationActivity=EVIDENCE, **more)


@pytest.mark.smoke
def test_apply_from_standard_input() -> None:
    """Design 7: ``-`` is standard input.

    An answer has these keys, in this order, and a summary follows on stderr.
    """
    ran = process(
        "apply", "-", stdin=line(confirmed()) + line(body("REVOKED", lastRevokeActivity={}))
    )
    assert ran.status == 0
    assert [list(answer) for answer in ran.answers] == [KEYS, KEYS]
    assert [answer["marketingConsent"]["state"] for answer in ran.answers] == [
        "CONFIRMED",
        "REVOKED",
    ]
    assert [answer["communicationEligibility"]["granted"] for answer in ran.answers] == [
        True,
        False,
    ]
    assert ran.errors == "2 lines: 1 created, 1 updated\n"


def test_answers_hold_records(console: Console) -> None:
    """Section 1: the record of an answer reads back, and goes in again without a change (law 9)."""
    (first,) = console(
        "apply", "-", stdin=line(confirmed(extendedFields={"namespaces": {"a": {"b": [1]}}}))
    ).answers
    record = first["marketingConsent"]
    assert read_record(record).revision == 1
    ran = console("apply", "-", stdin=line(record) + line({"marketing_consent": record}))
    assert [answer["result"] for answer in ran.answers] == ["CREATED", "UNCHANGED"]


@pytest.mark.parametrize(("names", "underscore"), [("rest", ""), ("sdk", "_")])
def test_names(console: Console, names: str, underscore: str) -> None:
    """Section 1: "output is REST camelCase by default, SDK names on request"."""
    ran = console("apply", "-", "--names", names, stdin=line(confirmed()))
    record = ran.answers[0]["marketingConsent"]
    assert {f"{underscore}id", f"{underscore}createdDate", f"{underscore}updatedDate"} <= set(
        record
    )
    assert f"{underscore}updatedDate" in record["lastConfirmationActivity"]
    assert list(ran.answers[0]) == KEYS
    assert read_record(record) == read_record(to_wire(read_record(record)))


@pytest.mark.parametrize(
    ("policy", "granted"),
    [("default", [False, True]), ("wix", [True, True]), ("strict", [False, False])],
)
def test_policies(console: Console, policy: str, granted: list[bool]) -> None:
    """Section 5: the wix preset grants NEVER_CONFIRMED e-mail, strict asks for a double opt-in."""
    stream = line(body(email="never@example.org")) + line(confirmed())
    answers = console("apply", "-", "--policy", policy, stdin=stream).answers
    assert [answer["communicationEligibility"]["granted"] for answer in answers] == granted


def test_text_goes_out_as_it_is(console: Console) -> None:
    """Design 7: answers are UTF-8, whatever the terminal's own encoding, one line each."""
    text = 'Ja, gerne! \N{PILE OF POO} \n\u2028 \\ "'
    stream = line(body("CONFIRMED", lastConfirmationActivity={"description": text}))
    (answer,) = console("apply", "-", stdin=stream).answers
    assert answer["marketingConsent"]["lastConfirmationActivity"]["description"] == text
    (answer,) = process(
        "apply", "-", stdin=stream, environment={"PYTHONIOENCODING": "ascii"}
    ).answers
    assert answer["marketingConsent"]["lastConfirmationActivity"]["description"] == text


def test_more_lines_than_are_stored_at_once(console: Console) -> None:
    """Design 7.

    Answers keep the order and the numbers of their lines across chunks, errors among them.
    """
    stream = b"".join(
        line(body(email=f"u{i % 700}@example.org")) if i % 3 else b"\nx\n" for i in range(1500)
    )
    ran = console("apply", "-", stdin=stream)
    numbers = [answer["line"] for answer in ran.answers]
    assert numbers == sorted(set(numbers))
    assert [answer["line"] for answer in ran.answers if "error" in answer] == [*range(2, 2000, 4)]
    assert len(ran.answers) == 1500


@pytest.mark.parametrize("command", ["apply", "check"])
def test_dates_in_the_future_are_rejected(console: Console, command: str) -> None:
    """Rule 7.

    Both commands know the moment of receipt, and name what is wrong beside the date in one answer.
    """
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    sent = body(
        "CONFIRMED", lastConfirmationActivity={"updatedDate": tomorrow, "description": "x" * 5000}
    )
    ran = console(command, "-", stdin=line(sent))
    assert ran.status == 1
    assert codes(ran.answers[0]) == {
        ("lastConfirmationActivity.updatedDate", "DATE_IN_FUTURE"),
        ("lastConfirmationActivity.description", "TOO_LONG"),
    }


def test_check_stores_nothing(console: Console) -> None:
    """Design 7: ``check`` validates only.

    Answers tell the line and that it is valid, or its error.
    """
    ran = console("check", "-", stdin=line(confirmed()) + b"x\n" + line(confirmed()))
    assert ran.status == 1
    assert [ran.answers[0], ran.answers[2]] == [
        {"line": 1, "valid": True},
        {"line": 3, "valid": True},
    ]
    assert list(ran.answers[1]) == ["line", "error"]
    assert ran.errors == "3 lines: 2 valid, 1 rejected\n"


@pytest.mark.parametrize("arguments", [[], ["--format", "mermaid"]])
def test_lifecycle_as_a_diagram(console: Console, arguments: list[str]) -> None:
    """Design 7.

    ``lifecycle`` prints the chart as Mermaid, with every state and no arrow that is not drawn.
    """
    status, out, errors = console.text("lifecycle", *arguments)
    assert (status, errors, out) == (0, "", mermaid() + "\n")
    assert out.startswith("stateDiagram-v2")
    assert [state for state in ConsentState if f" as {state.lower()}\n" not in out] == []
    assert out.strip() == format(Lifecycle, "mermaid").strip()


def test_lifecycle_as_a_table(console: Console) -> None:
    """Design 7.

    The table has a row for each request and a column for each state, read from the compiled lookup.
    """
    status, out, errors = console.text("lifecycle", "--format", "table")
    assert (status, errors, out) == (0, "", table() + "\n")
    head, rule, *rows = [
        [cell.strip() for cell in text.strip("|").split("|")] for text in out.splitlines()
    ]
    assert head == ["requested ↓ / stored →", "absent", *ConsentState]
    assert set(rule) == {"---"}
    assert [row[0] for row in rows] == [*ConsentState]
    for requested, row in zip(ConsentState, rows, strict=True):
        for stored, cell in zip([None, *ConsentState], row[1:], strict=True):
            arrow = LIFECYCLE[stored][requested]
            assert cell.split(" if ")[0] == arrow.target
            assert [
                name.strip(" `") for name in cell.split(" if ")[1:] for name in name.split(",")
            ] == [guard.__name__ for guard, _ in arrow.guards]


@pytest.mark.smoke
def test_lifecycle_in_a_process_of_its_own() -> None:
    """Design 7: the table goes out as UTF-8, whatever the terminal's own encoding."""
    command = [sys.executable, "-m", "consent_core", "lifecycle", "--format", "table"]
    done = subprocess.run(  # noqa: S603  # our own
        command, capture_output=True, check=False, env={"PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, table() + "\n", b"")
