"""A record in three spellings is one request, and no field is taken twice (section 1)."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import ConfirmationSource, ConsentState, OptInLevel
from consent_core.wire import read_record, read_upsert
from tests.wire.bodies import (
    ADA,
    SPELLINGS,
    body,
    confirmed,
    found,
    full,
    rest,
    sdk,
    snake,
    spelled,
    told,
)


@pytest.mark.smoke
@pytest.mark.parametrize("spelling", [rest, sdk, snake])
@pytest.mark.parametrize("wrapped", [False, True])
def test_each_spelling_gives_the_same_request(spelling: Any, wrapped: bool) -> None:
    """Section 1: "three spellings of the same record are in use, and all three are read".

    Wrapped and bare.
    """
    sent = {"marketingConsent": full()} if wrapped else full()
    request = read_upsert(spelled(sent, spelling))
    assert request == read_upsert(full())
    assert request.last_confirmation_activity is not None
    assert request.last_revoke_activity is not None
    assert request.extended_fields.namespaces == full()["extendedFields"]["namespaces"]


@given(st.data())
def test_spellings_may_be_mixed(data: st.DataObject) -> None:
    """Section 1: every field may be in any of its spellings, whatever the others are in."""
    sent = spelled({"marketingConsent": full()}, lambda names: data.draw(st.sampled_from(names)))
    assert read_upsert(sent) == read_upsert(full())
    assert read_record(sent[next(iter(sent))]) == read_record(full())


@pytest.mark.smoke
def test_the_documentations_own_request() -> None:
    """Section 1.

    The documentation's upsert example has updated_date beside optInLevel, and is read as it stands.
    """
    documented = {
        "marketingConsent": {
            "details": {"type": "EMAIL", "email": "test@test.com"},
            "state": "PENDING",
            "lastConfirmationActivity": {
                "source": "IN_PERSON",
                "description": "Person filled a printed document.",
                "updated_date": "2023-05-01T00:00:00Z",
                "optInLevel": "DOUBLE_CONFIRMATION",
            },
        }
    }
    request = read_upsert(documented)
    activity = request.last_confirmation_activity
    assert request.details.address == "test@test.com"
    assert request.state is ConsentState.PENDING
    assert activity is not None
    assert (activity.source, activity.description) == (
        ConfirmationSource.IN_PERSON,
        "Person filled a printed document.",
    )
    assert activity.updated_date is not None
    assert activity.updated_date.isoformat() == "2023-05-01T00:00:00+00:00"
    assert activity.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
    assert read_upsert(documented["marketingConsent"]) == request


TOP_LEVEL = [
    "id",
    "createdDate",
    "updatedDate",
    "lastConfirmationActivity",
    "lastRevokeActivity",
    "extendedFields",
]
TWICE = [(name, pair) for name in TOP_LEVEL for pair in combinations(SPELLINGS[name], 2)]


@pytest.mark.parametrize(("name", "pair"), TWICE)
def test_a_field_in_two_spellings_is_refused(name: str, pair: tuple[str, str]) -> None:
    """Section 1.

    "the same field given in two spellings is a violation", for read-only fields, too.
    """
    sent = full()
    value = sent.pop(name)
    sent |= dict.fromkeys(pair, value)
    assert found(sent) == {(pair[1], "GIVEN_TWICE")}
    assert name in told(sent, pair[1])


@pytest.mark.parametrize(
    "pair", [*combinations(SPELLINGS["updatedDate"], 2), SPELLINGS["optInLevel"]]
)
def test_a_nested_field_in_two_spellings_is_refused(pair: tuple[str, str]) -> None:
    """Section 1.

    The same field in two spellings is a violation at every depth, in the caller's own path.
    """
    value = "DOUBLE_CONFIRMATION" if pair[0] == "optInLevel" else "2024-01-01T00:00:00Z"
    sent = body("CONFIRMED", last_confirmation_activity=dict.fromkeys(pair, value))
    path = f"marketing_consent.last_confirmation_activity.{pair[1]}"
    assert found({"marketing_consent": sent}) == {(path, "GIVEN_TWICE")}


class Headers(Mapping[str, str]):
    """Fields by name that may come twice, as those of HTTP messages do, and are counted once."""

    def __getitem__(self, name: str) -> str:
        return "FORM"

    def __iter__(self) -> Iterator[str]:
        return iter(["source", "source"])

    def __len__(self) -> int:
        return 1


def test_a_field_twice_in_another_mapping_is_refused() -> None:
    """Section 1: the last value does not win in silence, whatever counts the fields."""
    assert found(body("REVOKED", lastRevokeActivity=Headers())) == {
        ("lastRevokeActivity.source", "GIVEN_TWICE")
    }


def test_a_body_with_the_wrapper_twice_is_refused() -> None:
    """Section 1: the wrapper is a field like any other, and is not taken in two spellings."""
    assert ("marketing_consent", "GIVEN_TWICE") in found(
        {"marketingConsent": body(), "marketing_consent": body()}
    )


def test_names_inside_the_namespaces_are_the_applications_own() -> None:
    """Section 1: spellings apply "at every depth except inside extendedFields.namespaces"."""
    namespaces = {
        "id": {"_id": 1, "id": 2},
        "_id": {"updated_date": {"updatedDate": 1, "_updatedDate": 2}},
    }
    assert (
        read_upsert(body(extendedFields={"namespaces": namespaces})).extended_fields.namespaces
        == namespaces
    )


@pytest.mark.parametrize(
    "readonly", ["id", "_id", "revision", "createdDate", "_updatedDate", "updated_date"]
)
@pytest.mark.parametrize(
    "value", [None, 0, -1.5, True, "", "nonsense", [], [{}], {}, {"a": {"b": []}}, 10**400]
)
def test_read_only_fields_are_ignored_whatever_they_hold(readonly: str, value: Any) -> None:
    """Section 2: clients "send read-only fields back (id, revision, dates) in upserts.

    Accepted and ignored".
    """
    assert read_upsert(body() | {readonly: value}) == read_upsert(body())


@pytest.mark.parametrize(
    "name",
    [
        "lastConfirmationActivity",
        "lastRevokeActivity",
        "extendedFields",
        "id",
        "revision",
        "createdDate",
    ],
)
def test_null_is_absent(name: str) -> None:
    """Sections 1 and 3: a field that is null is a field that is not there."""
    assert read_upsert(body() | {name: None}) == read_upsert(body())


def test_null_is_absent_inside_objects() -> None:
    """Section 3, rules 1 and 7.

    Null for the other identifier, a source, a date, a level or the namespaces is none.
    """
    nothing = {"source": None, "description": None, "updatedDate": None, "optInLevel": None}
    sent = body(
        "CONFIRMED",
        details={"type": "EMAIL", "email": ADA, "phone": None},
        lastConfirmationActivity=nothing,
        extendedFields={"namespaces": None},
    )
    assert read_upsert(sent) == read_upsert(confirmed())
    assert read_upsert(sent).last_confirmation_activity == ConfirmationActivity()


@pytest.mark.parametrize("name", ["details", "state"])
def test_null_does_not_stand_for_what_is_required(name: str) -> None:
    """Section 3, rules 1 and 4: a required field that is null is missing."""
    assert found(body() | {name: None}) == {(name, "REQUIRED")}


def test_a_request_is_an_upsert() -> None:
    """Section 2.

    What was read keeps the address as it was written, besides comparing equal by key.
    """
    request = read_upsert(body(details={"type": "EMAIL", "email": " Ada.L@EXAMPLE.org\t"}))
    assert type(request) is Upsert
    assert request.details.address == "Ada.L@example.org"
