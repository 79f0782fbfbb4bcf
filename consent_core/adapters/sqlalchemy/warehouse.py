"""The audience where the senders live: plain SQL for a warehouse that has an export of a store.

What the warehouse compares are plain columns. An extended field of a rule is exported as its JSON
text, because every warehouse reads JSON in its own way.
"""

import re
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler

from consent_core.adapters.sqlalchemy.addresses import ADDRESS
from consent_core.adapters.sqlalchemy.conditions import as_clause, bound, json_text, unescaped
from consent_core.adapters.sqlalchemy.indexes import name_of
from consent_core.adapters.sqlalchemy.schema import COLUMNS, FIELD_COLUMNS, RECORDS
from consent_core.domain.checks import refuse, wrong_text, wrong_type
from consent_core.domain.conditions import filters_in
from consent_core.domain.eligibility import audience
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import FIELDS, ExtendedField, QueryField
from consent_core.domain.vocabulary import Channel, ViolationCode

_TIMESTAMPS: Final = {
    "bigquery": "TIMESTAMP",
    "duckdb": "TIMESTAMPTZ",
    "snowflake": "TIMESTAMP_TZ",
    "spark": "TIMESTAMP",
}
"""What each dialect calls a moment."""


def audience_sql(
    channel: Channel,
    *,
    dialect: str,
    now: datetime,
    policy: Policy,
    site: str = "",
    topic: str | None = None,
    table: str = "consent_records",
) -> str:
    """The text of a SELECT of everybody who may be contacted, for a warehouse.

    Its values are written into it, so make it anew each time. No value can be anything but a value,
    whatever characters it has.

    Args:
        channel: how the people are to be reached.
        dialect: ``duckdb``, ``bigquery``, ``snowflake`` or ``spark``.
        now: the moment that is asked about, with an offset.
        policy: that of your service, which you gave to ``export_select``, too.
        site: that of your repository.
        topic: what the message is about, required where the policy declares topics.
        table: what holds the rows of ``export_select``. It is written into the text as it is.

    Returns:
        A SELECT of the columns ``key``, ``address`` and ``id``, as in ``audience_select``.

    Raises:
        InvalidConsent: as ``audience``; or the dialect is unknown, ``policy`` is no ``Policy``, or
            ``site`` is no text that a database can hold.
    """
    refuse(
        "audience",
        dialect=None if dialect in [*_TIMESTAMPS] else (ViolationCode.NOT_ALLOWED, _DIALECTS),
        policy=wrong_type(policy, Policy),
        site=wrong_type(site, str) or wrong_text(site),
        table=wrong_type(table, str),
    )
    conditions = audience(channel, now=now, policy=policy, topic=topic)
    statement = (
        sa.select(*(sa.column(name, sa.Text()) for name in ("key", "address", "id")))
        .select_from(sa.table(sa.sql.quoted_name(table, quote=False)))
        .where(
            sa.column("site", sa.Text()) == site,
            *(as_clause(each, bound, _exported) for each in conditions),
        )
    )
    literal = {"literal_binds": True}
    return str(statement.compile(dialect=_Plain(_TIMESTAMPS[dialect]), compile_kwargs=literal))


_DIALECTS: Final = f"must be one of {', '.join(_TIMESTAMPS)}"


def export_select(*, policy: Policy, site: str = "") -> sa.Select[Any]:
    """The rows that ``audience_sql`` asks, to export them from a store into a warehouse.

    A row for each record: its identity, its address as it is kept, a column for each field that
    conditions can be about, and one for each extended field of the policy's rules. The evidence and
    the rest of the document stay where they are.

    Args:
        policy: that of your service.
        site: that of your repository.

    Returns:
        A SELECT whose columns have texts, bools, and moments in UTC; and ids, which are exported as
        texts with hyphens.

    Raises:
        InvalidConsent: ``policy`` is no ``Policy``, or ``site`` no text that a database can hold.
    """
    refuse(
        "export",
        policy=wrong_type(policy, Policy),
        site=wrong_type(site, str) or wrong_text(site),
    )
    asked = {
        each.field
        for rule in policy.rules
        for each in filters_in(rule.unless)
        if isinstance(each.field, ExtendedField)
    }
    extended = [json_text(RECORDS.c.document, field).label(name_of(field)) for field in asked]
    identity = (RECORDS.c.site, RECORDS.c.channel, RECORDS.c.key, ADDRESS.label("address"))
    # The names of topics stay one text.
    fields = [
        sa.type_coerce(column, sa.Text()).label(column.name)
        if FIELDS[field].kind is frozenset
        else column
        for field, column in FIELD_COLUMNS.items()
    ]
    extended.sort(key=lambda column: column.name)
    return sa.select(*identity, RECORDS.c.id, *fields, *extended).where(RECORDS.c.site == site)


def _exported(field: QueryField | ExtendedField) -> sa.ColumnElement[Any]:
    """The column of an export that holds a field."""
    if isinstance(field, ExtendedField):
        return sa.column(name_of(field), sa.Text())
    kinds: dict[type, Any] = {datetime: sa.DateTime(timezone=True), bool: sa.Boolean()}
    return sa.column(COLUMNS[field].name, kinds.get(FIELDS[field].kind, sa.Text()))


class _PlainCompiler(SQLCompiler):
    """Writes what every warehouse understands."""

    def render_literal_value(self, value: Any, type_: Any) -> str:  # noqa: ARG002  # SQLAlchemy's
        """As ``SQLCompiler.render_literal_value``."""
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, datetime):
            timestamp: str = self.dialect.timestamp  # type: ignore[attr-defined]  # see below
            return f"CAST('{value.isoformat()}' AS {timestamp})"
        return _quoted(str(value))

    def visit_like_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:  # noqa: ARG002
        """As ``SQLCompiler.visit_like_op_binary``."""
        # BigQuery has no ESCAPE, and the name of a topic may have a character that is a wildcard.
        return self._without(binary, "<>", kw)

    def visit_not_like_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:  # noqa: ARG002
        """As ``SQLCompiler.visit_not_like_op_binary``."""
        return self._without(binary, "=", kw)

    def _without(self, binary: Any, compared: str, how: Any) -> str:
        # Between spaces of its own: a loader may have taken those of the column away.
        names = f"' ' || {self.process(binary.left, **how)} || ' '"
        name = _quoted(unescaped(binary.right.value))
        return f"REPLACE({names}, {name}, '') {compared} {names}"


class _Plain(DefaultDialect):
    """SQL without anything that only some warehouses have."""

    name = "consent_core"
    statement_compiler = _PlainCompiler
    supports_native_boolean = True

    def __init__(self, timestamp: str) -> None:
        super().__init__()
        self.timestamp = timestamp


_PARTS: Final = re.compile(r'((?:[^\x00-\x7f]|[A-Za-z0-9 _.,:@+/"-])+)|(.)', re.DOTALL)
"""Parts of a text: characters that mean nothing between quotes, in any dialect, and the others."""


def _quoted(text: str) -> str:
    """An expression that is equal to a text."""
    found = _PARTS.findall(text)
    parts = [f"'{plain}'" if plain else f"CHR({ord(other)})" for plain, other in found]
    return f"({' || '.join(parts)})" if len(parts) > 1 else "".join(parts) or "''"
