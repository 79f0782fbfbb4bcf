"""Builds the parts of records from the values that were read, noting what the rules find wrong."""

from collections.abc import Mapping
from typing import Any, Final

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import wrong_text
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.vocabulary import ConfirmationSource, OptInLevel, RevokeSource, ViolationCode
from consent_core.wire.reading import FAULTY, Problems

UNKNOWN_LEVEL: Final = OptInLevel.UNKNOWN_OPT_IN_LEVEL


def build_details(values: Any, problems: Problems, *, trusted: bool = False) -> Any:
    """Rule 1: exactly one of email and phone, and the one that the type names."""
    if values is FAULTY:
        return FAULTY
    if values is None:
        return problems.note("details", ViolationCode.REQUIRED, "is required, with a type and an email or phone")
    channel = values.get("type")
    given = [name for name in ("email", "phone") if values.get(name) is not None]
    if channel is None:
        channel = problems.note("details.type", ViolationCode.REQUIRED, "is required: EMAIL or PHONE")
    wanted = given[0] if channel is FAULTY and given else str(channel).lower()
    for name in given:
        if name != wanted:
            problems.note(f"details.{name}", ViolationCode.NOT_ALLOWED, "must be left out: one consent, one identifier")
    if channel is not FAULTY and wanted not in given:
        return problems.note(f"details.{wanted}", ViolationCode.REQUIRED, f"is required, because the type is {channel}")
    identifier = _identifier(wanted, values[wanted], problems, trusted=trusted) if given else FAULTY
    return FAULTY if channel is FAULTY else identifier


def _identifier(name: str, text: Any, problems: Problems, *, trusted: bool) -> Any:
    if text is FAULTY:
        return FAULTY
    kind = Email if name == "email" else Phone
    try:
        return kind.restore(text) if trusted else kind(text)
    except InvalidConsent as error:
        return problems.adopt(error)


def build_confirmation(values: Any, problems: Problems) -> Any:
    """The confirmation activity from what is sound of it; None where there is none, FAULTY where it is no object."""
    if values is None or values is FAULTY:
        return values
    values = _sound_fields("lastConfirmationActivity", values, problems)
    return ConfirmationActivity(
        source=values.get("source") or ConfirmationSource.UNKNOWN_SOURCE,
        description=values.get("description"),
        updated_date=values.get("updatedDate"),
        opt_in_level=values.get("optInLevel") or UNKNOWN_LEVEL,
    )


def build_revocation(values: Any, problems: Problems) -> Any:
    """The revoke activity from what is sound of it; None where there is none, FAULTY where it is no object."""
    if values is None or values is FAULTY:
        return values
    values = _sound_fields("lastRevokeActivity", values, problems)
    return RevokeActivity(
        source=values.get("source") or RevokeSource.UNKNOWN_SOURCE,
        description=values.get("description"),
        updated_date=values.get("updatedDate"),
    )


def _sound_fields(name: str, values: Mapping[str, Any], problems: Problems) -> Mapping[str, Any]:
    """What is left beside faulty fields is judged, too, so that everything can be told at once."""
    left = {field: value for field, value in values.items() if value is not FAULTY}
    if problem := wrong_text(left.get("description")):
        problems.note(f"{name}.description", *problem)
        del left["description"]
    return left


def build_extended_fields(values: Any, problems: Problems, max_values: int | None) -> Any:
    """The extended fields from what was read; none where there are none, FAULTY where they are wrong."""
    if values is None or values is FAULTY:
        return NO_FIELDS if values is None else FAULTY
    try:
        return ExtendedFields(values.get("namespaces"), max_values=max_values)
    except InvalidConsent as error:
        return problems.adopt(error)


def required(values: Mapping[str, Any], name: str, problems: Problems, description: str = "is required") -> Any:
    """A value that must be there, or FAULTY."""
    value = values.get(name)
    return problems.note(name, ViolationCode.REQUIRED, description) if value is None else value
