"""The nine routes.

Which operation stands where, and what a caller needs for it (contract, section 2).
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from consent_core.application.plans import Plan
from consent_core.rest.operations import (
    Body,
    Call,
    bulk_upsert,
    create,
    delete,
    get,
    get_by,
    query,
    remove,
    update,
    upsert,
)

READ: Final = "SCOPE.DC-MARKETING.CONSENT-READ"
MANAGE: Final = "SCOPE.DC-MARKETING.CONSENT-MANAGE"

PREFIX: Final = "/marketing-consent"
"""The base of the paths; the documentation writes them with it and without."""


class Operation(NamedTuple):
    """An operation and its route.

    Args:
        name: what it is called in the OpenAPI document.
        method: of HTTP.
        path: below the base; ``{id}`` stands for the consent's id.
        scope: what a caller needs.
        answer: does it.
    """

    name: str
    method: str
    path: str
    scope: str
    answer: Callable[[Call], Plan[Body]]

    @property
    def scopes(self) -> frozenset[str]:
        """Any of these is enough."""
        return frozenset({self.scope, MANAGE})


_BASE: Final = "/v1/marketing-consent"

OPERATIONS: Final = (
    Operation("upsertMarketingConsent", "POST", f"{_BASE}/upsert", MANAGE, upsert),
    Operation(
        "bulkUpsertMarketingConsent",
        "POST",
        "/v1/bulk/marketing-consent/upsert",
        MANAGE,
        bulk_upsert,
    ),
    Operation("createMarketingConsent", "POST", _BASE, MANAGE, create),
    Operation("updateMarketingConsent", "PATCH", f"{_BASE}/{{id}}", MANAGE, update),
    Operation("removeMarketingConsent", "POST", f"{_BASE}/remove", MANAGE, remove),
    Operation("deleteMarketingConsent", "DELETE", f"{_BASE}/{{id}}", MANAGE, delete),
    Operation("getMarketingConsent", "GET", f"{_BASE}/{{id}}", READ, get),
    Operation("getMarketingConsentByIdentifier", "GET", f"{_BASE}/get-by", READ, get_by),
    Operation("queryMarketingConsent", "POST", f"{_BASE}/query", READ, query),
)
"""All routes (contract, section 2)."""
