"""An application's own tables, and people for them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from consent_core import Channel, ConsentService, MarketingConsent, Policy, eligibility
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.testing.arrange import creation, email, phone
from consent_core.testing.clauses.querying import people


class Base(DeclarativeBase):
    """The models of the application."""


class Customer(Base):
    """Who may have an address and a number."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email_key: Mapped[str | None] = mapped_column(sa.String(320), index=True)
    phone_key: Mapped[str | None] = mapped_column(sa.String(320), index=True)


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


class Recipient(Base):
    """A list of whom to send to."""

    __tablename__ = "recipients"
    customer_id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(320))


KEYS: Final[dict[Channel, Any]] = {
    Channel.EMAIL: Customer.email_key,
    Channel.PHONE: Customer.phone_key,
}
"""The column that is joined by, for each channel."""

_STRANGERS: Final = (email("stranger"), phone(9_999))


SITE: Final = "acme"
"""The site that has people of every kind."""

STORED: Final = people()
"""Those people."""


@contextmanager
def shop(url: str) -> Iterator[sa.Engine]:
    """A database with the tables of the library and of the application, and a customer for each.

    On a second site, ``other``, all of them may be contacted.
    """
    engine = sa.create_engine(url)
    create_schema(engine)
    Base.metadata.create_all(engine)
    SqlAlchemyRepository(engine, site=SITE).commit([creation(each) for each in STORED])
    others = ConsentService(SqlAlchemyRepository(engine, site="other"))
    for each in STORED:
        others.opt_in(each.details)
    with engine.begin() as connection:
        connection.execute(sa.insert(Customer), customers_of(STORED))
        order = sa.select(Customer.id, Customer.id)
        connection.execute(sa.insert(Order).from_select(["id", "customer_id"], order))
    yield engine
    engine.dispose()


def customers_of(records: Iterable[MarketingConsent]) -> list[dict[str, Any]]:
    """A customer for each record, some whom nobody knows, and one without address or number."""
    people = [*(each.details for each in records), *_STRANGERS]
    nobody: dict[str, Any] = {column.key: None for column in KEYS.values()}
    rows = [nobody | {KEYS[who.channel].key: who.key} for who in people]
    return [{"id": number, **row} for number, row in enumerate([*rows, nobody], 1)]


def granted(
    records: Iterable[MarketingConsent],
    channel: Channel,
    moment: datetime,
    policy: Policy,
    topic: str | None = None,
) -> set[str]:
    """The keys of those whom ``eligibility`` grants."""
    return {
        each.details.key
        for each in records
        if each.details.channel is channel
        and eligibility(each, now=moment, policy=policy, topic=topic)
    }
