"""The routes for input from the public (contract, section 12)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import consent_core as cc
from consent_core.rest import TRUSTED, Request, Response
from tests.wire.serving import BASE, BULK, NOBODY, Body, Site, refusal

ADA = {"type": "EMAIL", "email": "ada@example.org"}
SIGN_UP = cc.Claims.sign_up_form()
SINGLE = cc.Claims.single_opt_in_form()
PREFERENCES = cc.Claims.preference_page()
UPSERT, REMOVE = f"{BASE}/upsert", f"{BASE}/remove"


def ask(site: Site, path: str, body: Any, claims: cc.Claims = SIGN_UP, **more: Any) -> Response:
    """Send one request of the public."""
    return site.answer(Request("POST", path, body=body, claims=claims, **more))


def wish(state: str = "PENDING") -> Body:
    """An upsert of Ada's."""
    return {"marketingConsent": {"details": ADA, "state": state}}


@pytest.mark.parametrize(
    ("claims", "state"), [(SIGN_UP, "PENDING"), (SINGLE, "CONFIRMED"), (PREFERENCES, "REVOKED")]
)
def test_the_answer_is_the_same_for_everybody(colour: str, claims: cc.Claims, state: str) -> None:
    """One constant empty object, whether the person was known, new, kept or changed."""
    for known in (None, "PENDING", "CONFIRMED", "REVOKED"):
        site = Site(colour)
        if known is not None:
            activities: Body = {"lastConfirmationActivity": {}, "lastRevokeActivity": {}}
            name = "lastRevokeActivity" if known == "REVOKED" else "lastConfirmationActivity"
            site.ok("POST", UPSERT, {"details": ADA, "state": known, name: activities[name]})
        for _ in range(2):
            response = ask(site, UPSERT, wish(state), claims)
            assert (response.status, response.body) == (200, {})
            assert response.headers == {}
            assert response.outcome is not None
            assert "ada" not in repr(response)


def test_a_stranger_confirms_nobody(colour: str) -> None:
    """The link is in the outcome, for the application to mail; the answer gives it to nobody."""
    site = Site(colour)
    response = ask(site, UPSERT, wish(), description="Sign-up form, version 3")
    assert response.body == {}
    assert response.outcome is not None
    assert response.outcome.consent.state is cc.ConsentState.PENDING
    activity = response.outcome.consent.last_confirmation_activity
    assert activity is not None
    assert activity.description == "Sign-up form, version 3"
    link = response.outcome.link
    assert link is not None
    (token,) = parse_qs(urlsplit(link.url).query)["token"]
    confirmed = site.service.redeem(token, action=cc.LinkType.CONFIRMATION)
    assert confirmed.consent.state is cc.ConsentState.CONFIRMED


def test_a_single_opt_in_form_brings_nobody_back(colour: str) -> None:
    """Who left is asked, whoever types the address."""
    site = Site(colour)
    site.ok("POST", UPSERT, {"details": ADA, "state": "REVOKED", "lastRevokeActivity": {}})
    site.clock.minute += 10
    response = ask(site, UPSERT, wish("CONFIRMED"), SINGLE)
    assert response.outcome is not None
    assert response.outcome.consent.state is cc.ConsentState.PENDING
    assert response.outcome.link is not None
    assert response.outcome.link.type is cc.LinkType.CONFIRMATION


def test_a_preference_page_opts_out_whom_the_application_names(colour: str) -> None:
    """Remove never answers 404: it stores the opt-out also of who was never seen."""
    site = Site(colour)
    for body in ({}, {"lastRevokeActivity": {"source": "FORM"}}):
        response = ask(site, REMOVE, body, PREFERENCES, identifier="ada@example.org")
        assert (response.status, response.body) == (200, {})
        assert response.outcome is not None
        assert response.outcome.consent.state is cc.ConsentState.REVOKED
    response = ask(site, REMOVE, {"details": ADA}, PREFERENCES, identifier="ada@example.org")
    assert response.status == 400
    assert violations(response) == {"details": "NOT_ALLOWED"}
    response = ask(site, REMOVE, {"details": ADA, "state": "CONFIRMED"}, PREFERENCES)
    assert violations(response) == {"state": "UNKNOWN_FIELD"}


def test_a_sign_up_form_removes_nobody(colour: str) -> None:
    """Else anyone could silence anyone."""
    site = Site(colour)
    response = ask(site, REMOVE, {"details": ADA})
    assert response.status == 400
    assert violations(response) == {"state": "NOT_ALLOWED"}
    assert site.stored() == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", BULK, {"info": [wish()]}),
        ("POST", BASE, wish("CONFIRMED")),
        ("PATCH", NOBODY, {}),
        ("DELETE", NOBODY, None),
        ("GET", NOBODY, None),
        ("GET", f"{BASE}/get-by", None),
        ("POST", f"{BASE}/query", {}),
    ],
)
def test_nothing_else_is_permitted(colour: str, method: str, path: str, body: Any) -> None:
    """Whatever scopes the caller has besides."""
    site = Site(colour)
    request = Request(method, path, body=body, claims=SIGN_UP, scopes=TRUSTED)
    assert refusal(site.answer(request)) == (403, "PERMISSION_DENIED")
    assert site.stored() == []


def test_wrong_requests_are_refused_as_ever(colour: str) -> None:
    """Violations say what is wrong with the body, and nothing of what is stored."""
    site = Site(colour)
    response = ask(site, UPSERT, {"details": ADA, "state": "CONFIRMED"})
    assert response.outcome is None
    assert violations(response) == {"state": "NOT_ALLOWED"}
    response = ask(site, UPSERT, wish(), query={"linkLanguage": "not a tag"})
    assert response.status == 400
    assert site.stored() == []


def test_what_depends_on_the_record_is_for_the_application(colour: str) -> None:
    """A known person's opt-out is never refused for the address, so the answer tells nothing."""
    site = Site(colour, policy=cc.Policy(max_identifier_length=5))
    body = {"details": ADA, "state": "REVOKED"}
    response = ask(site, UPSERT, {"marketing_consent": body}, PREFERENCES)
    assert (response.status, response.body, response.outcome) == (200, {}, None)
    assert response.error is not None
    (violation,) = response.error.violations
    assert violation.path == "marketing_consent.details.email"
    assert violation.code is cc.ViolationCode.TOO_LONG


def test_what_the_application_says_needs_claims() -> None:
    """Without claims the body says everything."""
    for name in ("identifier", "description", "source"):
        beside: dict[str, Any] = {name: "x"}
        with pytest.raises(ValueError, match="need claims"):
            Request("POST", UPSERT, **beside)


def violations(response: Response) -> dict[str, str]:
    """The codes of what is wrong, by path."""
    found = response.body["details"]["validationError"]["fieldViolations"]
    return {each["field"]: each["ruleName"] for each in found}
