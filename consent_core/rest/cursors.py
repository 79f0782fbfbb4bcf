"""Cursors: a query and a position in it as one opaque word."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from attrs import evolve

from consent_core.application.query import Position, Query
from consent_core.domain.checks import invalid
from consent_core.domain.conditions import Filter
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.vocabulary import ConsentState, ViolationCode
from consent_core.rest.bounds import too_much

_CHECKSUM: Final = 8
_PATH: Final = "query.cursorPaging.cursor"


def cursor_of(query: Query) -> str:
    """The cursor for the page that a query with a position asks for.

    It carries its filter and sort.
    """
    position = query.position
    # for the type checker
    assert position is not None, "a cursor is for the page behind or before a record"  # noqa: S101
    # A query that came over the wire holds plain comparisons of documented fields.
    filters = [condition for condition in query.where if isinstance(condition, Filter)]
    content = {
        "where": [[str(each.field), each.operator.value, _plain(each.value)] for each in filters],
        "sort": [query.sort.value, query.descending],
        "at": [_plain(position.value), _plain(position.id), position.backward],
    }
    written = json.dumps(content, separators=(",", ":")).encode()
    return urlsafe_b64encode(_checksum(written) + written).rstrip(b"=").decode()


def resumed(query: Query, cursor: str, *, is_bare: bool) -> Query:
    """The query that a cursor stands for, with the page size of a query.

    Args:
        query: what else was asked for.
        cursor: from ``cursor_of``.
        is_bare: whether nothing else was asked for; else it must be what the cursor carries.

    Raises:
        InvalidConsent: the cursor is forged, or belongs to another query (``INVALID_CURSOR``).
    """
    try:
        carried = evolve(_read(cursor), page_size=query.page_size)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise invalid(_PATH, ViolationCode.INVALID_CURSOR, "is none that was given out") from None
    same = (carried.where, carried.sort, carried.descending) == (
        query.where,
        query.sort,
        query.descending,
    )
    if not is_bare and not same:
        raise invalid(
            _PATH,
            ViolationCode.INVALID_CURSOR,
            "belongs to another filter or sort: leave those out",
        )
    return carried


def _read(cursor: str) -> Query:
    """The query of a cursor.

    Whatever is wrong with it raises one of the errors that ``resumed`` expects.
    """
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
        position=Position(_typed(sort, value), UUID(consent_id), backward),
    )


def _filter(name: str, operator: str, value: Any) -> Filter:
    field = QueryField(name)
    if isinstance(value, list):
        return Filter(field, Operator(operator), [_typed(field, each) for each in value])
    return Filter(
        field, Operator(operator), value if isinstance(value, bool) else _typed(field, value)
    )


def _typed(field: QueryField, value: str) -> Any:
    match field:
        case QueryField.ID:
            return UUID(value)
        case QueryField.CREATED_DATE | QueryField.UPDATED_DATE:
            return datetime.fromisoformat(value)
        case QueryField.STATE:
            return ConsentState(value)
        case _:
            return value


def _plain(value: Any) -> Any:
    """A value of a filter or position as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _checksum(content: bytes) -> bytes:
    """Tells cursors that were given out from those that were altered or made up.

    It is no secret.
    """
    return blake2b(content, digest_size=_CHECKSUM, person=b"consent_core").digest()
