"""Reads updates: what the body carries, or what the mask names of it (contract, section 2)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from consent_core.domain.checks import invalid
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.topic_words import topic_path
from consent_core.domain.topics import NO_CHOICES, TopicChoices
from consent_core.domain.updates import Update
from consent_core.domain.validity import extended_fields_violations
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import JSON
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import INVALID, Problems
from consent_core.wire.records import Payload, unwrapped
from consent_core.wire.shapes import request_kind
from consent_core.wire.spelling import spellings

_BODY: Final = ObjectKind(plain_fields(marketingConsent=JSON, mask=JSON))

_FIELDS: Final = request_kind(Update, ignored=("id",)).fields

_ACTIVITIES: Final = {
    name: field.kind for name, field in _FIELDS.items() if isinstance(field.kind, ObjectKind)
}

_PARTS: Final = {
    "lastConfirmationActivity": "confirmation_fields",
    "lastRevokeActivity": "revocation_fields",
}
"""Where an update holds which fields of an activity the mask names."""

_EXTENDED: Final = "extendedFields"
_TOPICS: Final = "topics"

_PATHS: Final = {
    spelling: name
    for name in ("state", *_ACTIVITIES, _EXTENDED, _TOPICS)
    for spelling in spellings(name)
} | {
    f"{outer}.{inner}": f"{name}.{field}"
    for name, activity in _ACTIVITIES.items()
    for field in activity.fields
    for outer in spellings(name)
    for inner in spellings(field)
}
"""What a mask may name, in all spellings; fields inside extended fields come on top."""

_NAMED: Final = "is required, because the mask names it"


def read_update(consent_id: UUID, body: Any, *, policy: Policy) -> tuple[Update, Payload]:
    """Read the body ``{marketingConsent, mask?}`` of an update.

    Args:
        consent_id: the consent.
        body: the parsed JSON.
        policy: the choices of the deployment: its bounds apply.

    Returns:
        The update, and the record as it was sent.

    Raises:
        InvalidConsent: with every violation of the record, or the mask's.
    """
    payload = unwrapped(body, wrapper=_BODY)
    if not payload.root:
        raise invalid("marketingConsent", ViolationCode.REQUIRED, "is required")
    paths = _mask(body.get("mask"))
    problems = Problems(payload.body, payload.root)
    problems.found += payload.violations
    kind = request_kind(Update, policy.max_extended_fields_size, ("id",))
    values = kind.read_fields(payload.body, payload.root, problems)
    if values is not INVALID:
        if paths is not None:
            values = _masked(values, paths, problems)
        fields = values.get("extended_fields")
        if isinstance(fields, ExtendedFields):
            values["extended_fields"] = fields = _named_extended_fields(fields, paths)
            problems.add_violations(extended_fields_violations(fields, policy))
        topics = values.get("topics")
        if paths is not None and topics is not INVALID:
            values["topics"] = _named_topics(topics or NO_CHOICES, paths, problems)
    problems.raise_if_any()
    return Update(id=consent_id, **values), payload


def _mask(mask: Any) -> frozenset[str] | None:
    """The paths that a mask names, by documented names; None without a mask."""
    if mask is None:
        return None
    paths = mask.get("paths") if isinstance(mask, Mapping) else mask
    named = paths.split(",") if isinstance(paths, str) else paths
    if not isinstance(named, list) or not all(isinstance(path, str) for path in named):
        why = "must be a list of paths, or one string with commas"
        raise invalid("mask.paths", ViolationCode.WRONG_TYPE, why)
    if not "".join(named).strip():
        why = "must name what is updated; without a mask, all that is sent is"
        raise invalid("mask.paths", ViolationCode.REQUIRED, why)
    return frozenset(_path(index, path.strip()) for index, path in enumerate(named))


def _path(index: int, path: str) -> str:
    for prefix in spellings(_EXTENDED):
        if path == f"{prefix}.namespaces" or path.startswith(f"{prefix}.namespaces."):
            return _EXTENDED + path.removeprefix(prefix)
    if path.startswith(f"{_TOPICS}."):
        return path
    if path not in _PATHS:
        known = ", ".join(("state", *_ACTIVITIES, _EXTENDED, _TOPICS))
        why = f"must be one of {known}, or a field inside them"
        raise invalid(f"mask.paths[{index}]", ViolationCode.UNKNOWN_VALUE, why)
    return _PATHS[path]


def _masked(values: Mapping[str, Any], paths: frozenset[str], problems: Problems) -> dict[str, Any]:
    """What the mask names of what the body carries.

    Details and revision are conditions, not updates. A state comes with all the evidence of the
    body: a part of it beside a part of what is stored would be neither.

    Args:
        values: what was read from the body, by Python name.
        paths: what the mask names.
        problems: where it is noted that the body lacks what the mask names.
    """
    named = {path.partition(".")[0] for path in paths}
    for name in ("state", *_ACTIVITIES):
        if name in named and values.get(_FIELDS[name].name) is None:
            problems.add(problems.sent_path(name), ViolationCode.REQUIRED, _NAMED)
    taken = named | {"details", "revision"}
    if "state" in named:
        taken |= _ACTIVITIES.keys()
    masked = {
        field.name: values[field.name]
        for field in _FIELDS.values()
        if field.wire_name in taken and field.name in values
    }
    if "state" not in named:
        for name in _ACTIVITIES.keys() & (named - paths):
            attribute = _FIELDS[name].name
            given = {
                field.name: field.wire_name
                for field in _ACTIVITIES[name].fields.values()
                if f"{name}.{field.wire_name}" in paths
            }
            masked[_PARTS[name]] = frozenset(given)
            activity = masked.get(attribute)
            if activity is None or activity is INVALID:
                continue
            for field in given.values():
                if not problems.is_sent(f"{name}.{field}"):
                    at = problems.sent_path(f"{name}.{field}")
                    problems.add(at, ViolationCode.REQUIRED, _NAMED)
            masked[attribute] = type(activity)(**{part: getattr(activity, part) for part in given})
    return masked


def _named_topics(topics: TopicChoices, paths: frozenset[str], problems: Problems) -> TopicChoices:
    """The choices that a mask names: all of them, or those of single topics, each whole."""
    if _TOPICS in paths and topics:
        return topics
    if _TOPICS in paths:
        problems.add(problems.sent_path(_TOPICS), ViolationCode.REQUIRED, _NAMED)
    named = {path.removeprefix(f"{_TOPICS}.") for path in paths if path.startswith(f"{_TOPICS}.")}
    for name in sorted(named - topics.keys()):
        problems.add(problems.sent_path(topic_path(name)), ViolationCode.REQUIRED, _NAMED)
    return TopicChoices({name: topics[name] for name in topics if name in named})


def _named_extended_fields(fields: ExtendedFields, paths: frozenset[str] | None) -> ExtendedFields:
    """The extended fields that a mask names: all of them, namespaces, or single fields."""
    whole = f"{_EXTENDED}.namespaces"
    if not fields or paths is None or _EXTENDED in paths or whole in paths:
        return fields
    named = {path.removeprefix(f"{whole}.") for path in paths if path.startswith(f"{whole}.")}
    chosen = {
        namespace: {
            name: value
            for name, value in inside.items()
            if {namespace, f"{namespace}.{name}"} & named
        }
        for namespace, inside in fields.namespaces.items()
    }
    return ExtendedFields({namespace: inside for namespace, inside in chosen.items() if inside})
