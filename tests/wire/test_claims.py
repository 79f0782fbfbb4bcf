"""What a caller may claim in a request (contract, section 12)."""

from random import Random
from typing import Any

import pytest
from hypothesis import given

import consent_core as cc
from consent_core.domain.errors import InvalidConsent
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, NOW, SPELLINGS, Body, body, email
from tests.wire.hostile import bodies

SIGN_UP = cc.Claims.sign_up_form()
SINGLE = cc.Claims.single_opt_in_form()
PREFERENCES = cc.Claims.preference_page()
PRESETS = {"sign_up_form": SIGN_UP, "single_opt_in_form": SINGLE, "preference_page": PREFERENCES}
STATES = {
    "sign_up_form": "PENDING",
    "single_opt_in_form": "CONFIRMED",
    "preference_page": "REVOKED",
}


def refused(data: Any, **how: Any) -> dict[str, str]:
    """The codes of the violations of a body, by path."""
    with pytest.raises(InvalidConsent) as caught:
        read_upsert(data, **how)
    return {violation.path: violation.code.value for violation in caught.value.violations}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_state_and_an_identifier_are_enough(preset: str) -> None:
    """The one source of the claims is filled in, with the activity that the state needs."""
    request = read_upsert(body(STATES[preset]), claims=PRESETS[preset])
    activity = request.last_confirmation_activity or request.last_revoke_activity
    assert activity is not None
    assert activity.source == "FORM"
    assert activity.updated_date is None
    assert request.dated_at_receipt


def test_what_there_is_one_choice_for_is_filled_in() -> None:
    """Section 12: the level of a single opt-in form, and the actor of a preference page."""
    single = read_upsert(body("CONFIRMED"), claims=SINGLE).last_confirmation_activity
    assert single is not None
    assert single.opt_in_level is cc.OptInLevel.SINGLE_CONFIRMATION
    assert single.actor is cc.Actor.UNKNOWN_ACTOR
    left = read_upsert(body("REVOKED", lastRevokeActivity={}), claims=PREFERENCES)
    assert left.last_revoke_activity is not None
    assert left.last_revoke_activity.actor is cc.Actor.SUBJECT
    # What is not known is not claimed, so the words for it are taken, and filled in like absence.
    unknown = {"source": "UNKNOWN_SOURCE", "optInLevel": "UNKNOWN_OPT_IN_LEVEL"}
    asked = read_upsert(body("PENDING", lastConfirmationActivity=unknown), claims=SIGN_UP)
    assert asked.last_confirmation_activity is not None
    assert asked.last_confirmation_activity.source is cc.ConfirmationSource.FORM


def test_several_choices_are_left_to_the_caller() -> None:
    """Nothing is filled in where more than one word is allowed."""
    claims = cc.Claims(sources=["FORM", "IN_PERSON"], actors=["SUBJECT", "OPERATOR"])
    assert refused(body("CONFIRMED"), claims=claims) == {
        "lastConfirmationActivity": "EVIDENCE_REQUIRED"
    }
    activity = {"source": "IN_PERSON", "updatedDate": "2024-05-01T00:00:00Z", "description": "x"}
    request = read_upsert(body("CONFIRMED", lastConfirmationActivity=activity), claims=claims)
    assert request.last_confirmation_activity is not None
    assert request.last_confirmation_activity.actor is cc.Actor.UNKNOWN_ACTOR
    assert request.last_confirmation_activity.source is cc.ConfirmationSource.IN_PERSON
    assert not request.dated_at_receipt
    assert request == read_upsert(body("CONFIRMED", lastConfirmationActivity=activity))


CLAIMED: dict[str, Body] = {
    "state": {"state": "CONFIRMED"},
    "lastConfirmationActivity.source": {"lastConfirmationActivity": {"source": "IN_PERSON"}},
    "lastConfirmationActivity.optInLevel": {
        "lastConfirmationActivity": {"optInLevel": "DOUBLE_CONFIRMATION"}
    },
    "lastConfirmationActivity.actor": {"lastConfirmationActivity": {"actor": "SUBJECT"}},
    "lastConfirmationActivity.updatedDate": {
        "lastConfirmationActivity": {"updatedDate": "2022-01-01T00:00:00Z"}
    },
    "lastConfirmationActivity.description": {"lastConfirmationActivity": {"description": "x"}},
    "lastRevokeActivity": {"lastRevokeActivity": {"updatedDate": "2022-01-01T00:00:00Z"}},
    "extendedFields.namespaces.crm": {"extendedFields": {"namespaces": {"crm": {"a": None}}}},
}


