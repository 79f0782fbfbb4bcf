"""The conformance kit, strategies for hypothesis, and helpers for tests (extra ``testing``)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from consent_core.testing.broken import BrokenPromise
from consent_core.testing.clauses import CLAUSES, WITHOUT_TOMBSTONES
from consent_core.testing.conform import Report, assert_conforms
from consent_core.testing.kit import Clause, NotApplicable
from consent_core.testing.replaying import Clock, replay

if TYPE_CHECKING:
    from consent_core.testing import strategies
    from consent_core.testing.contract import AsyncRepositoryContract, RepositoryContract

__all__ = [
    "CLAUSES",
    "WITHOUT_TOMBSTONES",
    "AsyncRepositoryContract",
    "BrokenPromise",
    "Clause",
    "Clock",
    "NotApplicable",
    "Report",
    "RepositoryContract",
    "assert_conforms",
    "replay",
    "strategies",
]


def __getattr__(name: str) -> Any:
    """Load what needs pytest or hypothesis only when it is asked for.

    ``assert_conforms`` needs neither.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        if name == "strategies":
            return import_module("consent_core.testing.strategies")
        return getattr(import_module("consent_core.testing.contract"), name)
    except ModuleNotFoundError as error:
        message = (
            f"consent_core.testing.{name} needs {error.name}: pip install 'consent_core[testing]'"
        )
        raise ModuleNotFoundError(message, name=error.name) from error
