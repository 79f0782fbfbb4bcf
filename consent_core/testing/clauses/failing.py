"""A store that fails, and a caller that goes away."""

from collections.abc import Iterator
from traceback import format_exception
from typing import Final

from consent_core.application.plans import Ask, commit, find, history
from consent_core.application.ports import Change
from consent_core.application.query import Query
from consent_core.domain.conditions import Filter
from consent_core.domain.errors import Unavailable
from consent_core.domain.query_fields import Operator, QueryField
from consent_core.domain.records import MarketingConsent
from consent_core.testing.arrange import (
    consent,
    creation,
    email,
    exact_history,
    exactly,
    revision_of,
)
from consent_core.testing.clauses.committing import refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import BROKEN, Cancelled, ClausePlan, InTime, OnOther, clause, expect

_NAME: Final = "somebody.else"
UNAVAILABLE: Final = "Unavailable"
"""What is answered where a call raised that, and told nothing of anybody."""


@clause(SINCE, needs=BROKEN)
def driver_errors_are_unavailable() -> ClausePlan[None]:
    """Every error of the driver is raised as ``Unavailable``, by each of the five methods.

    Neither it nor what it was raised from has an address.
    """
    record = consent(email(_NAME))
    asked = [*_reads(record), *(Ask("commit", [each]) for each in _writes(record))]
    for ask in asked:
        expect((ask.method, (yield OnOther(_told(ask)))), (ask.method, UNAVAILABLE))


def _reads(record: MarketingConsent) -> Iterator[Ask]:
    hers = Filter(QueryField.EMAIL, Operator.EQ, record.details)
    yield Ask("find", [record.details])
    yield Ask("get", [record.id])
    yield Ask("query", Query())
    yield Ask("query", Query(where=[hers]))
    yield Ask("history", record.id)


def _writes(record: MarketingConsent) -> tuple[Change, ...]:
    return creation(record), revision_of(record)


def _told(ask: Ask) -> ClausePlan[str]:
    try:
        yield ask
    except Unavailable as error:
        told = "".join(format_exception(error)) + repr(error)
        return f"{UNAVAILABLE} with an address" if _NAME in told.lower() else UNAVAILABLE
    except Exception as error:  # noqa: BLE001  # of whatever driver
        return type(error).__name__
    return "an answer"


SECONDS: Final = 10.0
"""Within which a call must end that nobody stands in the way of."""


@clause(SINCE, awaited=True)
def a_cancelled_call_leaves_nothing_behind() -> ClausePlan[None]:
    """A caller may be cancelled at any await: no lock, transaction or half commit stays behind.

    The next call succeeds, so the connection is usable.
    """
    record = consent(email("ada"))
    yield from commit([creation(record)])
    for read in _reads(record):
        at, reached = 0, True
        while reached:
            reached = yield Cancelled(read, at)
            found = yield InTime(find([record.details]), SECONDS)
            expect(exactly(found.get(record.details)), exactly(record))
            at += 1
    at, reached = 0, True
    while reached:
        first = consent(email(f"cancelled{at}"))
        created, changed = creation(first), revision_of(first)
        reached = yield Cancelled(Ask("commit", [created]), at)
        yield InTime(_repeated(created), SECONDS)
        reached |= yield Cancelled(Ask("commit", [changed]), at)
        yield InTime(_repeated(changed), SECONDS)
        expect(
            exact_history((yield from history(first.id))),
            exact_history((*created.events, *changed.events)),
        )
        at += 1


def _repeated(change: Change) -> ClausePlan[None]:
    """Whether or not it was stored before its caller was cancelled, afterwards it is, once."""
    yield from refused([change])
    found = yield from find([change.identifier])
    expect(exactly(found.get(change.identifier)), exactly(change.consent))
