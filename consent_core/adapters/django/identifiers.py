"""How people write addresses and numbers in forms, and what Django calls what is wrong."""

import re
from collections.abc import Mapping
from typing import Any, Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from consent_core.adapters.django.conf import get_setting
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.vocabulary import Channel, ViolationCode

MESSAGES: Final[Mapping[str, Any]] = {
    ViolationCode.INVALID_EMAIL: EmailValidator.message,
    ViolationCode.INVALID_PHONE: _("Enter a valid phone number."),
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
        return IDENTIFIERS[channel](_international(channel, text, region))
    except InvalidConsent as error:
        violation = error.violations[0]
        code = str(violation.code)
        raise ValidationError(messages.get(code, violation.description), code=code) from None


def _international(channel: Channel, text: Any, region: str | None) -> Any:
    """A national number with the code of its country; anything else is returned unchanged."""
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
