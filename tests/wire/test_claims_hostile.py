"""Claims against callers who say what they please (contract, section 12)."""

from random import Random
from typing import Any

import pytest
from hypothesis import given

import consent_core as cc
from consent_core.domain.errors import InvalidConsent
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, NOW, SPELLINGS, Body, email
from tests.wire.hostile import bodies
from tests.wire.test_claims import PRESETS, SIGN_UP, SINGLE, STATES


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
