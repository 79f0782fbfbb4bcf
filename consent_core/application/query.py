"""What can be asked of a store: conditions, an order, and pages by key."""

from collections.abc import Iterable
from datetime import datetime
from types import NoneType
from typing import Any, Final
from uuid import UUID

from attrs import evolve, field, frozen

from consent_core.domain.checks import Problem, as_utc, refuse, wrong_moment, wrong_type
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter
from consent_core.domain.query_fields import Operator, QueryField, value_of
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ConsentState, ViolationCode

SORTS: Final = (QueryField.ID, QueryField.CREATED_DATE, QueryField.UPDATED_DATE)
"""What records can be sorted by."""

LARGEST_PAGE: Final = 10_000
"""Records on one page in Python: more of them belong into several pages."""


@frozen
class Position:
    """Where a page begins: just behind a record, or, going backward, just before it.

    Args:
        value: what the record has in the field that is sorted by.
        id: the record's id, which decides between equal values.
        backward: whether the page ends there instead of beginning.
    """

    # In UTC, whatever the caller's offset.
    value: UUID | datetime = field(converter=as_utc)
    id: UUID
    backward: bool = False


def _as_tuple(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(conditions)


@frozen(kw_only=True)
class Query:
    """Which records, in which order, from where on.

    Args:
        where: conditions that must all hold.
        state: only records in this state; short for a condition.
        sort: the id, or one of the two dates; equal dates are ordered by id.
        descending: from high to low.
        page_size: records on one page, from 1 to 10,000.
        position: where to begin; None for the beginning.

    Raises:
        InvalidConsent: a value is of the wrong type.
    """

    where: tuple[Condition, ...] = field(default=(), converter=_as_tuple)
    state: ConsentState | None = None
    sort: QueryField = QueryField.ID
    descending: bool = False
    page_size: int = 500
    position: Position | None = None

    def __attrs_post_init__(self) -> None:
        sortable = self.sort in SORTS
        sized = type(self.page_size) is int and 1 <= self.page_size <= LARGEST_PAGE
        refuse(
            "query",
            where=None
            if all(isinstance(c, Filter | AllOf | AnyOf) for c in self.where)
            else wrong_type(None, Filter),
            sort=None
            if sortable
            else (ViolationCode.NOT_ALLOWED, "must be the id or one of the two dates"),
            pageSize=None
            if sized
            else (ViolationCode.INVALID_NUMBER, f"must be an integer from 1 to {LARGEST_PAGE}"),
            position=wrong_type(self.position, Position, NoneType) or self._wrong_position(),
        )
        if self.state is not None:
            object.__setattr__(
                self, "where", (Filter(QueryField.STATE, Operator.EQ, self.state), *self.where)
            )
            object.__setattr__(self, "state", None)

    def _wrong_position(self) -> Problem:
        if self.position is None:
            return None
        value = self.position.value
        return wrong_type(value, UUID) if self.sort is QueryField.ID else wrong_moment(value)

    @property
    def backward(self) -> bool:
        """Whether the page before the position is asked for."""
        return self.position is not None and self.position.backward

    @property
    def downward(self) -> bool:
        """Whether its page is read from high to low: backward, against the order."""
        return self.descending != self.backward

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether a record satisfies all conditions.

        What an adapter's own filters must agree with.
        """
        return all(condition.matches(consent) for condition in self.where)

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
