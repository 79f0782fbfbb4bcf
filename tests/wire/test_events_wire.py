"""Events as they go out (contract, section 2)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import ConsentEvent, ConsentState
from consent_core.wire import Names, to_wire
from tests.application.support import ADA, ask, no, yes
from tests.wire.serving import BASE, Site

ENVELOPE = {
    "entityFqdn": "wix.marketing.marketing_consent.v1.marketing_consent",
    "triggeredByAnonymizeRequest": False,
    "originatedFrom": "",
}
COMMON = {*ENVELOPE, "id", "slug", "entityId", "eventTime", "entityEventSequence"}


def test_the_three_envelopes(site: Site) -> None:
    """Created and updated carry the whole record, deleted carries nothing of it."""
    created = site.service.create(ADA, yes(), extended_fields={"app": {"x": 1}})
    site.clock.minute += 1
    removed = site.service.remove(ADA, no())
    site.clock.minute += 1
    deleted = site.service.delete(created.consent.id)
    events = [to_wire(event) for event in (*created.events, *removed.events, deleted)]
    assert [event["slug"] for event in events] == ["created", "updated", "deleted"]
    assert [event["entityEventSequence"] for event in events] == ["1", "2", "3"]
    assert [event["eventTime"] for event in events] == [
        f"2024-05-01T16:4{minute}:00Z" for minute in range(3)
    ]
    for event in events:
        assert {name: event[name] for name in ENVELOPE} == ENVELOPE
        assert event["entityId"] == str(created.consent.id)
        assert UUID(event["id"])
    assert set(events[0]) == COMMON | {"createdEvent"}
    assert set(events[1]) == COMMON | {"updatedEvent"}
    assert set(events[2]) == COMMON | {"deletedEvent"}
    assert events[0]["createdEvent"] == {"entity": to_wire(created.consent)}
    assert events[1]["updatedEvent"] == {"currentEntity": to_wire(removed.consent)}
    assert events[2]["deletedEvent"] == {}
    assert "ada" not in str(events[2])
    assert [to_wire(event) for event in site.service.history(created.consent.id)] == events[2:]


@given(st.lists(st.sampled_from(ConsentState), min_size=1, max_size=12))
def test_sequences_grow_and_ids_are_stable(states: list[ConsentState]) -> None:
    """Per entity the sequence grows strictly.

    An event has the same id wherever it is read, and no two share one.
    """
    site = Site()
    seen: list[ConsentEvent] = []
    for state in states:
        seen += site.service.upsert(ask(state)).events
        site.clock.minute += 1
    written = [to_wire(event) for event in seen]
    again = [to_wire(event) for event in site.service.history(seen[0].consent_id)]
    assert again == written
    sequence = [int(event["entityEventSequence"]) for event in written]
    assert sequence == sorted(set(sequence))
    assert len({event["id"] for event in written}) == len(written)


def test_other_consents_have_other_ids(site: Site) -> None:
    """The first events of two consents are two events."""
    ids = set()
    for email in ("ada@example.org", "bob@example.org"):
        body = {"details": {"type": "EMAIL", "email": email}, "state": "NEVER_CONFIRMED"}
        record = site.ok("POST", f"{BASE}/upsert", body)["marketingConsent"]
        ids |= {to_wire(event)["id"] for event in site.service.history(UUID(record["id"]))}
    assert len(ids) == 2


def test_the_spelling_of_the_sdk(site: Site) -> None:
    """On request the names are those of the JavaScript SDK, inside the record, too."""
    event = to_wire(site.service.upsert(ask(ConsentState.PENDING)).events[0], names=Names.SDK)
    assert "_id" in event
    assert {"_id", "_createdDate"} <= set(event["createdEvent"]["entity"])


def test_what_does_not_travel() -> None:
    """A request is no answer."""
    request = ask(ConsentState.PENDING)
    with pytest.raises(TypeError, match="Upsert"):
        to_wire(request)  # type: ignore[arg-type]
