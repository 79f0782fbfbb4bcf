"""How people write addresses and numbers in forms, and what Django calls what is wrong."""

import re
from collections.abc import Mapping
from typing import Any, Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from consent_core.adapters.django.conf import get_setting
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.identifiers import IDENTIFIERS, Identifier, identifier_of
from consent_core.domain.validity import identifier_violations
from consent_core.domain.vocabulary import Channel, ViolationCode

MESSAGES: Final[Mapping[str, Any]] = {
    ViolationCode.INVALID_EMAIL: EmailValidator.message,
    ViolationCode.INVALID_PHONE: _("Enter a valid phone number."),
    ViolationCode.UNASSIGNED_PHONE: _("Enter a valid phone number."),
    ViolationCode.TOO_LONG: _("This is too long."),
    ViolationCode.WRONG_TYPE: _("This is no text."),
}
"""By the code of a violation; Django's ``error_messages`` override them, field by field."""

_NATIONAL: Final = re.compile(r"[0-9(][0-9 .\-/()]*")


def read_identifier(
    channel: Channel, text: Any, region: str | None, messages: Mapping[str, Any]
) -> Identifier:
    """The identifier that a person has typed.

    Args:
        channel: what is asked for.
        text: what was typed.
        region: where numbers without ``+`` belong; the project's default region for None.
        messages: by the code of a violation.

    Raises:
        ValidationError: with the code of the violation.
    """
    try:
        return IDENTIFIERS[channel](spelled(channel, text, region))
    except InvalidConsent as error:
        raise _as_django_says(error.violations[0], messages) from None


def judge_by_policy(identifier: Identifier, messages: Mapping[str, Any]) -> None:
    """Refuse what the service would refuse under the policy of the project.

    Args:
        identifier: in its normal form.
        messages: by the code of a violation.

    Raises:
        ValidationError: with the code of the violation.
    """
    found = identifier_violations(identifier, get_setting("POLICY"))
    if found:
        raise _as_django_says(found[0], messages)


def _as_django_says(violation: Violation, messages: Mapping[str, Any]) -> ValidationError:
    code = str(violation.code)
    return ValidationError(messages.get(code, violation.description), code=code)


def spelled(channel: Channel, text: Any, region: str | None = None) -> Any:
    """A national number with the code of its country; anything else is returned unchanged.

    Args:
        channel: what the text is on.
        text: what was typed.
        region: where numbers without ``+`` belong; the project's default region for None.
    """
    if channel is not Channel.PHONE or not isinstance(text, str):
        return text
    region = region or get_setting("DEFAULT_REGION")
    if region is None or not _NATIONAL.fullmatch(text.strip(" \t")):
        return text
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def identifier_typed(text: str) -> Identifier:
    """The address or the number that a member of staff has typed.

    Raises:
        InvalidConsent: it is neither.
    """
    return identifier_of(spelled(Channel.PHONE, text))
