"""The OpenAPI document: valid, complete, and true of the real answers."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from consent_core import AsyncConsentService
from consent_core.rest import openapi
from tests.wire.asgi import App
from tests.wire.serving import BASE, LINKS, Body, Site, consent, fields
from tests.wire.test_rest_operations import ROUTES

DOCUMENT = openapi()
OPERATIONS = {o["operationId"]: o for path in DOCUMENT["paths"].values() for o in path.values()}


def test_the_document_is_valid_openapi() -> None:
    """By the specification's own validator, after a journey through JSON."""
    validate(json.loads(json.dumps(openapi())), cls=OpenAPIV31SpecValidator)


def test_the_document_has_every_route() -> None:
    """Nine operations, below the base that the documentation names, and nothing else."""
    described = {(method.upper(), path) for path, by in DOCUMENT["paths"].items() for method in by}
    nobody = f"{BASE}/{{id}}"
    routes = {
        (method, nobody if path.endswith("423f") else path) for method, path in ROUTES.values()
    }
    assert described == routes
    assert len(described) == len(OPERATIONS) == 9
    assert DOCUMENT["servers"] == [{"url": "/marketing-consent"}]
    assert all(
        o["summary"] and set(o["responses"]) >= {"200", "400", "403"} for o in OPERATIONS.values()
    )


def test_each_call_gives_a_fresh_document() -> None:
    """Whoever adds to it changes nobody else's."""
    openapi()["paths"].clear()
    assert openapi() == DOCUMENT


def fits(answer: Any, operation: str, status: int = 200) -> None:
    """An answer is what the document says."""
    schema = OPERATIONS[operation]["responses"][str(status)]["content"]["application/json"][
        "schema"
    ]
    whole = schema | {"components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer)


def test_full_answers_fit() -> None:
    """Records with everything in them, links, pages and errors are described."""
    site = Site()
    body = (
        consent(minute=5)
        | {"lastRevokeActivity": {"updatedDate": "2020-01-01T00:00:00Z"}}
        | fields(app={"x": [1]})
    )
    made = site.ok("POST", f"{BASE}/upsert", body)
    fits(made, "upsertMarketingConsent")
    query = {"type": "EMAIL", "email": "ada@example.org"}
    fits(site.ok("GET", f"{BASE}/get-by", query=query), "getMarketingConsentByIdentifier")
    fits(site.ok("POST", f"{BASE}/query", {}), "queryMarketingConsent")
    fits(site.ask("POST", BASE, body).body, "createMarketingConsent", 409)
    fits(site.ask("POST", BASE, {}).body, "createMarketingConsent", 400)


@pytest.mark.parametrize(
    "wrong", [{}, {"message": "x"}, {"message": 5, "details": {}}, {"message": "x", "details": {}}]
)
def test_the_document_tells_an_error_from_anything_else(wrong: Body) -> None:
    """An error says either what is wrong with fields, or a code."""
    with pytest.raises(jsonschema.ValidationError):
        fits(wrong, "upsertMarketingConsent", 400)


def test_a_request_with_everything_fits() -> None:
    """The documented words are taken by the schema of requests, and a typo is not."""
    schema = OPERATIONS["upsertMarketingConsent"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    validator = jsonschema.Draft202012Validator(schema | {"components": DOCUMENT["components"]})
    validator.validate({"marketingConsent": consent(minute=5) | fields(app={"x": 1})})
    assert not validator.is_valid({"marketingConsent": consent() | {"stat": 1}})
    assert not validator.is_valid({"marketingConsent": {"state": "CONFIRMED"}})


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SERVED: list[Any] = [
    SCHEMA[path][method] for path, by in DOCUMENT["paths"].items() for method in by
]


@settings(max_examples=120, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_generated_requests_are_answered_as_documented(data: st.DataObject) -> None:
    """Whatever fits the document is answered with a documented status and body, and never fails the
    server.
    """
    app = App(AsyncConsentService(links=LINKS))
    operation = data.draw(st.sampled_from(SERVED))
    case = data.draw(operation.as_strategy())
    response = case.call(app=app, base_url="http://site.example/marketing-consent")
    assert response.status_code < 500
    case.operation.validate_response(response)
    assert str(response.status_code) in operation.definition.raw["responses"]
