"""A record, an event or a tombstone as one JSON document: how adapters store it."""

import json
from collections.abc import Iterable
from typing import Any, Final

from consent_core.domain.checks import invalid
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.answers import read_event
from consent_core.wire.reading import REFUSED
from consent_core.wire.records import read_record
from consent_core.wire.shapes import STORED_RECORD, STORED_TOMBSTONE
from consent_core.wire.writing import to_wire

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


def dump_tombstone(tombstone: Tombstone) -> str:
    """A tombstone as the text of one JSON object; equal tombstones have equal texts.

    Args:
        tombstone: the tombstone.
    """
    return json.dumps(STORED_TOMBSTONE.write(tombstone), sort_keys=True)


def load_tombstone(document: str) -> Tombstone:
    """A tombstone from the text that ``dump_tombstone`` gave.

    Args:
        document: the text.
    """
    tombstone: Tombstone = STORED_TOMBSTONE.restore(json.loads(document))
    return tombstone


def dump_event(event: ConsentEvent) -> str:
    """An event as the text of one JSON object.

    Args:
        event: the event.
    """
    return json.dumps(to_wire(event), separators=(",", ":"), ensure_ascii=False)


def load_event(document: str) -> ConsentEvent:
    """An event from the text that ``dump_event`` gave; as ``load_record``.

    Args:
        document: the text.
    """
    return read_event(json.loads(document), trusted=True)


def load_found(
    keys: Iterable[Any], documents: Iterable[str | None]
) -> dict[Any, MarketingConsent | Tombstone]:
    """What ``find`` answers, from the documents that are stored under its keys.

    Args:
        keys: identifiers and digests.
        documents: for each key the text that ``dump_record`` or ``dump_tombstone`` gave; None where
            there is none.
    """
    return {
        key: load_tombstone(text) if isinstance(key, TombstoneDigest) else load_record(text)
        for key, text in zip(keys, documents, strict=True)
        if text is not None
    }
