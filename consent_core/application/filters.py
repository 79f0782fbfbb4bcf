"""Conditions on records: a small closed set, which every store can answer."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from attrs import field as attrs_field
from attrs import frozen

from consent_core.domain.checks import Problem, as_utc, refuse, wrong_moment, wrong_text, wrong_type, wrong_word
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, Email, Identifier, Phone, address_key
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import ConsentState, ViolationCode


class QueryField(StrEnum):
    """What can be filtered by; the dates and the id can be sorted by, too."""

    ID = "id"
    CREATED_DATE = "createdDate"
    UPDATED_DATE = "updatedDate"
    EMAIL = "details.email"
    PHONE = "details.phone"
    STATE = "state"


class Operator(StrEnum):
    """How a field is compared."""

    EQ = "$eq"
    NE = "$ne"
    IN = "$in"
    EXISTS = "$exists"
    GT = "$gt"
    LT = "$lt"
    GTE = "$gte"
    LTE = "$lte"
    STARTS_WITH = "$startsWith"


LONGEST_TEXT: Final = MAX_IDENTIFIER_LENGTH
"""Characters of a text in a filter, judged before it is normalised."""

MOST_VALUES: Final = 5_000
"""Values of one ``IN`` in Python: fewer than any database in use takes parameters in one statement."""

_DATE_OPERATORS: Final = (Operator.EQ, Operator.NE, Operator.GT, Operator.LT, Operator.GTE, Operator.LTE)
_KEY_OPERATORS: Final = (Operator.EQ, Operator.NE, Operator.IN, Operator.EXISTS, Operator.STARTS_WITH)

OPERATORS: Final[Mapping[QueryField, tuple[Operator, ...]]] = MappingProxyType(
    {
        QueryField.ID: (Operator.EQ, Operator.NE, Operator.IN, Operator.EXISTS),
        QueryField.CREATED_DATE: _DATE_OPERATORS,
        QueryField.UPDATED_DATE: _DATE_OPERATORS,
        QueryField.EMAIL: _KEY_OPERATORS,
        QueryField.PHONE: _KEY_OPERATORS,
        QueryField.STATE: (Operator.EQ, Operator.NE, Operator.IN),
    }
)
"""Which operators a field takes (contract, section 2)."""


@frozen
class Filter:
    """One condition; a record that lacks the field fails every condition but ``NE`` and ``EXISTS`` false.

    Args:
        field: what is compared.
        operator: how.
        value: with what: a UUID for the id, a datetime with an offset for the dates, a ``ConsentState`` for the state,
            an identifier or text for an address or number, which is compared by key; a tuple of these for ``IN``,
            a bool for ``EXISTS``. Text may have 320 characters.

    Raises:
        InvalidConsent: the field does not take the operator, or the value is of the wrong type or too long.
    """

    field: QueryField
    operator: Operator
    value: Any = attrs_field(repr=False)

    def __attrs_post_init__(self) -> None:
        refuse("filter", field=wrong_word(self.field, QueryField), operator=wrong_word(self.operator, Operator))
        if self.operator not in OPERATORS[self.field]:
            allowed = ", ".join(OPERATORS[self.field])
            refuse("filter", **{self.field: (ViolationCode.NOT_ALLOWED, f"takes only {allowed}")})
        object.__setattr__(self, "value", self._canonical())

    def _canonical(self) -> Any:
        if self.operator is Operator.EXISTS:
            refuse("filter", **{self.field: wrong_type(self.value, bool)})
            return bool(self.value)
        if self.operator is Operator.IN:
            refuse("filter", **{self.field: wrong_type(self.value, tuple, list, set, frozenset)})
            if len(self.value) > MOST_VALUES:
                refuse("filter", **{self.field: (ViolationCode.TOO_LARGE, f"takes at most {MOST_VALUES} values")})
            return tuple(self._scalar(each) for each in self.value)
        return self._scalar(self.value)

    def _scalar(self, value: Any) -> Any:
        problem: Problem
        if self.field in DATES:
            value = as_utc(value)
            problem = wrong_moment(value)
        elif self.field in _KEYS:
            problem = _too_long(value)
            if problem is None:
                value = _as_key(_KEYS[self.field], value, whole=self.operator is not Operator.STARTS_WITH)
                problem = wrong_type(value, str) or wrong_text(value)
        elif self.field is QueryField.STATE:
            problem = wrong_word(value, ConsentState)
        else:
            problem = wrong_type(value, UUID)
        refuse("filter", **{self.field: problem})
        return value

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether the condition holds for a record: what an adapter's own filters must agree with."""
        held = value_of(consent, self.field)
        if self.operator is Operator.EXISTS:
            return (held is not None) is self.value
        if self.operator is Operator.NE:
            return bool(held != self.value)
        return held is not None and bool(_COMPARISONS[self.operator](held, self.value))


def value_of(consent: MarketingConsent, wanted: QueryField) -> Any:
    """What a record holds in a field; None where it lacks it."""
    if wanted in _KEYS:
        return consent.details.key if isinstance(consent.details, _KEYS[wanted]) else None
    return getattr(consent, _ATTRIBUTES[wanted])


DATES: Final = frozenset({QueryField.CREATED_DATE, QueryField.UPDATED_DATE})

_KEYS: Final[Mapping[QueryField, type[Identifier]]] = MappingProxyType(
    {QueryField.EMAIL: Email, QueryField.PHONE: Phone}
)

_ATTRIBUTES: Final = MappingProxyType(
    {
        QueryField.ID: "id",
        QueryField.CREATED_DATE: "created_date",
        QueryField.UPDATED_DATE: "updated_date",
        QueryField.STATE: "state",
    }
)

_COMPARISONS: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        Operator.EQ: eq,
        Operator.IN: lambda held, values: held in values,
        Operator.GT: gt,
        Operator.LT: lt,
        Operator.GTE: ge,
        Operator.LTE: le,
        Operator.STARTS_WITH: str.startswith,
    }
)


def _too_long(value: Any) -> Problem:
    # Judged before anything is normalised: that takes quadratic time in marks that are combined with one letter.
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return ViolationCode.TOO_LONG, f"may have at most {LONGEST_TEXT} characters"
    return None


def _as_key(kind: type[Identifier], value: Any, *, whole: bool) -> Any:
    """What an address or number, or the beginning of one, is compared by."""
    if isinstance(value, kind):
        return value.key
    if not isinstance(value, str):
        return value
    if whole:
        with suppress(InvalidConsent):
            return kind(value).key
    return address_key(value.strip(" \t"))
