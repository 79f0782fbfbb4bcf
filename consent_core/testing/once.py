"""Strategies that are made once."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Let a function answer the same arguments with the same strategy.

    Hypothesis keeps what it finds out about a strategy with it, and to find that out takes longer
    than to draw a value. Unlike ``functools.cache`` alone, this keeps the signature for type
    checkers.
    """
    made = cache(make)

    @wraps(make)
    def get(*args: P.args, **kwargs: P.kwargs) -> T:
        return made(*args, **kwargs)  # type: ignore[arg-type]  # all arguments can be hashed

    return get
