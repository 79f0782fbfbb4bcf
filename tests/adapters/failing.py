"""What a repository is asked where its database fails, and how it must answer."""

from collections.abc import Callable
from typing import Final

import pytest

from consent_core import ConsentService, Query, Unavailable
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from tests.adapters.requests import ADA, BOB, assert_whole
from tests.adapters.stores import Repository

HERS = consent(ADA)
HIS = consent(BOB)

CALLS: Final[dict[str, Callable[[Repository], object]]] = {
    "find": lambda repository: repository.find([ADA]),
    "get": lambda repository: repository.get([HERS.id]),
    "query": lambda repository: repository.query(Query()),
    "history": lambda repository: repository.history(HERS.id),
    "create": lambda repository: repository.commit([creation(HIS)]),
    "update": lambda repository: repository.commit([revision_of(HERS)]),
    "erase": lambda repository: repository.commit([erasure_of(HERS)]),
    "unpublished": lambda repository: repository.unpublished(),
    "mark_published": lambda repository: repository.mark_published([HERS.id]),
}
"""Everything that a database can be asked."""


def assert_unavailable(call: Callable[[], object]) -> Unavailable:
    """The call fails with our error, which names the driver's, does not bring it along, and says
    nothing of anybody.
    """
    with pytest.raises(Unavailable) as raised:
        call()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.error_class == error.why
    for secret in ("ada", "bob", "person", "example", "SELECT", "INSERT"):
        assert secret not in str(error)
        assert secret not in repr(error)
    return error


def assert_all_whole(repository: Repository) -> int:
    """Every record that is stored has its events, and every event its record.

    How many there are.
    """
    consents = [*ConsentService(repository).query()]
    for each in consents:
        assert_whole(repository, each)
    assert {event.consent_id for event in repository.unpublished(1_000_000)} == {
        each.id for each in consents
    }
    return len(consents)
