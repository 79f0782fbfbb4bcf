"""Extended fields hold JSON values only, frozen and compared by content (contract, sections 1 and
3, rule 9).
"""

import json
import math
import pickle
from types import MappingProxyType
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.json_values import HARD_DEPTH, HARD_INTEGER_BITS
from consent_core.domain.vocabulary import ViolationCode
from tests.domain.builders import violations_of

names = st.text("abcäß", min_size=1, max_size=3)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | names
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)
namespaces = st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=3)


def nested(levels: int) -> dict[str, Any]:
    """Extended fields of so many levels, the namespaces' own object being the first."""
    value: Any = 1
    for _ in range(levels - 2):
        value = [value]
    return {"crm": {"deep": value}}


@given(namespaces)
def test_what_goes_in_comes_out(plain: dict[str, dict[str, Any]]) -> None:
    """Any JSON is kept as it is, and what comes out is a fresh copy that may be changed at will."""
    fields = ExtendedFields(plain)
    assert fields.namespaces == plain
    fields.namespaces.setdefault("other", {})["x"] = 1
    assert fields.namespaces == plain
    assert bool(fields) is bool(plain)


@given(namespaces)
def test_the_text_is_compact_sorted_json(plain: dict[str, dict[str, Any]]) -> None:
    """Equal fields give equal text, and the text gives the fields back."""
    fields = ExtendedFields(plain)
    assert fields.to_json() == json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert ExtendedFields.restore(fields.to_json()) == fields
    assert ExtendedFields(dict(reversed(plain.items()))) == fields
    assert hash(ExtendedFields.restore(fields.to_json())) == hash(fields)
    assert fields.size == len(fields.to_json().encode("utf-8"))


def test_what_was_given_may_change_afterwards() -> None:
    """The value is a copy: it does not follow the mapping it was made of."""
    plain: dict[str, dict[str, Any]] = {"crm": {"tags": ["a"]}}
    fields = ExtendedFields(plain)
    plain["crm"]["tags"].append("b")
    assert fields.namespaces == {"crm": {"tags": ["a"]}}


def test_other_mappings_are_read() -> None:
    """Namespaces and fields may be any mapping."""
    assert ExtendedFields(MappingProxyType({"crm": MappingProxyType({"a": 1})})) == ExtendedFields(
        {"crm": {"a": 1}}
    )


def test_there_are_fields_or_there_are_none() -> None:
    """No fields are false, however they were given."""
    assert not NO_FIELDS
    assert not ExtendedFields()
    assert not ExtendedFields({})
    assert ExtendedFields({"crm": {}})
    assert NO_FIELDS.to_json() == "{}"
    assert ExtendedFields() == NO_FIELDS
    assert ExtendedFields({"crm": {}}) != NO_FIELDS


def test_repr_tells_the_size_only() -> None:
    """Design, principle 7: what applications keep may be personal, and reprs end up in logs."""
    fields = ExtendedFields({"crm": {"née": "Byron"}})
    assert repr(fields) == "<ExtendedFields of 24 bytes>"
    assert fields.size == 24


def test_the_value_is_frozen_and_picklable() -> None:
    """It can be a dictionary key and travel between processes."""
    fields = ExtendedFields({"crm": {"a": 1}})
    with pytest.raises(FrozenInstanceError):
        fields._json = "{}"  # noqa: SLF001 - what must not be possible
    with pytest.raises(FrozenInstanceError):
        del fields._json  # noqa: SLF001 - neither must this
    assert pickle.loads(pickle.dumps(fields)) == fields  # noqa: S301 - our own bytes
    assert hash(fields) == hash(ExtendedFields({"crm": {"a": 1}})) != hash(NO_FIELDS)


