"""Topics over the wire: reading, masks, spellings, the route by identifier (section 8)."""

import json
from typing import Any

import pytest
from hypothesis import given

from consent_core import ConsentState, InvalidConsent, MarketingConsent, Policy, TopicDefault
from consent_core.testing.strategies import records
from consent_core.wire import Names, read_record, read_upsert, to_wire
from consent_core.wire.documents import dump_record, load_record
from tests.application.support import NOW
from tests.wire.serving import BASE, BULK, Body, Site, consent, day, violations, wrapped

POLICY = Policy(topics={"offers": TopicDefault.OPT_OUT, "id": TopicDefault.OPT_IN})
LEFT = {"choice": "OUT", "updatedDate": day(5)}


@pytest.fixture
def site(colour: str) -> Site:
    """A site that declares topics, one of them with the name of a field."""
    return Site(colour, policy=POLICY)


def chosen(**topics: Any) -> Body:
    """A request for choices alone."""
    return {"details": {"type": "EMAIL", "email": "ada@example.org"}, "topics": topics}


def upsert(site: Site, body: Body) -> Body:
    """The record after an upsert that must be a success."""
    record: Body = site.ok("POST", f"{BASE}/upsert", wrapped(body))["marketingConsent"]
    return record


def test_choices_stand_beside_the_state(site: Site) -> None:
    """Section 8: `topics: {NAME: {choice, updatedDate, actor?}}`, absent where there is none."""
    assert "topics" not in upsert(site, consent(minute=3))
    record = upsert(site, chosen(offers=LEFT, id={"choice": "IN", "actor": "SUBJECT"}))
    assert record["topics"] == {
        "id": {"choice": "IN", "updatedDate": day(NOW), "actor": "SUBJECT"},
        "offers": LEFT,
    }
    assert record["state"] == "CONFIRMED"
    with_state = consent(minute=9) | {"topics": {"offers": {"choice": "IN", "actor": "SUBJECT"}}}
    back = upsert(site, with_state)["topics"]["offers"]
    assert back == {
        "choice": "IN",
        "updatedDate": day(9),
        "actor": "SUBJECT",
        "outDate": day(5),
    }


def test_choices_alone_found_a_record(site: Site) -> None:
    """Section 8: "found one in UNKNOWN_STATE"; in a bulk, too."""
    answer = site.ok("POST", BULK, {"info": [chosen(offers=LEFT)]})
    assert answer["results"][0]["marketingConsent"]["state"] == "UNKNOWN_STATE"


@pytest.mark.parametrize("names", Names)
def test_what_was_read_can_be_sent_back(site: Site, names: Names) -> None:
    """Law 9; names of topics are written the same in every spelling."""
    first = chosen(offers=LEFT, id={"choice": "IN", "actor": "IMPORT"})
    upsert(site, first)
    upsert(site, chosen(offers={"choice": "IN", "updatedDate": day(4), "actor": "SUBJECT"}))
    (stored,) = site.stored()
    assert stored["topics"]["offers"] == LEFT | {"subjectInDate": day(4)}
    written = to_wire(read_record(stored), names=names)
    assert list(written["topics"]) == ["id", "offers"]
    assert upsert(site, written) == stored


@given(records())
def test_documents_hold_all_three_dates(record: MarketingConsent) -> None:
    """Whatever a record remembers is read back, from the wire and from a store."""
    written = to_wire(record)
    assert read_record(written) == record
    document = dump_record(record)
    assert json.loads(document) == written
    assert load_record(document).topics == record.topics


WRONG: list[tuple[Body, set[tuple[str, str]]]] = [
    ({"topics": []}, {("topics", "WRONG_TYPE")}),
    ({"topics": {"Offers": LEFT}}, {("topics.Offers", "NOT_ALLOWED")}),
    ({"topics": {"ada@example.org": LEFT}}, {("topics.?", "NOT_ALLOWED")}),
    ({"topics": {"offers": None}}, {("topics.offers", "WRONG_TYPE")}),
    ({"topics": {"offers": {"choice": "MAYBE"}}}, {("topics.offers.choice", "UNKNOWN_VALUE")}),
    ({"topics": {"offers": {}}}, {("topics.offers.choice", "REQUIRED")}),
    (
        {"topics": {"offers": {"choice": "OUT", "updated_date": "2024"}}},
        {("topics.offers.updated_date", "INVALID_DATE")},
    ),
    ({"topics": {"ofers": {"choice": "IN"}}}, {("topics.ofers", "UNKNOWN_VALUE")}),
    ({"topics": {f"t{number}": LEFT for number in range(101)}}, {("topics", "TOO_LARGE")}),
    ({"topics": {}}, {("state", "REQUIRED")}),
    (
        {"topics": {"offers": LEFT}, "lastRevokeActivity": {}},
        {("state", "STATE_REQUIRED")},
    ),
]


