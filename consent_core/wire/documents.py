"""A record as one JSON document: how every adapter stores it."""

import json
from typing import Final

from consent_core.domain.checks import invalid
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import REFUSED
from consent_core.wire.records import read_record
from consent_core.wire.shapes import STORED_RECORD

_decode: Final = json.JSONDecoder().raw_decode


def dump_record(consent: MarketingConsent) -> str:
    """A record as the text of one JSON object, with the field names of the REST API.

    Args:
        consent: the record.

    Returns:
        The compact JSON of what ``to_wire`` returns; ``load_record`` reads it back.
    """
    return STORED_RECORD.dump(consent)


def load_record(document: str) -> MarketingConsent:
    """A record from the text that ``dump_record`` gave.

    What was judged when it was stored is not judged again: a stricter policy or a newer version
    reads it all the same.

    Args:
        document: the text.

    Raises:
        InvalidConsent: it is no such document.
    """
    try:
        data, end = _decode(document)
        if end == len(document):
            record: MarketingConsent = STORED_RECORD.restore(data)
            return record
    except (*REFUSED, RecursionError):
        pass  # what is wrong, or only written in another way, is worked out below
    try:
        data = json.loads(document)
    except (ValueError, RecursionError):
        raise invalid("document", ViolationCode.INVALID_JSON, "must be a JSON object") from None
    return read_record(data, trusted=True)
