"""Indexes that a deployment may add for its own rules (contract, section 13)."""

import re
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from consent_core.adapters.sqlalchemy.conditions import beginning, json_text
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.domain.query_fields import ExtendedField


def name_of(field: ExtendedField) -> str:
    """What an extended field is called in a database: the same for nothing else, and readable."""
    digest = sha256(f"{field.namespace}\0{field.name}".encode()).hexdigest()[:12]
    readable = re.sub("[^a-z0-9]+", "_", f"{field.namespace}_{field.name}".lower())
    return f"field_{readable[:24].strip('_')}_{digest}"


def extended_field_index(namespace: str, name: str, **options: Any) -> sa.Index:
    """An index by an extended field, for rules that ask it with ``EQ`` or ``IN``.

    It serves audiences and queries of Python on PostgreSQL and SQLite. Create it with
    ``index.create(engine)``, or in a migration with ``index.create(op.get_bind())``, and run
    ``ANALYZE`` afterwards. It is no part of ``metadata``, and holds the first 200 characters of a
    value, so that it refuses no row.

    Args:
        namespace: whose field it is.
        name: what it is called there.
        options: those of ``sqlalchemy.Index``, such as ``postgresql_concurrently=True``.

    Raises:
        InvalidConsent: as ``ExtendedField``.
    """
    field = ExtendedField(namespace, name)
    # An index of the table itself would be made by every ``create_schema`` of this process.
    records = RECORDS.to_metadata(sa.MetaData())
    text = beginning(json_text(records.c.document, field))
    columns = (records.c.site, text, records.c.state, records.c.channel, records.c.id)
    return sa.Index(f"ix_consent_records_{name_of(field)}", *columns, **options)
