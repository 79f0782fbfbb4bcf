"""What goes out, letter by letter.

Records, outcomes, eligibilities and links (contract, sections 1, 2 and 5).
"""

import json
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    LinkType,
    OptInLevel,
    Reason,
    Result,
    RevokeSource,
)
from consent_core.wire import Names, to_wire

ID = UUID("6F1C2F0E-6B5C-4A52-9B7F-0D3A3F6F0C11")
DAY = datetime(2024, 1, 1, tzinfo=UTC)
LINK = Link(LinkType.REVOKE_CONFIRMATION, "https://example.org/r?t=1")

FULL = MarketingConsent(
    id=ID,
    revision=2**63 - 1,
    details=Email("Ada@Example.org"),
    state=ConsentState.CONFIRMED,
    created_date=DAY,
    updated_date=DAY.replace(microsecond=1),
    last_confirmation_activity=ConfirmationActivity(
        source=ConfirmationSource.FORM,
        description="Yes",
        updated_date=DAY,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    ),
    last_revoke_activity=RevokeActivity(
        source=RevokeSource.OTHER, updated_date=DAY.replace(year=2023)
    ),
    extended_fields=ExtendedFields({"@acme/shop": {"id": [1, None]}}),
)
BARE = MarketingConsent(
    id=ID,
    revision=1,
    details=Phone("+44 20 7946 0958"),
    state=ConsentState.NEVER_CONFIRMED,
    created_date=DAY,
    updated_date=DAY,
)
BARE_WRITTEN = {
    "id": "6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11",
    "revision": "1",
    "details": {"type": "PHONE", "phone": "+442079460958"},
    "state": "NEVER_CONFIRMED",
    "createdDate": "2024-01-01T00:00:00Z",
    "updatedDate": "2024-01-01T00:00:00Z",
}


@pytest.mark.smoke
@pytest.mark.parametrize("underscore", ["", "_"])
def test_a_full_record(underscore: str) -> None:
    """Section 1: the fields of MarketingConsent with their types.

    Revision is a string, dates are RFC 3339.
    """
    assert to_wire(FULL, names=Names.SDK if underscore else Names.REST) == {
        f"{underscore}id": "6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11",
        "revision": "9223372036854775807",
        "details": {"type": "EMAIL", "email": "Ada@example.org"},
        "state": "CONFIRMED",
        f"{underscore}createdDate": "2024-01-01T00:00:00Z",
        f"{underscore}updatedDate": "2024-01-01T00:00:00.000001Z",
        "lastConfirmationActivity": {
            "source": "FORM",
            "description": "Yes",
            f"{underscore}updatedDate": "2024-01-01T00:00:00Z",
            "optInLevel": "DOUBLE_CONFIRMATION",
        },
        "lastRevokeActivity": {
            "source": "OTHER",
            "description": None,
            f"{underscore}updatedDate": "2023-01-01T00:00:00Z",
        },
        "extendedFields": {"namespaces": {"@acme/shop": {"id": [1, None]}}},
    }


def test_what_is_absent_is_left_out() -> None:
    """Section 1: activities and extended fields are objects or absent."""
    assert to_wire(BARE) == BARE_WRITTEN


def test_an_outcome() -> None:
    """Section 2: an upsert answers with marketingConsent and link?.

    The result and kept tell the rest.
    """
    outcome = Outcome(Result.CREATED, None, BARE, ())
    assert to_wire(outcome) == {"result": "CREATED", "kept": None, "marketingConsent": BARE_WRITTEN}
    kept = Outcome(Result.UNCHANGED, KeptReason.STALE_EVIDENCE, FULL, (), LINK)
    assert to_wire(kept) == {
        "result": "UNCHANGED",
        "kept": "STALE_EVIDENCE",
        "marketingConsent": to_wire(FULL),
        "link": {"type": "REVOKE_CONFIRMATION", "url": "https://example.org/r?t=1"},
    }
    assert to_wire(kept, names=Names.SDK)["marketingConsent"] == to_wire(FULL, names=Names.SDK)


def test_an_eligibility() -> None:
    """Section 5.

    Granted, every reason in order, the first as text (empty when granted), and the revoke link.
    """
    assert to_wire(CommunicationEligibility()) == {"granted": True, "reason": "", "reasons": []}
    refused = CommunicationEligibility(
        (Reason.REVOKED, Reason.EXPIRED), revoke_confirmation_link=LINK
    )
    assert to_wire(refused) == {
        "granted": False,
        "reason": "The person took the consent back.",
        "reasons": ["REVOKED", "EXPIRED"],
        "revokeConfirmationLink": {
            "type": "REVOKE_CONFIRMATION",
            "url": "https://example.org/r?t=1",
        },
    }


@pytest.mark.parametrize("names", Names)
def test_a_link(names: Names) -> None:
    """Section 1: a Link is {type, url}, in both spellings."""
    assert to_wire(LINK, names=names) == {
        "type": "REVOKE_CONFIRMATION",
        "url": "https://example.org/r?t=1",
    }


@pytest.mark.parametrize("names", Names)
@pytest.mark.parametrize(
    "value",
    [FULL, BARE, LINK, CommunicationEligibility(), Outcome(Result.UPDATED, None, FULL, (), LINK)],
)
def test_json_takes_it_as_plain_values(value: Any, names: Names) -> None:
    """Design 2: what ``to_wire`` gives is JSON-ready.

    Plain dicts, lists, strings, and no enum among them.
    """
    written = to_wire(value, names=names)
    assert json.loads(json.dumps(written)) == written
    assert not [
        part for part in written.values() if type(part) not in (dict, list, str, bool, type(None))
    ]


def test_other_values_do_not_travel() -> None:
    """Writing what is no value of the wire is an author's mistake, named by its type and not by its
    content.
    """
    with pytest.raises(TypeError, match=r"^Email does not travel on the wire$"):
        to_wire(cast("Any", Email("ada@example.org")))
