"""The examples of the documentation do what they are there to show."""

import json
from pathlib import Path

import pytest

from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, Result
from tests.cli.process import Console, codes, described, process
from tests.wire.bodies import SPELLINGS

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CONSENTS, MISTAKES = EXAMPLES / "consents.ndjson", EXAMPLES / "mistakes.ndjson"

EVIDENCE, DATE = "lastConfirmationActivity", "lastConfirmationActivity.updatedDate"

EXPECTED: list[tuple[set[tuple[str, str]], str]] = [
    ({(EVIDENCE, "EVIDENCE_REQUIRED")}, "is required: it is the evidence for CONFIRMED"),
    ({("lastRevokeActivity", "EVIDENCE_REQUIRED")}, "is required: it is the evidence for REVOKED"),
    ({(f"{EVIDENCE}.optInLevel", "NOT_ALLOWED")}, "must be DOUBLE_CONFIRMATION"),
    (
        {("state", "UNKNOWN_VALUE")},
        "known are UNKNOWN_STATE, NEVER_CONFIRMED, PENDING, CONFIRMED, REVOKED",
    ),
    ({("state", "UNKNOWN_VALUE")}, "did you mean CONFIRMED?"),
    ({("details.email", "INVALID_EMAIL")}, "should have a period"),
    ({("details.email", "INVALID_EMAIL")}, "angle brackets"),
    ({("details.email", "INVALID_EMAIL")}, "invalid characters before the @-sign"),
    ({("details.phone", "INVALID_PHONE")}, "a plus sign, the country code and digits"),
    ({("details.phone", "INVALID_PHONE")}, "too many or too few digits"),
    ({("details.phone", "INVALID_PHONE")}, "a plus sign, the country code and digits"),
    ({("details.type", "REQUIRED")}, "EMAIL or PHONE"),
    (
        {("details.email", "NOT_ALLOWED"), ("details.phone", "REQUIRED")},
        "is required, because the type is PHONE",
    ),
    ({("details.phone", "NOT_ALLOWED")}, "must be left out: one consent, one identifier"),
    ({("state", "REQUIRED")}, "is required"),
    ({("email", "UNKNOWN_FIELD"), ("details", "REQUIRED")}, "it belongs into details"),
    ({(DATE, "DATE_WITHOUT_OFFSET")}, "must end with Z or an offset such as +02:00"),
    ({(DATE, "INVALID_DATE")}, "as in RFC 3339: 2023-05-01T00:00:00Z"),
    ({(DATE, "DATE_IN_FUTURE")}, "must not be more than 0:05:00 ahead of now"),
    ({(f"{EVIDENCE}.updated_date", "GIVEN_TWICE")}, "updatedDate, which is given already"),
    ({(f"{EVIDENCE}.optinlevel", "UNKNOWN_FIELD")}, "did you mean optInLevel?"),
    ({(f"{EVIDENCE}.source", "UNKNOWN_VALUE")}, "known are UNKNOWN_SOURCE, IN_PERSON, FORM"),
    (
        {("lastRevokeActivity.updatedDate", "CONTRADICTORY_EVIDENCE")},
        "must be before the confirmation",
    ),
    ({(EVIDENCE, "WRONG_TYPE")}, "must be an object, not a string"),
    ({("extendedFields.namespaces", "WRONG_TYPE")}, "each namespace must be an object of fields"),
    ({("request", "WRONG_TYPE")}, "must be an object, not an array"),
    ({("request", "INVALID_JSON")}, "is not JSON: Expecting ',' delimiter at column 86"),
    ({("request", "WRONG_TYPE")}, "must be an object, not a number"),
]
"""Every typical mistake: what it is called, and words of the remedy."""


@pytest.mark.smoke
def test_the_consents_are_all_applied() -> None:
    """Design 7: exit status 0 when every line was applied; one answer for each line, in order."""
    ran = process("apply", str(CONSENTS))
    lines = CONSENTS.read_text("utf-8").splitlines()
    assert (ran.status, [answer["line"] for answer in ran.answers]) == (
        0,
        [*range(1, len(lines) + 1)],
    )
    assert len(lines) >= 40
    assert ran.errors.startswith(f"{len(lines)} lines: ")


