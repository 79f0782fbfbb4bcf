"""On a terminal, ``apply`` and ``check`` answer with a table that a person can read (design,
section 7): who (masked), what was asked, what became of it, whether they may be contacted, and why
not.
"""

import io
import json
from collections.abc import Iterator

import pytest

from consent_core.cli import main
from consent_core.cli.apply import Answer
from consent_core.cli.table import rows
from consent_core.domain.identifiers import Email
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import ConsentState, KeptReason, Reason, Result
from tests.cli.process import answers_in, body, line
from tests.cli.storing import confirmed, lines
from tests.cli.terminal import on_a_terminal, without_bar
from tests.cli.unread import MODULE

LATE = {"updatedDate": "2023-01-01T00:00:00Z"}
STREAM = lines(
    [
        confirmed(),
        body("REVOKED", lastRevokeActivity=LATE),
        body("PENDING", "grace@example.org", lastConfirmationActivity=LATE),
        body("CONFIRMED", "linus@example.org"),
    ]
)
HEADING = "LINE   WHO        ASKED            RESULT             CONTACT  WHY NOT\n"


def test_apply_answers_with_a_table() -> None:
    """Design 7, word for word; nothing but the table, the bar and the summary is shown."""
    ran = on_a_terminal([*MODULE, "apply", "-"], output_too=True, stdin=STREAM)
    assert ran.status == 1
    assert without_bar(ran.terminal) == HEADING + (
        "1      a***@e***  confirmed        created            yes\n"
        "2      a***@e***  revoked          kept: stale        yes\n"
        "                                   evidence\n"
        "3      g***@e***  pending          created            no       pending\n"
        "                                                               confirmation\n"
        "4      rejected: lastConfirmationActivity: is required: it is the evidence for\n"
        "       CONFIRMED [EVIDENCE_REQUIRED]\n"
        "4 lines: 2 created, 1 updated, 1 rejected\n"
    )


def test_check_says_what_is_valid() -> None:
    """Without a store a line is valid or rejected; nothing is known of contact."""
    ran = on_a_terminal([*MODULE, "check", "-"], output_too=True, stdin=STREAM)
    table = without_bar(ran.terminal).splitlines()
    assert table[1:3] == [
        "1      a***@e***  confirmed        valid",
        "2      a***@e***  revoked          valid",
    ]
    assert table[4].startswith("4      rejected: ")


def test_check_with_a_store_says_what_would_become_of_it(store: str) -> None:
    """With a store the result is that of ``apply``; nothing is stored."""
    command = [*MODULE, "check", "-", "--store", store]
    for _ in range(2):
        ran = on_a_terminal(command, output_too=True, stdin=STREAM)
        table = without_bar(ran.terminal).splitlines()
        assert table[1:3] == [
            "1      a***@e***  confirmed        created",
            "2      a***@e***  revoked          kept: stale evidence",
        ]


class Terminal(io.TextIOWrapper):
    """A standard output that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_table_in_this_process(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """The table depends on standard output alone, and its width on ``COLUMNS`` if that is set."""
    out = Terminal(io.BytesIO())
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STREAM)))
    assert main([command, "-"]) == 1
    out.seek(0)
    heading, first, *_ = out.read().splitlines()
    assert heading.index("CONTACT") > HEADING.index("CONTACT")
    assert first.startswith("1      a***@e***  confirmed ")


@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_pipe_gets_lines_of_json(command: str) -> None:
    """Design 7: in a pipe one JSON result per line, also where standard error is a terminal."""
    ran = on_a_terminal([*MODULE, command, "-"], stdin=STREAM)
    assert [answer["line"] for answer in answers_in(ran.out)] == [1, 2, 3, 4]
    assert "LINE" not in ran.terminal
    assert "4 lines: " in ran.terminal


def test_export_is_json_on_a_terminal(store: str) -> None:
    """What ``apply`` reads stays JSON everywhere."""
    on_a_terminal([*MODULE, "apply", "-", "--store", store], output_too=True, stdin=STREAM)
    ran = on_a_terminal([*MODULE, "export", "--store", store], output_too=True)
    # In the order of ids, and those of one millisecond are in no order.
    exported = sorted(json.loads(text)["state"] for text in ran.terminal.splitlines())
    assert exported == ["CONFIRMED", "PENDING"]


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_the_table_fits_the_terminal(width: int) -> None:
    """Widths come from the terminal; below 72 columns the table does not become narrower."""
    ran = on_a_terminal([*MODULE, "apply", "-"], output_too=True, stdin=STREAM, width=width)
    table = without_bar(ran.terminal).splitlines()
    assert max(map(len, table)) <= max(width, 72)
    heights = {40: 9, 80: 9, 100: 7, 200: 6}
    assert len(table) == heights[width]


def test_a_bar_on_the_same_terminal_does_not_break_rows() -> None:
    """Design 7: the bar is on standard error; where that is the same terminal, it gives way.

    Each row begins at the start of a line that the bar does not hold.
    """
    stream = line(confirmed()) * 3_000
    ran = on_a_terminal([*MODULE, "apply", "-"], output_too=True, stdin=stream)
    assert "B/s" in ran.terminal
    table = without_bar(ran.terminal).splitlines()
    assert len(table) == 1 + 3_000 + 1
    assert {text[7:] for text in table[2:-1]} == {
        "a***@e***  confirmed        unchanged          yes"
    }


def test_rows_come_as_answers_come() -> None:
    """A row is there before the next answer is asked for, so memory stays flat."""
    asked = []

    def answers() -> Iterator[Answer]:
        for number in range(1, 4):
            asked.append(number)
            yield Answer(None, {"line": number, "valid": True})

    table = rows(answers(), 80)
    assert asked == []
    assert next(table).endswith("\n1      valid\n")
    assert asked == [1]
    assert next(table) == "2      valid\n"
    assert asked == [1, 2]


def test_no_answers_no_table() -> None:
    """An empty stream shows no heading."""
    assert list(rows([], 80)) == []


@pytest.mark.parametrize("reason", [*KeptReason, *Reason])
def test_every_reason_is_readable_at_80_columns(reason: KeptReason | Reason) -> None:
    """Every word of every reason is shown whole, in its column."""
    kept = reason if isinstance(reason, KeptReason) else None
    signal = {"granted": kept is not None, "reasons": [] if kept else [reason]}
    answer = {"result": Result.UNCHANGED, "kept": kept, "communicationEligibility": signal}
    asked = Upsert(details=Email("ada@example.org"), state=ConsentState.UNKNOWN_STATE)
    (row,) = rows([Answer(asked, {"line": 1} | answer)], 80)
    columns = (slice(35, 52), slice(63, 80)) if kept is None else (slice(35, 52),)
    shown = [
        " ".join(text[column].strip() for text in row.splitlines()[1:]).strip()
        for column in columns
    ]
    expected = reason.lower().replace("_", " ")
    assert shown == (["unchanged", expected] if kept is None else [f"kept: {expected}"])


def test_an_address_is_masked() -> None:
    """Design 1.9: no full address on a screen that others may see."""
    ran = on_a_terminal([*MODULE, "apply", "-"], output_too=True, stdin=STREAM)
    assert str(Email("ada@example.org")) in ran.terminal
    assert "example" not in ran.terminal
    assert ConsentState.CONFIRMED.lower() in ran.terminal
