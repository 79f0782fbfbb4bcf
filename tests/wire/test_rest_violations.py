"""Every violation has its path from the body's root, in the caller's own spelling (contract,
sections 2 and 3).
"""

from typing import Any

import pytest

from consent_core import Policy
from consent_core.wire.kinds import date_time
from tests.wire.serving import BASE, BULK, Site, consent, day, fields, violations, wrapped

AHEAD = day(5000)
ROOT = "marketingConsent"

BODIES: dict[str, tuple[Any, set[tuple[str, str]]]] = {
    "a bad address": (
        wrapped(consent(email="nobody")),
        {(f"{ROOT}.details.email", "INVALID_EMAIL")},
    ),
    "no address": (
        wrapped(consent() | {"details": {"type": "PHONE"}}),
        {(f"{ROOT}.details.phone", "REQUIRED")},
    ),
    "bare": (consent(email="nobody"), {("details.email", "INVALID_EMAIL")}),
    "no evidence": (
        wrapped(consent("NEVER_CONFIRMED") | {"state": "CONFIRMED"}),
        {(f"{ROOT}.lastConfirmationActivity", "EVIDENCE_REQUIRED")},
    ),
    "the future": (
        {
            "marketing_consent": {
                **consent("NEVER_CONFIRMED"),
                "last_confirmation_activity": {"updated_date": AHEAD},
            }
        },
        {("marketing_consent.last_confirmation_activity.updated_date", "DATE_IN_FUTURE")},
    ),
    "no record": ({"marketingConsent": None}, {(ROOT, "WRONG_TYPE")}),
    "no body": (None, {("request", "WRONG_TYPE")}),
    "several": (
        wrapped(consent("NONSENSE", "nobody") | {"stat": 1}),
        {
            (f"{ROOT}.details.email", "INVALID_EMAIL"),
            (f"{ROOT}.state", "UNKNOWN_VALUE"),
            (f"{ROOT}.stat", "UNKNOWN_FIELD"),
        },
    ),
}


@pytest.mark.parametrize("what", BODIES)
def test_an_upsert_that_is_not_valid(site: Site, what: str) -> None:
    """All is told at once, and nothing is stored."""
    body, expected = BODIES[what]
    assert violations(site.ask("POST", f"{BASE}/upsert", body)) == expected
    assert site.stored() == []


def test_a_creation_that_is_not_valid(site: Site) -> None:
    """Creating needs the evidence of the yes."""
    found = violations(site.ask("POST", BASE, wrapped(consent("NEVER_CONFIRMED"))))
    assert found == {(f"{ROOT}.lastConfirmationActivity", "EVIDENCE_REQUIRED")}


UPDATES: dict[str, tuple[Any, set[tuple[str, str]]]] = {
    "no evidence": (
        {"state": "CONFIRMED"},
        {(f"{ROOT}.lastConfirmationActivity", "EVIDENCE_REQUIRED")},
    ),
    "no evidence of a revocation": (
        {"state": "REVOKED"},
        {(f"{ROOT}.lastRevokeActivity", "EVIDENCE_REQUIRED")},
    ),
    "no state": ({"lastRevokeActivity": {}}, {(f"{ROOT}.state", "STATE_REQUIRED")}),
    "the future": (
        {"lastConfirmationActivity": {"updatedDate": AHEAD}},
        {(f"{ROOT}.lastConfirmationActivity.updatedDate", "DATE_IN_FUTURE")},
    ),
    "the future in snake_case": (
        {"last_confirmation_activity": {"updated_date": AHEAD}},
        {(f"{ROOT}.last_confirmation_activity.updated_date", "DATE_IN_FUTURE")},
    ),
    "a long description": (
        {"lastConfirmationActivity": {"description": "x" * 4097}},
        {(f"{ROOT}.lastConfirmationActivity.description", "TOO_LONG")},
    ),
    "wrong level": (
        {"state": "PENDING", "lastConfirmationActivity": {"optInLevel": "SINGLE_CONFIRMATION"}},
        {(f"{ROOT}.lastConfirmationActivity.optInLevel", "NOT_ALLOWED")},
    ),
    "unknown words": (
        {"state": "x", "lastRevokeActivity": {"source": "y"}, "foo": 1},
        {
            (f"{ROOT}.state", "UNKNOWN_VALUE"),
            (f"{ROOT}.lastRevokeActivity.source", "UNKNOWN_VALUE"),
            (f"{ROOT}.foo", "UNKNOWN_FIELD"),
        },
    ),
    "bad details": (
        {"details": {"type": "EMAIL", "email": "nobody"}},
        {(f"{ROOT}.details.email", "INVALID_EMAIL")},
    ),
    "large fields": (fields(app={"x": "y" * 70_000}), {(f"{ROOT}.extendedFields", "TOO_LARGE")}),
    "fields that are none": (
        {"extendedFields": {"namespaces": 5}},
        {(f"{ROOT}.extendedFields.namespaces", "WRONG_TYPE")},
    ),
    "no object": ("x", {(ROOT, "WRONG_TYPE")}),
}


@pytest.mark.parametrize("what", UPDATES)
def test_an_update_that_is_not_valid(site: Site, what: str) -> None:
    """What only the stored record can tell has the same paths as what the body tells."""
    made = site.ok("POST", f"{BASE}/upsert", consent(minute=5))["marketingConsent"]
    body, expected = UPDATES[what]
    found = violations(site.ask("PATCH", f"{BASE}/{made['id']}", wrapped(body)))
    if what == "wrong level":
        assert {path for path, _ in found} == {path for path, _ in expected}
    else:
        assert found == expected
    assert site.stored() == [made]


