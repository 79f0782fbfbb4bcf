"""Masks that name activities.

Corrections, new evidence, and states that start from nothing (contract, section 2).
"""

from typing import Any

import pytest

from consent_core import Policy
from tests.wire.serving import BASE, Body, Site, consent, day, fields, violations, wrapped

LAWFUL = {
    "lastConfirmationActivity": {
        "source": "FORM",
        "description": "ticked",
        "updatedDate": day(5),
        "optInLevel": "DOUBLE_CONFIRMATION",
    },
    "lastRevokeActivity": {"source": "IN_PERSON", "description": "said so", "updatedDate": day(3)},
}
ACTIVITIES = tuple(LAWFUL)
WORDS = {"lastConfirmationActivity": "OTHER", "lastRevokeActivity": "FORM"}
STATES = {"lastConfirmationActivity": "CONFIRMED", "lastRevokeActivity": "REVOKED"}


def made(site: Site, body: Body) -> Body:
    """The record that an upsert makes."""
    record: Body = site.ok("POST", f"{BASE}/upsert", wrapped(body))["marketingConsent"]
    return record


def patch(site: Site, record: Body, body: Body, *mask: str) -> Any:
    """The answer to an update with a mask."""
    return site.ask(
        "PATCH", f"{BASE}/{record['id']}", {"marketingConsent": body, "mask": {"paths": list(mask)}}
    )


def patched(site: Site, record: Body, body: Body, *mask: str) -> Body:
    """The record after an update that must be a success."""
    answer = patch(site, record, body, *mask)
    assert answer.status == 200, answer
    after: Body = answer.body["marketingConsent"]
    return after


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("names", [("source",), ("description",), ("source", "description")])
def test_a_correction_changes_text_and_source_and_nothing_else(
    site: Site, activity: str, names: Any
) -> None:
    """Section 2: "may correct source or description of a stored activity, which keeps its date"."""
    before = made(site, consent() | LAWFUL)
    given = {"source": WORDS[activity], "description": "read again", "updatedDate": day(90)}
    after = patched(site, before, {activity: given}, *(f"{activity}.{name}" for name in names))
    expected = before[activity] | {name: given[name] for name in names}
    assert after[activity] == expected
    changed = {activity: expected, "revision": "2", "updatedDate": after["updatedDate"]}
    assert after == before | changed


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize(
    "state", ["UNKNOWN_STATE", "NEVER_CONFIRMED", "PENDING", "CONFIRMED", "REVOKED"]
)
def test_either_activity_is_corrected_in_any_state(site: Site, activity: str, state: str) -> None:
    """A correction is no evidence: it needs no state that it would prove, and moves none."""
    dates = {"lastRevokeActivity": day(9 if state == "REVOKED" else 3)}
    slots = {
        name: inside | {"updatedDate": dates.get(name, day(5))} for name, inside in LAWFUL.items()
    }
    before = made(site, consent(state) | slots)
    after = patched(site, before, {activity: {"description": None}}, f"{activity}.description")
    assert after == before | {
        activity: before[activity] | {"description": None},
        "revision": "2",
        "updatedDate": after["updatedDate"],
    }


def test_a_correction_of_nothing_changes_nothing(site: Site) -> None:
    """Law 1: what says what is stored is no change."""
    before = made(site, consent() | LAWFUL)
    body = {"lastConfirmationActivity": {"description": "ticked"}}
    assert patched(site, before, body, "lastConfirmationActivity.description") == before


def test_a_correction_is_one_change_with_its_event(site: Site) -> None:
    """Laws 5 and 6: also together with other fields, and with new evidence of the other kind."""
    before = made(site, consent() | LAWFUL)
    body = {
        "lastRevokeActivity": {"source": "FORM"},
        "lastConfirmationActivity": {"updatedDate": day(60)},
    }
    mask = ("lastRevokeActivity.source", "lastConfirmationActivity", "extendedFields")
    after = patched(site, before, body | fields(app={"x": 1}), *mask)
    assert after["revision"] == "2"
    assert after["lastRevokeActivity"] == LAWFUL["lastRevokeActivity"] | {"source": "FORM"}
    assert after["lastConfirmationActivity"]["updatedDate"] == day(60)
    assert after["extendedFields"] == {"namespaces": {"app": {"x": 1}}}


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("name", ["source", "description"])
def test_what_is_not_stored_cannot_be_corrected(site: Site, activity: str, name: str) -> None:
    """A part of an activity that is not there is no correction, and proves no state that is not
    named.
    """
    other = ACTIVITIES[1 - ACTIVITIES.index(activity)]
    before = made(site, consent(STATES[other]) | {other: LAWFUL[other]})
    answer = patch(site, before, {activity: {name: WORDS[activity]}}, f"{activity}.{name}")
    assert violations(answer) == {("marketingConsent.state", "STATE_REQUIRED")}


def test_all_that_is_wrong_with_a_correction_is_told(site: Site) -> None:
    """Section 3: the bounds hold, and all violations are reported together."""
    tight = Site(site.colour, site.repository, Policy(max_description_length=3))
    before = made(site, consent() | LAWFUL)
    long = {name: {"description": "far too long"} for name in ACTIVITIES}
    mask = [f"{name}.description" for name in ACTIVITIES]
    expected = {(f"marketingConsent.{name}.description", "TOO_LONG") for name in ACTIVITIES}
    assert violations(patch(tight, before, long, *mask)) == expected
    body = {
        "lastRevokeActivity": {"description": "far too long"},
        "lastConfirmationActivity": {"updatedDate": day(9999)},
    }
    found = violations(patch(tight, before, body, mask[1], "lastConfirmationActivity"))
    assert found == {
        ("marketingConsent.lastRevokeActivity.description", "TOO_LONG"),
        ("marketingConsent.lastConfirmationActivity.updatedDate", "DATE_IN_FUTURE"),
    }


