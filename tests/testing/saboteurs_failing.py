"""Saboteurs that let errors of their driver through, or repeat what these say."""

from typing import Any

from consent_core.domain.errors import Unavailable
from tests.testing.sabotage import Failing, Saboteur, caught_by, failing


class _ForgetsQueries(Failing):
    query = failing("query", ConnectionError)


class _Quotes(Failing):
    def find(self, keys: Any, /) -> Any:
        """Repeats the driver."""
        raise Unavailable(f"no such table: {[each.key for each in keys]}")


class _Chains(Failing):
    def commit(self, changes: Any, /) -> None:
        """Lets the driver speak for itself."""
        raise Unavailable("KeyError") from KeyError([each.identifier.key for each in changes])


class _Empty(Failing):
    def get(self, _ids: Any, /) -> Any:
        """Takes a store that is gone for an empty one."""
        return {}


@caught_by("driver_errors_are_unavailable")
class LetsDriverErrorsThrough(Saboteur):
    """Translates the errors of four methods."""

    broken = _ForgetsQueries


@caught_by("driver_errors_are_unavailable")
class RepeatsTheDriver(Saboteur):
    """Has the message of the driver in its own."""

    broken = _Quotes


@caught_by("driver_errors_are_unavailable")
class ChainsTheDriver(Saboteur):
    """Raises its error from that of the driver, which quotes an address."""

    broken = _Chains


@caught_by("driver_errors_are_unavailable")
class TakesFailureForNobody(Saboteur):
    """Answers that nobody is stored where it could not ask."""

    broken = _Empty
