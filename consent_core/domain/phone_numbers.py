"""Phone numbers as phonenumbers reads them.

As for addresses (``email_syntax``), what is ordinary is recognised here, and everything else is
left to the library.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import phonenumbers

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import ViolationCode


def normal_phone(text: str) -> str:
    """E.164 of a number that phonenumbers finds possible.

    Args:
        text: a plus sign, then digits and separators.

    Raises:
        InvalidConsent: it is no possible number.
    """
    if not _PHONE.fullmatch(text):
        raise _invalid("must be a plus sign, the country code and digits, such as +12025550172")
    digits = _SEPARATORS.sub("", text)
    if len(text) <= _PLAIN_LENGTH and (plain := plain_phone(digits)):
        return plain
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise _invalid("must begin with a plus sign and a country code that exists") from None
    normalised = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if normalised[1:] != digits:
        # A trunk prefix was dropped; what is left may begin with another. Only what stays as it is
        # when it is read again can be a key.
        return normal_phone(normalised)
    if not phonenumbers.is_possible_number(number):
        raise _invalid("has too many or too few digits for its country")
    return normalised


def is_assigned(address: str) -> bool:
    """Whether the numbering plan of its country assigns a number, given as E.164."""
    return phonenumbers.is_valid_number(phonenumbers.parse(address))


def _invalid(description: str) -> InvalidConsent:
    return invalid("details.phone", ViolationCode.INVALID_PHONE, description)


_PLAIN_LENGTH: Final = 250
"""Characters up to which separators are harmless.

Phonenumbers refuses longer texts, whatever their digits.
"""

_PHONE: Final = re.compile(r"\+[0-9 .\-/()]*")
_SEPARATORS: Final = re.compile(r"[^0-9]+")


class _Plan(NamedTuple):
    """What a numbering plan says of national numbers.

    Args:
        lengths: how many digits a possible one has.
        trunk: matches one that begins with what may be a trunk prefix; None where the plan knows
            none.
    """

    lengths: frozenset[int]
    trunk: Callable[[str], re.Match[str] | None] | None


def plain_phone(digits: str) -> str | None:
    """E.164 of a possible number with nothing to strip; None where phonenumbers has to decide.

    Args:
        digits: the country code and the national number, nothing else.
    """
    for size in _CODE_SIZES:
        plan = _plan(digits[:size])
        if plan is not None:
            national = digits[size:]
            if (
                len(national) not in plan.lengths
                or national[0] == "0"
                or (plan.trunk and plan.trunk(national))
            ):
                return None
            return f"+{digits}"
    return None


_CODE_SIZES: Final = (1, 2, 3)


@cache
def _plan(code: str) -> _Plan | None:
    """The plan of a country code; None where there is no such code."""
    number = int(code) if code and code[0] != "0" else 0
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number)
    if regions is None:
        return None
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(
        number, regions[0]
    )
    prefix = metadata.national_prefix_for_parsing
    return _Plan(
        frozenset(metadata.general_desc.possible_length),
        re.compile(prefix).match if prefix else None,
    )
