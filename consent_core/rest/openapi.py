"""The OpenAPI document of the nine routes, made of the same shapes that read and write the records."""

from typing import Any, Final

from consent_core.domain.vocabulary import LinkType, Reason
from consent_core.rest.bounds import DEFAULT_PAGE, LARGEST_PAGE, MOST_ITEMS
from consent_core.rest.routes import OPERATIONS, PREFIX, Operation
from consent_core.wire.kinds import Word
from consent_core.wire.reading import Shape
from consent_core.wire.shapes import DETAILS, RECORD, REMOVAL, REQUEST, STATELESS, UPDATE

Schema = dict[str, Any]


def openapi() -> Schema:
    """The OpenAPI 3.1 document of the nine routes (contract, section 2).

    Returns:
        A fresh dict, ready for ``json.dumps``.
    """
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Marketing consent",
            "version": "1",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {"oauth": _security()}},
    }


def _operation(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.name,
        "summary": (operation.answer.__doc__ or "").splitlines()[0],
        "security": [{"oauth": [operation.scope]}],
        "parameters": _parameters(operation),
        "responses": {"200": _content("as documented", _RESPONSES[operation.name])}
        | _failures(operation),
    }
    body = _BODIES.get(operation.name)
    return (
        described
        if body is None
        else described | {"requestBody": _content("the request", body) | {"required": True}}
    )


def _parameters(operation: Operation) -> list[Schema]:
    in_path = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    parameters = [in_path] if operation.path.endswith("{id}") else []
    if operation.path.endswith("get-by"):
        for name, kind in DETAILS.fields.items():
            parameters.append(
                {"name": name, "in": "query", "required": name == "type", "schema": kind.schema()}
            )
    if operation.name in _WITH_LINKS:
        parameters.append(
            {"name": "linkLanguage", "in": "query", "required": False, "schema": {"type": "string"}}
        )
    return parameters


def _failures(operation: Operation) -> Schema:
    """Which errors a route can answer; 405 and unknown paths are answered for all of them."""
    statuses = {"400": "a violation", "403": "a permission is missing"}
    if "{id}" in operation.path or operation.path.endswith("remove"):
        statuses["404"] = "there is no such consent"
    if operation.method != "GET" and not operation.path.endswith("query"):
        statuses["409"] = "it exists already, or another writer was faster"
    return {status: _content(about, _ref("Error")) for status, about in statuses.items()}


def _content(about: str, schema: Schema) -> Schema:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


_RECORD: Final = _ref("MarketingConsent")
_WRAPPED: Final = _object({"marketingConsent": _RECORD, "link": _ref("Link")}, "marketingConsent")
_WITH_LINKS: Final = frozenset(
    {
        "upsertMarketingConsent",
        "createMarketingConsent",
        "updateMarketingConsent",
        "getMarketingConsentByIdentifier",
    }
)

_RESPONSES: Final[dict[str, Schema]] = {
    "upsertMarketingConsent": _WRAPPED,
    "createMarketingConsent": _WRAPPED,
    "updateMarketingConsent": _WRAPPED,
    "removeMarketingConsent": _WRAPPED,
    "getMarketingConsent": _WRAPPED,
    "deleteMarketingConsent": _object({}),
    "bulkUpsertMarketingConsent": _object(
        {
            "results": {"type": "array", "items": _ref("BulkResult")},
            "metadata": _object(
                {"totalSuccess": {"type": "integer"}, "totalFailure": {"type": "integer"}},
                "totalSuccess",
                "totalFailure",
            ),
        },
        "results",
        "metadata",
    ),
    "getMarketingConsentByIdentifier": _object(
        {"marketingConsent": _RECORD, "communicationEligibility": _ref("CommunicationEligibility")},
        "communicationEligibility",
    ),
    "queryMarketingConsent": _object(
        {
            "marketingConsent": {"type": "array", "items": _RECORD},
            "pagingMetadata": _ref("PagingMetadata"),
        },
        "marketingConsent",
        "pagingMetadata",
    ),
}