def test_the_consents_show_every_case(console: Console) -> None:
    """Sections 1 and 4.3.

    Every state, channel, result, reason to keep a state, spelling and wrapper is shown.
    """
    answers = console("apply", str(CONSENTS)).answers
    records = [answer["marketingConsent"] for answer in answers]
    assert {record["state"] for record in records} == {*ConsentState}
    assert {record["details"]["type"] for record in records} == {*Channel}
    assert {answer["result"] for answer in answers} == {*Result}
    # A policy of the deployment demands a double opt-in, or the person.
    by_policy = {KeptReason.RECONSENT_NEEDS_CONFIRMATION, KeptReason.RECONSENT_NEEDS_SUBJECT}
    assert {answer["kept"] for answer in answers} == {None, *KeptReason} - by_policy
    strict = console("apply", str(CONSENTS), "--policy", "strict").answers
    assert KeptReason.RECONSENT_NEEDS_SUBJECT in {answer["kept"] for answer in strict}
    text = CONSENTS.read_text("utf-8")
    shown = [
        f'"{name}"'
        for names in (SPELLINGS["updatedDate"], SPELLINGS["marketingConsent"])
        for name in names
    ]
    assert [name for name in shown if name not in text] == []


def test_the_consents_of_one_person_are_one_record(console: Console) -> None:
    """Section 4.1: one consent per key.

    As many records as identifiers, each revision one more than the last.
    """
    seen: dict[str, int] = {}
    people = set()
    for answer in console("apply", str(CONSENTS)).answers:
        record = answer["marketingConsent"]
        grown = int(record["revision"]) - seen.get(record["id"], 0)
        assert grown == (answer["result"] != "UNCHANGED")
        assert (answer["result"] == "CREATED") == (record["id"] not in seen)
        seen[record["id"]] = int(record["revision"])
        people.add(json.dumps(record["details"]))
    assert len(seen) == len(people) >= 20


def test_every_mistake_is_one_that_is_listed() -> None:
    """Every line of the mistakes is expected here, and there are enough of them."""
    assert len(MISTAKES.read_text("utf-8").splitlines()) == len(EXPECTED) >= 20


@pytest.mark.smoke
@pytest.mark.parametrize("command", ["apply", "check"])
def test_the_mistakes_are_all_rejected(command: str) -> None:
    """Design 7.

    Exit status 1 when some were rejected, each answered with its line and the error body.
    """
    ran = process(command, str(MISTAKES))
    assert ran.status == 1
    assert [answer["line"] for answer in ran.answers] == [*range(1, len(EXPECTED) + 1)]
    assert all(set(answer) == {"line", "error"} for answer in ran.answers)
    assert ran.errors == f"{len(EXPECTED)} lines: {len(EXPECTED)} rejected\n"


@pytest.mark.parametrize("number", range(1, len(EXPECTED) + 1))
def test_a_mistake_names_its_remedy(console: Console, number: int) -> None:
    """Section 3.

    Every mistake has its path and code, and a description that says what to do instead.
    """
    text = MISTAKES.read_bytes().splitlines()[number - 1]
    (answer,) = console("check", "-", stdin=text).answers
    expected, remedy = EXPECTED[number - 1]
    assert codes(answer) == expected
    assert remedy in described(answer)


def test_no_mistake_gives_an_address_away(console: Console) -> None:
    """Design 1.7: no message carries a full address, though every example has one."""
    out = json.dumps(console("apply", str(MISTAKES)).answers)
    assert "ada@example" not in out


def test_check_and_apply_agree_on_the_consents(console: Console) -> None:
    """Design 7: ``check`` validates only: what it calls valid is what ``apply`` takes."""
    ran = console("check", str(CONSENTS))
    assert ran.status == 0
    assert ran.answers == [
        {"line": number, "valid": True} for number in range(1, len(ran.answers) + 1)
    ]
    assert len(ran.answers) == len(console("apply", str(CONSENTS)).answers)