@pytest.mark.parametrize("path", CLAIMED)
def test_what_is_claimed_beyond_is_a_violation_where_it_stands(path: str) -> None:
    """Section 12: NOT_ALLOWED at the path of the field; nothing is dropped silently."""
    assert refused(body("PENDING") | CLAIMED[path], claims=SIGN_UP)[path] == "NOT_ALLOWED"


def test_paths_are_the_callers_own() -> None:
    """In the caller's spelling, from the body's root."""
    data = {
        "marketing_consent": {
            "details": email(),
            "state": "PENDING",
            "last_confirmation_activity": {"_updatedDate": "2022-01-01T00:00:00Z"},
        }
    }
    assert refused(data, claims=SIGN_UP) == {
        "marketing_consent.last_confirmation_activity._updatedDate": "NOT_ALLOWED"
    }


def test_what_the_library_alone_says_is_ignored() -> None:
    """Section 12: like ``id`` and ``revision``."""
    double = "2022-01-01T00:00:00Z"
    only = {"doubleConfirmedDate": double, "subjectConfirmedDate": double, "revision": "7"}
    assert read_upsert(body("PENDING", **only), claims=SIGN_UP) == read_upsert(
        body("PENDING"), claims=SIGN_UP
    )


def test_a_form_cannot_revoke_beside_a_grant() -> None:
    """A revocation beside a grant is decided as one, and would silence anybody."""
    for claims, state in ((SIGN_UP, "PENDING"), (SINGLE, "CONFIRMED")):
        data = body(state, lastRevokeActivity={"updatedDate": "2022-01-01T00:00:00Z"})
        assert refused(data, claims=claims) == {"lastRevokeActivity": "NOT_ALLOWED"}
        data = body("REVOKED", lastRevokeActivity={})
        assert refused(data, claims=claims)["state"] == "NOT_ALLOWED"


def test_what_the_application_says_is_no_business_of_the_body() -> None:
    """Section 12: a body that contains it, too, is a violation, with claims and without."""
    beside: dict[str, Any] = {
        "identifier": "grace@example.org",
        "description": "Form v3",
        "source": "FORM",
    }
    data = body("CONFIRMED", lastConfirmationActivity={"description": "x", "source": "FORM"})
    for claims in (None, SINGLE):
        expected = {
            "details": "NOT_ALLOWED",
            "lastConfirmationActivity.description": "NOT_ALLOWED",
            "lastConfirmationActivity.source": "NOT_ALLOWED",
        }
        assert refused(data, claims=claims, **beside) == expected
        request = read_upsert({"marketingConsent": {"state": "CONFIRMED"}}, claims=claims, **beside)
        assert request.details == cc.Email("grace@example.org")
        assert request.last_confirmation_activity is not None
        assert request.last_confirmation_activity.description == "Form v3"
        assert request.last_confirmation_activity.source is cc.ConfirmationSource.FORM


def test_the_application_is_told_of_its_own_mistakes() -> None:
    """A source that the activity does not have, and an identifier that is none."""
    data = {"state": "REVOKED", "lastRevokeActivity": {}}
    for source in ("ADS", "EMAIL_SERVICE"):
        assert refused(data, identifier=ADA, source=source) == {"source": "UNKNOWN_VALUE"}
    assert refused({"state": "PENDING"}, identifier="ada") == {"identifier": "NOT_ALLOWED"}
    assert refused([], claims=SIGN_UP, identifier=ADA) == {"request": "WRONG_TYPE"}


WRONG: dict[str, Any] = {
    "states": ["PENDNG"],
    "sources": ["FROM"],
    "opt_in_levels": "SINGLE_CONFIRMATION",
    "actors": [1],
    "dated": None,
    "described": "no",
    "namespaces": [1],
    "asks_who_left": 1,
}


@pytest.mark.parametrize("field", WRONG)
def test_claims_are_judged_when_they_are_built(field: str) -> None:
    """A limit that is misspelled would allow too little or too much."""
    with pytest.raises(InvalidConsent) as caught:
        cc.Claims(**{field: WRONG[field]})
    assert [violation.path for violation in caught.value.violations] == [f"claims.{field}"]


