"""Consents in SQL databases (extra ``sqlalchemy``): SQLite without set-up, PostgreSQL for more."""

try:
    from consent_core.adapters.sqlalchemy.repository import (
        AsyncSqlAlchemyRepository,
        SqlAlchemyRepository,
    )
    from consent_core.adapters.sqlalchemy.schema import create_schema, metadata
except ModuleNotFoundError as error:
    message = f"consent_core.adapters.sqlalchemy needs {error.name}: pip install 'consent_core[sqlalchemy]'"
    raise ModuleNotFoundError(message, name=error.name) from error

__all__ = ["AsyncSqlAlchemyRepository", "SqlAlchemyRepository", "create_schema", "metadata"]
