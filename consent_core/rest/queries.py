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
from consent_core.wire.kinds import Guid, Moment, Text, Word
from consent_core.wire.reading import FAULTY, Kind, Problems, join
from consent_core.wire.shapes import QUERY, QUERY_WRAPPER
from consent_core.wire.spelling import sdk, shown

_SORTABLE: Final = (QueryField.CREATED_DATE, QueryField.UPDATED_DATE)
_KINDS: Final[Mapping[QueryField, Kind]] = {
    QueryField.ID: Guid(),
    QueryField.CREATED_DATE: Moment(),
    QueryField.UPDATED_DATE: Moment(),
    QueryField.EMAIL: Text(),
    QueryField.PHONE: Text(),
    QueryField.STATE: Word(ConsentState),
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
    if not isinstance(body, Mapping):
        raise invalid("query", ViolationCode.WRONG_TYPE, "must be an object in the body")
    problems = Problems(body, "")
    sent = QUERY_WRAPPER.read(body, "", problems).get("query")
    values = {} if sent is None else QUERY.read(sent, "query", problems)
    problems.raise_if_any()
    paging = values.get("cursorPaging") or {}
    size = _page_size(paging.get("limit"), problems)
    where = tuple(_filters(values.get("filter"), problems))
    sort, descending = _sort(values.get("sort"), problems)
    problems.raise_if_any()
    asked = Query(where=where, sort=sort, descending=descending, page_size=size)
    cursor = paging.get("cursor")
    bare = values.get("filter") is None and values.get("sort") is None
    return asked if cursor is None else resumed(asked, cursor, bare=bare)


def _page_size(limit: Any, problems: Problems) -> int:
    if limit is None:
        return DEFAULT_PAGE
    if isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= LARGEST_PAGE:
        return limit
    path = "query.cursorPaging.limit"
    problems.add(path, ViolationCode.INVALID_NUMBER, f"must be an integer from 1 to {LARGEST_PAGE}")
    return DEFAULT_PAGE


def _sort(sort: Any, problems: Problems) -> tuple[QueryField, bool]:
    """At most one field: the id decides between equal dates anyway."""
    if sort is None or sort == []:
        return QueryField.ID, False
    one = sort[0] if isinstance(sort, list) and len(sort) == 1 else None
    name = one.get("fieldName") if isinstance(one, Mapping) else None
    order = one.get("order", "ASC") if isinstance(one, Mapping) else None
    field = _NAMES.get(name) if isinstance(name, str) else None
    unknown = isinstance(one, Mapping) and not one.keys() <= {"fieldName", "order"}
    if unknown or field is None or field not in _SORTABLE or order not in ("ASC", "DESC"):
        known = "must be [{fieldName, order}], with createdDate or updatedDate, and ASC or DESC"
        problems.add("query.sort", ViolationCode.UNKNOWN_VALUE, known)
        return QueryField.ID, False
    return field, order == "DESC"


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
    conditions = list(_conditions(sent, "query.filter", problems))
    if excess := too_much([each.value for each in conditions]):
        problems.add("query.filter", ViolationCode.TOO_LARGE, excess)
        return
    for each in conditions:
        yield from _filter(each, problems)


def _conditions(sent: Any, path: str, problems: Problems) -> Iterator[_Condition]:
    if sent is None:
        return
    if not isinstance(sent, Mapping):
        problems.add(path, ViolationCode.WRONG_TYPE, "must be an object")
        return
    for name, wanted in sent.items():
        if name == "$and" and isinstance(wanted, list):
            for index, each in enumerate(wanted):
                yield from _plain_conditions(each, f"{path}.$and[{index}]", problems)
        else:
            yield from _plain_conditions({name: wanted}, path, problems)


def _plain_conditions(sent: Any, path: str, problems: Problems) -> Iterator[_Condition]:
    if not isinstance(sent, Mapping):
        problems.add(path, ViolationCode.WRONG_TYPE, "must be an object")
        return
    for name, wanted in sent.items():
        field = _NAMES.get(name) if isinstance(name, str) else None
        if field is None:
            known = [each.value for each in _KINDS]
            problems.unknown(
                join(path, shown(name)),
                ViolationCode.UNKNOWN_FIELD,
                "cannot be filtered by",
                name,
                known,
            )
            continue
        compared = wanted if isinstance(wanted, Mapping) else {Operator.EQ.value: wanted}
        if not compared:
            problems.add(
                join(path, name),
                ViolationCode.REQUIRED,
                f"needs one of {', '.join(FIELDS[field].operators)}",
            )
        for operator, value in compared.items():
            yield _Condition(join(path, name), field, operator, value)


def _filter(condition: _Condition, problems: Problems) -> Iterator[Filter]:
    path, field, operator, value = condition
    if operator not in FIELDS[field].operators:
        allowed = ", ".join(FIELDS[field].operators)
        problems.add(path, ViolationCode.NOT_ALLOWED, f"takes only {allowed}")
        return
    path = f"{path}.{operator}"
    read = _value(field, Operator(operator), value, path, problems)
    if read is FAULTY:
        return
    try:
        yield Filter(field, Operator(operator), read)
    except InvalidConsent as error:
        for violation in error.violations:
            problems.add(path, violation.code, violation.description)


def _value(field: QueryField, operator: Operator, value: Any, path: str, problems: Problems) -> Any:
    if operator is Operator.EXISTS:
        return (
            value
            if isinstance(value, bool)
            else problems.add(path, ViolationCode.WRONG_TYPE, "must be a boolean")
        )
    if operator is not Operator.IN:
        return _KINDS[field].read(value, path, problems)
    if not isinstance(value, list):
        return problems.add(path, ViolationCode.WRONG_TYPE, "must be an array")
    read = [
        _KINDS[field].read(each, f"{path}[{index}]", problems) for index, each in enumerate(value)
    ]
    return FAULTY if any(each is FAULTY for each in read) else read
