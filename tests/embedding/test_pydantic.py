"""The types for fields of pydantic models, alone and in FastAPI."""

import asyncio
import importlib
import json
import sys
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError

import consent_core as cc
from consent_core.pydantic import ConsentPart, Email, Identifier, Limits, Phone

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


def test_the_identifier_is_not_judged_before_it_is_known() -> None:
    """Whatever the policy says of its length."""

    class Short(BaseModel):
        consent: Annotated[
            ConsentPart, Limits(cc.Claims.sign_up_form(), cc.Policy(max_identifier_length=9))
        ]

    made = Short.model_validate({"consent": {"state": "PENDING"}})
    assert made.consent.upsert("a@b.de").details == cc.Email("a@b.de")
    with pytest.raises(cc.InvalidConsent):
        made.consent.upsert("ada@example.org")


def test_names_with_dots_are_one_place() -> None:
    """Topics may have them."""

    class Chosen(BaseModel):
        consent: Annotated[
            ConsentPart,
            Limits(cc.Claims.preference_page(), cc.Policy(topics={"a.b": cc.TopicDefault.OPT_IN})),
        ]

    choice = {"choice": "IN", "actor": "OPERATOR"}
    found = errors(Chosen, consent={"topics": {"a.b": choice}})
    assert found == {("consent", "topics", "a.b", "actor"): "NOT_ALLOWED"}


def test_claims_are_never_forgotten() -> None:
    """A consent part without limits would trust the public with everything."""
    with pytest.raises(TypeError, match="what the caller may claim"):
        TypeAdapter(ConsentPart)


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
