"""Conditions on records.

A small closed vocabulary that rules are written in and every store can answer.

The same words serve the filters of a query, the rows of the eligibility table and the rules of a
deployment. An adapter that translates them to its store serves all three, and knows nothing of any
rule.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from operator import contains, eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from attrs import field as attrs_field
from attrs import frozen

from consent_core.domain.checks import (
    Problem,
    as_utc,
    refuse,
    wrong_moment,
    wrong_text,
    wrong_type,
    wrong_word,
)
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import (
    IDENTIFIERS,
    MAX_IDENTIFIER_LENGTH,
    Identifier,
    address_key,
)
from consent_core.domain.query_fields import (
    FIELDS,
    KEYS,
    NAMES,
    ExtendedField,
    Operator,
    QueryField,
)
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_words import wrong_topic_name
from consent_core.domain.vocabulary import ViolationCode

LONGEST_TEXT: Final = MAX_IDENTIFIER_LENGTH
"""Characters of a text in a filter, judged before it is normalised."""

MOST_VALUES: Final = 5_000
"""Values of one ``IN`` in Python.

Fewer than any database in use takes parameters in one statement.
"""


@frozen
class Filter:
    """One comparison.

    A record that lacks the field fails every comparison but ``NE`` and ``EXISTS`` false. An
    extended field of another JSON type than the value is as good as absent, and fails ``NE``, too:
    what cannot be compared permits nothing.

    Args:
        field: what is compared.
        operator: how.
        value: with what: a UUID for the id, a datetime with an offset for the dates, a
            ``ConsentState`` for the state, an identifier or text for an address or number, which is
            compared by key; text, a bool or an integer for an extended field; a tuple of these for
            ``IN``, a bool for ``EXISTS``; the name of a topic for ``CONTAINS`` and ``LACKS``. Text
            may have 320 characters.

    Raises:
        InvalidConsent: the field does not take the operator, or the value is of the wrong type or
            too long.
    """

    field: QueryField | ExtendedField
    operator: Operator
    value: Any = attrs_field(repr=False)

    def __attrs_post_init__(self) -> None:
        refuse(
            "filter",
            field=wrong_type(self.field, QueryField, ExtendedField),
            operator=wrong_word(self.operator, Operator),
        )
        operators = NAMES if isinstance(self.field, ExtendedField) else FIELDS[self.field].operators
        if self.operator not in operators:
            refuse(
                "filter",
                **{
                    str(self.field): (
                        ViolationCode.NOT_ALLOWED,
                        f"takes only {', '.join(operators)}",
                    )
                },
            )
        object.__setattr__(self, "value", self._canonical())

    def _canonical(self) -> Any:
        if self.operator is Operator.EXISTS:
            refuse("filter", **{str(self.field): wrong_type(self.value, bool)})
            return bool(self.value)
        if self.operator is Operator.IN:
            refuse(
                "filter", **{str(self.field): wrong_type(self.value, tuple, list, set, frozenset)}
            )
            if len(self.value) > MOST_VALUES:
                too_many = ViolationCode.TOO_LARGE, f"takes at most {MOST_VALUES} values"
                refuse("filter", **{str(self.field): too_many})
            return tuple(self._scalar(each) for each in self.value)
        return self._scalar(self.value)

    def _scalar(self, value: Any) -> Any:
        problem: Problem
        if isinstance(self.field, ExtendedField):
            problem = None if type(value) in _JSON_SCALARS else wrong_type(None, *_JSON_SCALARS)
            if isinstance(value, str):
                problem = _too_long(value) or wrong_text(value)
        elif self.field in KEYS:
            problem = _too_long(value)
            if problem is None:
                kind = IDENTIFIERS[KEYS[self.field]]
                value = _as_key(kind, value, whole=self.operator is not Operator.STARTS_WITH)
                problem = wrong_type(value, str) or wrong_text(value)
        elif FIELDS[self.field].kind is datetime:
            value = as_utc(value)
            problem = wrong_moment(value)
        elif FIELDS[self.field].kind is frozenset:
            problem = wrong_topic_name(value)
        elif issubclass(FIELDS[self.field].kind, StrEnum):
            problem = wrong_word(value, FIELDS[self.field].kind)
        else:
            problem = wrong_type(value, FIELDS[self.field].kind)
        refuse("filter", **{str(self.field): problem})
        return value

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether the condition holds for a record.

        What an adapter's own filters must agree with.
        """
        if isinstance(self.field, ExtendedField):
            return self._matches_json(
                consent.extended_fields.get(self.field.namespace, self.field.name)
            )
        held = FIELDS[self.field].read(consent)
        if self.operator is Operator.EXISTS:
            return (held is not None) is self.value
        if self.operator is Operator.NE:
            return bool(held != self.value)
        return held is not None and bool(_COMPARISONS[self.operator](held, self.value))

    def _matches_json(self, held: Any) -> bool:
        """JSON tells ``true`` from ``1`` and ``1`` from ``1.0``, which Python does not."""
        if self.operator is Operator.EXISTS:
            return (held is not None) is self.value
        if self.operator is Operator.IN:
            return any(type(held) is type(each) and held == each for each in self.value)
        return type(held) is type(self.value) and (held == self.value) is (
            self.operator is Operator.EQ
        )


@frozen
class AllOf:
    """Conditions that must all hold.

    Args:
        conditions: none of them holds everybody back.
    """

    conditions: tuple["Condition", ...]

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether all of them hold for a record."""
        return all(condition.matches(consent) for condition in self.conditions)


@frozen
class AnyOf:
    """Conditions of which one must hold.

    Args:
        conditions: without any, none holds.
    """

    conditions: tuple["Condition", ...]

    def matches(self, consent: MarketingConsent) -> bool:
        """Whether one of them holds for a record."""
        return any(condition.matches(consent) for condition in self.conditions)


Condition: TypeAlias = Filter | AllOf | AnyOf
"""What queries and rules are made of."""


def all_of(*conditions: Condition) -> AllOf:
    """The condition that all of these hold."""
    return AllOf(_require_conditions(conditions))


def any_of(*conditions: Condition) -> AnyOf:
    """The condition that at least one of these holds."""
    return AnyOf(_require_conditions(conditions))


def _require_conditions(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    for condition in conditions:
        refuse("filter", condition=wrong_type(condition, Filter, AllOf, AnyOf))
    return conditions


def filters_in(condition: Condition) -> Iterator[Filter]:
    """Every comparison in a condition."""
    if isinstance(condition, Filter):
        yield condition
    else:
        for each in condition.conditions:
            yield from filters_in(each)


_JSON_SCALARS: Final = (bool, str, int)
"""What rules compare extended fields with.

Other numbers are written differently by different databases.
"""

_COMPARISONS: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        Operator.EQ: eq,
        Operator.IN: lambda held, values: held in values,
        Operator.GT: gt,
        Operator.LT: lt,
        Operator.GTE: ge,
        Operator.LTE: le,
        Operator.STARTS_WITH: str.startswith,
        Operator.CONTAINS: contains,
        Operator.LACKS: lambda held, name: name not in held,
    }
)


def _too_long(value: Any) -> Problem:
    # Judged before anything is normalised: that takes quadratic time in marks that are combined
    # with one letter.
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
