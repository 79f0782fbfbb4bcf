"""Streams for stores, and what a store holds."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.application.ports import Change
from consent_core.domain.events import ConsentCreated
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topics import NO_TOPICS
from consent_core.testing.strategies import records
from consent_core.wire import read_record
from tests.cli.process import Answer, body, line

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
CONSENTS, MISTAKES = EXAMPLES / "consents.ndjson", EXAMPLES / "mistakes.ndjson"

DATE: Final = "2024-01-01T00:00:00Z"

FEW: Final = settings(
    max_examples=8,
    deadline=None,
    # The console reads only what the last call wrote, so that examples may share it.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def confirmed(email: str = "ada@example.org", date: str = DATE, **more: Any) -> Answer:
    """A CONFIRMED request."""
    return body("CONFIRMED", email, lastConfirmationActivity={"updatedDate": date}, **more)


def lines(values: Iterable[Any]) -> bytes:
    """Values as a stream."""
    return b"".join(map(line, values))


def past(
    details: st.SearchStrategy[Identifier] | None = None,
) -> st.SearchStrategy[MarketingConsent]:
    """Records of revision 1 that lie in the past of this machine's clock, too."""
    return records(details).map(_earlier)


def _earlier(record: MarketingConsent) -> MarketingConsent:
    confirmation, revocation = record.last_confirmation_activity, record.last_revoke_activity
    span = timedelta(days=3653 * 2)
    return evolve(
        record,
        revision=1,
        # A store whose policy declares no topics takes no IN.
        topics=NO_TOPICS,
        last_confirmation_activity=confirmation
        and evolve(
            confirmation,
            updated_date=confirmation.updated_date and confirmation.updated_date - span,
        ),
        last_revoke_activity=revocation
        and evolve(
            revocation, updated_date=revocation.updated_date and revocation.updated_date - span
        ),
    )


def fill(url: str, found: Iterable[MarketingConsent]) -> None:
    """Put records into a store as they are, past all rules."""
    engine = create_engine(url)
    create_schema(engine)
    SqlAlchemyRepository(engine).commit(
        [Change(each.details, 0, each, (ConsentCreated(each),)) for each in found]
    )
    engine.dispose()


def substance(written: Iterable[Answer]) -> dict[Identifier, tuple[object, ...]]:
    """What records say of persons, by identifier and with its spelling.

    All but ids, revisions and dates of storing.
    """
    read = [read_record(each) for each in written]
    told: dict[Identifier, tuple[object, ...]] = {
        each.details: (
            each.details.address,
            each.state,
            each.last_confirmation_activity,
            each.last_revoke_activity,
            each.extended_fields,
        )
        for each in read
    }
    assert len(told) == len(read)
    return told
