"""What is written reads back as it was, in both spellings that go out (contract, section 1)."""

import json
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.records import MarketingConsent
from consent_core.wire import Names, read_record, read_upsert, to_wire
from tests.wire.bodies import rest, sdk, spelled
from tests.wire.strategies import containers, records, request_of

spellings = st.sampled_from(Names)


@given(records(), spellings)
def test_a_record_reads_back(record: MarketingConsent, names: Names) -> None:
    """Section 1.

    Every field survives a journey through JSON text, the case of the address included.
    """
    read = read_record(json.loads(json.dumps(to_wire(record, names=names), allow_nan=False)))
    assert read == record
    assert read.details.address == record.details.address


@given(records(), spellings, st.sampled_from(["marketingConsent", "marketing_consent", None]))
def test_a_record_that_was_read_can_be_sent_back(
    record: MarketingConsent, names: Names, wrapper: str | None
) -> None:
    """Rule 5 and law 9: "a record that was read can be sent back".

    As a request it says what the record says.
    """
    written = to_wire(record, names=names)
    request = read_upsert({wrapper: written} if wrapper else written)
    assert request == request_of(record)
    assert request.details.address == record.details.address


@given(records())
def test_both_spellings_differ_in_names_only(record: MarketingConsent) -> None:
    """Section 1.

    The SDK's underscored names "at every depth except inside extendedFields.namespaces".
    """
    in_rest, in_sdk = to_wire(record), to_wire(record, names=Names.SDK)
    assert in_rest == spelled(in_rest, rest)
    assert in_sdk == spelled(in_rest, sdk)
    assert {"_id", "_createdDate", "_updatedDate"} <= set(in_sdk)
    assert in_sdk.get("extendedFields") == in_rest.get("extendedFields")


@given(records(), spellings)
def test_dates_go_out_in_utc(record: MarketingConsent, names: Names) -> None:
    """Section 1: dates are RFC 3339 and name the same moment; every one ends with Z."""
    written = spelled(to_wire(record, names=names), lambda names: names[0])
    created = written.get("createdDate", written.get("_createdDate"))
    assert created.endswith("Z")
    assert datetime.fromisoformat(created) == record.created_date


@given(records(), spellings)
def test_every_dict_is_fresh(record: MarketingConsent, names: Names) -> None:
    """Design 1.4: a record is immutable.

    Nobody can change it, or another dict, through a dict that was written.
    """
    one, other = to_wire(record, names=names), to_wire(record, names=names)
    assert one == other
    assert not {*containers(one)} & {*containers(other)}


@given(records(), st.data())
def test_any_mix_of_spellings_reads_back(record: MarketingConsent, data: st.DataObject) -> None:
    """Section 1: a record in any mix of the three spellings is the same record."""
    sent: Any = spelled(to_wire(record), lambda names: data.draw(st.sampled_from(names)))
    assert read_record(sent) == record
    assert read_upsert(sent) == request_of(record)
