"""A fast path for ordinary identifiers, beside email-validator and phonenumbers.

Reading an address with email-validator or a number with phonenumbers takes longer than all rules
together. The functions here recognise a part of what the libraries accept, and normalise it as they
do. Everything else, and every refusal, is left to the libraries. A differential test compares both
over random identifiers.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import email_validator
import phonenumbers
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL: Final = r"[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+"
_EMAIL: Final = re.compile(rf"({_ATOM}(?:\.{_ATOM})*+)@((?:{_LABEL}\.)++([A-Za-z]++))")
"""A dot-atom in front of a host name.

Labels of letters, digits and single hyphens, the last one of letters.
"""

_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 63
"""Characters of the longest label: a domain no longer than this has no label that is too long."""

_REWRITTEN: Final = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
_SPECIAL: Final = [*email_validator.SPECIAL_USE_DOMAIN_NAMES]
_RESERVED: Final = frozenset(name.rpartition(".")[2] for name in _SPECIAL)


def plain_email(text: str) -> str | None:
    """The normal form of an ordinary ASCII address; None where email-validator has to decide.

    Args:
        text: without spaces around it.
    """
    match = _EMAIL.fullmatch(text)
    if match is None:
        return None
    local, domain, top = match.groups()
    if len(local) > _LONGEST_LOCAL or len(domain) > _LONGEST_DOMAIN:
        return None
    if top.lower() in _RESERVED or local.lower() in _REWRITTEN:
        return None
    if email_validator.SPECIAL_USE_DOMAIN_NAMES != _SPECIAL:
        # An application may change that list; what it means then is for its owner to say.
        return None
    return f"{local}@{domain.lower()}"


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
