"""The ORM that the store is compared with decides and stores what the library does."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, StaticPool, create_engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from benchmarks.inputs import NOW, dated_request, email_request
from benchmarks.orm_rival import Base, Event, Record, bulk_upsert
from consent_core import ConsentService, ConsentState, Outcome
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.wire import read_upsert

PENDING, CONFIRMED, REVOKED = ConsentState.PENDING, ConsentState.CONFIRMED, ConsentState.REVOKED


class Kept(NamedTuple):
    """What is stored of a person.

    Args:
        state: of the consent.
        revision: of the record.
        confirmed_date: of the confirmation slot.
        revoked_date: of the revocation slot.
        events: how many there are.
    """

    state: ConsentState
    revision: int
    confirmed_date: datetime | None
    revoked_date: datetime | None
    events: int


@pytest.fixture
def engine() -> Iterator[Engine]:
    """To a database with the tables of both."""
    yield from _engine()


def _engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    create_schema(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def asked(name: str, state: ConsentState, minute: int) -> dict[str, Any]:
    """A request with evidence of a minute."""
    return dated_request(name, state, NOW - timedelta(hours=1) + timedelta(minutes=minute))


def by_library(engine: Engine, bulks: Sequence[Sequence[dict[str, Any]]]) -> Mapping[str, Kept]:
    """What the library keeps of some bulks."""
    consents = ConsentService(SqlAlchemyRepository(engine), clock=lambda: NOW)
    people = {}
    for bulk in bulks:
        for answer in consents.bulk_upsert(map(read_upsert, bulk)):
            assert isinstance(answer, Outcome)
            record = answer.consent
            people[record.address] = Kept(
                record.state,
                record.revision,
                record.confirmed_date,
                record.revoked_date,
                len(consents.history(record.id)),
            )
    return people


def by_rival(engine: Engine, bulks: Sequence[Sequence[dict[str, Any]]]) -> Mapping[str, Kept]:
    """What the ORM keeps of the same bulks."""
    for bulk in bulks:
        for _ in bulk_upsert(engine, bulk, lambda: NOW):
            pass
    events = (
        select(func.count())
        .select_from(Event)
        .where(Event.consent_id == Record.id)
        .scalar_subquery()
    )
    with Session(engine) as session:
        return {
            record.address: Kept(
                record.state, record.revision, record.confirmed_date, record.revoked_date, count
            )
            for record, count in session.execute(select(Record, events))
        }


MIXED = [
    # New people, in every state.
    [
        asked("asked", PENDING, 10),
        asked("stays", PENDING, 10),
        asked("sure", CONFIRMED, 10),
        asked("gone", REVOKED, 10),
        email_request("form"),
        asked("twice", PENDING, 10),
        asked("Twice", CONFIRMED, 11),
    ],
    [
        asked("asked", CONFIRMED, 20),
        asked("stays", PENDING, 5),
        asked("sure", REVOKED, 20),
        asked("gone", CONFIRMED, 5),
        email_request("form"),
    ],
    [
        asked("asked", CONFIRMED, 20),
        asked("asked", PENDING, 30),
        asked("sure", CONFIRMED, 16),
        asked("sure", CONFIRMED, 19),
        asked("gone", CONFIRMED, 20),
        asked("form", REVOKED, 0),
    ],
]
"""A confirmation of a question, opt-outs, confirmations older than an opt-out, and repeats."""


class TestBothKeepTheSame:
    """State, revision, dates of the slots, and number of events."""

    def test_of_mixed_requests(self, engine: Engine) -> None:
        kept = by_rival(engine, MIXED)
        assert kept == by_library(engine, MIXED)
        states = {
            address.partition("@")[0]: (each.state, each.revision) for address, each in kept.items()
        }
        assert states == {
            "asked": (CONFIRMED, 2),
            "stays": (PENDING, 1),
            "sure": (REVOKED, 4),
            "gone": (CONFIRMED, 3),
            "form": (REVOKED, 2),
            "twice": (CONFIRMED, 2),
        }

    @given(
        st.lists(
            st.lists(
                st.builds(
                    asked,
                    st.sampled_from(["ann", "bob"]),
                    st.sampled_from([PENDING, CONFIRMED, REVOKED]),
                    # Five minutes later it may be the same confirmation, from a clock that was
                    # fast: a rule that the ORM does not have.
                    st.integers(0, 4),
                ),
                min_size=1,
                max_size=4,
            ),
            max_size=4,
        )
    )
    def test_of_any_requests(self, bulks: list[list[dict[str, Any]]]) -> None:
        for engine in _engine():
            assert by_rival(engine, bulks) == by_library(engine, bulks)


class TestTheOrmRefuses:
    """What another writer has changed, as the library does."""

    @pytest.fixture
    def session(self, engine: Engine) -> Iterator[Session]:
        by_rival(engine, [[asked("ann", PENDING, 0)]])
        with Session(engine) as session:
            yield session

    def test_another_revision(self, session: Session) -> None:
        record = session.scalars(select(Record)).one()
        record.state, record.revision = CONFIRMED, 2
        session.connection().execute(text("UPDATE rival_records SET revision = 2"))
        with pytest.raises(StaleDataError):
            session.flush()

    def test_another_record_of_the_same_address(self, session: Session) -> None:
        record = session.scalars(select(Record)).one()
        values = {each.key: getattr(record, each.key) for each in inspect(Record).column_attrs}
        session.add(Record(**values | {"id": uuid4()}))
        with pytest.raises(IntegrityError):
            session.flush()
