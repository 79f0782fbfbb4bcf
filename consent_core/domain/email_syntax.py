"""E-mail addresses as email-validator reads them.

email-validator takes longer to read an address than all rules together. So what is ordinary is
recognised here, as a part of what the library accepts, and normalised as it does; everything else,
and every refusal, is left to it. A differential test compares both over random addresses.
"""

import re
from typing import Final

import email_validator
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from consent_core.domain.checks import invalid
from consent_core.domain.vocabulary import ViolationCode


def normal_email(text: str) -> str:
    """The normal form of an address.

    Args:
        text: without spaces around it.

    Raises:
        InvalidConsent: it is no address.
    """
    try:
        return (
            plain_email(text)
            or email_validator.validate_email(text, check_deliverability=False).normalized
        )
    except email_validator.EmailNotValidError as error:
        description = _without_quotes(error)
        raise invalid("details.email", ViolationCode.INVALID_EMAIL, description) from None


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


def _without_quotes(error: Exception) -> str:
    """What email-validator says, up to where it quotes characters of the address.

    As a fragment that follows the field's name, like every other description.
    """
    sentence = re.split(r"[:(]", str(error), maxsplit=1)[0].strip().rstrip(".")
    fragment = re.sub(r"^(?:An|The) email address (?=[a-z])", "", sentence)
    fragment = re.sub(r"^There must be ", "must have ", fragment)
    if fragment == sentence:
        return f"must be an e-mail address: {sentence[0].lower()}{sentence[1:]}"
    return fragment
