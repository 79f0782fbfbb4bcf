"""Updates: expectations, masks, and what can never be updated (contract, section 2)."""

from typing import Any

import pytest

from tests.wire.serving import BASE, Body, Site, consent, day, fields, refusal, violations, wrapped

LAWFUL = {
    "lastConfirmationActivity": {
        "source": "FORM",
        "description": "ticked",
        "updatedDate": day(5),
        "optInLevel": "SINGLE_CONFIRMATION",
    },
    "lastRevokeActivity": {"source": "IN_PERSON", "description": "said so", "updatedDate": day(3)},
}
FIELDS = {"app": {"x": 1, "y": 2}, "shop": {"z": 3}}


@pytest.fixture
def one(site: Site) -> str:
    """The path of a CONFIRMED consent that has everything."""
    body = consent() | LAWFUL | fields(**FIELDS)
    record = site.ok("POST", f"{BASE}/upsert", wrapped(body))["marketingConsent"]
    return f"{BASE}/{record['id']}"


def record(site: Site, one: str) -> Body:
    """The record as it is stored."""
    found: Body = site.ok("GET", one)["marketingConsent"]
    return found


def test_the_revision_is_an_expectation(site: Site, one: str) -> None:
    """Another stored revision is a conflict and changes nothing.

    The right one is taken, as text or number.
    """
    for wrong in ("2", 2, "9223372036854775807"):
        response = site.ask("PATCH", one, wrapped({"revision": wrong} | fields(app={"x": 9})))
        assert refusal(response) == (409, "ABORTED")
    assert record(site, one)["revision"] == "1"
    assert (
        site.ok("PATCH", one, wrapped({"revision": "1"} | fields(app={"x": 9})))[
            "marketingConsent"
        ]["revision"]
        == "2"
    )
    assert (
        site.ok("PATCH", one, wrapped({"revision": 2} | fields(app={"x": 8})))["marketingConsent"][
            "revision"
        ]
        == "3"
    )
    assert (
        site.ok("PATCH", one, wrapped(fields(app={"x": 7})))["marketingConsent"]["revision"] == "4"
    )
    masked = {"marketingConsent": {"revision": "3"}, "mask": {"paths": ["extendedFields"]}}
    assert refusal(site.ask("PATCH", one, masked)) == (409, "ABORTED"), (
        "a mask does not lift the expectation"
    )


@pytest.mark.parametrize("bad", ["0", "-1", "x", True, 1.5, {}, "9223372036854775808"])
def test_a_revision_that_is_none(site: Site, one: str, bad: object) -> None:
    """It is a violation, not a conflict."""
    found = violations(site.ask("PATCH", one, wrapped({"revision": bad})))
    assert found == {("marketingConsent.revision", "INVALID_NUMBER")}


def test_the_identifier_never_changes(site: Site, one: str) -> None:
    """The same details may be repeated.

    Others are refused, so a new address never inherits a consent.
    """
    same = {"details": {"type": "EMAIL", "email": " ADA@EXAMPLE.org"}}
    assert site.ok("PATCH", one, wrapped(same))["marketingConsent"]["revision"] == "1"
    for details in (
        {"type": "EMAIL", "email": "eve@example.org"},
        {"type": "PHONE", "phone": "+445168993333"},
    ):
        for mask in ({}, {"mask": "extendedFields"}):
            found = violations(site.ask("PATCH", one, wrapped({"details": details}) | mask))
            assert found == {("marketingConsent.details", "IMMUTABLE")}
    assert record(site, one)["details"]["email"] == "ada@example.org"


CHANGES: dict[str, tuple[Body, Any]] = {
    "state": ({"state": "NEVER_CONFIRMED"}, "NEVER_CONFIRMED"),
    "lastConfirmationActivity": (
        {"lastConfirmationActivity": {"source": "OTHER", "updatedDate": day(50)}},
        "OTHER",
    ),
    "extendedFields": (
        fields(app={"x": 10}, shop={"z": 10}),
        {"app": {"x": 10, "y": 2}, "shop": {"z": 10}},
    ),
    "extendedFields.namespaces": (
        fields(app={"x": 10}),
        {"app": {"x": 10, "y": 2}, "shop": {"z": 3}},
    ),
    "extendedFields.namespaces.app": (
        fields(app={"x": 10, "y": None}, shop={"z": 10}),
        {"app": {"x": 10}, "shop": {"z": 3}},
    ),
    "extendedFields.namespaces.app.x": (
        fields(app={"x": 10, "y": 10}, shop={"z": 10}),
        {"app": {"x": 10, "y": 2}, "shop": {"z": 3}},
    ),
    "extended_fields.namespaces.shop.z": (
        fields(app={"x": 10}, shop={"z": None}),
        {"app": {"x": 1, "y": 2}},
    ),
}


@pytest.mark.parametrize("form", ["list", "string", "object with a string", "bare list"])
@pytest.mark.parametrize("path", CHANGES)
def test_a_mask_names_what_is_updated(site: Site, one: str, path: str, form: str) -> None:
    """In each form it takes exactly what it names, and leaves what else the body carries."""
    body, expected = CHANGES[path]
    mask: Any = {
        "list": {"paths": [path]},
        "string": f" {path} ",
        "object with a string": {"paths": path},
        "bare list": [path],
    }[form]
    decoys = {"state": "REVOKED", "lastRevokeActivity": {}} if path.startswith("ext") else {}
    changed = site.ok("PATCH", one, {"marketingConsent": decoys | body, "mask": mask})[
        "marketingConsent"
    ]
    held = changed["extendedFields"]["namespaces"] if path.startswith("ext") else changed["state"]
    if path == "lastConfirmationActivity":
        held = changed["lastConfirmationActivity"]["source"]
    assert held == expected
    assert changed["revision"] == "2"
    if path.startswith("ext"):
        assert {name: changed[name] for name in LAWFUL} == LAWFUL


