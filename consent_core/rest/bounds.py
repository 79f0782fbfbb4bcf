"""How much one request over the wire may ask for (contract, section 3, rule 9)."""

from collections.abc import Sequence
from typing import Any, Final

DEFAULT_PAGE: Final = 50
"""Records on a page where the query does not say how many."""

LARGEST_WIRE_PAGE: Final = 100
"""Records on a page."""

MOST_CONDITIONS: Final = 50
"""Conditions of a filter, those in ``$and`` included.

Databases nest them, and keep a plan for each number of them.
"""

MOST_WIRE_VALUES: Final = 1_000
"""Values of a filter, those of all its conditions together."""

MOST_ITEMS: Final = 1_000
"""Items of a bulk."""

MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of the answer to a bulk as compact JSON; extended fields beyond it are left out."""


def too_much(compared: Sequence[Any]) -> str | None:
    """The description of the violation where a filter is too large; else None.

    Args:
        compared: what each of its conditions compares with, whatever was sent there.
    """
    if len(compared) > MOST_CONDITIONS:
        return f"may have at most {MOST_CONDITIONS:,} conditions"
    if sum(len(value) if isinstance(value, list) else 1 for value in compared) > MOST_WIRE_VALUES:
        return f"may have at most {MOST_WIRE_VALUES:,} values"
    return None
