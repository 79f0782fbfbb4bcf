"""The types for fields of pydantic models, alone and in FastAPI."""

import asyncio
import importlib
import json
import sys
from random import Random
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # brings no types
from pydantic import BaseModel, TypeAdapter, ValidationError

import consent_core as cc
from consent_core.pydantic import ConsentPart, Email, Identifier, Limits, Phone
from tests.wire.test_claims import PRESETS, STATES
from tests.wire.test_claims_hostile import mutated

SIGN_UP = Limits(cc.Claims.sign_up_form())


class SignUp(BaseModel):
    """The model of an application: its own fields, and the consent."""

    name: str
    email: Email
    phone: Phone | None = None
    consent: Annotated[ConsentPart, SIGN_UP]


def errors(model: type[BaseModel], **data: Any) -> dict[tuple[int | str, ...], str]:
    """The types of the errors, by location; none of them repeats the input."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    assert all(error["input"] is None for error in caught.value.errors())
    assert "ada" not in str(caught.value)
    return {error["loc"]: error["type"] for error in caught.value.errors()}


@pytest.mark.parametrize("as_json", [False, True])
def test_text_becomes_the_values_of_the_library(as_json: bool) -> None:
    """And is written as the address in its normal form."""
    data: dict[str, Any] = {
        "name": "Ada",
        "email": " Ada@Example.ORG",
        "phone": "+1 202-555-0172",
        "consent": {"state": "PENDING"},
    }
    made = SignUp.model_validate_json(json.dumps(data)) if as_json else SignUp.model_validate(data)
    assert made.email == cc.Email("ada@example.org")
    assert made.phone == cc.Phone("+12025550172")
    assert made.model_dump(mode="json") == {
        "name": "Ada",
        "email": "Ada@example.org",
        "phone": "+12025550172",
        "consent": {"state": "PENDING"},
    }
    assert SignUp.model_validate(made.model_dump()) == made
    assert "Ada@" not in repr(made)


def test_values_of_the_library_are_taken_as_they_are() -> None:
    """A field of one channel refuses a value of another."""
    identifiers: TypeAdapter[cc.Identifier] = TypeAdapter(Identifier)
    assert identifiers.validate_python(cc.Phone("+12025550172")) == cc.Phone("+12025550172")
    assert identifiers.validate_python("ada@example.org") == cc.Email("ada@example.org")
    part: TypeAdapter[ConsentPart] = TypeAdapter(Annotated[ConsentPart, SIGN_UP])
    made = part.validate_python({"state": "PENDING"})
    assert part.validate_python(made) == made
    emails: TypeAdapter[cc.Email] = TypeAdapter(Email)
    with pytest.raises(ValidationError):
        emails.validate_python(cc.Phone("+12025550172"))


def test_the_consent_part_makes_a_request_with_an_identifier() -> None:
    """What the application knows is given beside the body."""
    made = SignUp.model_validate(
        {"name": "Ada", "email": "ada@example.org", "consent": {"state": "PENDING"}}
    )
    request = made.consent.upsert(made.email, description="Sign-up form, version 3")
    assert request.details == made.email
    assert request.last_confirmation_activity is not None
    assert request.last_confirmation_activity.description == "Sign-up form, version 3"
    assert request.last_confirmation_activity.source is cc.ConfirmationSource.FORM
    assert request.dated_at_receipt


def test_all_violations_arrive_at_once_where_they_are() -> None:
    """Each at the caller's own field, in the caller's spelling, with the library's code."""
    found = errors(
        SignUp,
        name="Ada",
        email="ada@",
        phone="ada",
        consent={
            "state": "CONFIRMED",
            "last_confirmation_activity": {"opt_in_level": "DOUBLE_CONFIRMATION"},
            "details": {"type": "EMAIL", "email": "ada@example.org"},
            "colour": "ada",
        },
    )
    assert found == {
        ("email",): "INVALID_EMAIL",
        ("phone",): "INVALID_PHONE",
        ("consent", "state"): "NOT_ALLOWED",
        ("consent", "last_confirmation_activity", "opt_in_level"): "NOT_ALLOWED",
        ("consent", "details"): "NOT_ALLOWED",
        ("consent", "colour"): "UNKNOWN_FIELD",
    }
    assert errors(SignUp, name="Ada", email=7, consent=[]) == {
        ("email",): "WRONG_TYPE",
        ("consent",): "WRONG_TYPE",
    }


def test_bounds_of_the_policy_apply() -> None:
    """The policy of the limits judges the body."""

    class Described(BaseModel):
        consent: Annotated[ConsentPart, Limits(cc.Claims(), cc.Policy(max_description_length=3))]

    activity = {"description": "longer"}
    found = errors(Described, consent={"state": "CONFIRMED", "lastConfirmationActivity": activity})
    assert found == {("consent", "lastConfirmationActivity", "description"): "TOO_LONG"}


def test_claims_are_never_forgotten() -> None:
    """A consent part without limits would trust the public with everything."""
    with pytest.raises(TypeError, match="what the caller may claim"):
        TypeAdapter(ConsentPart)


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


def test_fastapi_answers_422_and_documents_the_schema() -> None:
    """The framework's own answer, and its own document."""
    app, consents = FastAPI(), cc.ConsentService()

    @app.post("/sign-up")
    def sign_up(form: SignUp) -> dict[str, bool]:
        consents.upsert(form.consent.upsert(form.email, description="Sign-up form"))
        return {"ok": True}

    right = {"name": "Ada", "email": "ada@example.org", "consent": {"state": "PENDING"}}
    wrong = {"name": "Grace", "email": "grace", "consent": {"state": "CONFIRMED"}}

    async def ask() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
            return (
                await client.post("/sign-up", json=right),
                await client.post("/sign-up", json=wrong),
                await client.get("/openapi.json"),
            )

    taken, answer, document = asyncio.run(ask())
    assert taken.json() == {"ok": True}
    assert answer.status_code == 422
    assert "grace" not in answer.text
    assert {tuple(each["loc"]): each["type"] for each in answer.json()["detail"]} == {
        ("body", "email"): "INVALID_EMAIL",
        ("body", "consent", "state"): "NOT_ALLOWED",
    }
    consent = document.json()["components"]["schemas"]["SignUp"]["properties"]["consent"]
    assert consent["properties"]["state"]["enum"] == ["PENDING"]
    assert consent["additionalProperties"] is False
    assert consents.get_by_identifier("ada@example.org").consent is not None
    assert consents.get_by_identifier("grace@example.org").consent is None


def test_without_pydantic_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module is imported anew and pydantic is not there."""
    monkeypatch.delitem(sys.modules, "consent_core.pydantic")
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"needs pydantic: pip install 'consent_core\[pydantic\]'"
    ):
        importlib.import_module("consent_core.pydantic")
