"""Errors of drivers become errors of the library, and say nothing of what was to be stored."""

from typing import Final

from django.db import Error, IntegrityError, models

from consent_core.adapters.django.models import Event, Record
from consent_core.adapters.sql import ChangeLost, LostRaces
from consent_core.porting import DriverErrors

_RACES: Final = LostRaces(
    {
        constraint.name: ", ".join(f"{model._meta.db_table}.{name}" for name in constraint.fields)  # noqa: SLF001  # public in Django
        for model in (Record, Event)
        for constraint in model._meta.constraints  # noqa: SLF001  # as above
        if isinstance(constraint, models.UniqueConstraint)
    }
)

# Drivers raise the last two, by themselves, for a value that their database has no form for.
DRIVER_ERRORS: Final = DriverErrors(
    *(Error, OSError, OverflowError, UnicodeError), driver_error=lambda error: error.__cause__
)
"""Raises ``Unavailable`` for what Django, a driver or the network raises inside."""


def is_lost_race(error: Exception) -> bool:
    """Whether a commit failed because another writer was faster."""
    violates = isinstance(error, IntegrityError)
    return isinstance(error, ChangeLost) or _RACES.caused(error.__cause__, violates=violates)
