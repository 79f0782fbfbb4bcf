"""Which index MySQL and MariaDB shall read a page of a query from.

Without a hint, they often read the whole site and sort it for every page, or read an index from its
beginning instead of from the position of the page. PostgreSQL and SQLite need no hint.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from consent_core.adapters.sqlalchemy import mysql
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.application.query import Query
from consent_core.domain.conditions import Condition, Filter, filters_in
from consent_core.domain.query_fields import KEYS, Operator, QueryField

_IN_ORDER: Final[Mapping[QueryField, str]] = {
    QueryField.ID: "uq_consent_records_id",
    QueryField.CREATED_DATE: "ix_consent_records_created",
    QueryField.UPDATED_DATE: "ix_consent_records_updated",
}
"""By what a query is sorted by: an index that has this order within a site."""

_OF_ONE_STATE: Final = "ix_consent_records_audience"
"""Has the order by id within one state of one channel."""

_SELECTIVE: Final = frozenset({*KEYS, *_IN_ORDER})
"""Fields whose conditions may leave so few records that sorting them is cheaper."""


def hinted(statement: sa.Select[Any], query: Query, database: str) -> sa.Select[Any]:
    """The statement of a query, with the index to read; as it is on every other database."""
    if database not in mysql.NAMES:
        return statement
    fields = {each.field for condition in query.where for each in filters_in(condition)}
    if not fields.isdisjoint(_SELECTIVE):
        return statement
    index = _IN_ORDER[query.sort]
    if query.sort is QueryField.ID and _on_one_channel(query) and any(map(_one_state, query.where)):
        index = _OF_ONE_STATE
    return statement.with_hint(RECORDS, f"FORCE INDEX ({index})", database)


def _on_one_channel(query: Query) -> bool:
    return any(
        isinstance(each, Filter)
        and (each.field, each.operator) == (QueryField.CHANNEL, Operator.EQ)
        for each in query.where
    )


def _one_state(condition: Condition) -> bool:
    if not isinstance(condition, Filter) or condition.field is not QueryField.STATE:
        return False
    asked = condition.value if condition.operator is Operator.IN else [condition.value]
    return condition.operator is not Operator.NE and len(asked) == 1