def test_claims_without_limits() -> None:
    """For trusted callers: ``Claims()`` is the same as none."""
    data = body(
        "CONFIRMED",
        lastConfirmationActivity={"source": "OTHER", "optInLevel": "DOUBLE_CONFIRMATION"},
        extendedFields={"namespaces": {"crm": {"a": 1}}},
    )
    assert read_upsert(data, claims=cc.Claims()) == read_upsert(data)
    limited = cc.Claims(namespaces=["crm"], dated=True)
    assert read_upsert(data, claims=limited) == read_upsert(data)


def assert_within(request: cc.Upsert, claims: cc.Claims) -> None:
    """Nothing that an accepted request says is outside its claims, worked out by hand."""
    assert claims.states is not None
    assert request.state in claims.states
    grants = request.state is not cc.ConsentState.REVOKED
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    activity = confirmation if grants else revocation
    assert activity is not None
    assert (revocation if grants else confirmation) is None
    assert activity.source == "FORM"
    assert activity.updated_date is None
    assert activity.description is None
    assert request.dated_at_receipt
    assert not request.extended_fields
    if confirmation is not None:
        level = "DOUBLE" if claims is SIGN_UP else "SINGLE"
        assert confirmation.opt_in_level == f"{level}_CONFIRMATION"
        assert confirmation.actor is cc.Actor.UNKNOWN_ACTOR
        assert request.asks_who_left is (claims is SINGLE)
    else:
        assert activity.actor is cc.Actor.SUBJECT


NAMES: dict[str, list[Any]] = {
    "state": ["PENDING", "CONFIRMED", "REVOKED", "NEVER_CONFIRMED", "UNKNOWN_STATE", None],
    "source": ["FORM", "IN_PERSON", "UNKNOWN_SOURCE", "LINK_CONFIRMATION", None],
    "optInLevel": ["SINGLE_CONFIRMATION", "DOUBLE_CONFIRMATION", "UNKNOWN_OPT_IN_LEVEL"],
    "actor": ["SUBJECT", "UNKNOWN_ACTOR", "OPERATOR", "PROVIDER", "IMPORT", None],
    "updatedDate": ["2022-01-01T00:00:00Z", "2999-01-01T00:00:00Z", None, "x"],
    "description": ["confirmed twice", None, 1],
    "details": [email("grace@example.org"), {}, None],
    "extendedFields": [{"namespaces": {"crm": {"a": 1}}}, {"namespaces": {}}, {}],
    "doubleConfirmedDate": ["2022-01-01T00:00:00Z", None],
}
ACTIVITIES = ("lastConfirmationActivity", "lastRevokeActivity")


def mutated(random: Random, state: str) -> Any:
    """A body that claims this and that, at random depths and in random spellings."""

    def spelled(name: str) -> str:
        return random.choice(SPELLINGS.get(name, (name,)))

    inner = ["source", "optInLevel", "actor", "updatedDate", "description"]
    data: Body = {"state": state} if random.random() < 0.9 else {}
    for name in ACTIVITIES:
        if random.random() < 0.4:
            chosen = random.sample(inner, random.randint(0, 2))
            data[spelled(name)] = {spelled(each): random.choice(NAMES[each]) for each in chosen}
    for name in random.sample(list(NAMES), random.choice([0, 0, 1, 2])):
        data[spelled(name)] = random.choice(NAMES[name])
    return {spelled("marketingConsent"): data} if random.random() < 0.5 else data


@pytest.mark.parametrize("preset", PRESETS)
def test_no_accepted_request_says_more_than_it_may(preset: str) -> None:
    """Of 10,000 bodies, each is within the claims, or refused; both happen often."""
    random, accepted = Random(preset), 0  # noqa: S311  # test data, the same in every run
    for _ in range(10_000):
        data = mutated(random, STATES[preset])
        try:
            request = read_upsert(data, claims=PRESETS[preset], identifier=ADA, now=NOW)
        except InvalidConsent:
            continue
        assert_within(request, PRESETS[preset])
        accepted += 1
    assert 1_000 < accepted < 9_000


@pytest.mark.parametrize("preset", PRESETS)
@given(bodies)
def test_nor_does_any_json(preset: str, data: Any) -> None:
    """Whatever JSON a hostile caller sends."""
    try:
        request = read_upsert(data, claims=PRESETS[preset], identifier=ADA, now=NOW)
    except InvalidConsent:
        return
    assert_within(request, PRESETS[preset])
