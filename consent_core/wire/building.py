"""Builds the parts of records from the values that were read, noting what the rules find wrong."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import wrong_text
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)
from consent_core.wire.reading import FAULTY, Problems

UNKNOWN_LEVEL: Final = OptInLevel.UNKNOWN_OPT_IN_LEVEL


def build_details(values: Any, problems: Problems, *, trusted: bool = False) -> Any:
    """Rule 1: exactly one of email and phone, and the one that the type names."""
    if values is FAULTY:
        return FAULTY
    if values is None:
        return problems.note(
            "details", ViolationCode.REQUIRED, "is required, with a type and an email or phone"
        )
    channel, email, phone = values.get("type"), values.get("email"), values.get("phone")
    if channel is Channel.EMAIL and email is not None and phone is None:
        return _identifier(Email, email, problems, trusted=trusted)
    if channel is Channel.PHONE and phone is not None and email is None:
        return _identifier(Phone, phone, problems, trusted=trusted)
    return _explain_details(channel, values, problems, trusted=trusted)


def _explain_details(
    channel: Any, values: Mapping[str, Any], problems: Problems, *, trusted: bool
) -> Any:
    """What is wrong with the type, and with the fields that it names or does not name.

    The identifier is judged.
    """
    given = {name: kind for name, kind in _IDENTIFIERS.items() if values.get(name) is not None}
    if channel is None:
        channel = problems.note(
            "details.type", ViolationCode.REQUIRED, "is required: EMAIL or PHONE"
        )
    wanted = next(iter(given), None) if channel is FAULTY else channel.lower()
    for name in given:
        if name != wanted:
            problems.note(
                f"details.{name}",
                ViolationCode.NOT_ALLOWED,
                "must be left out: one consent, one identifier",
            )
    if wanted in given:
        identifier = _identifier(given[wanted], values[wanted], problems, trusted=trusted)
        return FAULTY if channel is FAULTY else identifier
    if channel is not FAULTY:
        problems.note(
            f"details.{wanted}",
            ViolationCode.REQUIRED,
            f"is required, because the type is {channel}",
        )
    return FAULTY


_IDENTIFIERS: Final[Mapping[str, type[Email | Phone]]] = MappingProxyType(
    {"email": Email, "phone": Phone}
)


def _identifier(kind: type[Email | Phone], text: Any, problems: Problems, *, trusted: bool) -> Any:
    if text is FAULTY:
        return FAULTY
    try:
        return kind.restore(text) if trusted else kind(text)
    except InvalidConsent as error:
        return problems.adopt(error)


def build_confirmation(values: Any, problems: Problems) -> Any:
    """The confirmation activity from what is sound of it.

    None where there is none, FAULTY where it is no object.
    """
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
    """The revoke activity from what is sound of it.

    None where there is none, FAULTY where it is no object.
    """
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
    if problems.found:
        values = {field: value for field, value in values.items() if value is not FAULTY}
    problem = wrong_text(values.get("description"))
    if problem is None:
        return values
    problems.note(f"{name}.description", *problem)
    return {field: value for field, value in values.items() if field != "description"}


def build_extended_fields(values: Any, problems: Problems, max_values: int | None) -> Any:
    """The extended fields from what was read.

    None where there are none, FAULTY where they are wrong.
    """
    if values is None or values is FAULTY:
        return NO_FIELDS if values is None else FAULTY
    try:
        return ExtendedFields(values.get("namespaces"), max_values=max_values)
    except InvalidConsent as error:
        return problems.adopt(error)


def required(
    values: Mapping[str, Any], name: str, problems: Problems, description: str = "is required"
) -> Any:
    """A value that must be there, or FAULTY."""
    value = values.get(name)
    return problems.note(name, ViolationCode.REQUIRED, description) if value is None else value
