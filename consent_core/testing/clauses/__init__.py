"""The clauses of the port.

What every repository promises, each named, each a plan that proves it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent_core.testing.clauses import (
    audiences,
    burying,
    committing,
    erasing,
    events,
    failing,
    identity,
    paging,
    querying,
    racing,
    reading,
    relaying,
    sites,
)
from consent_core.testing.kit import Clause

_MODULES = (
    reading,
    identity,
    committing,
    racing,
    events,
    erasing,
    burying,
    querying,
    audiences,
    paging,
    sites,
    relaying,
    failing,
)

CLAUSES: Final[tuple[Clause, ...]] = tuple(
    value for module in _MODULES for value in vars(module).values() if isinstance(value, Clause)
)
"""All clauses, in the order in which they build on each other."""

WITHOUT_TOMBSTONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        each.name: "it has no tombstones: give its service no tombstone_keys"
        for each in vars(burying).values()
        if isinstance(each, Clause)
    }
)
"""The ``exceptions`` of a repository that has no tombstones."""
