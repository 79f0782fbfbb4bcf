"""Makes the pictures from the code."""

from collections.abc import Callable
from typing import Final

PICTURES: Final[dict[str, Callable[[], str]]] = {}
"""Generated parts of pages, by name."""

IMAGES: Final[dict[str, Callable[[], str]]] = {}
"""Generated files below ``docs/images``, by name."""
