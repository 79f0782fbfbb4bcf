"""The JSON Schema of pydantic models: what the claims allow, and nothing else."""

from random import Random
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # brings no types
from pydantic import TypeAdapter, ValidationError

import consent_core as cc
from consent_core.pydantic import ConsentPart, Identifier, Limits
from tests.embedding.test_pydantic import SignUp
from tests.wire.test_claims import PRESETS, STATES
from tests.wire.test_claims_hostile import mutated


def test_the_schema_of_identifiers() -> None:
    """Format, length and an example, for the documents of an API."""
    schema = SignUp.model_json_schema()["properties"]
    assert schema["email"]["format"] == "email"
    assert schema["email"]["maxLength"] == 320
    assert schema["email"]["examples"] == ["ada@example.org"]
    either: TypeAdapter[cc.Identifier] = TypeAdapter(Identifier)
    assert [each["format"] for each in either.json_schema()["anyOf"]] == ["email", "phone"]
    Draft202012Validator.check_schema(SignUp.model_json_schema())


@pytest.mark.parametrize("preset", PRESETS)
def test_the_schema_says_what_the_claims_allow(preset: str) -> None:
    """What is right by the schema is taken.

    What is taken in the documented spelling, without words that claim nothing, is right by it.
    """
    part: TypeAdapter[ConsentPart] = TypeAdapter(Annotated[ConsentPart, Limits(PRESETS[preset])])
    schema = Draft202012Validator(part.json_schema())
    random, right = Random(preset), 0  # noqa: S311  # test data, the same in every run
    for _ in range(3_000):
        data = mutated(random, STATES[preset])
        if schema.is_valid(data):
            part.validate_python(data)
            right += 1
    assert right > 100


def test_what_could_say_nothing_is_not_offered() -> None:
    """A field whose only word stands for an absent one is left out."""
    part: TypeAdapter[ConsentPart] = TypeAdapter(
        Annotated[ConsentPart, Limits(PRESETS["sign_up_form"], TOPICS)]
    )
    fields = part.json_schema()["properties"]
    assert fields["lastConfirmationActivity"]["properties"].keys() == {"source"}
    assert "actor" not in fields["topics"]["properties"]["offers"]["properties"]


OPEN: dict[str, tuple[cc.Claims, dict[str, Any], bool]] = {
    "without limits": (
        cc.Claims(),
        {
            "state": "CONFIRMED",
            "lastConfirmationActivity": {"updatedDate": "2024-05-01T00:00:00Z"},
            "extendedFields": {"namespaces": {"shop": {"a": 1}}},
        },
        True,
    ),
    "two sources": (
        cc.Claims(states=["CONFIRMED"], sources=["FORM", "IN_PERSON"]),
        {"state": "CONFIRMED"},
        False,
    ),
    "a namespace": (
        cc.Claims(namespaces=["shop"]),
        {"state": "UNKNOWN_STATE", "extendedFields": {"namespaces": {"shop": {"a": 1}}}},
        True,
    ),
    "another namespace": (
        cc.Claims(namespaces=["shop"]),
        {"state": "UNKNOWN_STATE", "extendedFields": {"namespaces": {"crm": {"a": 1}}}},
        False,
    ),
}


TOPICS = cc.Policy(topics={"offers": cc.TopicDefault.OPT_OUT})
CHOSEN: dict[str, tuple[cc.Claims, dict[str, Any], bool]] = {
    "an IN from a form": (
        PRESETS["sign_up_form"],
        {"state": "PENDING", "topics": {"offers": {"choice": "IN"}}},
        True,
    ),
    "an OUT from a form": (
        PRESETS["sign_up_form"],
        {"state": "PENDING", "topics": {"offers": {"choice": "OUT"}}},
        False,
    ),
    "an unknown topic from a form": (
        PRESETS["sign_up_form"],
        {"state": "PENDING", "topics": {"ofers": {"choice": "IN"}}},
        False,
    ),
    "a choice alone from a form": (
        PRESETS["sign_up_form"],
        {"topics": {"offers": {"choice": "IN"}}},
        False,
    ),
    "a choice alone from a preference page": (
        PRESETS["preference_page"],
        {"topics": {"gone": {"choice": "OUT"}}},
        True,
    ),
    "a dated choice": (
        cc.Claims(),
        {"topics": {"offers": {"choice": "OUT", "updatedDate": "2024-05-01T00:00:00Z"}}},
        True,
    ),
    "no topics": (cc.Claims(topics=[]), {"topics": {"offers": {"choice": "OUT"}}}, False),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_the_schema_of_topics(case: str) -> None:
    """The declared topics can be joined; any can be left, by those who may leave one."""
    claims, data, is_right = CHOSEN[case]
    part: TypeAdapter[ConsentPart] = TypeAdapter(Annotated[ConsentPart, Limits(claims, TOPICS)])
    assert Draft202012Validator(part.json_schema()).is_valid(data) is is_right
    if is_right:
        part.validate_python(data)
    else:
        with pytest.raises(ValidationError):
            part.validate_python(data)


@pytest.mark.parametrize("case", OPEN)
def test_the_schema_of_claims_of_ones_own(case: str) -> None:
    """Also where the claims leave a choice, or limit namespaces."""
    claims, data, is_right = OPEN[case]
    part: TypeAdapter[ConsentPart] = TypeAdapter(Annotated[ConsentPart, Limits(claims)])
    assert Draft202012Validator(part.json_schema()).is_valid(data) is is_right
    if is_right:
        part.validate_python(data)
    else:
        with pytest.raises(ValidationError):
            part.validate_python(data)
