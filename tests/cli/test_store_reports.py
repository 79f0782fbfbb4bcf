"""``report``: delivery reports from a stream (contract, section 9)."""

from typing import Any

import pytest

from tests.cli.process import Answer, Console, codes
from tests.cli.storing import confirmed, lines

ADA = {"type": "EMAIL", "email": "ada@example.org"}
BOB = {"type": "PHONE", "phone": "+12025550123"}


def bounce(who: Answer = ADA, **more: Any) -> Answer:
    """A report of a permanent bounce."""
    return {"identifier": who, "event": "PERMANENT_BOUNCE"} | more


@pytest.fixture
def stored(console: Console, store: str) -> str:
    """A store that has Ada's consent."""
    console("apply", "-", "--store", store, stdin=lines([confirmed()]))
    return store


def test_each_line_is_answered(console: Console, stored: str) -> None:
    """In the order of the lines: what changed, what changed nothing, and who is not known."""
    sent = [
        bounce(code="5.1.1", reportedDate="2024-02-01T00:00:00Z"),
        bounce(BOB),
        bounce(event="DELIVERED", reportedDate="2024-02-02T00:00:00Z"),
        bounce(event="DELIVERED"),
        bounce(BOB, event="COMPLAINT"),
    ]
    ran = console("report", "-", "--store", stored, stdin=lines(sent))
    assert ran.status == 0
    assert ran.errors == "5 lines: 2 updated, 2 unchanged, 1 created\n"
    assert [(answer["line"], answer["result"]) for answer in ran.answers] == [
        (1, "UPDATED"),
        (2, "UNCHANGED"),
        (3, "UPDATED"),
        (4, "UNCHANGED"),
        (5, "CREATED"),
    ]
    first, unknown, *_, complaint = (answer["marketingConsent"] for answer in ran.answers)
    assert (first["delivery"]["status"], first["delivery"]["lastCode"]) == ("UNREACHABLE", "5.1.1")
    assert unknown is None
    assert (complaint["state"], complaint["lastRevokeActivity"]["actor"]) == ("REVOKED", "PROVIDER")


def test_a_report_changes_who_may_be_contacted(console: Console, stored: str) -> None:
    """An unreachable person is in no audience, and ``get`` says why."""
    assert len(console("audience", "EMAIL", "--store", stored).answers) == 1
    console("report", "-", "--store", stored, stdin=lines([bounce()]))
    assert console("audience", "EMAIL", "--store", stored).answers == []
    (found,) = console("get", "ada@example.org", "--store", stored).answers
    assert found["communicationEligibility"]["reasons"] == ["UNREACHABLE"]


MISTAKES: list[tuple[Any, set[tuple[str, str]]]] = [
    (bounce(code="5.1"), {("code", "INVALID_NUMBER")}),
    (bounce(reportedDate="2024-01-01T00:00:00"), {("reportedDate", "DATE_WITHOUT_OFFSET")}),
    (bounce(reported_date="soon"), {("reported_date", "INVALID_DATE")}),
    (bounce(event="BOUNCE"), {("event", "UNKNOWN_VALUE")}),
    ({"identifier": ADA}, {("event", "REQUIRED")}),
    ({"event": "RESET"}, {("identifier", "REQUIRED")}),
    (bounce(who={"type": "PHONE", "phone": "12"}), {("identifier.phone", "INVALID_PHONE")}),
    (bounce(bounces=3), {("bounces", "UNKNOWN_FIELD")}),
    ([], {("request", "WRONG_TYPE")}),
]


@pytest.mark.parametrize(("sent", "wrong"), MISTAKES)
def test_a_mistake_stops_no_other_line(
    console: Console, stored: str, sent: Any, wrong: set[tuple[str, str]]
) -> None:
    """It names the field as it was spelled; nothing of it is stored."""
    ran = console("report", "-", "--store", stored, stdin=lines([sent, bounce(BOB)]))
    assert ran.status == 1
    assert ran.errors == "2 lines: 1 rejected, 1 unchanged\n"
    assert codes(ran.answers[0]) == wrong
    assert ran.answers[1] == {"line": 2, "result": "UNCHANGED", "marketingConsent": None}
    assert "delivery" not in console("export", "--store", stored).answers[0]


def test_a_line_that_is_no_json(console: Console, stored: str) -> None:
    """As for ``apply``; numbers of lines count blank ones, and many lines are several chunks."""
    sent = b"{\n\n" + lines([bounce(BOB)] * 1_200)
    ran = console("report", "-", "--store", stored, "--names", "sdk", stdin=sent)
    assert ran.status == 1
    assert ran.errors == "1201 lines: 1 rejected, 1200 unchanged\n"
    assert [answer["line"] for answer in ran.answers] == [1, *range(3, 1_203)]
    assert codes(ran.answers[0]) == {("request", "INVALID_JSON")}


def test_names(console: Console, stored: str) -> None:
    """SDK names on request."""
    (answer,) = console(
        "report", "-", "--store", stored, "--names", "sdk", stdin=lines([bounce()])
    ).answers
    assert {"_id", "_updatedDate", "delivery"} <= answer["marketingConsent"].keys()
