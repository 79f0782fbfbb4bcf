"""Reads queries with their filters and sort (contract, section 2)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from consent_core.application.query import Query
from consent_core.domain.checks import invalid
from consent_core.domain.conditions import Filter
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.query_fields import FIELDS, Operator, QueryField
from consent_core.domain.vocabulary import ConsentState, ViolationCode
from consent_core.rest.bounds import DEFAULT_PAGE, LARGEST_PAGE, too_much
from consent_core.rest.cursors import resumed
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import DATE_TIME, GUID, JSON, STRING, word
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import INVALID, Kind, Problems, is_object, join
from consent_core.wire.spelling import sdk, shown

_QUERY: Final = ObjectKind(
    plain_fields(
        filter=JSON, sort=JSON, cursorPaging=ObjectKind(plain_fields(limit=JSON, cursor=STRING))
    )
)
_BODY: Final = ObjectKind(plain_fields(query=JSON))

_SORTABLE: Final = (QueryField.CREATED_DATE, QueryField.UPDATED_DATE)

_KINDS: Final[Mapping[QueryField, Kind]] = {
    QueryField.ID: GUID,
    QueryField.CREATED_DATE: DATE_TIME,
    QueryField.UPDATED_DATE: DATE_TIME,
    QueryField.EMAIL: STRING,
    QueryField.PHONE: STRING,
    QueryField.STATE: word(ConsentState),
}

FILTERED: Final = tuple(_KINDS)
"""The fields that a filter over the wire may name (contract, section 2)."""

_NAMES: Final = {spelling: name for name in _KINDS for spelling in (name.value, sdk(name.value))}


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
    where = tuple(_filters(values.get("filter"), problems))
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
    if type(limit) is int and 1 <= limit <= LARGEST_PAGE:
        return limit
    why = f"must be an integer from 1 to {LARGEST_PAGE}"
    problems.add("query.cursorPaging.limit", ViolationCode.INVALID_NUMBER, why)
    return DEFAULT_PAGE


def _sort(sort: Any, problems: Problems) -> tuple[QueryField, bool]:
    """At most one field: the id decides between equal dates anyway."""
    if sort is None or sort == []:
        return QueryField.ID, False
    match sort:
        case [{"fieldName": str(name), **rest}] if _NAMES.get(name) in _SORTABLE:
            order = rest.pop("order", "ASC")
            if not rest and order in ("ASC", "DESC"):
                return _NAMES[name], order == "DESC"
    why = "must be [{fieldName, order}], with createdDate or updatedDate, and ASC or DESC"
    problems.add("query.sort", ViolationCode.UNKNOWN_VALUE, why)
    return QueryField.ID, False


class _Condition(NamedTuple):
    """A condition as it was sent.

    Args:
        path: its field's place in the body.
        field: what is compared.
        operator: whatever stands for it.
        value: whatever stands for what it is compared with.
    """

    path: str
    field: QueryField
    operator: Any
    value: Any


def _filters(sent: Any, problems: Problems) -> Iterator[Filter]:
    """All conditions of a filter, those in ``$and`` too.

    Their number is judged before their values are.
    """
    if sent is None:
        return
    conditions = list(_conditions(sent, "query.filter", problems))
    if excess := too_much([each.value for each in conditions]):
        problems.add("query.filter", ViolationCode.TOO_LARGE, excess)
        return
    for each in conditions:
        yield from _filter(each, problems)


def _conditions(
    sent: Any, path: str, problems: Problems, *, is_nested: bool = False
) -> Iterator[_Condition]:
    if not is_object(sent):
        problems.add(path, ViolationCode.WRONG_TYPE, "must be an object")
        return
    for name, compared in sent.items():
        if name == "$and" and isinstance(compared, list) and not is_nested:
            for index, each in enumerate(compared):
                yield from _conditions(each, f"{path}.$and[{index}]", problems, is_nested=True)
            continue
        field = _NAMES.get(name) if isinstance(name, str) else None
        at = join(path, shown(name) if field is None else name)
        if field is None:
            known = [each.value for each in _KINDS]
            why = "cannot be filtered by"
            problems.add_unknown(at, ViolationCode.UNKNOWN_FIELD, why, name, known)
        elif not is_object(compared):
            yield _Condition(at, field, Operator.EQ.value, compared)
        elif not compared:
            why = f"must have one of {', '.join(FIELDS[field].operators)}"
            problems.add(at, ViolationCode.REQUIRED, why)
        else:
            for operator, value in compared.items():
                yield _Condition(at, field, operator, value)


def _filter(condition: _Condition, problems: Problems) -> Iterator[Filter]:
    path, field, operator, value = condition
    if operator not in FIELDS[field].operators:
        why = f"can only be compared by {', '.join(FIELDS[field].operators)}"
        problems.add(path, ViolationCode.NOT_ALLOWED, why)
        return
    path = f"{path}.{operator}"
    read = _value(_KINDS[field], operator, value, path, problems)
    if read is INVALID:
        return
    try:
        yield Filter(field, Operator(operator), read)
    except InvalidConsent as error:
        for violation in error.violations:
            problems.add(path, violation.code, violation.description)


def _value(kind: Kind, operator: str, value: Any, path: str, problems: Problems) -> Any:
    if operator == Operator.EXISTS:
        if isinstance(value, bool):
            return value
        return problems.add(path, ViolationCode.WRONG_TYPE, "must be a boolean")
    if operator != Operator.IN:
        return kind.read(value, path, problems)
    if not isinstance(value, list):
        return problems.add(path, ViolationCode.WRONG_TYPE, "must be an array")
    read = [kind.read(each, f"{path}[{index}]", problems) for index, each in enumerate(value)]
    return INVALID if any(each is INVALID for each in read) else read
