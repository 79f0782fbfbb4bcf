"""Reads queries: filter, sort and paging (contract, section 2)."""

from typing import Any, Final

from consent_core.application.query import Query
from consent_core.domain.checks import invalid
from consent_core.domain.query_fields import QueryField
from consent_core.domain.vocabulary import ViolationCode
from consent_core.rest.bounds import DEFAULT_PAGE, LARGEST_WIRE_PAGE
from consent_core.rest.cursors import resumed
from consent_core.rest.filters import NAMES, read_filters
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import JSON, STRING
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import Problems, is_object

_QUERY: Final = ObjectKind(
    plain_fields(
        filter=JSON, sort=JSON, cursorPaging=ObjectKind(plain_fields(limit=JSON, cursor=STRING))
    )
)
_BODY: Final = ObjectKind(plain_fields(query=JSON))

_SORTABLE: Final = (QueryField.CREATED_DATE, QueryField.UPDATED_DATE)


def read_query(body: Any) -> Query:
    """Read the body ``{query}`` of a query.

    Args:
        body: the parsed JSON.

    Raises:
        InvalidConsent: with every violation.
    """
    if not is_object(body):
        raise invalid("query", ViolationCode.WRONG_TYPE, "must be an object in the body")
    problems = Problems(body, "")
    sent = _BODY.read(body, "", problems).get("query")
    values = {} if sent is None else _QUERY.read(sent, "query", problems)
    problems.raise_if_any()
    paging = values.get("cursorPaging") or {}
    size = _page_size(paging.get("limit"), problems)
    where = tuple(read_filters(values.get("filter"), problems))
    sort, descending = _sort(values.get("sort"), problems)
    problems.raise_if_any()
    query = Query(where=where, sort=sort, descending=descending, page_size=size)
    cursor = paging.get("cursor")
    if cursor is None:
        return query
    is_bare = values.get("filter") is None and values.get("sort") is None
    return resumed(query, cursor, is_bare=is_bare)


def _page_size(limit: Any, problems: Problems) -> int:
    if limit is None:
        return DEFAULT_PAGE
    if type(limit) is int and 1 <= limit <= LARGEST_WIRE_PAGE:
        return limit
    why = f"must be an integer from 1 to {LARGEST_WIRE_PAGE}"
    problems.add("query.cursorPaging.limit", ViolationCode.INVALID_NUMBER, why)
    return DEFAULT_PAGE


def _sort(sort: Any, problems: Problems) -> tuple[QueryField, bool]:
    """At most one field: the id decides between equal dates anyway."""
    if sort is None or sort == []:
        return QueryField.ID, False
    match sort:
        case [{"fieldName": str(name), **rest}] if NAMES.get(name) in _SORTABLE:
            order = rest.pop("order", "ASC")
            if not rest and order in ("ASC", "DESC"):
                return NAMES[name], order == "DESC"
    why = "must be [{fieldName, order}], with createdDate or updatedDate, and ASC or DESC"
    problems.add("query.sort", ViolationCode.UNKNOWN_VALUE, why)
    return QueryField.ID, False
