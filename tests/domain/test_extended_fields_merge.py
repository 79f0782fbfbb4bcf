"""Extended fields are merged per namespace and field, also where the state is kept (contract,
section 4.7).
"""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import KeptReason, Result, ViolationCode
from tests.domain.builders import (
    CONFIRMED,
    NEVER,
    REVOKED,
    UNKNOWN,
    ask,
    no,
    one,
    record,
    violations_of,
    yes,
)

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
def test_merging_is_putting_one_field_after_the_other(
    stored: dict[str, Any], patch: dict[str, Any]
) -> None:
    """Merging agrees with setting or removing each field by itself, and merging twice is merging
    once.
    """
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
        (
            record(CONFIRMED, 5),
            ask(UNKNOWN, fields=ExtendedFields({"crm": {"a": 1}})),
            KeptReason.EMAIL_KEEPS_STATE,
        ),
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
def test_fields_change_also_where_the_state_is_kept(
    stored: Any, command: Any, reason: KeptReason
) -> None:
    """Section 4.7.

    "They change also where the state is kept", which is a change with a revision and an event.
    """
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
    stored = one(
        None, ask(NEVER, fields=ExtendedFields({"crm": {"a": "0123456"}})), policy=policy
    ).consent
    at_limit = ask(NEVER, fields=ExtendedFields({"crm": {"b": 12}}))
    merged = one(stored, at_limit, policy=policy).consent
    assert merged.extended_fields.size == 30
    with pytest.raises(InvalidConsent) as error:
        one(stored, ask(NEVER, fields=ExtendedFields({"crm": {"b": 123}})), policy=policy)
    assert violations_of(error) == [("extendedFields", ViolationCode.TOO_LARGE)]
    removed = one(
        merged, ask(NEVER, fields=ExtendedFields({"crm": {"a": None, "b": None}})), policy=policy
    )
    assert removed.consent.extended_fields == NO_FIELDS


def full(**more: Any) -> ExtendedFields:
    """Fields whose namespace crm has 30 bytes, and is full under ``TIGHT``."""
    return ExtendedFields({"crm": {"a": "0123456", "b": 12}} | more)


TIGHT = Policy(max_extended_fields_size=30)


def test_each_namespace_has_room_of_its_own() -> None:
    """Section 3, rule 9: "so that no application can use up another's room"."""
    assert full().size == 30
    before = record(CONFIRMED, 5, extended_fields=full())
    after = one(
        before,
        ask(CONFIRMED, yes(5), fields=ExtendedFields({"erp": {"a": "0123456", "b": 12}})),
        policy=TIGHT,
    )
    assert after.consent.extended_fields == full(erp={"a": "0123456", "b": 12})
    both = ask(NEVER, fields=full(erp={"a": 1}))
    assert one(None, both, policy=TIGHT).consent.extended_fields == both.extended_fields
    with pytest.raises(
        InvalidConsent, match=r": may have at most 30 bytes as JSON in each namespace \["
    ):
        one(None, ask(NEVER, fields=full(erp={"a": "0123456789", "b": 1})), policy=TIGHT)


@pytest.mark.parametrize("name", ["crm", "ü" * 20])
def test_the_name_of_a_namespace_takes_room(name: str) -> None:
    """The size is that of an object which holds nothing but the namespace."""
    fields = ExtendedFields({name: {"a": 1}, "other": {}})
    size = len(f'{{"{name}":{{"a":1}}}}'.encode())
    assert not fields.exceeds(size)
    assert fields.exceeds(size - 1)


@pytest.mark.parametrize("policy", [TIGHT, Policy(max_extended_fields_size=20)])
def test_what_is_stored_refuses_no_opt_out(policy: Policy) -> None:
    """Section 3, rule 9: "nobody's opt-out is refused for what others stored".

    A full namespace may stay, or shrink.
    """
    before = record(CONFIRMED, 5, extended_fields=full(x={"d": 1}))
    for patch, expected in (
        ({}, full(x={"d": 1})),
        ({"x": {"d": 2}}, full(x={"d": 2})),
        ({"x": {"d": None}, "y": {}}, full()),
        ({"crm": {"b": 1}}, full(x={"d": 1}).merged_with(ExtendedFields({"crm": {"b": 1}}))),
        ({"crm": {"b": 13}}, full(x={"d": 1}).merged_with(ExtendedFields({"crm": {"b": 13}}))),
        ({"crm": {"a": None}}, ExtendedFields({"crm": {"b": 12}, "x": {"d": 1}})),
    ):
        decision = one(
            before, ask(REVOKED, None, no(9), fields=ExtendedFields(patch)), policy=policy
        )
        assert (decision.consent.state, decision.consent.extended_fields) == (REVOKED, expected)
    with pytest.raises(InvalidConsent) as error:
        one(
            before,
            ask(REVOKED, None, no(9), fields=ExtendedFields({"crm": {"b": 123}})),
            policy=policy,
        )
    assert violations_of(error) == [("extendedFields", ViolationCode.TOO_LARGE)]


sizes = st.dictionaries(
    st.text("aü", max_size=2),
    st.none() | st.integers(0, 99) | st.text("xü", max_size=5),
    max_size=4,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["crm", "é"]), sizes, max_size=2), max_size=4),
    st.integers(0, 60),
)
def test_sizes_are_counted_as_they_are(patches: list[dict[str, Any]], most: int) -> None:
    """What is added up over several merges is what the text of the namespace has."""
    fields = NO_FIELDS
    for patch in patches:
        added = {"new": {"a": 1}}
        merged = fields.merged_with(ExtendedFields(patch)).merged_with(ExtendedFields(added))
        fields = fields.merged_with(ExtendedFields(patch))
        plain = ExtendedFields.restore(fields.to_json()).namespaces
        largest = max(
            (ExtendedFields({name: inside}).size for name, inside in plain.items()), default=0
        )
        assert merged.exceeds(most) is (max(largest, 15) > most)


def test_a_merge_of_what_is_there_is_the_same_value() -> None:
    """Nothing new is nothing to store.

    1, 1.0 and true are three values, the order of keys is none.
    """
    fields = ExtendedFields({"crm": {"a": 1, "b": {"x": 1, "y": 2}}})
    assert (
        fields.merged_with(
            ExtendedFields({"crm": {"b": {"y": 2, "x": 1}, "c": None}, "new": {"a": None}})
        )
        is fields
    )
    for other in (1.0, True):
        assert fields.merged_with(ExtendedFields({"crm": {"a": other}})) != fields


def test_fields_are_one_value_as_text_and_parsed() -> None:
    """The text is made when it is asked for, and tells the same; and each form can be empty."""
    patch = ExtendedFields({"crm": {"a": 2}})
    text = '{"crm":{"a":2,"b":{"c":2}},"shop":{"x":[1]}}'

    def merged() -> ExtendedFields:
        return ExtendedFields(STORED).merged_with(patch)

    assert merged().to_json() == text
    assert merged() == ExtendedFields.restore(text)
    assert hash(merged()) == hash(ExtendedFields.restore(text))
    assert (merged().size, merged().depth, bool(merged())) == (len(text), 3, True)
    assert pickle.loads(pickle.dumps(merged())) == merged()  # noqa: S301  # our own bytes
    assert copy.deepcopy(merged()) == merged()
    assert not merged().only([])
    assert (
        merged().only(["crm"]).merged_with(ExtendedFields({"crm": {"a": None, "b": None}}))
        == NO_FIELDS
    )
    assert merged() != text
