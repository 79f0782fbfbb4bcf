"""Use cases as generators that yield calls of the port: one copy serves sync and async."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import ConsentNotFound
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent

T = TypeVar("T")


class Ask(NamedTuple):
    """A call of the port: the method's name and its one argument."""

    method: Literal["find", "get", "commit", "query", "history", "address_page"]
    argument: Any


Plan: TypeAlias = Generator[Ask, Any, T]
"""A use case that a driver runs.

It yields calls of the port, is sent their answers or thrown their errors, and returns the answer of
the use case.
"""


def find(keys: Sequence[Any]) -> Plan[Mapping[Any, Any]]:
    """Ask for the records of identifiers, and the tombstones of digests."""
    # the port says what it is
    return (yield Ask("find", keys))  # type: ignore[no-any-return]


def get(ids: Sequence[UUID]) -> Plan[Mapping[UUID, MarketingConsent]]:
    """Ask for the records with these ids."""
    return (yield Ask("get", ids))  # type: ignore[no-any-return]  # as above


def commit(changes: Sequence[Change]) -> Plan[None]:
    """Ask to store all changes, or nothing."""
    yield Ask("commit", changes)


def page(query: Query) -> Plan[Page]:
    """Ask for one page."""
    return (yield Ask("query", query))  # type: ignore[no-any-return]  # as above


def history(consent_id: UUID) -> Plan[Sequence[ConsentEvent]]:
    """Ask for the events of a consent."""
    return (yield Ask("history", consent_id))  # type: ignore[no-any-return]  # as above


def one(consent_id: UUID) -> Plan[MarketingConsent]:
    """The record with this id.

    Raises:
        ConsentNotFound: there is none.
    """
    found = yield from get([consent_id])
    if consent_id not in found:
        raise ConsentNotFound(consent_id)
    return found[consent_id]
