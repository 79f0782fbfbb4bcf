"""``apply`` and ``check`` with a store (design, section 7)."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.records import MarketingConsent
from consent_core.testing.strategies import identifiers
from consent_core.wire import to_wire
from tests.cli.process import Answer, Console, body, line, process
from tests.cli.storing import CONSENTS, FEW, MISTAKES, confirmed, lines, past, substance
from tests.cli.test_memory import SLACK, peak


def rows(url: str) -> list[str]:
    """Everything that a SQLite file holds."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def previewed(answer: Answer) -> Answer:
    """What ``check`` should tell where ``apply`` tells this."""
    if "error" in answer:
        return answer
    return {
        "line": answer["line"],
        "valid": True,
        "result": answer["result"],
        "kept": answer["kept"],
    }


@pytest.mark.smoke
def test_records_outlive_the_process(store: str) -> None:
    """Design 7: "applies them to the store named by ``--store``".

    A later process meets what an earlier one stored.
    """
    first = process("apply", "-", "--store", store, stdin=line(confirmed()))
    assert (first.status, first.errors) == (0, "1 line: 1 created\n")
    second = process(
        "apply", "-", "--store", store, stdin=line(confirmed(date="2024-02-01T00:00:00Z"))
    )
    assert (second.status, second.errors) == (0, "1 line: 1 updated\n")
    before, after = first.answers[0]["marketingConsent"], second.answers[0]["marketingConsent"]
    assert (after["id"], before["revision"], after["revision"]) == (before["id"], "1", "2")
    assert process("export", "--store", store).answers == [after]


def test_the_examples_once_more_store_nothing_new(console: Console, store: str) -> None:
    """Design 7.

    What a run has stored is there for the next run, and what is stored decides there.
    """
    first = console("apply", str(CONSENTS), "--store", store)
    stored = console("export", "--store", store).answers
    last = {
        answer["marketingConsent"]["id"]: answer["marketingConsent"] for answer in first.answers
    }
    assert {record["id"]: record for record in stored} == last
    assert len(stored) == len(last) >= 20
    again = console("apply", "-", "--store", store, stdin=lines(stored))
    assert {answer["result"] for answer in again.answers} == {"UNCHANGED"}
    assert console("export", "--store", store).answers == stored


def test_a_store_makes_no_difference_to_the_answers(console: Console, store: str) -> None:
    """Design 7: "in memory without it".

    Result and kept of every line are the same in an empty database.
    """
    in_memory = console("apply", str(CONSENTS))
    in_store = console("apply", str(CONSENTS), "--store", store)
    assert [previewed(answer) for answer in in_store.answers] == [
        previewed(answer) for answer in in_memory.answers
    ]
    assert in_store.errors == in_memory.errors


def test_good_lines_are_stored_beside_bad_ones(console: Console, store: str) -> None:
    """Design 7: exit status 1 when some were rejected; the others are in the store."""
    ran = console(
        "apply", "-", "--store", store, stdin=b"x\n" + line(confirmed()) + line(body("REVOKED"))
    )
    assert (ran.status, ran.errors) == (1, "3 lines: 2 rejected, 1 created\n")
    assert console("export", "--store", store).answers == [ran.answers[1]["marketingConsent"]]


@pytest.mark.parametrize("policy", ["default", "wix", "strict"])
@pytest.mark.parametrize("known", [0, 10, 44])
def test_check_foretells_apply(console: Console, store: str, known: int, policy: str) -> None:
    """Design 7.

    ``check`` stores nothing, and tells of each line the result and kept that ``apply`` tells then.
    """
    texts = CONSENTS.read_bytes().splitlines(keepends=True)
    options = ["--store", store, "--policy", policy]
    console("apply", "-", *options, stdin=b"".join(texts[:known]))
    stream = CONSENTS.read_bytes() + MISTAKES.read_bytes()
    stored = rows(store)
    checked = console("check", "-", *options, stdin=stream)
    assert rows(store) == stored
    applied = console("apply", "-", *options, stdin=stream)
    assert rows(store) != stored or known == len(texts)
    assert checked.answers == [previewed(answer) for answer in applied.answers]
    assert (checked.status, checked.errors) == (applied.status, applied.errors)
    assert len({answer.get("result") for answer in checked.answers}) >= (3 if known else 2)


