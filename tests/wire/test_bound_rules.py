"""Bounds, exactly at the limit and one past it: rule 9 of the contract's section 3."""

import json
from typing import Any

import pytest

from consent_core.domain.policy import Policy
from consent_core.wire import read_upsert
from tests.wire.bodies import ADA, LINE, Body, body, confirmed, email, found, phone, revoked

EXTENDED = "extendedFields"


def fields(namespaces: Any) -> Body:
    """A request with these namespaces."""
    return body(extendedFields={"namespaces": namespaces})


def nested(levels: int) -> Any:
    """Namespaces of so many levels, the object of namespaces being the first and a namespace the
    second.
    """
    value: Any = 1
    for _ in range(levels - 2):
        value = [value]
    return {"ns": {"f": value}}


def sized(size: int, letter: str = "x") -> Any:
    """Namespaces that are so many bytes as compact JSON in UTF-8."""
    frame = len('{"ns":{"f":""}}')
    return {"ns": {"f": letter * ((size - frame) // len(letter.encode()))}}


@pytest.mark.parametrize(
    ("request_of", "activity"),
    [(confirmed, "lastConfirmationActivity"), (revoked, "lastRevokeActivity")],
)
@pytest.mark.parametrize("letter", ["x", "ü", "\N{PILE OF POO}"])
@pytest.mark.parametrize("limit", [None, 0, 10])
def test_descriptions(request_of: Any, activity: str, letter: str, limit: int | None) -> None:
    """Rule 9: "description 4,096 characters", settable in the policy; characters, not bytes."""
    policy, most = (
        (Policy(), 4096) if limit is None else (Policy(max_description_length=limit), limit)
    )
    assert found(request_of(description=letter * most), policy=policy) == set()
    expected = {(f"{activity}.description", "TOO_LONG")}
    assert found(request_of(description=letter * (most + 1)), policy=policy) == expected


@pytest.mark.parametrize("letter", ["x", "ü", "€", "\N{PILE OF POO}"])
def test_size_of_extended_fields(letter: str) -> None:
    """Rule 9.

    "extended fields 64 KiB as JSON", in bytes, whatever the spaces of the text that was sent.
    """
    width, frame = len(letter.encode()), 15
    limit = frame + (65_536 - frame) // width * width
    assert (
        len(json.dumps(sized(limit, letter), ensure_ascii=False, separators=(",", ":")).encode())
        == limit
    )
    assert found(fields(sized(limit, letter))) == set()
    assert found(fields(sized(65_536 + width, letter))) == {(EXTENDED, "TOO_LARGE")}


@pytest.mark.parametrize("limit", [15, 100])
def test_size_by_policy(limit: int) -> None:
    """Rule 9: the size is settable in the policy, exactly."""
    policy = Policy(max_extended_fields_size=limit)
    assert found(fields(sized(limit)), policy=policy) == set()
    assert found(fields(sized(limit + 1)), policy=policy) == {(EXTENDED, "TOO_LARGE")}


@pytest.mark.parametrize("nothing", [None, {}, {"namespaces": None}, {"namespaces": {}}])
def test_a_policy_without_extended_fields_takes_requests_without_them(nothing: Any) -> None:
    """Rule 9: no extended fields exceed no bound, however they are spelled."""
    assert found(body(extendedFields=nothing), policy=Policy(max_extended_fields_size=0)) == set()


def test_many_small_values_count_as_size() -> None:
    """Rule 9: a hostile number of values is told as the size that it is."""
    assert found(fields({"ns": {"f": [0] * 32_000}})) == set()
    assert found(fields({"ns": {"f": [0] * 40_000}})) == {(EXTENDED, "TOO_LARGE")}
    assert found(fields({"ns": {"f": [0] * 200_000}})) == {(EXTENDED, "TOO_LARGE")}


def test_depth_of_extended_fields() -> None:
    """Rule 9: "16 levels", of objects and arrays, the object of namespaces being the first."""
    assert found(fields(nested(16))) == set()
    assert found(fields(nested(17))) == {(EXTENDED, "TOO_DEEP")}


def test_depth_by_policy() -> None:
    """Rule 9: the depth is settable in the policy, up to what every JSON reader can follow."""
    assert found(fields(nested(3)), policy=Policy(max_extended_fields_depth=3)) == set()
    assert found(fields(nested(4)), policy=Policy(max_extended_fields_depth=3)) == {
        (EXTENDED, "TOO_DEEP")
    }
    assert found(fields(nested(5_000)), policy=Policy(max_extended_fields_depth=9_999)) == {
        (EXTENDED, "TOO_DEEP")
    }


@pytest.mark.parametrize(
    ("details", "path"), [(email(), "details.email"), (phone(), "details.phone")]
)
def test_identifiers_by_policy(details: Body, path: str) -> None:
    """Rule 9: the length of identifiers is settable in the policy, exactly."""
    size = len(ADA if path.endswith("email") else LINE)
    assert found(body(details=details), policy=Policy(max_identifier_length=size)) == set()
    assert found(body(details=details), policy=Policy(max_identifier_length=size - 1)) == {
        (path, "TOO_LONG")
    }


@pytest.mark.parametrize(("details", "code"), [(email, "EMAIL"), (phone, "PHONE")])
def test_identifiers_of_320_characters(details: Any, code: str) -> None:
    """Rule 9: "identifiers 320 characters".

    Beyond it the length is told, and nothing else is looked at.
    """
    path = f"details.{code.lower()}"
    assert found(body(details=details("+" * 320))) == {(path, f"INVALID_{code}")}
    assert found(body(details=details("+" * 321))) == {(path, "TOO_LONG")}
    assert found(body(details=details("+" * 10_000_000))) == {(path, "TOO_LONG")}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "INVALID_NUMBER"),
        (float("-inf"), "INVALID_NUMBER"),
        (2**1024, "INVALID_NUMBER"),
        (-(2**5000), "INVALID_NUMBER"),
        ("\0", "INVALID_TEXT"),
        ("\udfff", "INVALID_TEXT"),
        ({"\0": 1}, "INVALID_TEXT"),
        ({1: 2}, "INVALID_JSON"),
        ({None: 2}, "INVALID_JSON"),
        (b"x", "INVALID_JSON"),
        ((1, 2), "INVALID_JSON"),
        ({1, 2}, "INVALID_JSON"),
        (body, "INVALID_JSON"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [{"a": [value]}]])
def test_extended_fields_hold_json_only(value: Any, code: str, wrap: Any) -> None:
    """Rule 9: "extended fields hold JSON values only", at every depth."""
    assert found(fields({"ns": {"f": wrap(value)}})) == {(EXTENDED, code)}


@pytest.mark.parametrize(
    "namespaces", [1, "x", [], [{}], {"ns": 1}, {"ns": "x"}, {"ns": [1]}, {"ns": None}]
)
def test_namespaces_are_objects_of_objects(namespaces: Any) -> None:
    """Section 1: extendedFields is {"namespaces": {NAMESPACE: {FIELD.

    Any JSON}}}, and the path is the caller's.
    """
    sent = body(extended_fields={"namespaces": namespaces})
    assert found(sent) == {("extended_fields.namespaces", "WRONG_TYPE")}


def test_any_json_is_kept() -> None:
    """Section 1: a field may hold any JSON, and comes out as it went in."""
    namespaces: Body = {
        "@acme/shop": {
            "a": None,
            "b": [1, -0.5, 1e300, 2**1000, True, {"": "ü\N{PILE OF POO}"}, []],
            "": {},
        }
    }
    assert read_upsert(fields(namespaces)).extended_fields.namespaces == namespaces


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "ü\udfff"])
@pytest.mark.parametrize(
    ("request_of", "activity"),
    [(confirmed, "lastConfirmationActivity"), (revoked, "lastRevokeActivity")],
)
def test_descriptions_that_no_store_can_hold(text: str, request_of: Any, activity: str) -> None:
    """Rule 9: hostile text is refused when it is read, not when it is stored."""
    assert found(request_of(description=text)) == {(f"{activity}.description", "INVALID_TEXT")}
