"""The clauses of the port.

What every repository promises, each named, each a plan that proves it.
"""

from typing import Final

from consent_core.testing.clauses import (
    committing,
    erasing,
    events,
    identity,
    paging,
    querying,
    racing,
    reading,
    sites,
)
from consent_core.testing.kit import Clause

_MODULES = (reading, identity, committing, racing, events, erasing, querying, paging, sites)

CLAUSES: Final[tuple[Clause, ...]] = tuple(
    value for module in _MODULES for value in vars(module).values() if isinstance(value, Clause)
)
"""All clauses, in the order in which they build on each other."""