@pytest.mark.parametrize(
    ("bad", "path", "code"),
    [
        (["crm"], "extendedFields.namespaces", ViolationCode.WRONG_TYPE),
        ("crm", "extendedFields.namespaces", ViolationCode.WRONG_TYPE),
        (0, "extendedFields.namespaces", ViolationCode.WRONG_TYPE),
        ({"crm": None}, "extendedFields.namespaces", ViolationCode.WRONG_TYPE),
        ({"ok": {}, "crm": ["a"]}, "extendedFields.namespaces", ViolationCode.WRONG_TYPE),
        ({1: {}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {1: 1}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": {None: 1}}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": (1, 2)}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": {1, 2}}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": b"x"}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": [object()]}}, "extendedFields", ViolationCode.INVALID_JSON),
        ({"crm": {"a": math.nan}}, "extendedFields", ViolationCode.INVALID_NUMBER),
        ({"crm": {"a": [math.inf]}}, "extendedFields", ViolationCode.INVALID_NUMBER),
        ({"crm": {"a": -math.inf}}, "extendedFields", ViolationCode.INVALID_NUMBER),
        ({"crm": {"a": 2**HARD_INTEGER_BITS}}, "extendedFields", ViolationCode.INVALID_NUMBER),
        ({"crm": {"a": -(2**HARD_INTEGER_BITS)}}, "extendedFields", ViolationCode.INVALID_NUMBER),
        ({"crm": {"a": "\0"}}, "extendedFields", ViolationCode.INVALID_TEXT),
        ({"crm": {"a": "ü\0"}}, "extendedFields", ViolationCode.INVALID_TEXT),
        ({"crm": {"a": "\ud800"}}, "extendedFields", ViolationCode.INVALID_TEXT),
        ({"crm": {"a\0": 1}}, "extendedFields", ViolationCode.INVALID_TEXT),
        ({"\udfff": {}}, "extendedFields", ViolationCode.INVALID_TEXT),
    ],
)
def test_what_json_cannot_say_is_refused(bad: Any, path: str, code: ViolationCode) -> None:
    """Section 3, rule 9: "Extended fields hold JSON values only"."""
    with pytest.raises(InvalidConsent) as error:
        ExtendedFields(bad)
    assert violations_of(error) == [(path, code)]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (["crm"], "must be an object of namespaces"),
        ({"crm": None}, "each namespace must be an object of fields"),
        ({"crm": {1: 1}}, "has a key that is not a string"),
        ({"crm": {"a": (1, 2)}}, "has a tuple, which JSON cannot say"),
        ({"crm": {"a": math.nan}}, "has a number that is not finite"),
        ({"crm": {"a": 1 << 2000}}, "has an integer too large for most JSON readers"),
        ({"crm": {"a": "\0"}}, "has text with NUL or half a surrogate pair"),
        (nested(HARD_DEPTH + 1), "may have at most 200 levels"),
    ],
)
def test_a_refusal_says_what_is_wrong(bad: Any, sentence: str) -> None:
    """The description is for the person who has to mend it."""
    with pytest.raises(InvalidConsent) as error:
        ExtendedFields(bad)
    assert error.value.violations[0].description == sentence


@given(
    st.recursive(
        scalars | st.binary() | st.complex_numbers(),
        lambda i: st.lists(i) | st.dictionaries(scalars, i),
    )
)
def test_any_value_is_taken_or_invalid(value: Any) -> None:
    """Nothing but InvalidConsent leaves the parser, whatever is in it."""
    for plain in (value, {"crm": value}, {"crm": {"a": value}}):
        try:
            fields = ExtendedFields(plain)
        except InvalidConsent:
            continue
        assert json.loads(fields.to_json()) == fields.namespaces


def test_the_largest_integers_are_taken() -> None:
    """One bit less than too many."""
    most = 2**HARD_INTEGER_BITS - 1
    assert ExtendedFields({"crm": {"a": most, "b": -most}}).namespaces == {
        "crm": {"a": most, "b": -most}
    }


@pytest.mark.parametrize("levels", [2, 3, 16, HARD_DEPTH])
def test_depth_counts_objects_and_arrays(levels: int) -> None:
    """The namespaces' own object is the first level; plain values are none."""
    assert ExtendedFields(nested(levels)).depth == levels


def test_depth_of_little() -> None:
    """No fields are one level, an empty namespace two."""
    assert NO_FIELDS.depth == 1
    assert ExtendedFields({"crm": {}}).depth == 2
    assert ExtendedFields({"crm": {"a": 1, "b": {}}, "x": {}}).depth == 3


def test_nesting_without_end_is_refused_cheaply() -> None:
    """Section 3, rule 9: hostile input stays cheap.

    The hard bound holds without a policy and without recursion.
    """
    for levels in (HARD_DEPTH + 1, 100_000):
        with pytest.raises(InvalidConsent) as error:
            ExtendedFields(nested(levels))
        assert violations_of(error) == [("extendedFields", ViolationCode.TOO_DEEP)]


def test_a_cycle_is_refused() -> None:
    """A list that holds itself is nested without end."""
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(InvalidConsent):
        ExtendedFields({"crm": {"a": cycle}})


def test_a_bound_on_values_counts_keys_and_values_and_the_outermost_object() -> None:
    """``max_values``: five here, of which the namespaces' object is the first."""
    plain = {"crm": {"a": 1}}
    assert ExtendedFields(plain, max_values=5).namespaces == plain
    with pytest.raises(InvalidConsent, match=r": has too many values \[") as error:
        ExtendedFields(plain, max_values=4)
    assert violations_of(error) == [("extendedFields", ViolationCode.TOO_LARGE)]
    assert ExtendedFields({"crm": {"a": [1, 2, 3]}}, max_values=8)
    with pytest.raises(InvalidConsent):
        ExtendedFields({"crm": {"a": [1, 2, 3]}}, max_values=7)


def test_too_many_values_are_not_looked_at() -> None:
    """Section 3, rule 9: "hostile input stays cheap".

    The count refuses before the values are judged.
    """
    with pytest.raises(InvalidConsent) as error:
        ExtendedFields({"crm": {"a": [1] * 1000 + [object()]}}, max_values=100)
    assert violations_of(error) == [("extendedFields", ViolationCode.TOO_LARGE)]


def test_only_the_wanted_namespaces() -> None:
    """Section 2: extended fields are visible for the namespaces that a caller may access."""
    fields = ExtendedFields({"a": {"x": 1}, "b": {"y": 2}, "c": {}})
    assert fields.only(["a", "c", "d"]) == ExtendedFields({"a": {"x": 1}, "c": {}})
    assert fields.only(name for name in "ab") == ExtendedFields({"a": {"x": 1}, "b": {"y": 2}})
    assert fields.only([]) == NO_FIELDS