@pytest.mark.parametrize(("body", "expected"), WRONG)
def test_what_is_wrong_is_named(site: Site, body: Body, expected: set[tuple[str, str]]) -> None:
    """Section 3, rule 8, and section 8; nothing is stored."""
    answer = site.ask("POST", f"{BASE}/upsert", wrapped(chosen() | body))
    found = {(path.removeprefix("marketingConsent."), code) for path, code in violations(answer)}
    assert found == expected
    assert site.stored() == []


def test_a_hostile_mapping_is_read_too() -> None:
    """Mappings that are no dicts are read in the explaining way."""

    class Odd(dict[str, Any]):
        pass

    request = read_upsert(chosen(offers=LEFT) | {"topics": Odd(offers=LEFT)})
    assert (request.state, list(request.topics)) == (None, ["offers"])
    with pytest.raises(InvalidConsent, match="at most 100 topics"):
        read_upsert(chosen() | {"topics": Odd({f"t{number}": LEFT for number in range(101)})})


def test_a_state_of_null_is_as_good_as_none() -> None:
    """A null stands for an absent field."""
    assert read_upsert(chosen(offers=LEFT) | {"state": None}).state is None
    with pytest.raises(InvalidConsent, match="is required: one of UNKNOWN_STATE"):
        read_upsert(chosen() | {"state": None})
    assert read_upsert(consent()).state is ConsentState.CONFIRMED


def patch(site: Site, record: Body, body: Body, *mask: str) -> Any:
    """The answer to an update."""
    named = {"mask": {"paths": list(mask)}} if mask else {}
    return site.ask("PATCH", f"{BASE}/{record['id']}", {"marketingConsent": body} | named)


def test_a_mask_names_topics_whole(site: Site) -> None:
    """Section 8: "A mask names `topics.NAME`, whole"."""
    record = upsert(site, consent(minute=3))
    topics = {"topics": {"offers": LEFT, "a.b": LEFT, "gone": LEFT}}
    one = patch(site, record, topics, "topics.a.b").body["marketingConsent"]
    assert one["topics"] == {"a.b": LEFT}
    nothing = patch(site, record, topics | {"state": "REVOKED"}, "extendedFields")
    assert nothing.body["marketingConsent"] == one
    every = patch(site, record, topics, "topics").body["marketingConsent"]
    assert every["topics"] == topics["topics"]
    for mask in ("topics.offers.choice", "topics.id"):
        refused = patch(site, record, topics, mask)
        assert {code for _, code in violations(refused)} == {"REQUIRED"}
    assert {code for _, code in violations(patch(site, record, {}, "topics"))} == {"REQUIRED"}
    wrong = patch(site, record, {"topics": []}, "topics.offers")
    assert violations(wrong) == {("marketingConsent.topics", "WRONG_TYPE")}


def test_an_update_without_a_mask_takes_choices(site: Site) -> None:
    """Section 8: choices alone, in upsert and update; a record that waits stays as it is."""
    record = upsert(site, consent("PENDING", minute=3))
    after = patch(site, record, {"topics": {"id": {"choice": "IN"}}}).body["marketingConsent"]
    assert (after["state"], list(after["topics"])) == ("PENDING", ["id"])


def test_the_route_by_identifier_has_a_topic(site: Site) -> None:
    """Section 8: "without it, it grants only to those who left no declared topic"."""
    upsert(site, consent(minute=3) | {"topics": {"offers": LEFT}})

    def reasons(**query: str) -> Any:
        asked = {"type": "EMAIL", "email": "ada@example.org"} | query
        body = site.ok("GET", f"{BASE}/get-by", query=asked)
        return body["communicationEligibility"]["reasons"]

    assert reasons() == ["TOPIC_LEFT"]
    assert reasons(topic="offers") == ["TOPIC_LEFT"]
    assert reasons(topic="id") == ["TOPIC_NOT_CHOSEN"]
    assert reasons(topic="ANY_TOPIC") == ["TOPIC_NOT_CHOSEN"]
    query = {"type": "EMAIL", "email": "ada@example.org", "topic": "offer"}
    refused = site.ask("GET", f"{BASE}/get-by", query=query)
    assert violations(refused) == {("topic", "UNKNOWN_VALUE")}
