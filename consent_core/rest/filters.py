"""Reads the filters of queries (contract, section 2)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from consent_core.domain.checks import shown
from consent_core.domain.conditions import Filter
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.query_fields import FIELDS, Operator, QueryField
from consent_core.domain.vocabulary import ConsentState, ViolationCode
from consent_core.rest.bounds import too_much
from consent_core.wire.kinds import DATE_TIME, GUID, STRING, word
from consent_core.wire.reading import INVALID, Kind, Problems, is_object, join
from consent_core.wire.spelling import sdk

KINDS: Final[Mapping[QueryField, Kind]] = {
    QueryField.ID: GUID,
    QueryField.CREATED_DATE: DATE_TIME,
    QueryField.UPDATED_DATE: DATE_TIME,
    QueryField.EMAIL: STRING,
    QueryField.PHONE: STRING,
    QueryField.STATE: word(ConsentState),
}
"""The fields that a filter over the wire may name (contract, section 2), with their values."""

NAMES: Final = {spelling: name for name in KINDS for spelling in (name.value, sdk(name.value))}
"""The fields of filters by name, in the spellings that queries have."""


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


def read_filters(sent: Any, problems: Problems) -> Iterator[Filter]:
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
        field = NAMES.get(name) if isinstance(name, str) else None
        at = join(path, shown(name) if field is None else name)
        if field is None:
            known = [each.value for each in KINDS]
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
    read = _value(KINDS[field], operator, value, path, problems)
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
