"""What one would write instead of the SQL store: the models of ``rivals``, and SQLAlchemy's ORM.

It holds the library's rules as far as the requests need them that are measured: PENDING, CONFIRMED
and REVOKED, each with its own evidence, under the default policy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Index,
    TypeDecorator,
    UniqueConstraint,
    not_,
    select,
    tuple_,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.inputs import CHUNK
from benchmarks.rivals import Confirmation, Consent, EmailDetails, Revocation
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)


class _Utc(TypeDecorator[datetime]):
    """A moment; SQLite keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Both tables."""

    type_annotation_map: ClassVar = {datetime: _Utc, dict[str, Any]: JSON, int: BigInteger}


class Record(Base):
    """The consent of one person on one channel."""

    __tablename__ = "rival_records"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    key: Mapped[str]
    address: Mapped[str]
    revision: Mapped[int] = mapped_column()
    state: Mapped[ConsentState]
    created_date: Mapped[datetime]
    updated_date: Mapped[datetime]
    confirmed_date: Mapped[datetime | None]
    confirmation_source: Mapped[ConfirmationSource | None]
    confirmation_description: Mapped[str | None]
    opt_in_level: Mapped[OptInLevel | None]
    revoked_date: Mapped[datetime | None]
    revocation_source: Mapped[RevokeSource | None]
    revocation_description: Mapped[str | None]

    # An UPDATE that finds another revision than the one that was read fails.
    __mapper_args__ = {  # noqa: RUF012  # SQLAlchemy declares it as an attribute of instances
        "version_id_col": revision,
        "version_id_generator": False,
    }
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_rival_records_audience", "state", "channel", "id"),
        Index("ix_rival_records_created", "created_date", "id"),
        Index("ix_rival_records_updated", "updated_date", "id"),
    )

    def document(self) -> dict[str, Any]:
        """The whole record, for its events."""
        return {
            "id": str(self.id),
            "revision": str(self.revision),
            "details": {"type": self.channel, self.channel.lower(): self.address},
            "state": self.state,
            "createdDate": self.created_date.isoformat(),
            "updatedDate": self.updated_date.isoformat(),
            "lastConfirmationActivity": self.confirmed_date
            and {
                "source": self.confirmation_source,
                "description": self.confirmation_description,
                "updatedDate": self.confirmed_date.isoformat(),
                "optInLevel": self.opt_in_level,
            },
            "lastRevokeActivity": self.revoked_date
            and {
                "source": self.revocation_source,
                "description": self.revocation_description,
                "updatedDate": self.revoked_date.isoformat(),
            },
        }


class Event(Base):
    """What happened to a record, with the whole record as it was afterwards."""

    __tablename__ = "rival_events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    consent_id: Mapped[UUID]
    sequence: Mapped[int]
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    published: Mapped[bool]
    document: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("consent_id", "sequence"),)


_WAITING: Final = not_(Event.published)
Index(
    "ix_rival_events_unpublished",
    Event.occurred_at,
    Event.consent_id,
    Event.sequence,
    postgresql_where=_WAITING,
    sqlite_where=_WAITING,
)


def bulk_upsert(
    engine: Engine,
    documents: Iterable[Mapping[str, Any]],
    clock: Callable[[], datetime],
) -> Iterator[Record]:
    """Validate requests, look their records up, decide, and store records and events.

    Args:
        engine: to a database with the tables of ``Base``.
        documents: the requests, as a JSON reader gives them.
        clock: tells the moment of receipt.

    Returns:
        The record after each request; what is answered is stored.
    """
    rest = iter(documents)
    while requests := [Consent.model_validate(each) for each in islice(rest, CHUNK)]:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            records = _upsert_chunk(session, requests, clock())
        yield from records


def _upsert_chunk(session: Session, requests: Sequence[Consent], now: datetime) -> list[Record]:
    wanted = {_identity(request) for request in requests}
    found = select(Record).where(tuple_(Record.channel, Record.key).in_(wanted))
    stored = {(record.channel, record.key): record for record in session.scalars(found)}
    answers: list[Record] = []
    created: list[Record] = []
    events: list[Event] = []
    for request in requests:
        identity = _identity(request)
        record = stored.get(identity)
        if record is None:
            record = stored[identity] = _new_record(request, now)
            created.append(record)
            events.append(_event(record, "created"))
        elif decide(record, request, now):
            record.revision += 1
            record.updated_date = max(record.updated_date, now)
            events.append(_event(record, "updated"))
        answers.append(record)
    session.add_all(created)
    session.add_all(events)
    return answers


def _address(request: Consent) -> str:
    details = request.details
    return details.email if isinstance(details, EmailDetails) else details.phone


def _identity(request: Consent) -> tuple[str, str]:
    return request.details.type, _address(request).lower()


def _new_record(request: Consent, now: datetime) -> Record:
    channel, key = _identity(request)
    record = Record(
        id=uuid4(),
        channel=channel,
        key=key,
        address=_address(request),
        revision=1,
        state=request.state,
        created_date=now,
        updated_date=now,
        confirmed_date=None,
        revoked_date=None,
    )
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    if confirmation is not None:
        _fill_confirmation(record, confirmation, confirmation.updated_date or now)
    if revocation is not None:
        _fill_revocation(record, revocation, min(revocation.updated_date or now, now))
    return record


def _event(record: Record, kind: str) -> Event:
    return Event(
        id=uuid4(),
        consent_id=record.id,
        sequence=record.revision,
        kind=kind,
        occurred_at=record.updated_date,
        published=False,
        document=record.document(),
    )


def decide(record: Record, request: Consent, now: datetime) -> bool:
    """Apply a request to the record of the same person; whether anything has changed."""
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    if request.state is ConsentState.REVOKED and revocation is not None:
        return _revoke(record, revocation, min(revocation.updated_date or now, now))
    if confirmation is None:
        raise NotImplementedError(request.state)
    return _grant(record, request.state, confirmation, confirmation.updated_date or now)


def _grant(
    record: Record, requested: ConsentState, confirmation: Confirmation, dated: datetime
) -> bool:
    is_newer = record.confirmed_date is None or dated > record.confirmed_date
    if record.revoked_date is not None and dated <= record.revoked_date:
        # The later opt-out stands. A confirmation is true all the same, and fills an older slot.
        is_question = ConsentState.PENDING in {record.state, requested}
        if is_question or not is_newer:
            return False
        _fill_confirmation(record, confirmation, dated)
        return True
    if requested is ConsentState.PENDING and record.state is ConsentState.CONFIRMED:
        return False
    if requested is record.state and not is_newer:
        return False
    record.state = requested
    _fill_confirmation(record, confirmation, dated)
    return True


def _revoke(record: Record, revocation: Revocation, dated: datetime) -> bool:
    was_revoked = record.state is ConsentState.REVOKED
    # An opt-out of the same moment as the confirmation counts.
    takes_back = record.confirmed_date is None or dated >= record.confirmed_date
    is_newer = record.revoked_date is None or dated > record.revoked_date
    if takes_back:
        record.state = ConsentState.REVOKED
    if is_newer:
        _fill_revocation(record, revocation, dated)
    return is_newer or (takes_back and not was_revoked)


def _fill_confirmation(record: Record, confirmation: Confirmation, dated: datetime) -> None:
    record.confirmed_date = dated
    record.confirmation_source = confirmation.source
    record.confirmation_description = confirmation.description
    unknown = confirmation.opt_in_level is OptInLevel.UNKNOWN_OPT_IN_LEVEL
    is_question = record.state is ConsentState.PENDING
    record.opt_in_level = (
        OptInLevel.DOUBLE_CONFIRMATION if is_question and unknown else confirmation.opt_in_level
    )


def _fill_revocation(record: Record, revocation: Revocation, dated: datetime) -> None:
    record.revoked_date = dated
    record.revocation_source = revocation.source
    record.revocation_description = revocation.description
