"""However many values are asked for, SQLAlchemy keeps few statements, and none of the values."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from consent_core import (
    Channel,
    ConsentState,
    ExtendedField,
    ExtendedFields,
    Filter,
    Operator,
    OptInLevel,
    Policy,
    Query,
    QueryField,
    Rule,
    audience,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.domain.query_fields import FIELDS
from consent_core.testing.arrange import consent, creation
from tests.adapters.requests import at, person
from tests.adapters.stores import KINDS, database_of

SIZES: Final = (1, 2, 30, 1_000)

Kept = dict[Any, Any]
"""What SQLAlchemy keeps of statements, by what makes them differ."""


@pytest.fixture(params=KINDS[:4:2])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[SqlAlchemyRepository, Kept]]:
    """A repository, and what is kept of its statements; MariaDB has those of SQLite."""
    url = database_of(request, request.param, tmp_path)
    engine = create_engine(url)
    create_schema(engine)
    cache: Kept = {}
    yield SqlAlchemyRepository(engine.execution_options(compiled_cache=cache)), cache
    engine.dispose()


def value(field: QueryField, number: int) -> object:
    """One of many values of a field."""
    match field:
        case QueryField.ID:
            return uuid4()
        case QueryField.CHANNEL:
            return [*Channel][number % len(Channel)]
        case _ if FIELDS[field].kind is bool:
            return True
        case _ if FIELDS[field].kind is datetime:
            return at(number)
        case QueryField.STATE:
            return [*ConsentState][number % len(ConsentState)]
        case _:
            is_name = FIELDS[field].kind is frozenset
            return f"topic.{number}" if is_name else f"{number}@example.org"


def condition(field: QueryField, operator: Operator, number: int) -> Filter:
    """A condition that differs by its number in its values, and in how many they are."""
    if operator is Operator.EXISTS:
        return Filter(field, operator, value=True)
    if operator is Operator.IN:
        return Filter(
            field, operator, [value(field, number + each) for each in range(SIZES[number])]
        )
    return Filter(field, operator, value(field, number))


EVERY: Final = [
    (field, operator) for field, described in FIELDS.items() for operator in described.operators
]


@pytest.mark.parametrize(("field", "operator"), EVERY, ids=str)
def test_one_statement_for_each_kind_of_condition(
    kept: tuple[SqlAlchemyRepository, Kept], field: QueryField, operator: Operator
) -> None:
    """Its values are bound, however many they are."""
    repository, statements = kept
    for number in range(len(SIZES)):
        repository.query(Query(where=[condition(field, operator, number)]))
    assert len(statements) == 1
    assert_carries_nothing(statements)


def test_one_statement_for_each_audience_and_position(
    kept: tuple[SqlAlchemyRepository, Kept],
) -> None:
    """The audience's dates and the place of the page are values, too."""
    repository, statements = kept
    for number in range(1, 4):
        policy = Policy(
            minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
            confirmation_lifetime=timedelta(days=number),
            rules=[
                Rule(
                    "BOUNCED",
                    Filter(ExtendedField("crm", "bounce"), Operator.NE, f"hard {number}"),
                )
            ],
        )
        who = audience(Channel.EMAIL, now=at(number), policy=policy)
        query = Query(where=who, sort=QueryField.CREATED_DATE, page_size=number)
        repository.query(
            query.after(consent(person(number), created_date=at(-number), updated_date=at(-number)))
        )
    assert len(statements) == 1
    assert_carries_nothing(statements)


def test_one_statement_for_each_extended_field(
    kept: tuple[SqlAlchemyRepository, Kept],
) -> None:
    """Its name is a part of the statement, and no rule is asked about the field of another."""
    repository, statements = kept
    fields = {"crm": {"bounce": "hard", "plan": "free"}, "shop": {"bounce": "soft"}}
    held = [(ns, name, value) for ns, names in fields.items() for name, value in names.items()]
    repository.commit([creation(consent(person(1), extended_fields=ExtendedFields(fields)))])
    statements.clear()
    for operator in (Operator.EQ, Operator.NE):
        for namespace, name, value in held:
            for other in ("hard", "free", "soft"):
                asked = Filter(ExtendedField(namespace, name), operator, other)
                found = repository.query(Query(where=[asked])).consents
                assert bool(found) is ((other == value) is (operator is Operator.EQ))
    assert len(statements) == 6
    assert_carries_nothing(statements)


def test_the_order_of_conditions_makes_no_other_statement(
    kept: tuple[SqlAlchemyRepository, Kept],
) -> None:
    """They must all hold, so any order will do."""
    repository, statements = kept
    conditions = [condition(field, operator, 1) for field, operator in EVERY[:5]]
    for some in permutations(conditions):
        repository.query(Query(where=some))
    assert len(statements) == 1


@pytest.mark.parametrize("places", [[0] * 50, [*range(len(EVERY))] * 2])
def test_many_conditions_are_flat(
    kept: tuple[SqlAlchemyRepository, Kept], places: Sequence[int]
) -> None:
    """Fifty conditions are fifty in a row: brackets are no deeper than those of one."""
    repository, statements = kept
    repository.query(Query(where=[condition(*EVERY[place], 1) for place in places]))
    (compiled,) = statements.values()
    assert depth(str(compiled)) <= 2


def depth(statement: str) -> int:
    """How many brackets are open at most."""
    depths = [0]
    for each in statement:
        depths.append(depths[-1] + {"(": 1, ")": -1}.get(each, 0))
    return max(depths)


def assert_carries_nothing(statements: Kept) -> None:
    """A statement that is kept knows no value but the site, the words of channels, and the page's
    size and offset.
    """
    for compiled in statements.values():
        known = {
            name: value
            for name, value in compiled.params.items()
            if value not in (None, "EMAIL", "PHONE", "")
        }
        assert {type(value) for value in known.values()} == {int}
        assert len(known) <= 2