@FEW
@given(
    st.lists(identifiers(), min_size=3, max_size=3, unique=True).flatmap(
        lambda known: st.lists(past(st.sampled_from(known)), max_size=12)
    ),
    st.integers(0, 6),
)
def test_check_foretells_apply_for_any_stream(
    console: Console, asked: list[MarketingConsent], known: int
) -> None:
    """Design 7.

    The same where later lines of a random stream meet earlier ones and stored records.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/consents.db"
        console("apply", "-", "--store", store, stdin=lines(map(to_wire, asked[:known])))
        stored = rows(store)
        stream = lines(map(to_wire, asked))
        checked = console("check", "-", "--store", store, stdin=stream)
        assert rows(store) == stored
        applied = console("apply", "-", "--store", store, stdin=stream)
    assert checked.answers == [previewed(answer) for answer in applied.answers]
    assert checked.errors == applied.errors


def test_check_foretells_apply_across_chunks(console: Console, store: str) -> None:
    """Design 7.

    The same where a person who is stored comes back after more lines than are stored at once.
    """
    older = lines(
        confirmed(f"u{number}@example.org", "2023-01-01T00:00:00Z") for number in range(100)
    )
    console("apply", "-", "--store", store, stdin=older)
    stream = lines(confirmed(f"u{number % 600}@example.org") for number in range(1300))
    checked = console("check", "-", "--store", store, stdin=stream)
    applied = console("apply", "-", "--store", store, stdin=stream)
    assert checked.answers == [previewed(answer) for answer in applied.answers]
    assert (
        checked.errors == applied.errors == "1300 lines: 100 updated, 500 created, 700 unchanged\n"
    )


def test_sites_are_apart(console: Console, store: str) -> None:
    """Design 7: one store serves many tenants.

    None sees, changes or revokes what another one has.
    """
    one, two = ["--store", store, "--site", "one"], ["--store", store, "--site", "two"]
    assert console("apply", "-", *one, stdin=line(confirmed())).errors == "1 line: 1 created\n"
    for other in (two, ["--store", store]):
        assert console("get", "ada@example.org", *other).status == 1
        assert (
            console("export", *other).answers == console("audience", "EMAIL", *other).answers == []
        )
        assert console("remove", "ada@example.org", *other).status == 1
    assert console("check", "-", *two, stdin=line(confirmed())).answers[0]["result"] == "CREATED"
    assert console("apply", "-", *two, stdin=line(confirmed())).errors == "1 line: 1 created\n"
    assert console("remove", "ada@example.org", *two).status == 0
    (mine,) = console("audience", "EMAIL", *one).answers
    (theirs,) = console("export", *two).answers
    assert (mine["state"], mine["revision"], theirs["state"]) == ("CONFIRMED", "1", "REVOKED")
    assert mine["id"] != theirs["id"]
    assert console("get", mine["id"], *two).status == 1


@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_longer_stream_into_a_store_holds_no_more(
    store: str, tmp_path: Path, command: str
) -> None:
    """Design 7: "memory stays flat whatever the file's size", with a store, too."""
    small = peak(command, "newer", 1_000, "--store", store)
    large = peak(command, "newer", 4_000, "--store", f"sqlite:///{tmp_path / 'large.db'}")
    assert large <= small * 1.2 + SLACK


@pytest.mark.smoke
def test_on_postgresql(console: Console, database: str) -> None:
    """Design 7: "or a PostgreSQL one".

    Check, apply, get, remove, audience and export do the same there.
    """
    at = ["--store", database]
    checked = console("check", str(CONSENTS), *at)
    assert console("export", *at).answers == []
    applied = console("apply", str(CONSENTS), *at)
    assert checked.answers == [previewed(answer) for answer in applied.answers]
    stored = console("export", *at).answers
    last = {
        answer["marketingConsent"]["id"]: answer["marketingConsent"] for answer in applied.answers
    }
    assert {record["id"]: record for record in stored} == last
    again = console("apply", "-", stdin=lines(stored)).answers
    assert substance(answer["marketingConsent"] for answer in again) == substance(stored)
    granted = console("audience", "EMAIL", *at).answers
    assert (
        granted
        == [r for r in stored if r["details"]["type"] == "EMAIL" and r["state"] == "CONFIRMED"]
        != []
    )
    found = console("get", granted[0]["id"], *at)
    assert (found.status, found.answers[0]["marketingConsent"]) == (0, granted[0])
    assert console("remove", granted[0]["details"]["email"], *at).answers[0]["result"] == "UPDATED"
    assert console("audience", "EMAIL", *at).answers == granted[1:]
