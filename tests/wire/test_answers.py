"""What goes out reads back in: events and eligibilities, too (contract, sections 2 and 5)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    CommunicationEligibility,
    ConsentCreated,
    ConsentDeleted,
    ConsentEvent,
    ConsentUpdated,
    InvalidConsent,
    Link,
    LinkType,
    MarketingConsent,
    Reason,
)
from consent_core.testing import strategies
from consent_core.wire import Names, read_eligibility, read_event, to_wire

LINKS = st.builds(Link, st.sampled_from(LinkType), st.just("https://example.org/?token=x"))
SIGNALS = st.builds(
    CommunicationEligibility,
    st.lists(st.sampled_from(Reason), unique=True).map(tuple),
    revoke_confirmation_link=st.none() | LINKS,
)


@given(record=strategies.records(), names=st.sampled_from(Names), trusted=st.booleans())
def test_an_event_reads_back(record: MarketingConsent, names: Names, trusted: bool) -> None:
    """Through JSON, in both spellings, to an equal event with an equal address."""
    events: list[ConsentEvent] = [
        ConsentCreated(record),
        ConsentUpdated(record),
        ConsentDeleted(record.id, record.revision, record.updated_date),
    ]
    for event in events:
        back = read_event(json.loads(json.dumps(to_wire(event, names=names))), trusted=trusted)
        assert (back, back.id) == (event, event.id)


@given(signal=SIGNALS, names=st.sampled_from(Names))
def test_an_eligibility_reads_back(signal: CommunicationEligibility, names: Names) -> None:
    """Through JSON, in both spellings, to an equal one."""
    assert read_eligibility(json.loads(json.dumps(to_wire(signal, names=names)))) == signal


def codes(read: Any, data: Any) -> set[tuple[str, str]]:
    """Path and code of all that is wrong."""
    with pytest.raises(InvalidConsent) as error:
        read(data)
    return {(v.path, v.code.value) for v in error.value.violations}


DELETED = {
    "slug": "deleted",
    "entityId": "00000000-0000-0000-0000-000000000001",
    "entityEventSequence": "2",
}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, {("request", "WRONG_TYPE")}),
        ({}, {("slug", "UNKNOWN_VALUE")}),
        ({"slug": "moved"}, {("slug", "UNKNOWN_VALUE")}),
        ({"slug": "created"}, {("request", "WRONG_TYPE")}),
        ({"slug": "updated", "updatedEvent": {"currentEntity": 5}}, {("request", "WRONG_TYPE")}),
        (DELETED, {("eventTime", "REQUIRED")}),
        (
            DELETED | {"eventTime": "soon", "extra": 1},
            {("eventTime", "INVALID_DATE"), ("extra", "UNKNOWN_FIELD")},
        ),
    ],
)
def test_what_is_no_event_is_refused(data: Any, expected: set[tuple[str, str]]) -> None:
    """Each envelope that is none is told as a violation, never as an accident."""
    assert codes(read_event, data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], {("request", "WRONG_TYPE")}),
        ({"granted": True}, {("reasons", "WRONG_TYPE")}),
        ({"reasons": ["TIRED"]}, {("reasons[0]", "UNKNOWN_VALUE")}),
        (
            {"reasons": [], "revokeConfirmationLink": {"url": "x"}},
            {("revokeConfirmationLink.type", "REQUIRED")},
        ),
    ],
)
def test_what_is_no_eligibility_is_refused(data: Any, expected: set[tuple[str, str]]) -> None:
    """As for events: and without reasons nobody is granted anything."""
    assert codes(read_eligibility, data) == expected
