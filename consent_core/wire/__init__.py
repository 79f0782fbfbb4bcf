"""JSON in and out: untrusted mappings to requests, and values to JSON-ready dicts."""

from consent_core.wire.answers import read_eligibility, read_event
from consent_core.wire.documents import (
    dump_event,
    dump_record,
    dump_tombstone,
    load_event,
    load_found,
    load_record,
    load_tombstone,
)
from consent_core.wire.errors import error_body
from consent_core.wire.records import read_record, read_upsert
from consent_core.wire.reports import read_report
from consent_core.wire.spelling import Names
from consent_core.wire.writing import to_wire

__all__ = [
    "Names",
    "dump_event",
    "dump_record",
    "dump_tombstone",
    "error_body",
    "load_event",
    "load_found",
    "load_record",
    "load_tombstone",
    "read_eligibility",
    "read_event",
    "read_record",
    "read_report",
    "read_upsert",
    "to_wire",
]
