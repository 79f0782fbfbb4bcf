"""Contract, section 3.

"all violations of one request are reported together", wherever the faulty parts hide.
"""

from itertools import combinations
from typing import Any

import pytest

from consent_core.domain.decision import decide
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.wire import read_record, read_upsert
from tests.wire.bodies import LINE, NOW, Body, body, confirmed, email, found, full, phone, revoked

FUTURE = "2999-01-01T00:00:00Z"
CONFIRMATION, REVOCATION = "lastConfirmationActivity", "lastRevokeActivity"

FAULTS: dict[str, tuple[Body, set[tuple[str, str]]]] = {
    "unknown field": ({"colour": "red"}, {("colour", "UNKNOWN_FIELD")}),
    "bad address": ({"details": email("nobody")}, {("details.email", "INVALID_EMAIL")}),
    "unknown state": ({"state": "YES"}, {("state", "UNKNOWN_VALUE")}),
    "unknown source": (
        {CONFIRMATION: {"source": "WEB"}},
        {(f"{CONFIRMATION}.source", "UNKNOWN_VALUE")},
    ),
    "no date": (
        {CONFIRMATION: {"updatedDate": "soon"}},
        {(f"{CONFIRMATION}.updatedDate", "INVALID_DATE")},
    ),
    "future date": (
        {CONFIRMATION: {"updatedDate": FUTURE}},
        {(f"{CONFIRMATION}.updatedDate", "DATE_IN_FUTURE")},
    ),
    "long description": (
        {CONFIRMATION: {"description": "x" * 4097}},
        {(f"{CONFIRMATION}.description", "TOO_LONG")},
    ),
    "long revocation": (
        {REVOCATION: {"updatedDate": "2001-01-01T00:00:00Z", "description": "x" * 4097}},
        {(f"{REVOCATION}.description", "TOO_LONG")},
    ),
    "bad revocation": (
        {REVOCATION: {"source": "LINK_CONFIRMATION"}},
        {(f"{REVOCATION}.source", "UNKNOWN_VALUE")},
    ),
    "undated revocation": (
        {REVOCATION: {"updatedDate": "soon"}},
        {(f"{REVOCATION}.updatedDate", "INVALID_DATE")},
    ),
    "deep fields": (
        {"extendedFields": {"namespaces": {"a": {"b": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}}}},
        {("extendedFields", "TOO_DEEP")},
    ),
    "large fields": (
        {"extendedFields": {"namespaces": {"a": {"b": "x" * 70_000}}}},
        {("extendedFields", "TOO_LARGE")},
    ),
    "no fields": (
        {"extendedFields": {"namespaces": {"a": 1}}},
        {("extendedFields.namespaces", "WRONG_TYPE")},
    ),
}

PAIRS = [(a, b) for a, b in combinations(FAULTS, 2) if not set(FAULTS[a][0]) & set(FAULTS[b][0])]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_faults_in_different_parts(one: str, other: str) -> None:
    """Section 3: whatever two parts of a request are faulty, both are told."""
    sent = confirmed() | FAULTS[one][0] | FAULTS[other][0]
    assert found(sent, now=NOW) >= FAULTS[one][1] | FAULTS[other][1]


INSIDE: dict[str, tuple[Body, str]] = {
    "source": ({"source": "WEB"}, "UNKNOWN_VALUE"),
    "description": ({"description": "\0"}, "INVALID_TEXT"),
    "updatedDate": ({"updatedDate": FUTURE}, "DATE_IN_FUTURE"),
    "optInLevel": ({"optInLevel": "TWICE"}, "UNKNOWN_VALUE"),
}


@pytest.mark.parametrize(("one", "other"), list(combinations(INSIDE, 2)))
def test_two_faults_inside_one_activity(one: str, other: str) -> None:
    """Section 3: a faulty field never hides another one beside it."""
    expected = {(f"{CONFIRMATION}.{name}", INSIDE[name][1]) for name in (one, other)}
    assert found(confirmed(**INSIDE[one][0], **INSIDE[other][0]), now=NOW) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"details": email("nobody")},
        {"colour": 1},
        {"extendedFields": []},
        {REVOCATION: 5},
        {"details": phone(1)},
    ],
)
@pytest.mark.parametrize("state", ["CONFIRMED", "PENDING", "REVOKED"])
def test_missing_evidence_is_told_with_the_rest(more: Body, state: str) -> None:
    """Section 3: a missing activity (rule 5) is told beside other faults.

    One that is faulty is not missing.
    """
    needed = REVOCATION if state == "REVOKED" else CONFIRMATION
    expected = set() if needed in more else {(needed, "EVIDENCE_REQUIRED")}
    assert found(body(state, **more)) == found(body(**more)) | expected


