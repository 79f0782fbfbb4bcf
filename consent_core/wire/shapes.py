"""Records, requests and their parts as JSON objects, derived from their classes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

import attrs

from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topic_words import MOST_TOPICS
from consent_core.domain.topics import TopicActivity, TopicChoices, TopicEvidence, Topics
from consent_core.domain.validation import READ_ONLY, Declared, declared_fields
from consent_core.wire.details import DETAILS, STORED_DETAILS
from consent_core.wire.extended import EXTENDED_FIELDS, STORED_EXTENDED_FIELDS, extended_fields
from consent_core.wire.fields import field_of
from consent_core.wire.kinds import DATE_TIME, GUID, TEXT, integer, word
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import Kind
from consent_core.wire.topics import by_topic


def object_of(cls: type, *, is_stored: bool = False) -> ObjectKind:
    """The JSON object of an attrs class, with the fields that the class declares.

    Args:
        cls: the class.
        is_stored: whether what is read was judged when it was stored: then identifiers and
            extended fields in it are not judged again.
    """
    fields = [field_of(each, _kind_of(each, is_stored=is_stored)) for each in declared_fields(cls)]
    return ObjectKind(fields, cls)


def _kind_of(declared: Declared, *, is_stored: bool) -> Kind:
    """The kind of a field's values, by their type."""
    cls = declared.kind
    if cls in _PLAIN:
        return _PLAIN[cls]
    if issubclass(cls, StrEnum):
        return word(cls)
    if cls is int and declared.bounds is not None:
        return integer(*declared.bounds)
    own = (_STORED if is_stored else _SENT).get(cls)
    if own is not None:
        return own
    if attrs.has(cls):
        return object_of(cls, is_stored=is_stored)
    raise TypeError(f"{declared.name}: no JSON form of {cls.__name__} is known")


_PLAIN: Final = {str: TEXT, datetime: DATE_TIME, UUID: GUID}

_TOPICS: Final = by_topic(Topics, object_of(TopicEvidence))
_SENT: Final[Mapping[type, Kind]] = {
    Identifier: DETAILS,
    ExtendedFields: EXTENDED_FIELDS,
    Topics: _TOPICS,
}
_STORED: Final[Mapping[type, Kind]] = {
    Identifier: STORED_DETAILS,
    ExtendedFields: STORED_EXTENDED_FIELDS,
    Topics: _TOPICS,
}

RECORD: Final = object_of(MarketingConsent)
"""A record as it is written."""

STORED_RECORD: Final = object_of(MarketingConsent, is_stored=True)
"""A record that comes from a store."""

STORED_TOMBSTONE: Final = object_of(Tombstone, is_stored=True)
"""A tombstone that comes from a store."""

LINK: Final = object_of(Link)
"""A link of an answer."""

_CHOICE: Final = ObjectKind(
    [field_of(each, _kind_of(each, is_stored=False)) for each in declared_fields(TopicActivity)],
    TopicActivity,
    ignored=[
        each.wire_name for each in declared_fields(TopicEvidence) if READ_ONLY in each.metadata
    ],
)
CHOICES: Final = by_topic(TopicChoices, _CHOICE, MOST_TOPICS)
"""The choices of a request; what the library alone says of a topic may be sent back."""


@lru_cache
def request_kind(
    cls: type, max_values: int | None = None, ignored: tuple[str, ...] = ()
) -> ObjectKind:
    """The part of a record that a request takes; it is read as a dict by Python name.

    Args:
        cls: the class of the request: the fields of a record that it declares, too, are read.
        max_values: as in ``ExtendedFields``.
        ignored: fields that are not read nevertheless, by Python name.
    """
    requested = {each.name: each for each in declared_fields(cls) if each.name not in ignored}
    kinds = {field.name: field.kind for field in RECORD.fields.values()}
    kinds |= {"extended_fields": extended_fields(max_values), "topics": CHOICES}
    held = declared_fields(MarketingConsent)
    kind = ObjectKind(
        [
            field_of(requested[each.name], kinds[each.name])
            for each in held
            if each.name in requested
        ],
        ignored=[
            each.wire_name
            for each in held
            if each.name not in requested and (each.name in ignored or READ_ONLY in each.metadata)
        ],
    )
    if cls is Upsert and "state" not in ignored:
        # Choices of topics can come without a state.
        kind.schema["anyOf"] = [{"required": ["state"]}, {"required": ["topics"]}]
    return kind


REMOVAL: Final = ObjectKind([RECORD.fields["details"], RECORD.fields["lastRevokeActivity"]])
"""What remove takes."""
