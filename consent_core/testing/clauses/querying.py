"""Queries answer what their filters, their audience and their order define."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations, product
from typing import Any, Final

from attrs import evolve

from consent_core.application.plans import page
from consent_core.application.ports import Change
from consent_core.application.query import Query
from consent_core.domain.conditions import Condition, Filter, all_of, any_of
from consent_core.domain.delivery import Delivery
from consent_core.domain.eligibility import audience
from consent_core.domain.events import ConsentUpdated
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import IDENTIFIERS, Email, Identifier
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import FIELDS, KEYS, ExtendedField, Operator, QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topics import Topics
from consent_core.domain.vocabulary import Channel, ConsentState, DeliveryStatus, OptInLevel
from consent_core.testing.arrange import (
    NOON,
    confirmation,
    consent,
    creation,
    email,
    phone,
    revocation,
)
from consent_core.testing.clauses.reading import SINCE, TOPICS
from consent_core.testing.kit import ClausePlan, clause, expect, store


def people() -> list[MarketingConsent]:
    """Records of every state on both channels, with equal dates and with wildcards in addresses."""
    names = [
        email(f"{name}{state.lower()}")
        for state in ConsentState
        for name in ("a", "ab", "a_b", "a%b", "b")
    ]
    identifiers = [
        *names,
        *(phone(number) for number in range(10)),
        Email.restore("Über@example.com"),
    ]
    return [
        *(_person(number, identifier) for number, identifier in enumerate(identifiers)),
        *(consent(email(f"d{number}"), delivery=each) for number, each in enumerate(_DELIVERIES)),
        *(_with_topics(number, each) for number, each in enumerate(TOPICS)),
    ]


def _person(number: int, identifier: Any) -> MarketingConsent:
    level = [*OptInLevel][number % 3]
    state = [*ConsentState][number % 5]
    unasked = state is ConsentState.NEVER_CONFIRMED and number % 2
    dated = NOON + timedelta(days=number % 7)
    left = state is ConsentState.REVOKED or number % 4 == 1
    # A double opt-in before, at and after the revocation, or none; beside every state.
    ago = (timedelta(days=2), timedelta(days=1), timedelta(hours=1), None)[number // 2 % 4]
    return consent(
        identifier,
        state=state,
        created_date=NOON + timedelta(hours=number // 3),
        updated_date=dated + timedelta(microseconds=number % 2),
        last_confirmation_activity=None
        if unasked
        else confirmation(dated, OptInLevel.DOUBLE_CONFIRMATION if state is _PENDING else level),
        last_revoke_activity=revocation(
            dated if state is ConsentState.REVOKED else dated - timedelta(days=1)
        )
        if left
        else None,
        double_confirmed_date=None if ago is None else dated - ago,
        extended_fields=_FIELDS[number % len(_FIELDS)],
    )


def _with_topics(number: int, topics: Topics) -> MarketingConsent:
    # Some of them revoked, before, at or after a choice, and consented again.
    left = revocation(NOON - timedelta(hours=12 * (number % 4))) if number % 5 else None
    later = confirmation(NOON + timedelta(days=2))
    return consent(
        email(f"t{number}"),
        topics=topics,
        last_confirmation_activity=later,
        last_revoke_activity=left,
    )


_FIELDS: Final = (
    ExtendedFields({}),
    ExtendedFields({"crm": {"bounce": None}}),
    *(
        ExtendedFields({"crm": {"bounce": value}, "other": {"bounce": "hard"}})
        for value in (
            "hard",
            "soft",
            True,
            False,
            1,
            0,
            1.0,
            "1",
            "true",
            '"hard"',
            "ü\n",
            ["hard"],
            {"a": 1},
            10**20,
        )
    ),
)
"""What an application may keep: the same in different JSON types, and what only looks the same."""


_PENDING: Final = ConsentState.PENDING


_DELIVERIES: Final = (
    Delivery(status=DeliveryStatus.BOUNCING, since=NOON, bounces=1),
    Delivery(status=DeliveryStatus.UNREACHABLE, since=NOON, bounces=0),
    *(
        Delivery(status=DeliveryStatus.UNREACHABLE, since=NOON - timedelta(days=days), bounces=7)
        for days in (0, 29, 31)
    ),
)
"""Bouncing, unreachable for good, and for a while only."""


@clause(SINCE)
def filters_mean_what_they_say() -> ClausePlan[None]:
    """Every filter, with each of its operators, finds exactly what ``Filter.matches`` matches."""
    created, changed = people()[::2], [evolve(each, revision=2) for each in people()[1::2]]
    # Half of them were something else before, for a store may forget what it filters by.
    before = [
        consent(each.details, state=ConsentState.NEVER_CONFIRMED, last_confirmation_activity=None)
        for each in changed
    ]
    yield from store([creation(each) for each in (*created, *before)])
    yield from store([Change(each.details, 1, each, (ConsentUpdated(each),)) for each in changed])
    stored = [*created, *changed]
    for condition in _filters(stored):
        found = yield from page(Query(where=[condition], page_size=1000))
        expected = {each.id for each in stored if condition.matches(each)}
        # By what is asked, which a message says of whatever differs.
        expect({said(condition): {each.id for each in found.consents}}, {said(condition): expected})


def said(condition: Condition) -> str:
    """A condition in words, its addresses and numbers masked."""
    if not isinstance(condition, Filter):
        return f"{type(condition).__name__}({', '.join(map(said, condition.conditions))})"
    whole = condition.field in KEYS and condition.operator not in (
        Operator.EXISTS,
        Operator.STARTS_WITH,
    )
    values = condition.value if isinstance(condition.value, tuple) else [condition.value]
    masked = [_masked(condition.field, value) for value in values] if whole else values
    return f"{condition.field} {condition.operator} {', '.join(str(value) for value in masked)!r}"


def _masked(field: Any, key: str) -> Identifier:
    return IDENTIFIERS[KEYS[field]].restore(key)


def _filters(stored: list[MarketingConsent]) -> Iterator[Filter]:
    for wanted, description in FIELDS.items():
        held, operators = [description.read(each) for each in stored], description.operators
        if description.kind is frozenset:
            held = [name for names in held for name in names]
        values = sorted({value for value in held if value is not None})
        some = [values[0], values[len(values) // 2], values[-1]]
        for operator, value in product(operators, some):
            yield Filter(wanted, operator, _operand(operator, value, some))
    for prefix in ("a_", "a%", "A", "ü", "", "+1202000000", "\\"):
        yield Filter(QueryField.EMAIL, Operator.STARTS_WITH, prefix)
        yield Filter(QueryField.PHONE, Operator.STARTS_WITH, prefix)
    for name in ("new", "s", "new_s", "n_ws", "ne.s", "nobody"):
        for wanted in (QueryField.LEFT_TOPICS, QueryField.CHOSEN_TOPICS):
            yield Filter(wanted, Operator.CONTAINS, name)
            yield Filter(wanted, Operator.LACKS, name)
    yield Filter(QueryField.ID, Operator.EXISTS, value=False)
    yield Filter(QueryField.EMAIL, Operator.EXISTS, value=False)
    yield Filter(QueryField.STATE, Operator.IN, ())
    yield Filter(QueryField.CONFIRMED_DATE, Operator.EXISTS, value=False)
    yield Filter(QueryField.DOUBLY_CONFIRMED, Operator.EQ, value=False)
    for field in (
        ExtendedField("crm", "bounce"),
        ExtendedField("other", "bounce"),
        ExtendedField("crm", "it's %"),
    ):
        for value in ("hard", "soft", True, False, 1, 0, "1", "true", '"hard"', "ü\n", 10**20):
            yield Filter(field, Operator.EQ, value)
            yield Filter(field, Operator.NE, value)
        yield Filter(field, Operator.IN, ("hard", 1, True))
        yield Filter(field, Operator.IN, ())
        yield Filter(field, Operator.EXISTS, value=True)
        yield Filter(field, Operator.EXISTS, value=False)


def _operand(operator: Operator, value: Any, some: list[Any]) -> Any:
    match operator:
        case Operator.EXISTS:
            return True
        case Operator.IN:
            return some
        case Operator.STARTS_WITH:
            return value[:3]
        case _:
            return value


@clause(SINCE)
def all_conditions_hold() -> ClausePlan[None]:
    """Several conditions of a query must all hold, those of an audience and nested ones too.

    So they must beside one that names identifiers.
    """
    stored = people()
    yield from store([creation(each) for each in stored])
    conditions = [
        Filter(QueryField.EMAIL, Operator.STARTS_WITH, "a"),
        Filter(QueryField.CREATED_DATE, Operator.GT, NOON + timedelta(hours=6)),
        Filter(QueryField.STATE, Operator.NE, ConsentState.PENDING),
        Filter(QueryField.ID, Operator.IN, [each.id for each in stored[::2]]),
    ]
    people_to_mail = audience(Channel.EMAIL, now=NOON + timedelta(days=9), policy=Policy.wix())
    nested = (
        any_of(conditions[0], all_of(conditions[1], any_of(conditions[2], conditions[3]))),
        any_of(all_of()),
    )
    nobody = (any_of(),)
    queries = [
        (*pair, *group)
        for pair, group in product(
            permutations(conditions, 2), ((), people_to_mail, nested, nobody)
        )
    ]
    # Whom no other condition finds: a look-up by address alone does.
    unlike = next(
        each for each in stored if not any(other.matches(each) for other in conditions[1:])
    )
    named = (
        Filter(QueryField.EMAIL, Operator.EQ, unlike.details.key),
        Filter(QueryField.EMAIL, Operator.IN, [each.details.key for each in stored[:25:3]]),
    )
    others = ([named[1]], conditions[1:2], conditions[2:3], conditions[3:], people_to_mail)
    for name, group in product(named, others):
        queries += [(name, *group), (*group, name), (any_of(name, *group),)]
    for where in queries:
        query = Query(where=where, page_size=1000)
        found = yield from page(query)
        expected = {each.id for each in stored if query.matches(each)}
        asked = ", ".join(map(said, where))
        expect({asked: {each.id for each in found.consents}}, {asked: expected})


@clause(SINCE)
def order_is_as_asked() -> ClausePlan[None]:
    """Records come by id, or by date and then by id, in either direction."""
    stored = people()
    yield from store([creation(each) for each in stored])
    for sort, descending in product(SORTS, (False, True)):
        query = Query(sort=sort, descending=descending, page_size=1000)
        found = yield from page(query)
        expected = sorted(stored, key=query.order_of, reverse=descending)
        asked = f"by {sort} {'descending' if descending else 'ascending'}"
        expect({asked: [each.id for each in found.consents]}, {asked: [e.id for e in expected]})


SORTS: Final = (QueryField.ID, QueryField.CREATED_DATE, QueryField.UPDATED_DATE)
"""What records can be sorted by."""
