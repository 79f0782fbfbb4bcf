"""Cursors: a query and a position in it as one opaque word."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from attrs import evolve

from consent_core.application.query import Position, Query
from consent_core.domain.checks import invalid
from consent_core.domain.conditions import Filter
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.vocabulary import ViolationCode
from consent_core.rest.bounds import too_much
from consent_core.rest.filters import KINDS

_CHECKSUM: Final = 8
_PATH: Final = "query.cursorPaging.cursor"


def cursor_of(query: Query) -> str:
    """The cursor for the page that a query with a position asks for.

    It carries the query's filter and sort.
    """
    position = query.position
    # for the type checker
    assert position is not None, "a cursor is for the page behind or before a record"  # noqa: S101
    # A query that came over the wire holds plain comparisons of documented fields.
    filters = [condition for condition in query.where if isinstance(condition, Filter)]
    content = {
        "where": [[str(each.field), each.operator, _written(each)] for each in filters],
        "sort": [query.sort, query.descending],
        "at": [KINDS[query.sort].write(position.value), str(position.id), position.backward],
    }
    written = json.dumps(content, separators=(",", ":")).encode()
    return urlsafe_b64encode(_checksum(written) + written).rstrip(b"=").decode()


def resumed(query: Query, cursor: str, *, is_bare: bool) -> Query:
    """The query that a cursor stands for, with the page size of a query.

    Args:
        query: the filter, sort and page size of the request.
        cursor: from ``cursor_of``.
        is_bare: whether the request has neither filter nor sort; else they must be the cursor's.

    Raises:
        InvalidConsent: the cursor is forged, or belongs to another query (``INVALID_CURSOR``).
    """
    try:
        carried = evolve(_read(cursor), page_size=query.page_size)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise invalid(
            _PATH, ViolationCode.INVALID_CURSOR, "must be a cursor that was given out"
        ) from None
    asked = (query.where, query.sort, query.descending)
    if is_bare or asked == (carried.where, carried.sort, carried.descending):
        return carried
    why = "belongs to another filter or sort: leave those out"
    raise invalid(_PATH, ViolationCode.INVALID_CURSOR, why)


def _read(cursor: str) -> Query:
    """The query of a cursor; raises what ``resumed`` expects for anything that is wrong with it."""
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    checksum, written = raw[:_CHECKSUM], raw[_CHECKSUM:]
    if checksum != _checksum(written):
        raise ValueError(cursor)
    content = json.loads(written)
    sort, descending = QueryField(content["sort"][0]), content["sort"][1]
    value, consent_id, backward = content["at"]
    where = content["where"]
    if too_much([value for _, _, value in where]):
        raise ValueError(cursor)
    return Query(
        where=[_filter(*condition) for condition in where],
        sort=sort,
        descending=descending,
        position=Position(KINDS[sort].restore(value), UUID(consent_id), backward),
    )


def _filter(name: str, operator: str, value: Any) -> Filter:
    field = QueryField(name)
    restore = KINDS[field].restore
    if isinstance(value, list):
        return Filter(field, Operator(operator), [restore(each) for each in value])
    return Filter(field, Operator(operator), value if isinstance(value, bool) else restore(value))


def _written(condition: Filter) -> Any:
    """The value of a condition as JSON has it."""
    write, value = KINDS[QueryField(str(condition.field))].write, condition.value
    if isinstance(value, tuple):
        return [write(each) for each in value]
    return value if isinstance(value, bool) else write(value)


def _checksum(content: bytes) -> bytes:
    """Tells cursors that were given out from those that were altered or made up.

    It is no secret.
    """
    return blake2b(content, digest_size=_CHECKSUM, person=b"consent_core").digest()
