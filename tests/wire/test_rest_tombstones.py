"""What the routes answer for an erased person (contract, section 10)."""

from typing import Any, Final

import pytest

from consent_core import ConsentService
from consent_core.rest import TRUSTED, Request, handle, openapi
from consent_core.wire import to_wire

BASE: Final = "/v1/marketing-consent"
DETAILS: Final = {"type": "EMAIL", "email": "ada@example.org"}
OLD_YES: Final = {"source": "FORM", "updatedDate": "2024-01-01T00:00:00Z"}
OLD_ROW: Final = {
    "details": DETAILS,
    "state": "CONFIRMED",
    "lastConfirmationActivity": OLD_YES,
    "extendedFields": {"namespaces": {"app": {"x": 1}}},
}
UNLESS_ERASED: Final = {
    "upsertMarketingConsent",
    "createMarketingConsent",
    "removeMarketingConsent",
}


@pytest.fixture
def consents() -> ConsentService:
    """A service that has erased Ada's consent."""
    consents = ConsentService(tombstone_keys=["s" * 32])
    created = call(consents, "POST", f"{BASE}/upsert", {"marketingConsent": OLD_ROW})
    call(consents, "DELETE", f"{BASE}/{created['marketingConsent']['id']}")
    return consents


def call(consents: ConsentService, method: str, path: str, body: Any = None, **query: str) -> Any:
    """The body of an answer that must be a success."""
    request = Request(method, path, query=query, body=body, scopes=TRUSTED)
    response = handle(consents, request)
    assert response.status == 200
    return response.body


def test_what_is_kept_has_no_record(consents: ConsentService) -> None:
    """The key is left out: nothing is stored that could be shown."""
    wrapped = {"marketingConsent": OLD_ROW}
    creation = {"details": DETAILS, "lastConfirmationActivity": OLD_YES}
    assert call(consents, "POST", f"{BASE}/upsert", wrapped) == {}
    assert call(consents, "POST", BASE, {"marketingConsent": creation}) == {}
    assert call(consents, "POST", f"{BASE}/remove", {"details": DETAILS}) == {}
    found = call(consents, "GET", f"{BASE}/get-by", **DETAILS)
    assert found["communicationEligibility"]["reasons"] == ["REVOKED"]
    assert "marketingConsent" not in found
    assert call(consents, "POST", f"{BASE}/query", {})["marketingConsent"] == []


def test_a_bulk_answers_it_in_its_place(consents: ConsentService) -> None:
    """As a success without a record, among others with theirs."""
    bob = OLD_ROW | {"details": {"type": "EMAIL", "email": "bob@example.org"}}
    body = call(consents, "POST", "/v1/bulk/marketing-consent/upsert", {"info": [OLD_ROW, bob]})
    kept, created = body["results"]
    assert kept == {"originalIndex": 0}
    assert created["marketingConsent"]["extendedFields"] == bob["extendedFields"]
    assert body["metadata"] == {"totalSuccess": 2, "totalFailure": 0}


def test_an_outcome_without_a_record(consents: ConsentService) -> None:
    """Says why, and writes no key for what is not there."""
    outcome = consents.opt_in("ada@example.org", updated_date=consents.use_cases.clock())
    assert outcome.consent.state
    consents.delete(outcome.consent.id)
    kept = consents.opt_in("ada@example.org", updated_date=outcome.consent.confirmed_date)
    assert to_wire(kept) == {"result": "UNCHANGED", "kept": "STALE_EVIDENCE"}


def test_the_document_says_where_a_record_may_be_missing() -> None:
    """Where a request for an identifier may meet a tombstone; never where it names an id."""
    optional = set()
    for path in openapi()["paths"].values():
        for operation in path.values():
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            properties, required = schema["properties"], schema["required"]
            if "link" in properties and "marketingConsent" not in required:
                optional.add(operation["operationId"])
    assert optional == UNLESS_ERASED
