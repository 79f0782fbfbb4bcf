"""The kinds of columns: what Django's own fields would store otherwise on some database."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from django.db import models

from consent_core.domain.records import MarketingConsent
from consent_core.porting import moment_key
from consent_core.wire.documents import load_record
from consent_core.wire.shapes import STORED_RECORD

_TOPICS: Final = STORED_RECORD.fields["topics"].kind

_COLLATIONS: Final = {"postgresql": "C", "mysql": "utf8mb4_bin"}


class ExactTextField(models.CharField):
    """Text that is compared byte by byte.

    So letters are not folded, and a prefix is a range of the index, whatever the database's locale.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        """As ``Field.db_parameters``, with the database's own name for such an order."""
        parameters: dict[str, Any] = super().db_parameters(connection)
        return parameters | {"collation": _COLLATIONS.get(connection.vendor)}


class WordField(models.CharField):
    """A word of an enum as its text, for not every driver takes a member of an enum."""

    def get_prep_value(self, value: Any) -> str | None:
        """As ``Field.get_prep_value``."""
        return None if value is None else str(value)


class NamesField(models.TextField):
    """Names of topics as text, each between spaces: `` events offers ``; empty where none is."""

    def get_prep_value(self, value: Any) -> str:
        """As ``Field.get_prep_value``."""
        return f" {' '.join(sorted(value))} " if value else ""


class TopicsField(models.TextField):
    """Topics as compact JSON in the library's own format, as in a record's document."""

    def get_prep_value(self, value: Any) -> str | None:
        """As ``Field.get_prep_value``."""
        return None if value is None else _TOPICS.dump(value)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """As ``Field.from_db_value``."""
        return None if value is None else _TOPICS.restore(json.loads(value))


class DocumentField(models.TextField):
    """A record that is read from its document, where a query selects it beside other columns."""

    def from_db_value(self, value: str, _expression: Any, _connection: Any) -> MarketingConsent:
        """As ``Field.from_db_value``."""
        return load_record(value)


class MomentField(models.Field):
    """A moment with its microseconds, whatever ``USE_TZ`` and the time zones of the project are.

    On PostgreSQL it is a ``timestamptz``; elsewhere text of fixed width, so that the order of texts
    is the order of time.
    """

    def db_type(self, connection: Any) -> str:
        """As ``Field.db_type``."""
        return "timestamp with time zone" if connection.vendor == "postgresql" else "varchar(27)"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """As ``Field.select_format``."""
        if compiler.connection.vendor == "postgresql":
            # The driver answers in the time zone of the session, in which the first and the last
            # hours between the years 1 and 9999 are no dates that Python has.
            return f"timezone('UTC', {sql})", params
        return sql, params

    def get_db_prep_value(self, value: Any, connection: Any, **_: Any) -> Any:
        """As ``Field.get_db_prep_value``."""
        if value is None or connection.vendor == "postgresql":
            return value
        return moment_key(value)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> datetime | None:
        """As ``Field.from_db_value``."""
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return None if value is None else value.replace(tzinfo=UTC)
