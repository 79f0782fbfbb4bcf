"""Consents in SQL databases (extra ``sqlalchemy``): SQLite without set-up, servers for more."""

try:
    from consent_core.adapters.sqlalchemy.audiences import audience_clause, audience_select
    from consent_core.adapters.sqlalchemy.indexes import extended_field_index
    from consent_core.adapters.sqlalchemy.repository import (
        AsyncSqlAlchemyRepository,
        SqlAlchemyRepository,
    )
    from consent_core.adapters.sqlalchemy.schema import create_schema, metadata
    from consent_core.adapters.sqlalchemy.warehouse import audience_sql, export_select
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{__name__} needs {error.name}: pip install 'consent_core[sqlalchemy]'", name=error.name
    ) from error

__all__ = [
    "AsyncSqlAlchemyRepository",
    "SqlAlchemyRepository",
    "audience_clause",
    "audience_select",
    "audience_sql",
    "create_schema",
    "export_select",
    "extended_field_index",
    "metadata",
]
