"""Consents in SQL databases (extra ``sqlalchemy``): SQLite without set-up, PostgreSQL for more."""

from consent_core.adapters.sqlalchemy.repository import AsyncSqlAlchemyRepository, SqlAlchemyRepository
from consent_core.adapters.sqlalchemy.schema import create_schema, metadata

__all__ = ["AsyncSqlAlchemyRepository", "SqlAlchemyRepository", "create_schema", "metadata"]
