"""Reads updates: what the body carries, or what the mask names of it (contract, section 2)."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from consent_core.domain.checks import invalid
from consent_core.domain.commands import Update
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.validity import extended_fields_violations
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.building import (
    build_confirmation,
    build_details,
    build_extended_fields,
    build_revocation,
)
from consent_core.wire.reading import FAULTY, Problems
from consent_core.wire.records import Sent, sound, unwrapped
from consent_core.wire.shapes import CONFIRMATION_ACTIVITY, REVOKE_ACTIVITY, UPDATE, UPDATE_WRAPPER
from consent_core.wire.spelling import spellings

_FIELDS_OF: Final = {
    "lastConfirmationActivity": CONFIRMATION_ACTIVITY,
    "lastRevokeActivity": REVOKE_ACTIVITY,
}
_EXTENDED: Final = "extendedFields"

_ATTRIBUTES: Final = {
    "source": "source",
    "description": "description",
    "updatedDate": "updated_date",
    "optInLevel": "opt_in_level",
}

_PATHS: Final = {
    **{
        spelling: name for name in ("state", *_FIELDS_OF, _EXTENDED) for spelling in spellings(name)
    },
    **{
        f"{outside}.{inside}": f"{name}.{field}"
        for name, shape in _FIELDS_OF.items()
        for field in shape.fields
        for outside in spellings(name)
        for inside in spellings(field)
    },
}
"""What a mask may name, beside fields inside extended fields."""

_NAMED: Final = "is required, because the mask names it"


def read_update(consent_id: UUID, body: Any, *, policy: Policy) -> tuple[Update, Sent]:
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
    sent, mask = _opened(body)
    paths = _mask(mask)
    problems = Problems(sent.body, sent.root)
    problems.found += sent.beside
    values = UPDATE.read(sent.body, sent.root, problems)
    command = FAULTY
    if values is not FAULTY:
        command = _build(consent_id, _masked(values, paths, problems), paths, problems, policy)
    return sound(command, Update, problems), sent


def _opened(body: Any) -> tuple[Sent, Any]:
    """The record of an update, and its mask."""
    sent = unwrapped(body, wrapper=UPDATE_WRAPPER)
    if not sent.root:
        raise invalid("marketingConsent", ViolationCode.REQUIRED, "is required")
    return sent, body.get("mask")


def _mask(mask: Any) -> frozenset[str] | None:
    """The paths that a mask names, by camelCase names; None without a mask."""
    if mask is None:
        return None
    paths = mask.get("paths") if isinstance(mask, Mapping) else mask
    named = paths.split(",") if isinstance(paths, str) else paths
    if not isinstance(named, list) or not all(isinstance(path, str) for path in named):
        raise invalid(
            "mask.paths",
            ViolationCode.WRONG_TYPE,
            "must be a list of paths, or one string with commas",
        )
    if not "".join(named).strip():
        raise invalid(
            "mask.paths",
            ViolationCode.REQUIRED,
            "must name what is updated; without a mask, all that is sent is",
        )
    return frozenset(_path(index, path.strip()) for index, path in enumerate(named))


def _path(index: int, path: str) -> str:
    for prefix in spellings(_EXTENDED):
        if path == f"{prefix}.namespaces" or path.startswith(f"{prefix}.namespaces."):
            return _EXTENDED + path.removeprefix(prefix)
    if path not in _PATHS:
        known = "state, lastConfirmationActivity, lastRevokeActivity, extendedFields, or a field inside them"
        raise invalid(f"mask.paths[{index}]", ViolationCode.UNKNOWN_VALUE, f"can be {known}")
    return _PATHS[path]


def _masked(
    values: Mapping[str, Any], paths: frozenset[str] | None, problems: Problems
) -> Mapping[str, Any]:
    """What the mask names of what the body carries.

    Details and revision are conditions, not updates.

    A state comes with all the evidence of the body: a part of it beside a part of what is stored
    would be neither.
    """
    if paths is None:
        return values
    named = {path.partition(".")[0] for path in paths}
    for name in ("state", *_FIELDS_OF):
        if name in named and values.get(name) is None:
            problems.note(name, ViolationCode.REQUIRED, _NAMED)
    taken = named | {"details", "revision"} | (_FIELDS_OF.keys() if "state" in named else set())
    parts = () if "state" in named else _FIELDS_OF.keys() - paths
    return {
        name: _named_parts(name, value, paths, problems) if name in parts else value
        for name, value in values.items()
        if name in taken
    }


def _named_parts(name: str, value: Any, paths: Collection[str], problems: Problems) -> Any:
    if not isinstance(value, Mapping):
        return value
    named = [field for field in _FIELDS_OF[name].fields if f"{name}.{field}" in paths]
    for field in named:
        if field not in value:
            problems.note(f"{name}.{field}", ViolationCode.REQUIRED, _NAMED)
    return {field: value[field] for field in named if field in value}


def _build(
    consent_id: UUID,
    values: Mapping[str, Any],
    paths: frozenset[str] | None,
    problems: Problems,
    policy: Policy,
) -> Any:
    details = None if values.get("details") is None else build_details(values["details"], problems)
    confirmation = build_confirmation(values.get("lastConfirmationActivity"), problems)
    revocation = build_revocation(values.get("lastRevokeActivity"), problems)
    fields = build_extended_fields(values.get(_EXTENDED), problems, policy.max_extended_fields_size)
    if any(
        part is FAULTY for part in (details, confirmation, revocation, fields, *values.values())
    ):
        return FAULTY
    fields = _named_fields(fields, paths)
    problems.adopt(InvalidConsent(extended_fields_violations(fields, policy)))
    return Update(
        id=consent_id,
        state=values.get("state"),
        last_confirmation_activity=confirmation,
        last_revoke_activity=revocation,
        extended_fields=fields,
        details=details,
        revision=values.get("revision"),
        confirmation_fields=_parts("lastConfirmationActivity", paths),
        revocation_fields=_parts("lastRevokeActivity", paths),
    )


def _parts(name: str, paths: Collection[str] | None) -> frozenset[str] | None:
    """The attributes of an activity that a mask names one by one.

    None where it is meant as a whole.
    """
    if paths is None or name in paths or "state" in paths:
        return None
    return frozenset(
        _ATTRIBUTES[path.partition(".")[2]] for path in paths if path.startswith(f"{name}.")
    )


def _named_fields(fields: ExtendedFields, paths: Collection[str] | None) -> ExtendedFields:
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
