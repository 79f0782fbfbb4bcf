"""What messages tell a caller whose claims are limited (contract, section 12)."""

import pytest

import consent_core as cc
from consent_core.domain.errors import InvalidConsent
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, Body, email
from tests.wire.test_claims import PREFERENCES, SIGN_UP

LEFT_OUT = "must be left out: it is not for this caller to say"
DATED = "must be left out: evidence from here is dated at receipt"
HINTS: dict[str, tuple[cc.Claims | None, Body, dict[str, str]]] = {
    "the one state": (SIGN_UP, {}, {"state": "is required: PENDING"}),
    "no state": (cc.Claims(states=[]), {}, {"state": "is required: choices of topics"}),
    "two states": (
        cc.Claims(states=["REVOKED", "PENDING"]),
        {},
        {"state": "is required: one of PENDING, REVOKED"},
    ),
    "a word": (
        SIGN_UP,
        {"state": "CONFIRMD"},
        {"state": "is not a known word; known are PENDING"},
    ),
    "a field": (
        SIGN_UP,
        {"state": "PENDING", "colour": 1},
        {"colour": "is not a known field; known are details, state, lastConfirmationActivity"},
    ),
    "an inner field": (
        SIGN_UP,
        {"state": "PENDING", "lastConfirmationActivity": {"colour": 1}},
        {"lastConfirmationActivity.colour": "is not a known field; known are source"},
    ),
    "a field of what is not offered": (
        cc.Claims(states=["PENDING"], namespaces=[]),
        {"state": "PENDING", "namespaces": {}},
        {"namespaces": "is not a known field; known are details, state, lastConfirmationActivity"},
    ),
    "an actor": (
        SIGN_UP,
        {"state": "PENDING", "lastConfirmationActivity": {"actor": "SUBJECT"}},
        {"lastConfirmationActivity.actor": "must be left out: it is not for this caller to say"},
    ),
    "a level": (
        SIGN_UP,
        {"state": "PENDING", "lastConfirmationActivity": {"optInLevel": "DOUBLE"}},
        {
            "lastConfirmationActivity.optInLevel": "is not a known word; "
            "must be left out: it is not for this caller to say"
        },
    ),
    "a state": (
        SIGN_UP,
        {"state": "CONFIRMED"},
        {"state": "must be PENDING: nothing else is for this caller to say"},
    ),
    "the unknown state": (
        SIGN_UP,
        {"state": "UNKNOWN_STATE"},
        {"state": "must be PENDING: nothing else is for this caller to say"},
    ),
    "a yes of a preference page": (
        PREFERENCES,
        {"state": "CONFIRMED"},
        {"state": "must be REVOKED: nothing else is for this caller to say"},
    ),
    "a source": (
        cc.Claims(sources=["IN_PERSON", "FORM"]),
        {"state": "CONFIRMED", "lastConfirmationActivity": {"source": "OTHER"}},
        {
            "lastConfirmationActivity.source": "must be FORM or IN_PERSON: "
            "nothing else is for this caller to say"
        },
    ),
    "a source that says who acted": (
        cc.Claims(actors=["UNKNOWN_ACTOR"]),
        {"state": "CONFIRMED", "lastConfirmationActivity": {"source": "LINK_CONFIRMATION"}},
        {"lastConfirmationActivity.source": "must be another: it says that the actor is SUBJECT"},
    ),
    "an activity, a date, a description and a namespace": (
        SIGN_UP,
        {
            "state": "REVOKED",
            "lastConfirmationActivity": {"updatedDate": "2024-05-01T00:00:00Z", "description": "x"},
            "lastRevokeActivity": {},
            "topics": {"offers": {"choice": "OUT", "updatedDate": "2024-05-01T00:00:00Z"}},
            "extendedFields": {"namespaces": {"crm": {"a": 1}}},
        },
        {
            "state": "must be PENDING: nothing else is for this caller to say",
            "lastConfirmationActivity.updatedDate": DATED,
            "lastConfirmationActivity.description": LEFT_OUT,
            "lastRevokeActivity": LEFT_OUT,
            "topics.offers.choice": "must be IN: nothing else is for this caller to say",
            "topics.offers.updatedDate": DATED,
            "extendedFields.namespaces.crm": LEFT_OUT,
        },
    ),
    "choices alone": (
        SIGN_UP,
        {"topics": {"offers": {"choice": "IN"}}},
        {"state": "is required: choices alone are for the person to make"},
    ),
    "of whoever is trusted": (
        cc.Claims(),
        {"state": "PENDNG"},
        {"state": "is not a known word; did you mean PENDING?"},
    ),
}


@pytest.mark.parametrize("case", HINTS)
def test_messages_name_what_the_caller_may_say(case: str) -> None:
    """Section 12: a remedy that the next attempt would be refused for is none."""
    claims, data, said = HINTS[case]
    with pytest.raises(InvalidConsent) as caught:
        read_upsert({"details": email(), **data}, claims=claims)
    found = {each.path: each.description for each in caught.value.violations}
    assert said.items() <= found.items()


def test_whose_identifier_is_given_is_told_of_no_details() -> None:
    """Without the identifier, the body says who it is about, and hints say how."""
    for who, known in ((None, "known are type, email, phone"), (ADA, "must be left out")):
        with pytest.raises(InvalidConsent) as caught:
            read_upsert({"state": "PENDING", "details": {"x": 1}}, claims=SIGN_UP, identifier=who)
        found = {each.path: each.description for each in caught.value.violations}
        assert known in found["details.x"]