REMOVALS: dict[str, tuple[Any, set[tuple[str, str]]]] = {
    "nothing": ({}, {("details", "REQUIRED")}),
    "no body": (None, {("request", "WRONG_TYPE")}),
    "unknown": ({"detail": {}}, {("detail", "UNKNOWN_FIELD"), ("details", "REQUIRED")}),
    "both": (
        {"details": {"type": "EMAIL", "email": "a@b.example", "phone": "+445168993333"}},
        {("details.phone", "NOT_ALLOWED")},
    ),
    "activity": (
        {
            "details": consent()["details"],
            "lastRevokeActivity": {"source": "LINK_CONFIRMATION", "updatedDate": "x"},
        },
        {
            ("lastRevokeActivity.source", "UNKNOWN_VALUE"),
            ("lastRevokeActivity.updatedDate", "INVALID_DATE"),
        },
    ),
    "no date in snake_case": (
        {"details": consent()["details"], "last_revoke_activity": {"updated_date": "2024-05-01"}},
        {("last_revoke_activity.updated_date", "INVALID_DATE")},
    ),
}


@pytest.mark.parametrize("what", REMOVALS)
def test_a_removal_that_is_not_valid(site: Site, what: str) -> None:
    """The paths begin at the body's root, which is the removal itself."""
    site.ok("POST", f"{BASE}/upsert", consent("NEVER_CONFIRMED"))
    body, expected = REMOVALS[what]
    assert violations(site.ask("POST", f"{BASE}/remove", body)) == expected


def test_a_removal_is_never_refused_for_its_date(site: Site) -> None:
    """Section 3, rule 7: "an opt-out is never refused for its date.

    Ahead of receipt, it happened now".
    """
    site.ok("POST", f"{BASE}/upsert", consent())
    body = {"details": consent()["details"], "lastRevokeActivity": {"updatedDate": AHEAD}}
    removed = site.ok("POST", f"{BASE}/remove", body)["marketingConsent"]
    assert (removed["state"], removed["lastRevokeActivity"]["updatedDate"]) == (
        "REVOKED",
        date_time(site.clock()),
    )


QUERIES: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    "nothing": ({}, {("type", "REQUIRED")}),
    "no address": ({"type": "EMAIL"}, {("email", "REQUIRED")}),
    "unknown type": ({"type": "UNKNOWN_TYPE", "email": "a@b.example"}, {("type", "NOT_ALLOWED")}),
    "wrong type": ({"type": "MAIL", "email": "a@b.example"}, {("type", "UNKNOWN_VALUE")}),
    "bad address": ({"type": "EMAIL", "email": "nobody"}, {("email", "INVALID_EMAIL")}),
    "both": (
        {"type": "EMAIL", "email": "a@b.example", "phone": "+445168993333"},
        {("phone", "NOT_ALLOWED")},
    ),
    "bad number": ({"type": "PHONE", "phone": "0123"}, {("phone", "INVALID_PHONE")}),
    "bad language": (
        {"type": "EMAIL", "email": "a@b.example", "linkLanguage": "no_tag"},
        {("linkLanguage", "INVALID_LANGUAGE")},
    ),
}


@pytest.mark.parametrize("what", QUERIES)
def test_parameters_that_are_not_valid(site: Site, what: str) -> None:
    """A violation of get-by names the parameter."""
    query, expected = QUERIES[what]
    assert violations(site.ask("GET", f"{BASE}/get-by", query=query)) == expected


@pytest.mark.parametrize("phone", ["+445168993333", " 445168993333", "+44 5168 993333"])
def test_an_unescaped_plus_sign_is_still_a_number(site: Site, phone: str) -> None:
    """What a framework decoded to a space is taken for the plus sign that it was."""
    details = {"type": "PHONE", "phone": "+445168993333"}
    site.ok("POST", f"{BASE}/upsert", {"details": details, "state": "NEVER_CONFIRMED"})
    found = site.ok(
        "GET", f"{BASE}/get-by", query={"type": "PHONE", "phone": phone, "other": "ignored"}
    )
    assert found["marketingConsent"]["details"] == details


def test_what_only_the_store_can_tell_has_its_root(colour: str) -> None:
    """A revocation that a policy refuses, for nobody is known by it, is told with the path that was
    sent.
    """
    site = Site(colour, policy=Policy(valid_phones_only=True))
    revoked = {
        "details": {"type": "PHONE", "phone": "+445168993333"},
        "state": "REVOKED",
        "lastRevokeActivity": {},
    }
    found = violations(site.ask("POST", f"{BASE}/upsert", wrapped(revoked)))
    assert found == {(f"{ROOT}.details.phone", "UNASSIGNED_PHONE")}
    result = site.ok("POST", BULK, {"info": [consent(), revoked]})["results"][1]
    told = result["error"]["details"]["validationError"]["fieldViolations"]
    assert [each["field"] for each in told] == ["info[1].details.phone"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{BASE}/upsert", wrapped(consent()) | {"masc": 1}),
        ("POST", BASE, wrapped(consent()) | {"masc": 1}),
        ("POST", BULK, {"info": [consent()], "masc": 1}),
        ("POST", f"{BASE}/query", {"query": {}, "masc": 1}),
        ("PATCH", "", wrapped(fields(app={"x": 1})) | {"masc": "state"}),
    ],
    ids=["upsert", "create", "bulk", "query", "update"],
)
def test_an_unknown_field_beside_the_record(site: Site, method: str, path: str, body: Any) -> None:
    """A misspelled field is a violation, above all a mask.

    Without it the whole body would be taken.
    """
    if not path:
        made = site.ok("POST", f"{BASE}/upsert", consent("NEVER_CONFIRMED", "bob@example.org"))[
            "marketingConsent"
        ]
        path = f"{BASE}/{made['id']}"
    assert violations(site.ask(method, path, body)) == {("masc", "UNKNOWN_FIELD")}
