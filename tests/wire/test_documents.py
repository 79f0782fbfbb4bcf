"""A record as one JSON document, as stores keep it."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import ConsentCreated, ConsentEvent, ConsentUpdated
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.topics import Topics
from consent_core.testing import strategies
from consent_core.testing.arrange import erasure_of
from consent_core.wire import (
    Names,
    dump_event,
    dump_record,
    dump_tombstone,
    load_event,
    load_found,
    load_record,
    load_tombstone,
    read_record,
    to_wire,
)
from tests.wire.bodies import full, spelled
from tests.wire.strategies import records

EVERY = records() | strategies.records()


@given(EVERY)
def test_a_document_is_the_compact_json_of_a_record(record: MarketingConsent) -> None:
    """The text has the REST names and no spaces, and letters are as they are."""
    text = dump_record(record)
    assert text == json.dumps(to_wire(record), ensure_ascii=False, separators=(",", ":"))


@given(EVERY)
def test_a_document_is_loaded_as_it_was_dumped(record: MarketingConsent) -> None:
    """Nothing is lost, and the explaining reader reads the same record."""
    text = dump_record(record)
    loaded = load_record(text)
    assert (loaded, loaded.details.address) == (record, record.details.address)
    read = read_record(json.loads(text), trusted=True)
    assert (read, read.details.address) == (loaded, loaded.details.address)
    assert dump_record(loaded) == text


@given(EVERY, st.sampled_from(Names), st.data())
def test_a_document_that_was_written_in_another_way_is_loaded(
    record: MarketingConsent, names: Names, data: st.DataObject
) -> None:
    """Spaces, the order of names, nulls and other spellings are no difference."""
    written: Any = to_wire(record, names=names)
    if data.draw(st.booleans()):
        written = spelled(written, lambda spellings: data.draw(st.sampled_from(spellings)))
    shuffled = dict(data.draw(st.permutations(list(written.items()))))
    missing = {name: None for name in ("lastRevokeActivity",) if name not in to_wire(record)}
    if "last_revoke_activity" in written:
        missing = {}
    text = json.dumps(shuffled | missing, indent=data.draw(st.sampled_from([None, 1])))
    assert load_record(f" {text}\n") == record


BROKEN: dict[str, Any] = {
    "no object": [],
    "no fields": {},
    "an unknown field": full() | {"colour": "red"},
    "an unknown field in an activity": full() | {"lastRevokeActivity": {"colour": "red"}},
    "a field twice": full() | {"_id": full()["id"]},
    "no state": {name: value for name, value in full().items() if name != "state"},
    "an unknown state": full() | {"state": "SUBSCRIBED"},
    "a list for a state": full() | {"state": ["CONFIRMED"]},
    "a number for an id": full() | {"id": 1},
    "a bad id": full() | {"id": "x"},
    "no revision": full() | {"revision": "0"},
    "a fraction": full() | {"revision": 1.5},
    "a date without an offset": full() | {"createdDate": "2024-01-01T00:00:00"},
    "no date": full() | {"createdDate": "soon"},
    "a number for a date": full() | {"createdDate": 1},
    "a number for details": full() | {"details": 1},
    "details without an address": full() | {"details": {"type": "EMAIL"}},
    "details of two kinds": full()
    | {"details": {"type": "EMAIL", "email": "a@b.de", "phone": "+"}},
    "a number for an address": full() | {"details": {"type": "EMAIL", "email": 1}},
    "an unknown type": full() | {"details": {"type": "FAX", "email": "x"}},
    "a number for a description": full() | {"lastRevokeActivity": {"description": 1}},
    "NUL in a description": full() | {"lastRevokeActivity": {"description": "\0"}},
    "a list for an activity": full() | {"lastRevokeActivity": []},
    "an undated activity": full() | {"lastRevokeActivity": {}},
    "a list for extended fields": full() | {"extendedFields": []},
    "a list for namespaces": full() | {"extendedFields": {"namespaces": []}},
    "a number for a namespace": full() | {"extendedFields": {"namespaces": {"a": 1}}},
    "no evidence": {
        name: value for name, value in full().items() if name != "lastConfirmationActivity"
    },
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_explained(name: str) -> None:
    """It has the violations that reading the same record has."""
    with pytest.raises(InvalidConsent) as read:
        read_record(json.loads(json.dumps(BROKEN[name])), trusted=True)
    with pytest.raises(InvalidConsent) as loaded:
        load_record(json.dumps(BROKEN[name]))
    assert loaded.value.violations == read.value.violations


@pytest.mark.parametrize("text", ["", "{", "x", "{}x", "[" * 100_000, '{"id":"a"'])
def test_what_is_no_json_is_refused(text: str) -> None:
    """A damaged text is named as such, and not repeated."""
    with pytest.raises(InvalidConsent) as caught:
        load_record(text)
    assert [each.code.value for each in caught.value.violations] == ["INVALID_JSON"]


def test_what_was_judged_is_not_judged_again() -> None:
    """A document stays readable, whatever a later version thinks of its identifier."""
    text = json.dumps(full() | {"details": {"type": "EMAIL", "email": "nobody"}})
    assert load_record(text).details.address == "nobody"


def events() -> st.SearchStrategy[ConsentEvent]:
    """Of all three kinds."""
    changed = st.sampled_from([ConsentCreated, ConsentUpdated])
    happened = st.builds(lambda kind, record: kind(record), changed, EVERY)
    return happened | EVERY.map(lambda record: erasure_of(record).events[0])


@given(events())
def test_an_event_is_loaded_as_it_was_dumped(event: ConsentEvent) -> None:
    """With the record as it is written."""
    text = dump_event(event)
    assert load_event(text) == event
    assert dump_event(load_event(text)) == text


@given(strategies.instances(Tombstone))
def test_a_tombstone_is_loaded_as_it_was_dumped(tombstone: Tombstone) -> None:
    """Equal ones have one text, whatever the order of their topics."""
    text = dump_tombstone(tombstone)
    assert load_tombstone(text) == tombstone
    again = evolve(tombstone, topics=Topics(dict(reversed([*tombstone.topics.items()]))))
    assert dump_tombstone(again) == text


@given(EVERY)
def test_what_is_found_is_loaded_by_its_key(record: MarketingConsent) -> None:
    """Records and tombstones; a key without a document is absent."""
    digest = TombstoneDigest("0" * 64, "12345678")
    left = Tombstone()
    keys = [record.details, digest, digest._replace(digest="1" * 64)]
    documents = [dump_record(record), dump_tombstone(left), None]
    assert load_found(keys, documents) == {record.details: record, digest: left}
