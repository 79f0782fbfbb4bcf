"""Errors of drivers become errors of the library.

They say what kind of error it was, and nothing of what was to be stored.
"""

from typing import Final

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from consent_core.adapters.sql import ChangeLost, LostRaces
from consent_core.adapters.sqlalchemy.schema import metadata
from consent_core.porting import DriverErrors, code_of

_RACES: Final = LostRaces(
    {
        str(constraint.name): ", ".join(map(str, constraint.columns))
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
    }
)

# Those after which MySQL and MariaDB have rolled back the whole transaction: a row that has changed
# since it began to read, and a deadlock. The last one says that its savepoint is gone.
_ENDED: Final = frozenset({"1020", "1213", "1305"})


def driver_errors(*, chained: bool = False) -> DriverErrors:
    """Raises ``Unavailable`` for what SQLAlchemy, a driver or the network raises inside.

    Args:
        chained: let the driver's error be the cause; its message may quote values, and so personal
            data.
    """
    # Drivers raise the last two, by themselves, for a value that their database has no form for.
    kinds = (SQLAlchemyError, OSError, OverflowError, UnicodeError)
    return DriverErrors(*kinds, driver_error=lambda e: getattr(e, "orig", None), chained=chained)


def is_lost_race(error: Exception) -> bool:
    """Whether a commit failed because another writer was faster."""
    if isinstance(error, ChangeLost):
        return True
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    return _RACES.caused(error.orig, violates=isinstance(error, IntegrityError))


def ended_transaction(error: DBAPIError) -> bool:
    """Whether the database has rolled back the whole transaction, and no savepoint is left."""
    return code_of(error.orig) in _ENDED
