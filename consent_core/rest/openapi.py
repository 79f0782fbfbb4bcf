"""The OpenAPI document of the nine routes, made of the kinds that read and write the records."""

from copy import deepcopy
from typing import Any, Final

from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TOPIC_NAME, TopicQuestion
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import Reason
from consent_core.rest.bounds import DEFAULT_PAGE, LARGEST_WIRE_PAGE, MOST_ITEMS
from consent_core.rest.routes import OPERATIONS, PREFIX, Operation
from consent_core.wire.details import FIELDS
from consent_core.wire.kinds import GUID, STRING, word
from consent_core.wire.shapes import LINK, RECORD, REMOVAL, request_kind

Schema = dict[str, Any]


def openapi() -> Schema:
    """The OpenAPI 3.1 document of the nine routes (contract, section 2).

    Returns:
        A fresh dict, ready for ``json.dumps``.
    """
    paths: Schema = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    flow = {"tokenUrl": "/oauth/token", "scopes": {each.scope: "" for each in OPERATIONS}}
    return deepcopy(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Marketing consent",
                "version": "1",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": PREFIX}],
            "paths": paths,
            "components": {
                "schemas": _SCHEMAS,
                "securitySchemes": {
                    "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}}
                },
            },
        }
    )


def _operation(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.name,
        "summary": (operation.answer.__doc__ or "").splitlines()[0],
        "security": [{"oauth": [operation.scope]}],
        "parameters": _parameters(operation),
        "responses": {"200": _content("as documented", _RESPONSES[operation.name])}
        | _failures(operation),
    }
    if operation.name in _BODIES:
        body = _content("the request", _BODIES[operation.name])
        described["requestBody"] = body | {"required": True}
    return described


def _parameters(operation: Operation) -> list[Schema]:
    parameters = []
    if operation.path.endswith("{id}"):
        parameters.append({"name": "id", "in": "path", "required": True, "schema": GUID.schema})
    if operation.path.endswith("get-by"):
        parameters += [
            {"name": name, "in": "query", "required": name == "type", "schema": field.kind.schema}
            for name, field in FIELDS.fields.items()
        ]
    if operation.name in _WITH_LINKS:
        parameters.append(
            {"name": "linkLanguage", "in": "query", "required": False, "schema": STRING.schema}
        )
    if operation.name in _WITH_TOPIC:
        topic = {"type": "string", "pattern": f"^({TOPIC_NAME}|{'|'.join(TopicQuestion)})$"}
        parameters.append({"name": "topic", "in": "query", "required": False, "schema": topic})
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


def _array(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items} | ({} if most is None else {"maxItems": most})


def _object(required: Schema, **optional: Any) -> Schema:
    return {"type": "object", "properties": required | optional, "required": [*required]}


_WITH_TOPIC: Final = frozenset({"getMarketingConsentByIdentifier"})

_WITH_LINKS: Final = frozenset(
    {
        "upsertMarketingConsent",
        "createMarketingConsent",
        "updateMarketingConsent",
        "getMarketingConsentByIdentifier",
    }
)

_TEXT: Final = {"type": "string"}
_NULLABLE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer"}
_ANY_OBJECT: Final = {"type": "object"}
_LIMIT: Final = _COUNT | {"minimum": 1, "maximum": LARGEST_WIRE_PAGE, "default": DEFAULT_PAGE}

_RECORD: Final = _ref("MarketingConsent")
_WRAPPED: Final = _object({"marketingConsent": _RECORD}, link=_ref("Link"))
_UNLESS_ERASED: Final = _object({}, marketingConsent=_RECORD, link=_ref("Link"))

_RESPONSES: Final = {
    "upsertMarketingConsent": _UNLESS_ERASED,
    "createMarketingConsent": _UNLESS_ERASED,
    "updateMarketingConsent": _WRAPPED,
    "removeMarketingConsent": _UNLESS_ERASED,
    "getMarketingConsent": _WRAPPED,
    "deleteMarketingConsent": _object({}),
    "bulkUpsertMarketingConsent": _object(
        {
            "results": _array(_ref("BulkResult")),
            "metadata": _object({"totalSuccess": _COUNT, "totalFailure": _COUNT}),
        }
    ),
    "getMarketingConsentByIdentifier": _object(
        {"communicationEligibility": _ref("CommunicationEligibility")}, marketingConsent=_RECORD
    ),
    "queryMarketingConsent": _object(
        {"marketingConsent": _array(_RECORD), "pagingMetadata": _ref("PagingMetadata")}
    ),
}

_BODIES: Final = {
    "upsertMarketingConsent": _object({"marketingConsent": _ref("MarketingConsentRequest")}),
    "createMarketingConsent": _object({"marketingConsent": _ref("MarketingConsentCreation")}),
    "updateMarketingConsent": _object(
        {"marketingConsent": _ref("MarketingConsentUpdate")},
        mask=_object({}, paths={"type": ["array", "string"], "items": _TEXT}),
    ),
    "removeMarketingConsent": _ref("RemoveMarketingConsentRequest"),
    "bulkUpsertMarketingConsent": _object(
        {"info": _array(_ref("MarketingConsentRequest"), MOST_ITEMS)}
    ),
    "queryMarketingConsent": _object({}, query=_ref("Query")),
}

_VIOLATION: Final = _object(
    {"field": _TEXT, "description": _TEXT, "violatedRule": _TEXT}, ruleName=_TEXT
)
_VALIDATION: Final = _object({"validationError": _object({"fieldViolations": _array(_VIOLATION)})})
_APPLICATION: Final = _object(
    {"applicationError": _object({"code": _TEXT}, description=_TEXT, data=_ANY_OBJECT)}
)

_SCHEMAS: Final = {
    "MarketingConsent": RECORD.schema,
    "MarketingConsentRequest": request_kind(Upsert).schema,
    "MarketingConsentCreation": request_kind(Upsert, ignored=("state",)).schema
    | {"required": ["details", "lastConfirmationActivity"]},
    "MarketingConsentUpdate": request_kind(Update, ignored=("id",)).schema,
    "RemoveMarketingConsentRequest": REMOVAL.schema,
    "Query": _object(
        {},
        filter=_ANY_OBJECT,
        sort=_array(_ANY_OBJECT, 1),
        cursorPaging=_object({}, limit=_LIMIT, cursor=_TEXT),
    ),
    "Link": LINK.schema,
    "CommunicationEligibility": _object(
        {"granted": {"type": "boolean"}},
        reason=_TEXT,
        reasons=_array(word(Reason).schema),
        revokeConfirmationLink=_ref("Link"),
    ),
    "BulkResult": _object(
        {"originalIndex": _COUNT},
        marketingConsent=_RECORD,
        error=_ref("Error"),
        link=_ref("Link"),
    ),
    "PagingMetadata": _object(
        {
            "count": _COUNT,
            "cursors": _object({}, next=_NULLABLE, prev=_NULLABLE),
            "hasNext": {"type": "boolean"},
        }
    ),
    "Error": _object({"message": _TEXT, "details": {"oneOf": [_APPLICATION, _VALIDATION]}}),
}
