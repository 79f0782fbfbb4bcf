"""What is raised carries nothing of what a driver says, for its message may quote an address."""

import traceback
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from consent_core import Conflict, Unavailable
from consent_core.testing.arrange import consent, creation
from tests.adapters.databases import postgres_database
from tests.adapters.requests import ADA, BOB
from tests.adapters.stores import Store, open_store

SECRETS: Final = ("ada@", "bob@", "example.org")

BOTH: Final = pytest.mark.parametrize("store", [False, True], ids=["sync", "async"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, server: str) -> Iterator[Store]:
    """A new PostgreSQL database that takes nobody's consent."""
    with (
        postgres_database(server) as url,
        open_store(url, awaited=request.param, hide_parameters=True) as store,
    ):
        store.create()
        with store.connection() as caller:
            caller.execute(
                "ALTER TABLE consent_records ADD CONSTRAINT nobody CHECK (key = 'nobody')"
            )
            caller.commit()
        yield store


def raised_by(call: Callable[[], object], kind: type[Exception]) -> Exception:
    """The error of a call, with its traceback."""
    with pytest.raises(kind) as raised:
        call()
    return raised.value


def shown(error: Exception) -> str:
    """The whole traceback, with the local variables of all functions but those of tests."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    for frame in told.stack:
        if "/tests/" in frame.filename:
            frame.locals = None
    return "".join(traceback.format_exception(error)) + "".join(told.format()) + repr(error)


@BOTH
def test_a_failure_shows_nobody(store: Store) -> None:
    """The fields tell what a developer needs.

    PostgreSQL quotes the row in its DETAIL, which is not among them.
    """
    error = raised_by(lambda: store.repository().commit([creation(consent(ADA))]), Unavailable)
    assert isinstance(error, Unavailable)
    assert (error.error_class, error.code, error.constraint) == (
        "CheckViolation",
        "23514",
        "nobody",
    )
    assert not [secret for secret in SECRETS if secret in shown(error)]
    assert (error.__cause__, error.__context__) == (None, None)


@BOTH
def test_a_caller_may_ask_for_the_error_of_the_driver(store: Store) -> None:
    """Then it is the cause, with all that it says: so the tests of this page can fail."""
    error = raised_by(
        lambda: store.repository(chain_driver_errors=True).commit([creation(consent(ADA))]),
        Unavailable,
    )
    assert "Failing row contains" in shown(error)
    assert "ada@example.org" in shown(error)


@BOTH
def test_a_conflict_shows_nobody(store: Store) -> None:
    """Where a race is lost by an error, as where the dialect has no other way, the error is left
    behind, too.
    """
    store.engine.dialect.name = "another"
    with store.connection() as caller:
        caller.execute("ALTER TABLE consent_records DROP CONSTRAINT nobody")
        caller.commit()
    store.repository().commit([creation(consent(ADA))])
    change = creation(consent(ADA, id=consent(BOB).id))
    error = raised_by(lambda: store.repository().commit([change]), Conflict)
    assert not [secret for secret in SECRETS if secret in shown(error)]
    assert (error.__cause__, error.__context__) == (None, None)
    error = raised_by(lambda: store.repository(chain_driver_errors=True).commit([change]), Conflict)
    assert "ada@example.org" in shown(error)
