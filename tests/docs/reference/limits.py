"""Every bound in one table, with its number as the code has it."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from consent_core import Policy
from consent_core.domain.records import MAX_REVISION
from tests.docs.reference.source import source, values
from tests.docs.reference.tables import code, prose, table

_REQUESTS: Final = "requests over the wire"

CONSTANTS: Final = (
    ("consent_core.rest.bounds", _REQUESTS),
    ("consent_core.wire.reading", _REQUESTS),
    ("consent_core.wire.kinds", _REQUESTS),
    ("consent_core.domain.language", "everywhere"),
    ("consent_core.domain.json_values", "everywhere"),
    ("consent_core.domain.records", "everywhere"),
    ("consent_core.domain.delivery", "everywhere"),
    ("consent_core.domain.topic_words", "everywhere"),
    ("consent_core.domain.conditions", "queries"),
    ("consent_core.application.query", "queries"),
    ("consent_core.cli.ndjson", "the command line"),
)
"""The modules whose public whole numbers are bounds, and where those hold."""


def _limits() -> str:
    rows = [
        *_of_policy(),
        *(row for module, where in CONSTANTS for row in _of_module(module, where)),
    ]
    return table(("bound", "at most", "holds for", "set by"), rows)


def _of_policy() -> Iterator[tuple[str, str, str, str]]:
    for name, about in Policy.describe().items():
        if name.startswith("max_"):
            yield (
                prose(about).rstrip("."),
                f"{getattr(Policy(), name):,}",
                "everywhere",
                code(f"Policy({name})"),
            )


def _of_module(module: str, where: str) -> Iterator[tuple[str, str, str, str]]:
    loaded = import_module(module)
    for name, (_, about) in values(source(module).tree.body).items():
        number = getattr(loaded, name)
        if type(number) is int and not name.startswith("_"):
            if not about:
                raise ValueError(f"{module}.{name} does not say what it bounds")
            yield " ".join(prose(about).split()).rstrip("."), _shown(number), where, "-"


def _shown(number: int) -> str:
    """A number as people write it."""
    return "2^63 - 1" if number == MAX_REVISION else f"{number:,}"


LIMITS: Final[dict[str, Callable[[], str]]] = {"limits": _limits}
"""The parts of the page on limits, by name."""
