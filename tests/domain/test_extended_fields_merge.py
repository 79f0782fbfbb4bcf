"""Extended fields are merged per namespace and field, also where the state is kept (contract, section 4.7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import KeptReason, Result, ViolationCode
from tests.domain.builders import CONFIRMED, NEVER, REVOKED, UNKNOWN, ask, no, one, record, violations_of, yes

STORED: dict[str, dict[str, Any]] = {"crm": {"a": 1, "b": {"c": 2}}, "shop": {"x": [1]}}
plain_fields = st.dictionaries(st.sampled_from("ab"), st.none() | st.integers(0, 3), max_size=2)
plain = st.dictionaries(st.sampled_from(["crm", "shop"]), plain_fields, max_size=2)


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, STORED),
        ({"crm": {}}, STORED),
        ({"new": {}}, STORED),
        ({"crm": {"a": 2}}, {"crm": {"a": 2, "b": {"c": 2}}, "shop": {"x": [1]}}),
        ({"crm": {"d": 3}}, {"crm": {"a": 1, "b": {"c": 2}, "d": 3}, "shop": {"x": [1]}}),
        ({"crm": {"a": None}}, {"crm": {"b": {"c": 2}}, "shop": {"x": [1]}}),
        ({"crm": {"b": {"e": 1}}}, {"crm": {"a": 1, "b": {"e": 1}}, "shop": {"x": [1]}}),
        ({"crm": {"b": {"c": None}}}, {"crm": {"a": 1, "b": {"c": None}}, "shop": {"x": [1]}}),
        ({"crm": {"a": None, "b": None}}, {"shop": {"x": [1]}}),
        ({"shop": {"x": None, "y": 0}}, {"crm": {"a": 1, "b": {"c": 2}}, "shop": {"y": 0}}),
        ({"new": {"a": False}}, STORED | {"new": {"a": False}}),
        ({"new": {"a": None}}, STORED),
        ({"crm": {"a": None, "b": None}, "shop": {"x": None}}, {}),
    ],
)
def test_merging(patch: dict[str, Any], expected: dict[str, Any]) -> None:
    """Section 4.7: "a null removes the field; an emptied namespace goes"."""
    stored = record(CONFIRMED, 5, extended_fields=ExtendedFields(STORED))
    command = ask(CONFIRMED, yes(5), fields=ExtendedFields(patch))
    decision = one(stored, command)
    assert decision.consent.extended_fields == ExtendedFields(expected)
    assert decision.result is (Result.UNCHANGED if expected == STORED else Result.UPDATED)
    assert decision.kept is None


@given(plain, plain)
def test_merging_is_putting_one_field_after_the_other(stored: dict[str, Any], patch: dict[str, Any]) -> None:
    """Merging agrees with setting or removing each field by itself, and merging twice is merging once."""
    merged = ExtendedFields(stored).merged_with(ExtendedFields(patch))
    for namespace in ("crm", "shop"):
        for name in "ab":
            given = patch.get(namespace, {})
            value = given.get(name) if name in given else stored.get(namespace, {}).get(name)
            if patch and namespace in patch:
                assert merged.namespaces.get(namespace, {}).get(name) == value
    assert merged.merged_with(ExtendedFields(patch)) == merged


def test_merging_nothing_is_the_same_value() -> None:
    """A request without fields costs nothing."""
    fields = ExtendedFields(STORED)
    assert fields.merged_with(NO_FIELDS) is fields


def test_a_new_record_has_no_removed_fields() -> None:
    """A null in the first request removes what is not there."""
    command = ask(NEVER, fields=ExtendedFields({"crm": {"a": None, "b": 1}, "shop": {"x": None}}))
    assert one(None, command).consent.extended_fields == ExtendedFields({"crm": {"b": 1}})


@pytest.mark.parametrize(
    ("stored", "command", "reason"),
    [
        (record(CONFIRMED, 5), ask(UNKNOWN, fields=ExtendedFields({"crm": {"a": 1}})), KeptReason.EMAIL_KEEPS_STATE),
        (
            record(REVOKED, None, 5),
            ask(NEVER, fields=ExtendedFields({"crm": {"a": 1}})),
            KeptReason.REVOKED_NEEDS_EVIDENCE,
        ),
        (
            record(CONFIRMED, 5, 4),
            ask(REVOKED, None, no(3), fields=ExtendedFields({"crm": {"a": 1}})),
            KeptReason.STALE_EVIDENCE,
        ),
    ],
)
def test_fields_change_also_where_the_state_is_kept(stored: Any, command: Any, reason: KeptReason) -> None:
    """Section 4.7: "They change also where the state is kept", which is a change with a revision and an event."""
    decision = one(stored, command)
    assert (decision.result, decision.kept) == (Result.UPDATED, reason)
    assert decision.consent.state is stored.state
    assert decision.consent.extended_fields == ExtendedFields({"crm": {"a": 1}})
    assert decision.consent.last_confirmation_activity == stored.last_confirmation_activity
    assert (decision.consent.revision, len(decision.events)) == (stored.revision + 1, 1)


def test_a_mapping_or_none_is_taken_for_fields() -> None:
    """In Python a plain mapping is enough."""
    assert ask(NEVER, fields={"crm": {"a": 1}}).extended_fields == ExtendedFields({"crm": {"a": 1}})  # type: ignore[arg-type]
    assert ask(NEVER, fields=None).extended_fields is NO_FIELDS  # type: ignore[arg-type]
    same = ExtendedFields({"crm": {"a": 1}})
    assert ask(NEVER, fields=same).extended_fields is same
    with pytest.raises(InvalidConsent) as error:
        ask(NEVER, fields=["crm"])  # type: ignore[arg-type]
    assert violations_of(error) == [("extendedFields.namespaces", ViolationCode.WRONG_TYPE)]


def test_merged_fields_stay_within_the_bounds() -> None:
    """Section 3, rule 9, holds for what would be stored: small requests cannot add up beyond it."""
    policy = Policy(max_extended_fields_size=30)
    stored = one(None, ask(NEVER, fields=ExtendedFields({"crm": {"a": "0123456"}})), policy=policy).consent
    at_limit = ask(NEVER, fields=ExtendedFields({"crm": {"b": 12}}))
    merged = one(stored, at_limit, policy=policy).consent
    assert merged.extended_fields.size == 30
    with pytest.raises(InvalidConsent) as error:
        one(stored, ask(NEVER, fields=ExtendedFields({"crm": {"b": 123}})), policy=policy)
    assert violations_of(error) == [("extendedFields", ViolationCode.TOO_LARGE)]
    removed = one(merged, ask(NEVER, fields=ExtendedFields({"crm": {"a": None, "b": None}})), policy=policy)
    assert removed.consent.extended_fields == NO_FIELDS
