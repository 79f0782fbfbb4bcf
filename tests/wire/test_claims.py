"""What a caller may claim in a request (contract, section 12)."""

from typing import Any

import pytest

import consent_core as cc
from consent_core.domain.errors import InvalidConsent
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, Body, body, email

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


def test_a_limit_of_all_sources_is_none() -> None:
    """Section 12: those of either activity."""
    claims = cc.Claims(sources=[*cc.ConfirmationSource, *cc.RevokeSource])
    data = body("CONFIRMED", lastConfirmationActivity={"source": "IN_PERSON"})
    assert read_upsert(data, claims=claims) == read_upsert(data)


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


def test_a_source_says_of_nobody_that_they_acted() -> None:
    """Section 7 derives who acted from the source: a limit of actors holds for that, too."""
    data = body("CONFIRMED", lastConfirmationActivity={"source": "LINK_CONFIRMATION"})
    for actors in (["OPERATOR", "IMPORT"], ["UNKNOWN_ACTOR"]):
        claims = cc.Claims(actors=actors)
        assert refused(data, claims=claims) == {"lastConfirmationActivity.source": "NOT_ALLOWED"}
    assert read_upsert(data, claims=cc.Claims(actors=["OPERATOR", "SUBJECT"]))
    filled = read_upsert(data, claims=cc.Claims(actors=["OPERATOR"])).last_confirmation_activity
    assert filled is not None
    assert filled.acted_by is cc.Actor.OPERATOR


def test_what_could_be_an_address_is_not_repeated() -> None:
    """Also not as the name of a namespace."""
    data = body("PENDING", extendedFields={"namespaces": {"grace@navy.mil": {"a": 1}}})
    assert refused(data, claims=SIGN_UP) == {"extendedFields.namespaces.?": "NOT_ALLOWED"}


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


TOPICS = cc.Policy(topics={"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_IN})


def test_a_form_joins_topics_and_leaves_none() -> None:
    """Section 12: IN of any declared; the person's date and actor are not for it to say."""
    for claims, state in ((SIGN_UP, "PENDING"), (SINGLE, "CONFIRMED")):
        data = body(state, topics={"events": {"choice": "IN"}})
        request = read_upsert(data, claims=claims, policy=TOPICS)
        assert dict(request.topics) == {"events": cc.TopicActivity(cc.TopicChoice.IN)}
        unknown = refused(
            body(state, topics={"event": {"choice": "IN"}}), claims=claims, policy=TOPICS
        )
        assert unknown == {"topics.event": "UNKNOWN_VALUE"}
        choice = {"choice": "OUT", "actor": "SUBJECT", "updated_date": "2022-01-01T00:00:00Z"}
        assert refused(body(state, topics={"events": choice}), claims=claims, policy=TOPICS) == {
            "topics.events.choice": "NOT_ALLOWED",
            "topics.events.actor": "NOT_ALLOWED",
            "topics.events.updated_date": "NOT_ALLOWED",
        }


def test_choices_alone_are_the_persons_own() -> None:
    """A form that nobody stands behind would join a stranger to a topic."""
    data: Body = {"details": email(), "topics": {"events": {"choice": "IN"}}}
    for claims in (SIGN_UP, SINGLE):
        assert refused(data, claims=claims, policy=TOPICS) == {"state": "REQUIRED"}
    chosen = read_upsert(data, claims=PREFERENCES, policy=TOPICS)
    assert chosen.topics["events"].actor is cc.Actor.SUBJECT
    assert chosen.dated_at_receipt
    left: Body = {"details": email(), "topics": {"gone": {"choice": "OUT", "actor": "SUBJECT"}}}
    assert read_upsert(left, claims=PREFERENCES, policy=TOPICS).topics["gone"].choice == "OUT"
    assert read_upsert(left, claims=cc.Claims(), policy=TOPICS) == read_upsert(left, policy=TOPICS)


def test_a_set_of_plain_words_is_taken() -> None:
    """Whatever kind of collection it comes in."""
    for words in (["PENDING"], {"PENDING"}, frozenset({"PENDING"}), ("PENDING",)):
        assert cc.Claims(states=words).states == SIGN_UP.states


WRONG: dict[str, Any] = {
    "states": ["PENDNG"],
    "sources": ["FROM"],
    "opt_in_levels": "SINGLE_CONFIRMATION",
    "actors": [1],
    "dated": None,
    "described": "no",
    "namespaces": [1],
    "topics": ["MAYBE"],
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
