"""What MySQL and MariaDB need in place of the types that SQLite and PostgreSQL have.

Their keys are bounded, their collations ignore case, spaces at the end or both, and their TEXT ends
at 64 KiB.
"""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from consent_core.domain.checks import as_utc

NAMES: Final = ("mysql", "mariadb")
"""What SQLAlchemy calls the two; a URL of either may lead to MariaDB."""

_ASCII: Final = {"charset": "ascii", "collation": "ascii_bin"}

WORD: Final = mysql.VARCHAR(32, **_ASCII)
"""A word of an enum."""

LISTED: Final = mysql.MEDIUMTEXT(**_ASCII)
"""Names of topics, with or without dates, however many they are."""

DOCUMENT: Final = mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
"""A document of any length."""


def ascii_text(length: int) -> mysql.VARCHAR:
    """Digits and other signs of the library's own making."""
    return mysql.VARCHAR(length, **_ASCII)


class BoundedText(sa.TypeDecorator[str]):
    """Text of at most so many characters that is compared by its bytes, as Python does.

    The collation is one that does not ignore spaces at the end; the two databases have no such one
    in common.
    """

    impl = mysql.VARCHAR
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Any) -> Any:
        """As ``TypeDecorator.load_dialect_impl``."""
        collation = "utf8mb4_nopad_bin" if dialect.is_mariadb else "utf8mb4_0900_bin"
        return mysql.VARCHAR(self.length, charset="utf8mb4", collation=collation)


class HexId(sa.TypeDecorator[UUID]):
    """An id as its 32 digits: the UUID of MariaDB has an order of its own for most versions."""

    impl = mysql.CHAR(32, **_ASCII)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, _dialect: sa.Dialect) -> str | None:
        """As ``TypeDecorator.process_bind_param``."""
        return None if value is None else value.hex

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> UUID | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else UUID(value)


class UtcDatetime(sa.TypeDecorator[datetime]):
    """A moment in UTC, exact to the microsecond, whatever the time zone of the session."""

    impl = mysql.DATETIME(fsp=6)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """As ``TypeDecorator.process_bind_param``."""
        return None if value is None else as_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """As ``TypeDecorator.process_result_value``."""
        return None if value is None else value.replace(tzinfo=UTC)
