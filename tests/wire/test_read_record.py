"""Whole records are read as strictly as requests, read-only fields too (contract, section 1)."""

from typing import Any

import pytest

from consent_core.domain.errors import InvalidConsent
from consent_core.wire import read_record
from tests.wire.bodies import Body, email, full


def found(data: object) -> set[tuple[str, str]]:
    """Path and code of everything that is wrong with a record."""
    with pytest.raises(InvalidConsent) as caught:
        read_record(data)
    return {(violation.path, violation.code.value) for violation in caught.value.violations}


@pytest.mark.smoke
def test_a_whole_record() -> None:
    """Section 1: id, revision and dates are read where a record, not a request, is read."""
    record = read_record(full())
    assert (str(record.id), record.revision) == (full()["id"], 7)
    assert record.created_date.isoformat() == "2024-01-01T00:00:00+00:00"
    assert record.updated_date.isoformat() == "2024-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    "name", ["id", "revision", "details", "state", "createdDate", "updatedDate"]
)
@pytest.mark.parametrize("null", [False, True])
def test_what_a_record_needs(name: str, null: bool) -> None:
    """Section 1: a record without one of these fields, or with null for it, is none."""
    sent = full()
    del sent[name]
    assert found(sent | ({name: None} if null else {})) == {(name, "REQUIRED")}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "INVALID_ID"),
        ("6f1c2f0e6b5c4a529b7f0d3a3f6f0c11", "INVALID_ID"),
        (f"{{{full()['id']}}}", "INVALID_ID"),
        (f"{full()['id']}\n", "INVALID_ID"),
        (f"urn:uuid:{full()['id']}", "INVALID_ID"),
        (1, "WRONG_TYPE"),
    ],
)
def test_ids_are_guids(value: Any, code: str) -> None:
    """Section 1: id is a GUID in a string."""
    assert found(full() | {"id": value}) == {("id", code)}


@pytest.mark.parametrize("value", ["1", 1, "9223372036854775807", 2**63 - 1])
def test_revisions(value: Any) -> None:
    """Section 1: revision is a string holding an int64.

    A plain number of the same value is taken, too.
    """
    assert read_record(full() | {"revision": value}).revision == int(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        0,
        -1,
        "-1",
        "+1",
        " 1",
        "1.0",
        1.0,
        True,
        "9223372036854775808",
        2**63,
        10**5000,
        -(10**5000),
        "\N{ARABIC-INDIC DIGIT ONE}",
        "1" * 99,
        [],
    ],
    ids=lambda value: str(type(value)),
)
def test_what_is_no_revision(value: Any) -> None:
    """Section 1: nothing outside 1 to 2**63-1, and no other notation, is a revision.

    Huge ones are refused cheaply.
    """
    assert found(full() | {"revision": value}) == {("revision", "INVALID_NUMBER")}


def test_dates_of_records() -> None:
    """Rule 7: dates of a record are judged as those of evidence."""
    sent = full() | {"createdDate": "2024-01-01", "updatedDate": "2024-01-01T00:00:00"}
    assert found(sent) == {("createdDate", "INVALID_DATE"), ("updatedDate", "DATE_WITHOUT_OFFSET")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"lastConfirmationActivity": None}, ("lastConfirmationActivity", "EVIDENCE_REQUIRED")),
        (
            {"state": "REVOKED", "lastRevokeActivity": None},
            ("lastRevokeActivity", "EVIDENCE_REQUIRED"),
        ),
        ({"lastConfirmationActivity": {}}, ("lastConfirmationActivity.updatedDate", "REQUIRED")),
        ({"lastRevokeActivity": {}}, ("lastRevokeActivity.updatedDate", "REQUIRED")),
        (
            {
                "state": "PENDING",
                "lastConfirmationActivity": {"updatedDate": "2024-03-01T00:00:00Z"},
            },
            ("lastConfirmationActivity.optInLevel", "NOT_ALLOWED"),
        ),
        ({"details": email("nobody")}, ("details.email", "INVALID_EMAIL")),
        ({"extendedFields": {"namespaces": 1}}, ("extendedFields.namespaces", "WRONG_TYPE")),
        (
            {"lastRevokeActivity": {"source": "FORM", "description": "\0"}},
            ("lastRevokeActivity.description", "INVALID_TEXT"),
        ),
        (
            {"lastConfirmationActivity": {"description": "\0"}},
            ("lastConfirmationActivity.description", "INVALID_TEXT"),
        ),
        ({"colour": 1}, ("colour", "UNKNOWN_FIELD")),
        ({"_id": full()["id"]}, ("_id", "GIVEN_TWICE")),
    ],
)
def test_a_record_without_its_evidence_is_none(changes: Body, expected: tuple[str, str]) -> None:
    """Law 7: a record that exists has the dated evidence of its state.

    Whatever else is wrong has its path.
    """
    assert expected in found(full() | changes)


def test_a_trusted_identifier_is_not_judged_beside_what_is_missing() -> None:
    """It was judged when it came, "whatever a later version thinks of it"."""
    with pytest.raises(InvalidConsent) as error:
        read_record(full() | {"details": {"email": "nobody"}}, trusted=True)
    assert [(each.path, each.code) for each in error.value.violations] == [
        ("details.type", "REQUIRED")
    ]


@pytest.mark.parametrize("data", [None, 1, "x", [], [full()], {"marketingConsent": full()}])
def test_what_is_no_record(data: Any) -> None:
    """Section 1: a record is an object, and is not wrapped."""
    assert found(data) >= {
        ("marketingConsent", "UNKNOWN_FIELD")
        if isinstance(data, dict)
        else ("request", "WRONG_TYPE")
    }
