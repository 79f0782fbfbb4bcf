"""Compare-and-set holds also with drivers that do not tell how many rows several statements
changed.
"""

from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import event

from consent_core import Conflict, Query
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from consent_core.testing.clauses import committing, erasing, racing
from consent_core.testing.kit import Clause, run_clause
from tests.adapters.requests import person
from tests.adapters.stores import KINDS, Store, database_of, open_store

CLAUSES: Final = [
    value
    for module in (committing, racing, erasing)
    for value in vars(module).values()
    if isinstance(value, Clause) and value is not committing.many_are_stored_at_once
]
"""What the kit asks of commits, but for the clause that is about quantity."""

PEOPLE: Final = [consent(person(number)) for number in range(6)]


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A database behind a driver that is said to count only single statements."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("rowcounts"))
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        store.engine.dialect.supports_sane_multi_rowcount = False
        yield store


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.name)
@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_the_clauses_of_writing_are_kept(store: Store, clause: Clause) -> None:
    """Compare-and-set is one row at a time.

    With threads, which cannot share the event loop of an async store.
    """
    run_clause(clause, store.repository(uuid4().hex))


@pytest.mark.parametrize("stale", range(len(PEOPLE)))
@pytest.mark.parametrize("change", [revision_of, erasure_of])
def test_one_stale_change_among_many_stops_all(store: Store, change: Any, stale: int) -> None:
    """Wherever it stands among the others."""
    repository = store.repository(uuid4().hex)
    repository.commit([creation(each) for each in PEOPLE])
    changes = [
        change(each, expected=9 if number == stale else None) for number, each in enumerate(PEOPLE)
    ]
    with pytest.raises(Conflict) as refused:
        repository.commit(changes)
    assert refused.value.changes == (changes[stale],)
    assert {each.revision for each in repository.get([each.id for each in PEOPLE]).values()} == {1}
    assert all(len(repository.history(each.id)) == 1 for each in PEOPLE)


@pytest.mark.parametrize("late", range(len(PEOPLE)))
def test_one_creation_that_comes_too_late_stops_all(store: Store, late: int) -> None:
    """What was inserted is counted by what the database gives back."""
    repository = store.repository(uuid4().hex)
    repository.commit([creation(PEOPLE[late])])
    changes = [creation(each) for each in PEOPLE]
    with pytest.raises(Conflict) as refused:
        repository.commit(changes)
    assert refused.value.changes == (changes[late],)
    assert repository.query(Query()).consents == (PEOPLE[late],)


def test_each_row_has_a_statement_of_its_own(store: Store) -> None:
    """What the driver cannot count together is not sent together, unless it is one statement."""
    together: list[tuple[str, bool]] = []

    def listen(
        _connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, many: bool
    ) -> None:
        together.append((statement.partition(" ")[0], many))

    repository = store.repository(uuid4().hex)
    repository.commit([creation(each) for each in PEOPLE])
    event.listen(store.engine, "before_cursor_execute", listen)
    try:
        repository.commit([revision_of(each) for each in PEOPLE])
    finally:
        event.remove(store.engine, "before_cursor_execute", listen)
    updates = [("UPDATE", False)] * len(PEOPLE)
    expected = {
        "postgresql": [("WITH", False)],
        "sqlite": [*updates, *[("INSERT", False)] * len(PEOPLE)],
    }
    assert together == expected.get(store.engine.dialect.name, [*updates, ("INSERT", True)])
