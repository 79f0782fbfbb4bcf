"""Everything that a store holds as lines of JSON (``consent_core.moving``).

A line that says what the file is, one for each consent with its history, one for each tombstone,
and a last one with their numbers, so that a file that was cut off is noticed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NoReturn

from attrs import evolve

from consent_core.application.moving import Moved, Stored, StoredConsent, StoredTombstone
from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.events import (
    ConsentCreated,
    ConsentDeleted,
    ConsentEvent,
    ConsentUpdated,
    replay,
)
from consent_core.domain.records import MAX_REVISION, MarketingConsent
from consent_core.domain.tombstones import Tombstone, TombstoneDigest
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.documents import dump_record
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import DATE_TIME, GUID, JSON, STRING, date_time, integer, word
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import Problems, is_object, join
from consent_core.wire.records import read_record
from consent_core.wire.shapes import object_of

_FORMAT: Final = "consent_core"
_VERSION: Final = 1


class _Slug(StrEnum):
    """What happened, as in the envelope of an event."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


_SLUGS: Final[dict[type[ConsentEvent], _Slug]] = {
    ConsentCreated: _Slug.CREATED,
    ConsentUpdated: _Slug.UPDATED,
    ConsentDeleted: _Slug.DELETED,
}


def header_line(site: str) -> str:
    """The first line, which says what the file is."""
    return _text({"format": _FORMAT, "version": _VERSION, "site": site})


def stored_line(stored: Stored) -> str:
    """The line of one consent with its history, or of one tombstone."""
    return _tombstone_line(stored) if isinstance(stored, StoredTombstone) else _line(stored)


def end_line(moved: Moved) -> str:
    """The last line, without which the file was cut off."""
    return _text({"end": moved._asdict()})


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _line(stored: StoredConsent) -> str:
    consent = stored.consent
    record = "" if consent is None else f'"marketingConsent":{dump_record(consent)},'
    events = ",".join(_event_text(each, stored) for each in stored.events)
    return f'{{{record}"events":[{events}]}}\n'


def _event_text(event: ConsentEvent, stored: StoredConsent) -> str:
    """An event; what has the record of its line does not repeat it."""
    text = f'"slug":"{_SLUGS[type(event)]}","published":'
    text += "true" if event.id in stored.published else "false"
    if isinstance(event, ConsentDeleted):
        text += (
            f',"entityId":"{event.consent_id}","entityEventSequence":"{event.sequence}",'
            f'"eventTime":"{date_time(event.occurred_at)}"'
        )
    elif event.consent != stored.consent:
        text += f',"marketingConsent":{dump_record(event.consent)}'
    return f"{{{text}}}"


def _tombstone_line(stored: StoredTombstone) -> str:
    (digest, key_number), tombstone = stored
    written = _TOMBSTONE.write(tombstone)
    return _text({"tombstone": written, "digest": digest, "keyNumber": key_number})


_TOMBSTONE: Final = object_of(Tombstone, is_stored=True)

_HEADER_LINE: Final = ObjectKind(plain_fields(format=STRING, version=JSON, site=STRING))
_CONSENT_LINE: Final = ObjectKind(plain_fields(marketingConsent=JSON, events=JSON))
_EVENT: Final = ObjectKind(
    plain_fields(
        slug=word(_Slug),
        published=JSON,
        marketingConsent=JSON,
        entityId=GUID,
        entityEventSequence=integer(1, MAX_REVISION),
        eventTime=DATE_TIME,
    )
)
_ERASURE: Final = ("entityId", "entityEventSequence", "eventTime")
_TOMBSTONE_LINE: Final = ObjectKind(
    plain_fields(tombstone=_TOMBSTONE, digest=STRING, keyNumber=STRING)
)
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_KEY_NUMBER: Final = re.compile("[0-9a-f]{8}")
_END_LINE: Final = ObjectKind(plain_fields(end=JSON))