_BODIES: Final[dict[str, Schema]] = {
    "upsertMarketingConsent": _object(
        {"marketingConsent": _ref("MarketingConsentRequest")}, "marketingConsent"
    ),
    "createMarketingConsent": _object(
        {"marketingConsent": _ref("MarketingConsentCreation")}, "marketingConsent"
    ),
    "updateMarketingConsent": _object(
        {
            "marketingConsent": _ref("MarketingConsentUpdate"),
            "mask": _object({"paths": {"type": ["array", "string"], "items": {"type": "string"}}}),
        },
        "marketingConsent",
    ),
    "removeMarketingConsent": _ref("RemoveMarketingConsentRequest"),
    "bulkUpsertMarketingConsent": _object(
        {
            "info": {
                "type": "array",
                "maxItems": MOST_ITEMS,
                "items": _ref("MarketingConsentRequest"),
            }
        },
        "info",
    ),
    "queryMarketingConsent": _object({"query": _ref("Query")}),
}


def _shape(shape: Shape, *required: str) -> Schema:
    return shape.schema() | {"required": list(required)}


def _schemas() -> Schema:
    return _records() | _answers()


def _records() -> Schema:
    return {
        "MarketingConsent": _shape(
            RECORD, "id", "revision", "details", "state", "createdDate", "updatedDate"
        ),
        "MarketingConsentRequest": _shape(REQUEST, "details", "state"),
        "MarketingConsentCreation": _shape(STATELESS, "details", "lastConfirmationActivity"),
        "MarketingConsentUpdate": _shape(UPDATE),
        "RemoveMarketingConsentRequest": _shape(REMOVAL, "details"),
        "Query": _object(
            {
                "filter": {"type": "object"},
                "sort": {"type": "array", "maxItems": 1, "items": {"type": "object"}},
                "cursorPaging": _object({"limit": _LIMIT, "cursor": {"type": "string"}}),
            }
        ),
    }


def _answers() -> Schema:
    return {
        "Link": _object(
            {"type": Word(LinkType).schema(), "url": {"type": "string"}}, "type", "url"
        ),
        "CommunicationEligibility": _object(
            {
                "granted": {"type": "boolean"},
                "reason": {"type": "string"},
                "reasons": {"type": "array", "items": Word(Reason).schema()},
                "revokeConfirmationLink": _ref("Link"),
            },
            "granted",
        ),
        "BulkResult": _object(
            {
                "originalIndex": {"type": "integer"},
                "marketingConsent": _RECORD,
                "error": _ref("Error"),
                "link": _ref("Link"),
            },
            "originalIndex",
        ),
        "PagingMetadata": _PAGING,
        "Error": _object(
            {"message": _TEXT, "details": {"oneOf": [_APPLICATION, _VALIDATION]}},
            "message",
            "details",
        ),
    }


_TEXT: Final = {"type": "string"}
_APPLICATION: Final = _object(
    {
        "applicationError": _object(
            {"code": _TEXT, "description": _TEXT, "data": {"type": "object"}}, "code"
        )
    },
    "applicationError",
)
_VIOLATION: Final = _object(
    dict.fromkeys(("field", "description", "violatedRule", "ruleName"), _TEXT),
    "field",
    "description",
    "violatedRule",
)
_VALIDATION: Final = _object(
    {
        "validationError": _object(
            {"fieldViolations": {"type": "array", "items": _VIOLATION}}, "fieldViolations"
        )
    },
    "validationError",
)


_NULLABLE: Final = {"type": ["string", "null"]}
_PAGING: Final = _object(
    {
        "count": {"type": "integer"},
        "cursors": _object({"next": _NULLABLE, "prev": _NULLABLE}),
        "hasNext": {"type": "boolean"},
    },
    "count",
    "cursors",
    "hasNext",
)
_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE}


def _security() -> Schema:
    scopes = {operation.scope: "" for operation in OPERATIONS}
    flow = {"tokenUrl": "/oauth/token", "scopes": scopes}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}
