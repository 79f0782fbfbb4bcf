"""The documentation's own examples, letter by letter."""

import json

import pytest

from tests.wire.serving import Site, refusal

UPSERT = """{"details": {"type": "EMAIL", "email": "test@test.com"}, "state": "PENDING",
 "lastConfirmationActivity": {"source": "IN_PERSON",
 "description": "Person filled a printed document.",
 "updated_date": "2023-05-01T00:00:00Z", "optInLevel": "DOUBLE_CONFIRMATION"}}"""

PATHS = ("/v1/marketing-consent", "/marketing-consent/v1/marketing-consent")


@pytest.mark.parametrize("base", PATHS)
def test_the_upsert_example(site: Site, base: str) -> None:
    """The body is bare, and its date is spelled in snake_case."""
    answer = site.ok("POST", f"{base}/upsert", json.loads(UPSERT))
    record = answer["marketingConsent"]
    assert record["details"] == {"type": "EMAIL", "email": "test@test.com"}
    assert (record["state"], record["revision"]) == ("PENDING", "1")
    assert record["lastConfirmationActivity"] == {
        "source": "IN_PERSON",
        "description": "Person filled a printed document.",
        "updatedDate": "2023-05-01T00:00:00Z",
        "optInLevel": "DOUBLE_CONFIRMATION",
    }
    assert answer["link"]["type"] == "CONFIRMATION"


@pytest.mark.parametrize("base", PATHS)
def test_the_remove_example(site: Site, base: str) -> None:
    """A possible, never assigned number is removed without any activity.

    Dated at receipt, of unknown source.
    """
    details = {"type": "PHONE", "phone": "+445168993333"}
    assert refusal(site.ask("POST", f"{base}/remove", {"details": details})) == (404, "NOT_FOUND")
    site.ok(
        "POST",
        f"{base}/upsert",
        {"marketingConsent": {"details": details, "state": "NEVER_CONFIRMED"}},
    )
    answer = site.ok(
        "POST",
        f"{base}/remove",
        json.loads('{"details": {"type": "PHONE", "phone": "+445168993333"}}'),
    )
    assert set(answer) == {"marketingConsent"}
    record = answer["marketingConsent"]
    assert record["state"] == "REVOKED"
    assert record["lastRevokeActivity"] == {
        "source": "UNKNOWN_SOURCE",
        "description": None,
        "updatedDate": record["updatedDate"],
    }


@pytest.mark.parametrize("base", PATHS)
def test_the_get_by_example(site: Site, base: str) -> None:
    """Both somebody unknown and somebody pending are answered with 200 and the signal."""
    query = {"type": "EMAIL", "email": "yourtest@test.com"}
    answer = site.ok("GET", f"{base}/get-by", query=query)
    assert set(answer) == {"communicationEligibility"}
    signal = answer["communicationEligibility"]
    assert set(signal) == {"granted", "reason", "reasons"}
    assert (signal["granted"], signal["reasons"]) == (False, ["NO_CONSENT"])
    assert signal["reason"]

    stored = site.ok("POST", f"{base}/upsert", json.loads(UPSERT.replace("test@", "yourtest@")))[
        "marketingConsent"
    ]
    answer = site.ok("GET", f"{base}/get-by", query=query)
    assert answer["marketingConsent"] == stored
    signal = answer["communicationEligibility"]
    assert (signal["granted"], signal["reasons"]) == (False, ["PENDING_CONFIRMATION"])
    assert signal["revokeConfirmationLink"]["type"] == "REVOKE_CONFIRMATION"
