"""Adds extended fields to the answer to a bulk while there is room (contract, rule 9)."""

import json
from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from consent_core.application.bulk import BulkAnswer
from consent_core.application.outcomes import Rejected
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.records import MarketingConsent
from consent_core.rest.bounds import MOST_BYTES
from consent_core.wire.extended import EXTENDED_FIELDS

_FRAME: Final = len(',"extendedFields":{"namespaces":}')


def without_extended_fields(consent: MarketingConsent) -> MarketingConsent:
    """The same record without extended fields."""
    return evolve(consent, extended_fields=NO_FIELDS) if consent.extended_fields else consent


def add_extended_fields(
    body: dict[str, Any], answers: Sequence[BulkAnswer], namespaces: frozenset[str] | None
) -> None:
    """Add extended fields to the results of a bulk, in their order, until one does not fit.

    Args:
        body: the answer, its records without extended fields.
        answers: what its results were written of.
        namespaces: those that the caller sees; None for all.
    """
    room: int | None = None
    visible: dict[int, ExtendedFields] = {}
    for result, answer in zip(body["results"], answers, strict=True):
        record = None if isinstance(answer, Rejected) else answer.record
        if record is None or not record.extended_fields:
            continue
        if room is None:
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            room = MOST_BYTES - len(text.encode())
        # Many items may be about one record: what the caller may see of it is worked out once.
        stored = record.extended_fields
        fields = visible.get(id(stored))
        if fields is None:
            fields = visible[id(stored)] = stored if namespaces is None else stored.only(namespaces)
        if fields:
            room -= fields.size + _FRAME
            if room < 0:
                return
            result["marketingConsent"]["extendedFields"] = EXTENDED_FIELDS.write(fields)
