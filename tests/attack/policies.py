"""Every combination of the choices that decide who may be contacted, and the presets."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Final

from consent_core import Channel, ConfirmationSource, OptInLevel, Ordering, Policy, Reconsent

MARGIN: Final = timedelta(minutes=5)
"""Of the policies for wrong clocks: two clocks may be apart by this."""

GRANTED: Final[tuple[frozenset[Channel], ...]] = (frozenset(), frozenset(Channel))
UNDATED: Final = (
    Policy().undated_is_now,
    frozenset[ConfirmationSource](),
    frozenset(ConfirmationSource),
)
LEVELS: Final = (OptInLevel.UNKNOWN_OPT_IN_LEVEL, OptInLevel.DOUBLE_CONFIRMATION)


def combinations(margin: timedelta = timedelta(0)) -> Iterator[Policy]:
    """Every combination, with a margin."""
    for ordering, reconsent, granted, undated, level in product(
        Ordering, Reconsent, GRANTED, UNDATED, LEVELS
    ):
        yield Policy(
            ordering=ordering,
            reconsent=reconsent,
            never_confirmed_granted=granted,
            undated_is_now=undated,
            minimum_opt_in_level=level,
            evidence_margin=margin,
        )


RIGHT: Final = (*combinations(), Policy.wix(), Policy.strict(), *combinations(MARGIN))
"""For right clocks: with a margin and without."""

WRONG: Final = (*combinations(MARGIN), Policy.strict())
"""For clocks that are wrong by up to half the margin."""
