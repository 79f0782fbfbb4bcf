"""A record as one JSON document: how every adapter stores it."""

import json

from consent_core.domain.model import MarketingConsent
from consent_core.wire.records import read_record
from consent_core.wire.writing import to_wire


def dump_record(consent: MarketingConsent) -> str:
    """A record as the text of one JSON object, with the field names of the REST API.

    Args:
        consent: the record.

    Returns:
        Compact JSON, which ``load_record`` reads back to an equal record.
    """
    return json.dumps(to_wire(consent), ensure_ascii=False, separators=(",", ":"))


def load_record(document: str) -> MarketingConsent:
    """A record from the text that ``dump_record`` gave.

    What was judged when it was stored is not judged again: a stricter policy or a newer version
    reads it all the same.

    Args:
        document: the text.

    Raises:
        InvalidConsent: it is no such document.
    """
    return read_record(json.loads(document), trusted=True)