@pytest.mark.parametrize("mask", [{"paths": []}, [], "", " ", {"paths": ""}, {"paths": [" ", ""]}])
def test_an_empty_mask_is_a_violation(site: Site, one: str, mask: object) -> None:
    """Section 2: "an empty mask is a violation: a request that changes nothing says so".

    It could drop an opt-out.
    """
    before = record(site, one)
    body = {"state": "REVOKED", "lastRevokeActivity": {}}
    answer = site.ask("PATCH", one, {"marketingConsent": body, "mask": mask})
    assert violations(answer) == {("mask.paths", "REQUIRED")}
    assert record(site, one) == before


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"lastRevokeActivity": {}}, "state"),
        ({"state": None}, "state"),
        ({"state": "REVOKED"}, "lastRevokeActivity"),
        ({"state": "REVOKED"}, "lastRevokeActivity.source"),
        ({"lastRevokeActivity": {"description": "x"}}, "lastRevokeActivity.source"),
        ({"lastConfirmationActivity": None}, "lastConfirmationActivity"),
    ],
)
def test_what_the_mask_names_must_be_sent(site: Site, one: str, body: Body, path: str) -> None:
    """Section 2: "a request that changes nothing says so".

    A state or an activity cannot be cleared, only forgotten.
    """
    before = record(site, one)
    answer = site.ask("PATCH", one, {"marketingConsent": body, "mask": path})
    field = path if body.get("lastRevokeActivity") else path.partition(".")[0]
    assert violations(answer) == {(f"marketingConsent.{field}", "REQUIRED")}
    assert record(site, one) == before


def test_what_the_mask_does_not_name_stays(site: Site, one: str) -> None:
    """A body whose fields are not named changes nothing."""
    before = record(site, one)
    body = {"state": "REVOKED", "lastRevokeActivity": {}} | fields(app={"x": 10})
    answer = site.ok(
        "PATCH", one, {"marketingConsent": body, "mask": "extendedFields.namespaces.shop"}
    )
    assert answer["marketingConsent"] == before


def test_several_paths_in_one_string(site: Site, one: str) -> None:
    """A string may name several, with commas; snake_case is read, too."""
    body = {"state": "REVOKED", "lastRevokeActivity": {"updatedDate": day(9)}} | fields(
        app={"x": 10}
    )
    answer = site.ok(
        "PATCH", one, {"marketing_consent": body, "mask": {"paths": "state, last_revoke_activity"}}
    )
    assert answer["marketingConsent"]["state"] == "REVOKED"
    assert answer["marketingConsent"]["extendedFields"]["namespaces"] == FIELDS


def test_a_mask_of_fields_takes_no_other_namespace(site: Site, one: str) -> None:
    """A namespace that happens to be called like another path of the mask is not named by it."""
    body = fields(state={"x": 1}, app={"x": 10}) | {
        "state": "CONFIRMED",
        "lastConfirmationActivity": {},
    }
    paths = ["state", "lastConfirmationActivity", "extendedFields.namespaces.app"]
    answer = site.ok("PATCH", one, {"marketingConsent": body, "mask": {"paths": paths}})
    assert set(answer["marketingConsent"]["extendedFields"]["namespaces"]) == {"app", "shop"}


@pytest.mark.parametrize(
    "bad",
    [
        "details",
        "id",
        "",
        "State",
        "lastConfirmationActivity.x",
        "extendedFields.x",
        "extendedFields.namespacesapp",
    ],
)
def test_a_mask_of_unknown_paths(site: Site, one: str, bad: str) -> None:
    """Each unknown path is a violation at its place in the mask; nothing is updated."""
    body = {"marketingConsent": fields(app={"x": 10}), "mask": {"paths": ["state", bad]}}
    assert violations(site.ask("PATCH", one, body)) == {("mask.paths[1]", "UNKNOWN_VALUE")}
    assert record(site, one)["revision"] == "1"


@pytest.mark.parametrize(
    "bad", [5, {}, {"paths": None}, {"paths": 5}, {"paths": [1]}, {"paths": {}}, True]
)
def test_a_mask_that_is_none(site: Site, one: str, bad: object) -> None:
    """A mask is a list of paths, or one string."""
    found = violations(site.ask("PATCH", one, wrapped({}) | {"mask": bad}))
    assert found == {("mask.paths", "WRONG_TYPE")}


@pytest.mark.parametrize("body", [None, [], {}, {"mask": "state"}, "x"])
def test_an_update_without_a_record(site: Site, one: str, body: object) -> None:
    """The wrapper is required, so that a forgotten one is not an update of nothing."""
    assert violations(site.ask("PATCH", one, body)) == {("marketingConsent", "REQUIRED")}


def test_an_update_without_changes(site: Site, one: str) -> None:
    """An empty update, or the record as it was read, changes nothing."""
    before = record(site, one)
    assert site.ok("PATCH", one, wrapped({}))["marketingConsent"] == before
    assert site.ok("PATCH", one, wrapped(before))["marketingConsent"] == before
    assert site.ok("PATCH", one, wrapped(before) | {"mask": None})["marketingConsent"] == before
