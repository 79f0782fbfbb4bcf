"""What no database has a form for is refused, or unavailable; it is never a driver's own error."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from consent_core import (
    Filter,
    InvalidConsent,
    Operator,
    Query,
    QueryField,
    Unavailable,
    ViolationCode,
)
from consent_core.adapters.sqlalchemy import AsyncSqlAlchemyRepository, SqlAlchemyRepository
from consent_core.testing.arrange import consent, creation
from tests.adapters.requests import ADA
from tests.adapters.stores import KINDS, Repository, Store, database_of, open_store

HALF: Final = "ada\ud800"
"""Half of a surrogate pair: a Python string that has no UTF-8."""

QUESTIONS: Final[dict[str, Callable[[Repository], object]]] = {
    "equal": lambda repository: repository.query(_emails(Operator.EQ, HALF)),
    "in": lambda repository: repository.query(_emails(Operator.IN, [HALF])),
    "beginning": lambda repository: repository.query(_emails(Operator.STARTS_WITH, HALF)),
    "page": lambda repository: repository.query(Query(page_size=2**70)),
    "limit": lambda repository: repository.unpublished(2**70),
}


def _emails(operator: Operator, value: Any) -> Query:
    return Query(where=(Filter(QueryField.EMAIL, operator, value),))


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A database of each kind with the schema."""
    url = database_of(request, request.param, tmp_path_factory.mktemp("unstorable"))
    with open_store(url, awaited=request.param.endswith("async")) as store:
        store.create()
        yield store


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_questions_that_cannot_be_asked(store: Store, ask: Callable[[Repository], object]) -> None:
    """Refused, or our error with the class of the driver's, and nothing of the value in its text.

    The store goes on.
    """
    repository = store.repository("questions")
    if repository.find([ADA]) == {}:
        repository.commit([creation(consent(ADA))])
    with pytest.raises((Unavailable, InvalidConsent)) as raised:
        ask(repository)
    assert not isinstance(raised.value, Unavailable) or raised.value.error_class is not None
    assert "ada" not in str(raised.value)
    assert set(repository.find([ADA])) == {ADA}


@pytest.mark.parametrize("site", ["a\0b", "a\ud800", None, 7])
@pytest.mark.parametrize("kind", [SqlAlchemyRepository, AsyncSqlAlchemyRepository])
def test_sites_that_cannot_be_stored(kind: Any, site: Any) -> None:
    """Refused when the repository is made: a tenant's name may come from a request."""
    with pytest.raises(InvalidConsent) as refused:
        kind(None, site=site)
    (violation,) = refused.value.violations
    assert violation.path == "repository.site"
    assert violation.code in (ViolationCode.INVALID_TEXT, ViolationCode.WRONG_TYPE)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """What the operating system refuses is unavailable, too."""
    for awaited in (False, True):
        with (
            open_store(f"sqlite:///{tmp_path}", awaited=awaited) as store,
            pytest.raises(Unavailable),
        ):
            store.repository().find([ADA])
