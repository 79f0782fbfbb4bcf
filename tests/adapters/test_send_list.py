"""A send list is filled inside the database, and nobody is on it twice for one mailing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from consent_core import Channel, ConsentService, Policy
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_select,
    create_schema,
)
from consent_core.testing.arrange import NOON, email
from tests.adapters.stores import KINDS, new_database

SENT: Final = sa.Table(
    "sent",
    sa.MetaData(),
    sa.Column("mailing", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(320), primary_key=True),
    sa.Column("address", sa.String(320), nullable=False),
)
PEOPLE: Final = [email(name) for name in ("ada", "Bob", "cyd")]


@pytest.fixture(params=KINDS[::2])
def engine(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[sa.Engine]:
    """A database of each kind, with three people and a table of the application."""
    with new_database(request, request.param, tmp_path) as url:
        engine = sa.create_engine(url)
        create_schema(engine)
        SENT.create(engine)
        yield engine
        engine.dispose()


def once(engine: sa.Engine, mailing: str) -> sa.Insert:
    """The statement of the page, which the dialects spell in two ways."""
    found = audience_select(
        Channel.EMAIL, now=NOON + timedelta(days=1), policy=Policy(), site="acme"
    )
    who = found.selected_columns
    rows = found.with_only_columns(sa.literal(mailing), who.key, who.address)
    columns = ["mailing", "key", "address"]
    match engine.dialect.name:
        case "sqlite":
            return sqlite.insert(SENT).from_select(columns, rows).on_conflict_do_nothing()
        case "postgresql":
            return postgresql.insert(SENT).from_select(columns, rows).on_conflict_do_nothing()
        case _:
            insert = mysql.insert(SENT).from_select(columns, rows)
            return insert.on_duplicate_key_update(mailing=SENT.c.mailing)


def test_whoever_is_on_it_is_not_put_there_again(engine: sa.Engine) -> None:
    """However often the job runs; and those who left in between are not added."""
    consents = ConsentService(SqlAlchemyRepository(engine, site="acme"), clock=lambda: NOON)
    for who in PEOPLE[:2]:
        consents.opt_in(who)
    with engine.begin() as connection:
        connection.execute(once(engine, "spring"))
        connection.execute(once(engine, "spring"))
        assert sorted(connection.scalars(sa.select(SENT.c.address))) == sorted(
            who.address for who in PEOPLE[:2]
        )
    consents.opt_in(PEOPLE[2])
    consents.opt_out(PEOPLE[0])
    with engine.begin() as connection:
        connection.execute(once(engine, "spring"))
        connection.execute(once(engine, "summer"))
        rows = connection.execute(sa.select(SENT.c.mailing, SENT.c.key))
        assert sorted(map(tuple, rows)) == [
            *(("spring", who.key) for who in PEOPLE),
            *(("summer", who.key) for who in PEOPLE[1:]),
        ]
