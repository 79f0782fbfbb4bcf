"""Makes the reference from the code."""

from collections.abc import Callable
from typing import Final

REFERENCE: Final[dict[str, Callable[[], str]]] = {}
"""The generated parts of the reference, by name."""
