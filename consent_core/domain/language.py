"""Language tags, as RFC 5646 (BCP 47) forms them."""

import re
from typing import Final

from consent_core.domain.checks import invalid
from consent_core.domain.vocabulary import ViolationCode

LONGEST_TAG: Final = 64
"""Characters of a language tag."""

_TAG: Final = re.compile(
    r"""
    x(?:-[a-z0-9]{1,8})+                              # nothing but private use
    |
    (?: [a-z]{2,3} (?:-[a-z]{3}){0,3} | [a-z]{4,8} )  # language, with extended ones
    (?: -[a-z]{4} )?                                  # script
    (?: -(?:[a-z]{2}|[0-9]{3}) )?                     # region
    (?: -(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}) )*        # variants
    (?: -[0-9a-wy-z](?:-[a-z0-9]{2,8})+ )*            # extensions
    (?: -x(?:-[a-z0-9]{1,8})+ )?                      # private use
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def check_language(tag: str | None) -> str | None:
    """Judge the language tag of a link, such as before a transaction of your own begins.

    Args:
        tag: for example ``de``, ``pt-BR`` or ``zh-Hant-TW``.

    Returns:
        The same tag; None where none was given.

    Raises:
        InvalidConsent: it is not well-formed (``INVALID_LANGUAGE``).
    """
    if tag is None or (isinstance(tag, str) and len(tag) <= LONGEST_TAG and _TAG.fullmatch(tag)):
        return tag
    raise invalid(
        "linkLanguage", ViolationCode.INVALID_LANGUAGE, "must be a BCP 47 tag such as de or pt-BR"
    )
