"""JSON in and out: untrusted mappings to requests, and values to JSON-ready dicts."""

from consent_core.wire.answers import read_eligibility, read_event
from consent_core.wire.documents import dump_record, load_record
from consent_core.wire.errors import error_body
from consent_core.wire.records import read_record, read_upsert
from consent_core.wire.reports import read_report
from consent_core.wire.spelling import Names
from consent_core.wire.writing import to_wire

__all__ = [
    "Names",
    "dump_record",
    "error_body",
    "load_record",
    "read_eligibility",
    "read_event",
    "read_record",
    "read_report",
    "read_upsert",
    "to_wire",
]
