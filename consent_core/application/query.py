"""What can be asked of a store: a small closed set of filters, an order, and pages by key."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from operator import eq, ge, gt, le, lt
from types import MappingProxyType, NoneType
from typing import Any, Final
from uuid import UUID

from attrs import evolve, field, frozen

from consent_core.domain.checks import Problem, as_utc, refuse, wrong_moment, wrong_type, wrong_word
from consent_core.domain.eligibility import Audience
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import Email, Identifier, Phone
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
            a bool for ``EXISTS``.

    Raises:
        InvalidConsent: the field does not take the operator, or the value is of the wrong type.
    """

    field: QueryField
    operator: Operator
    value: Any

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
            return tuple(self._scalar(each) for each in self.value)
        return self._scalar(self.value)

    def _scalar(self, value: Any) -> Any:
        problem: Problem
        if self.field in _DATES:
            value = as_utc(value)
            problem = wrong_moment(value)
        elif self.field in _KEYS:
            value = _as_key(_KEYS[self.field], value, whole=self.operator is not Operator.STARTS_WITH)
            problem = wrong_type(value, str)
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


_DATES: Final = frozenset({QueryField.CREATED_DATE, QueryField.UPDATED_DATE})

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


def _as_key(kind: type[Identifier], value: Any, *, whole: bool) -> Any:
    """What an address or number, or the beginning of one, is compared by."""
    if isinstance(value, kind):
        return value.key
    if not isinstance(value, str):
        return value
    if whole:
        with suppress(InvalidConsent):
            return kind(value).key
    return unicodedata.normalize("NFC", value.strip(" \t")).lower()


@frozen
class Position:
    """Where a page begins: just behind a record, or, going backward, just before it.

    Args:
        value: what the record has in the field that is sorted by.
        id: the record's id, which decides between equal values.
        backward: whether the page ends there instead of beginning.
    """

    value: UUID | datetime
    id: UUID
    backward: bool = False


def _as_tuple(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    return tuple(filters)


@frozen(kw_only=True)
class Query:
    """Which records, in which order, from where on.

    Args:
        where: conditions that must all hold.
        state: only records in this state; short for a condition.
        audience: only the records of an audience.
        sort: the id, or one of the two dates; equal dates are ordered by id.
        descending: from high to low.
        page_size: records on one page, 1 at the least.
        position: where to begin; None for the beginning.

    Raises:
        InvalidConsent: a value is of the wrong type.
    """

    where: tuple[Filter, ...] = field(default=(), converter=_as_tuple)
    state: ConsentState | None = None
    audience: Audience | None = None
    sort: QueryField = QueryField.ID
    descending: bool = False
    page_size: int = 500
    position: Position | None = None

    def __attrs_post_init__(self) -> None:
        sortable = self.sort is QueryField.ID or self.sort in _DATES
        sized = isinstance(self.page_size, int) and self.page_size >= 1
        refuse(
            "query",
            where=None if all(isinstance(f, Filter) for f in self.where) else wrong_type(None, Filter),
            audience=wrong_type(self.audience, Audience, NoneType),
            sort=None if sortable else (ViolationCode.NOT_ALLOWED, "must be the id or one of the two dates"),
            pageSize=None if sized else (ViolationCode.INVALID_NUMBER, "must be an integer, 1 at the least"),
            position=wrong_type(self.position, Position, NoneType),
        )
        if self.state is not None:
            object.__setattr__(self, "where", (Filter(QueryField.STATE, Operator.EQ, self.state), *self.where))
            object.__setattr__(self, "state", None)

    @property
    def backward(self) -> bool:
        """Whether the page before the position is asked for."""
        return self.position is not None and self.position.backward

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether a record satisfies all conditions: what an adapter's own filters must agree with."""
        return all(f.matches(consent) for f in self.where) and (
            self.audience is None or self.audience.includes(consent)
        )

    def order_of(self, consent: MarketingConsent) -> tuple[Any, UUID]:
        """What a record is ordered by; its id decides between equal values."""
        return value_of(consent, self.sort), consent.id

    def after(self, consent: MarketingConsent) -> "Query":
        """The query for the page behind a record."""
        return evolve(self, position=Position(*self.order_of(consent)))

    def before(self, consent: MarketingConsent) -> "Query":
        """The query for the page before a record."""
        return evolve(self, position=Position(*self.order_of(consent), backward=True))


EVERYTHING: Final = Query()
"""All records, in the order of their ids."""
