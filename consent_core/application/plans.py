"""The use cases as generators that yield what they need of the repository.

One copy serves sync and async.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.commands import Update, Upsert
from consent_core.domain.decision import NO_ID, Decision, decide, erase
from consent_core.domain.errors import (
    Conflict,
    ConsentAlreadyExists,
    ConsentNotFound,
    Contended,
    RevisionMismatch,
)
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.identifiers import Identifier
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import ConsentState

T = TypeVar("T")


class Ask(NamedTuple):
    """A call of the port: the method's name and its one argument."""

    method: Literal["find", "get", "commit", "query", "history"]
    argument: Any


Plan: TypeAlias = Generator[Ask, Any, T]
"""Yields calls of the port, is sent their answers or thrown their errors, and returns the use case's answer."""


def find(identifiers: Sequence[Identifier]) -> Plan[Mapping[Identifier, MarketingConsent]]:
    """Ask for the records of these identifiers."""
    # the port says what it is
    return (yield Ask("find", identifiers))  # type: ignore[no-any-return]


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


class Rules(NamedTuple):
    """What a service decides by.

    Args:
        policy: the choices of the deployment.
        new_id: makes the id of a new record from its identifier.
        attempts: how often a change is tried when other writers are faster.
    """

    policy: Policy
    new_id: Callable[[Identifier], UUID]
    attempts: int


def one(consent_id: UUID) -> Plan[MarketingConsent]:
    """The record with this id.

    Raises:
        ConsentNotFound: there is none.
    """
    found = yield from get([consent_id])
    if consent_id not in found:
        raise ConsentNotFound(consent_id)
    return found[consent_id]


def upsert(command: Upsert, now: datetime, rules: Rules) -> Plan[Decision]:
    """Apply a request to the identifier's record, or create one."""

    def judge(before: MarketingConsent | None) -> Decision:
        return decide_one(before, command, now, rules)

    return settle(command.details, judge, rules)


def create(command: Upsert, now: datetime, rules: Rules) -> Plan[Decision]:
    """Apply a request to an identifier that must not have a record.

    Raises:
        ConsentAlreadyExists: it has one.
    """

    def judge(before: MarketingConsent | None) -> Decision:
        if before is not None:
            raise ConsentAlreadyExists(before.id)
        return decide_one(None, command, now, rules)

    return settle(command.details, judge, rules)


def remove(
    details: Identifier, activity: RevokeActivity, now: datetime, rules: Rules
) -> Plan[Decision]:
    """Revoke the consent of an identifier that must have a record (contract, section 4.6).

    Raises:
        ConsentNotFound: it has none.
    """
    command = Upsert(details=details, state=ConsentState.REVOKED, last_revoke_activity=activity)

    def judge(before: MarketingConsent | None) -> Decision:
        if before is None:
            raise ConsentNotFound(details)
        return decide_one(before, command, now, rules)

    return settle(details, judge, rules)


def update(command: Update, now: datetime, rules: Rules) -> Plan[Decision]:
    """Apply a request to the record with its id.

    Raises:
        ConsentNotFound: there is none.
        RevisionMismatch: the caller expected another revision than the stored one.
    """

    def judge(before: MarketingConsent | None) -> Decision:
        if before is None:
            raise ConsentNotFound(command.id)
        if command.revision is not None and command.revision != before.revision:
            raise RevisionMismatch(command.revision, before.revision)
        return decide_one(before, command, now, rules)

    return settle(command.id, judge, rules)


def delete(consent_id: UUID, now: datetime, rules: Rules) -> Plan[ConsentDeleted]:
    """Erase a record with its history; what remains is the event.

    Raises:
        ConsentNotFound: there is none.
    """
    for _ in range(rules.attempts):
        before = yield from one(consent_id)
        event = erase(before, now=now)
        with suppress(Conflict):
            yield from commit([Change(before.details, before.revision, None, (event,))])
            return event
    raise Contended(rules.attempts)


def decide_one(
    before: MarketingConsent | None, command: Upsert | Update, now: datetime, rules: Rules
) -> Decision:
    """Decide, with an id for a new record."""
    new_id = (
        rules.new_id(command.details) if before is None and isinstance(command, Upsert) else NO_ID
    )
    return decide(before, command, now=now, policy=rules.policy, new_id=new_id)


def settle(
    key: Identifier | UUID, judge: Callable[[MarketingConsent | None], Decision], rules: Rules
) -> Plan[Decision]:
    """Read, judge, store.

    Once more from the start when another writer was faster, up to a bound.
    """
    method: Literal["get", "find"] = "get" if isinstance(key, UUID) else "find"
    for _ in range(rules.attempts):
        found: Mapping[Any, MarketingConsent] = yield Ask(method, [key])
        before = found.get(key)
        decision = judge(before)
        if not decision.events:
            return decision
        change = Change(
            decision.consent.details, revision_of(before), decision.consent, decision.events
        )
        try:
            yield Ask("commit", [change])
        except Conflict:
            continue
        return decision
    raise Contended(rules.attempts)


def revision_of(stored: MarketingConsent | None) -> int:
    """What a change expects to be stored; 0 where there is no record."""
    return 0 if stored is None else stored.revision