def test_the_wrong_level_is_told_with_the_rest() -> None:
    """Section 3.

    PENDING with a single confirmation (rule 6) is told beside a bad address, a future date and
    more.
    """
    activity = {"optInLevel": "SINGLE_CONFIRMATION", "updatedDate": FUTURE}
    sent = body("PENDING", details=email("nobody"), lastConfirmationActivity=activity, colour=1)
    assert found(sent, now=NOW) == {
        ("details.email", "INVALID_EMAIL"),
        ("colour", "UNKNOWN_FIELD"),
        (f"{CONFIRMATION}.optInLevel", "NOT_ALLOWED"),
        (f"{CONFIRMATION}.updatedDate", "DATE_IN_FUTURE"),
    }


def test_contradictory_evidence_is_told_with_the_rest() -> None:
    """Section 3.

    Two activities that contradict the state (rule 5) are told beside a bad address.
    """
    sent = full() | {"details": email("nobody")}
    sent[REVOCATION]["updatedDate"] = "2024-04-01T00:00:00Z"
    expected = {
        ("details.email", "INVALID_EMAIL"),
        (f"{REVOCATION}.updatedDate", "CONTRADICTORY_EVIDENCE"),
    }
    assert found(sent, now=NOW) == expected


def test_what_the_policy_refuses_is_told_together() -> None:
    """Section 3.

    Phones, dates, descriptions and extended fields that the policy refuses are told at once.

    "An opt-out is never refused for its date" (rule 7): of the revocation's only the order beside a
    grant is told.
    """
    policy = Policy(valid_phones_only=True, max_identifier_length=5, max_description_length=1)
    sent = body("CONFIRMED", details=phone("+445168993333"))
    sent[CONFIRMATION] = sent[REVOCATION] = {"updatedDate": FUTURE, "description": "xx"}
    sent["extendedFields"] = {
        "namespaces": {"a": {"b": [[[[[[[[[[[[[[[["x" * 70_000]]]]]]]]]]]]]]]]}}
    }
    assert found(sent, policy=policy, now=NOW) == {
        ("details.phone", "UNASSIGNED_PHONE"),
        ("details.phone", "TOO_LONG"),
        (f"{CONFIRMATION}.updatedDate", "DATE_IN_FUTURE"),
        (f"{REVOCATION}.updatedDate", "CONTRADICTORY_EVIDENCE"),
        (f"{CONFIRMATION}.description", "TOO_LONG"),
        (f"{REVOCATION}.description", "TOO_LONG"),
        ("extendedFields", "TOO_LARGE"),
        ("extendedFields", "TOO_DEEP"),
    }


def test_whether_a_policy_refuses_an_opt_out_is_decided_with_the_record() -> None:
    """Law 4: reading a revocation never refuses its identifier.

    Applying it does, where there is no record.
    """
    policy = Policy(valid_phones_only=True)
    command = read_upsert(revoked() | {"details": phone("+445168993333")}, policy=policy, now=NOW)
    with pytest.raises(InvalidConsent, match=r"details\.phone"):
        decide(None, command, now=NOW, policy=policy)


def test_both_identifiers_are_judged() -> None:
    """Rule 1: where the type is unknown, what is wrong with the identifiers is still told."""
    sent = body(details={"type": "FAX", "email": "nobody", "phone": LINE, "fax": 1})
    assert found(sent) == {
        ("details.fax", "UNKNOWN_FIELD"),
        ("details.type", "UNKNOWN_VALUE"),
        ("details.email", "INVALID_EMAIL"),
        ("details.phone", "NOT_ALLOWED"),
    }


def test_a_faulty_part_is_told_once() -> None:
    """Section 3: what is faulty is not also reported as missing."""
    sent: Any = {"state": 1, "details": 2, CONFIRMATION: 3, REVOCATION: 4, "extendedFields": 5}
    assert found(sent) == {(name, "WRONG_TYPE") for name in sent}


def test_records_tell_all_at_once_too() -> None:
    """A record that is read names everything that is wrong with it, missing evidence (law 7) beside
    a faulty part.
    """
    sent = {
        name: value for name, value in full().items() if name not in (CONFIRMATION, "createdDate")
    }
    with pytest.raises(InvalidConsent) as caught:
        read_record(sent | {"id": 1, "revision": "0"})
    assert {(violation.path, violation.code.value) for violation in caught.value.violations} == {
        ("id", "WRONG_TYPE"),
        ("revision", "INVALID_NUMBER"),
        ("createdDate", "REQUIRED"),
        (CONFIRMATION, "EVIDENCE_REQUIRED"),
    }