class MovedLines:
    """Reads the lines of an export.

    Args:
        lines: the lines.
    """

    def __init__(self, lines: Iterable[str | bytes]) -> None:
        self._values = self._read(lines)
        self._at = "line 1"
        self._before = ""
        self.moved = Moved()
        """How much was read so far."""

    def read_header(self, site: str) -> None:
        """Read the first line.

        Args:
            site: of the store.

        Raises:
            InvalidConsent: it says that the file is none of ours, or is of another site.
        """
        data = next(self._values, None)
        told = (data.get("format"), data.get("version")) if is_object(data) else None
        if told != (_FORMAT, _VERSION):
            why = f"must be the first line of an export of format {_FORMAT}, version {_VERSION}"
            raise invalid(self._at, ViolationCode.NOT_ALLOWED, why)
        values = self._object(data, _HEADER_LINE)
        if values.get("site") != site:
            why = "is not the site of the store, and a tombstone is found on its own site only"
            raise invalid(f"{self._at}.site", ViolationCode.NOT_ALLOWED, why)

    def read_stored(self) -> Iterator[Stored]:
        """Read the lines up to the end.

        Raises:
            InvalidConsent: one is broken, or the last one is missing or says another number.
        """
        for data in self._values:
            if is_object(data) and "end" in data:
                self._check_end(data)
                return
            is_tombstone = is_object(data) and "tombstone" in data
            stored = self._tombstone(data) if is_tombstone else self._consent(data)
            self._check_order(stored)
            self.moved = self.moved.and_also(stored)
            yield stored
        raise invalid(self._at, ViolationCode.REQUIRED, "is the last one: the file was cut off")

    def _read(self, lines: Iterable[str | bytes]) -> Iterator[Any]:
        for number, line in enumerate(lines, 1):
            self._at = f"line {number}"
            try:
                data = json.loads(line, parse_constant=_no_constant)
            except (ValueError, RecursionError):
                raise invalid(
                    self._at, ViolationCode.INVALID_JSON, "must be a JSON object in UTF-8"
                ) from None
            yield data

    def _object(self, data: Any, kind: ObjectKind) -> dict[str, Any]:
        problems = Problems(data, self._at)
        values: dict[str, Any] = kind.read(data, self._at, problems)
        problems.raise_if_any()
        return values

    def _check_order(self, stored: Stored) -> None:
        """Consents come in the order of ids, tombstones in that of digests: none comes twice."""
        if isinstance(stored, StoredTombstone):
            place = f"tombstone {stored.digest.digest}"
        else:
            consent_id = stored.consent.id if stored.consent else stored.events[-1].consent_id
            place = f"consent {consent_id}"
        if place <= self._before:
            why = "must come behind the line before, in the order of the export, and only once"
            raise invalid(self._at, ViolationCode.NOT_ALLOWED, why)
        self._before = place

    def _check_end(self, data: Any) -> None:
        told = self._object(data, _END_LINE)["end"]
        if told != self.moved._asdict():
            why = f"must tell what the lines before have, which is {self.moved._asdict()}"
            raise invalid(f"{self._at}.end", ViolationCode.NOT_ALLOWED, why)
        if next(self._values, None) is not None:
            raise invalid(self._at, ViolationCode.NOT_ALLOWED, "must not follow the end")

    def _tombstone(self, data: Any) -> StoredTombstone:
        values = self._object(data, _TOMBSTONE_LINE)
        problems = Problems(data, self._at)
        digest, number = values.get("digest") or "", values.get("keyNumber") or ""
        for name, text, form in (
            ("digest", digest, _DIGEST),
            ("keyNumber", number, _KEY_NUMBER),
        ):
            if not form.fullmatch(text):
                why = f"must be of the form {form.pattern}"
                problems.add(f"{self._at}.{name}", ViolationCode.INVALID_TEXT, why)
        if values["tombstone"] is None:
            problems.add(f"{self._at}.tombstone", ViolationCode.REQUIRED, "is required")
        problems.raise_if_any()
        return StoredTombstone(TombstoneDigest(digest, number), values["tombstone"])

    def _consent(self, data: Any) -> StoredConsent:
        values = self._object(data, _CONSENT_LINE)
        sent = values.get("events")
        if not isinstance(sent, list):
            why = "is required: an array"
            raise invalid(f"{self._at}.events", ViolationCode.REQUIRED, why)
        consent = _record(values, self._at)
        events: list[ConsentEvent] = []
        published = []
        for index, each in enumerate(sent):
            event, is_published = self._event(each, f"{self._at}.events[{index}]", consent)
            events.append(event)
            if is_published:
                published.append(event.id)
        if not _are_whole(events, consent):
            why = (
                "must be of one consent, in the order of their sequence, and lead to the record; "
                "without a record, to an erasure"
            )
            raise invalid(f"{self._at}.events", ViolationCode.NOT_ALLOWED, why)
        return StoredConsent(consent, tuple(events), frozenset(published))

    def _event(
        self, data: Any, at: str, consent: MarketingConsent | None
    ) -> tuple[ConsentEvent, bool]:
        """An event, and whether it was published."""
        problems = Problems(data, at)
        values = _EVENT.read(data, at, problems)
        problems.raise_if_any()
        slug, is_published = values.get("slug"), values.get("published")
        record: Any = _record(values, at) or consent
        needed = {"slug": slug}
        if slug is _Slug.DELETED:
            needed |= {name: values.get(name) for name in _ERASURE}
        else:
            needed["marketingConsent"] = record
        for name, value in needed.items():
            if value is None:
                problems.add(f"{at}.{name}", ViolationCode.REQUIRED, "is required")
        if not isinstance(is_published, bool):
            problems.add(f"{at}.published", ViolationCode.WRONG_TYPE, "must be true or false")
        problems.raise_if_any()
        if slug is _Slug.DELETED:
            return ConsentDeleted(*(values[name] for name in _ERASURE)), is_published
        kind = ConsentCreated if slug is _Slug.CREATED else ConsentUpdated
        return kind(record), is_published


def _record(values: Mapping[str, Any], at: str) -> MarketingConsent | None:
    """The record of a line or an event, if it has one of its own."""
    sent = values.get("marketingConsent")
    if sent is None:
        return None
    try:
        return read_record(sent, trusted=True)
    except InvalidConsent as error:
        root = f"{at}.marketingConsent"
        raise InvalidConsent(evolve(v, path=join(root, v.path)) for v in error.violations) from None


def _are_whole(events: list[ConsentEvent], consent: MarketingConsent | None) -> bool:
    """Whether events can be the history of a record, or of one that was erased."""
    if consent is None and not events:
        return False
    in_order = all(
        before.consent_id == after.consent_id and before.sequence < after.sequence
        for before, after in pairwise(events)
    )
    return in_order and (not events or replay(events) == consent)


def _no_constant(_: str) -> NoReturn:
    raise ValueError