@pytest.mark.parametrize("spelled", ["camel", "snake"])
@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize(
    "names", [("updatedDate",), ("updatedDate", "source"), ("updatedDate", "description")]
)
def test_new_evidence_is_what_the_mask_names_of_it(
    site: Site, activity: str, names: Any, spelled: str
) -> None:
    """Section 2: "anything else in it is new evidence for the stored state".

    An old proof proves no new claim.
    """
    before = made(site, consent(STATES[activity]) | {activity: LAWFUL[activity]})
    given = {"source": WORDS[activity], "description": "new", "updatedDate": day(60)}
    nothing = {"source": "UNKNOWN_SOURCE", "description": None}
    if activity == "lastConfirmationActivity":
        given["optInLevel"], nothing["optInLevel"] = "DOUBLE_CONFIRMATION", "UNKNOWN_OPT_IN_LEVEL"
    mask = [f"{activity}.{name}" for name in names]
    if spelled == "snake":
        snake = {
            "lastConfirmationActivity": "last_confirmation_activity",
            "lastRevokeActivity": "last_revoke_activity",
        }
        mask = [
            path.replace(activity, snake[activity]).replace("updatedDate", "updated_date")
            for path in mask
        ]
    after = patched(site, before, {activity: given}, *mask)
    assert after[activity] == nothing | {name: given[name] for name in names}
    assert (after["state"], after["revision"]) == (before["state"], "2")


def test_a_level_is_no_correction(site: Site) -> None:
    """A level alone never makes a stored single confirmation a double one of the same date."""
    single = LAWFUL["lastConfirmationActivity"] | {"optInLevel": "SINGLE_CONFIRMATION"}
    before = made(site, consent() | {"lastConfirmationActivity": single})
    body = {"lastConfirmationActivity": {"optInLevel": "DOUBLE_CONFIRMATION"}}
    after = patched(site, before, body, "lastConfirmationActivity.optInLevel")[
        "lastConfirmationActivity"
    ]
    assert (after["optInLevel"], after["updatedDate"]) != ("DOUBLE_CONFIRMATION", day(5))


PARTS = ["", ".source", ".description", ".updatedDate"]


@pytest.mark.parametrize("part", PARTS)
def test_a_mask_with_a_state_inherits_no_date(site: Site, part: str) -> None:
    """Section 2: "an opt-out of today must not be read as the one of last year"."""
    before = made(site, consent() | LAWFUL)
    body = {"state": "REVOKED", "lastRevokeActivity": {"source": "FORM"}}
    after = patched(site, before, body, "state", f"lastRevokeActivity{part}")
    assert after["state"] == "REVOKED"
    now = after["updatedDate"]
    assert after["lastRevokeActivity"] == {
        "source": "FORM",
        "description": None,
        "updatedDate": now,
    }
    assert after["lastConfirmationActivity"] == before["lastConfirmationActivity"]


def test_a_state_comes_with_the_activities_of_the_body(site: Site) -> None:
    """Section 2: "the body's activities count with it whether the mask names them or not"."""
    before = made(site, consent() | LAWFUL)
    activity = {"source": "FORM", "description": "not named", "updatedDate": day(7)}
    after = patched(site, before, {"state": "REVOKED", "lastRevokeActivity": activity}, "state")
    assert (after["state"], after["lastRevokeActivity"]) == ("REVOKED", activity)


def test_an_old_question_proves_no_confirmation(site: Site) -> None:
    """Section 2: "an old proof must not prove a new claim".

    Neither date nor level of a question is inherited.
    """
    before = made(site, consent("PENDING", minute=5))
    assert before["lastConfirmationActivity"]["optInLevel"] == "DOUBLE_CONFIRMATION"
    body = {"state": "CONFIRMED", "lastConfirmationActivity": {"source": "FORM"}}
    after = patched(site, before, body, "state", "lastConfirmationActivity.source")
    assert after["lastConfirmationActivity"]["optInLevel"] == "UNKNOWN_OPT_IN_LEVEL"
    assert after["lastConfirmationActivity"]["updatedDate"] != day(5)
    for state in ("CONFIRMED", "PENDING", "REVOKED"):
        needed = "lastRevokeActivity" if state == "REVOKED" else "lastConfirmationActivity"
        found = violations(patch(site, before, {"state": state}, "state"))
        assert found == {(f"marketingConsent.{needed}", "EVIDENCE_REQUIRED")}


def test_a_part_of_what_cannot_be_read(site: Site) -> None:
    """What is wrong with the body is told, whatever the mask names of it."""
    before = made(site, consent() | LAWFUL)
    found = violations(
        patch(site, before, {"lastRevokeActivity": "x"}, "lastRevokeActivity.source")
    )
    assert found == {("marketingConsent.lastRevokeActivity", "WRONG_TYPE")}
    found = violations(
        patch(site, before, {"lastRevokeActivity": {"source": "x"}}, "lastRevokeActivity.source")
    )
    assert found == {("marketingConsent.lastRevokeActivity.source", "UNKNOWN_VALUE")}
