"""What is sent to MySQL and MariaDB and what their drivers say, without a server of either."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import sqlalchemy as sa
from asyncmy.errors import MySQLError as AsyncMyError
from pymysql.err import MySQLError as PyMySqlError
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateTable

from consent_core import Channel, ExtendedField, Filter, InvalidConsent, Operator, Policy, Query
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    audience_select,
    create_schema,
    metadata,
    transactions,
)
from consent_core.adapters.sqlalchemy.conditions import Values, where
from consent_core.adapters.sqlalchemy.errors import is_lost_race
from consent_core.adapters.sqlalchemy.transactions import EndedWith, leave_snapshot, newest
from consent_core.testing.arrange import NOON, consent, creation
from tests.adapters.requests import ADA, BOB
from tests.adapters.stores import sqlite_url

BYTES_OF_A_KEY: Final = 3_072
"""What InnoDB takes."""

BYTES: Final = {"utf8mb4": 4, "ascii": 1, "DATETIME": 8, "BIGINT": 8, "SMALLINT": 2, "BOOL": 1}


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_every_key_is_short_enough(name: str) -> None:
    """However many bytes its characters take."""
    dialect = make_url(f"{name}://").get_dialect()()
    for table in metadata.sorted_tables:
        for key in (*table.constraints, *table.indexes):
            length = 0
            for column in getattr(key, "columns", ()):
                kind = column.type.compile(dialect=dialect)
                each = next(size for word, size in BYTES.items() if word in kind)
                length += each * (int(kind.split("(")[1].split(")")[0]) if "SET" in kind else 1)
            assert length <= BYTES_OF_A_KEY, (table.name, key)


@pytest.mark.parametrize(
    ("url", "server_is_mariadb", "collation"),
    [
        ("mysql://", False, "utf8mb4_0900_bin"),
        ("mysql://", True, "utf8mb4_nopad_bin"),
        ("mariadb://", True, "utf8mb4_nopad_bin"),
    ],
)
def test_the_collation_is_that_of_the_server(
    url: str, server_is_mariadb: bool, collation: str
) -> None:
    """A URL of ``mysql`` often leads to MariaDB, which SQLAlchemy sees when it connects."""
    dialect: Any = make_url(url).get_dialect()()
    dialect.is_mariadb = server_is_mariadb
    for table in metadata.sorted_tables:
        ddl = str(CreateTable(table).compile(dialect=dialect))
        assert f"site VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL" in ddl


DIALECTS: Final[dict[str, Any]] = {
    name: make_url(f"{name}://").get_dialect()() for name in ("mysql", "mariadb")
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(
    ("column", "value", "sent"),
    [
        ("id", UUID(int=7), f"{7:032x}"),
        (
            "created_date",
            datetime(999, 5, 1, 3, microsecond=1, tzinfo=UTC),
            # what both databases store as it is written
            datetime(999, 5, 1, 3, microsecond=1),  # noqa: DTZ001
        ),
        ("created_date", datetime.fromisoformat("2026-05-01T03:00+02:00"), datetime(2026, 5, 1, 1)),  # noqa: DTZ001
        ("revoked_date", None, None),
    ],
)
def test_values_are_sent_and_read(name: str, column: str, value: Any, sent: Any) -> None:
    """Ids as digits, and moments in UTC without a zone."""
    dialect = DIALECTS[name]
    kind = metadata.tables["consent_records"].c[column].type.dialect_impl(dialect)
    send: Any = kind.bind_processor(dialect)
    read: Any = kind.result_processor(dialect, None)
    assert send(value) == sent
    assert read(sent) == value


def test_an_absent_id_stays_absent() -> None:
    """As with every type."""
    kind = metadata.tables["consent_records"].c.id.type.dialect_impl(DIALECTS["mysql"])
    send: Any = kind.bind_processor(DIALECTS["mysql"])
    read: Any = kind.result_processor(DIALECTS["mysql"], None)
    assert (send(None), read(None)) == (None, None)


@pytest.mark.parametrize("name", DIALECTS)
def test_extended_fields_are_compared_with_regard_to_case(name: str) -> None:
    """As JSON text, whose collation is named because that of the session is not binary."""
    asked = Query(where=[Filter(ExtendedField("crm", "name"), Operator.EQ, "Ada")])
    (condition,) = where(asked, Values())
    sql = str(condition.compile(dialect=DIALECTS[name]))
    path = """'$.extendedFields.namespaces."crm"."name"'"""
    assert f"JSON_EXTRACT(consent_records.document, {path})" in sql
    assert "COLLATE utf8mb4_bin" in sql


@pytest.mark.parametrize("name", DIALECTS)
def test_the_address_is_read_from_the_document(name: str) -> None:
    """By functions that both databases know."""
    found = audience_select(Channel.EMAIL, now=NOON, policy=Policy())
    sql = str(found.compile(dialect=DIALECTS[name]))
    path = "CONCAT('$.details.', 'email')"
    assert f"JSON_UNQUOTE(JSON_EXTRACT(consent_records.document, {path})) AS address" in sql


def test_locks_are_taken_only_after_a_lost_race(tmp_path: Path) -> None:
    """And only in the transaction that has lost it, on the databases that need them."""
    statement = sa.select(metadata.tables["consent_records"].c.document)
    for name, locks in (("mysql", True), ("mariadb", True), ("sqlite", False)):
        engine = create_engine(sqlite_url(tmp_path))
        engine.dialect.name = name
        with engine.connect() as connection:
            leave_snapshot(connection)
            assert newest(connection, statement) is statement, "nothing was read yet"
            connection.execute(text("SELECT 1"))
            assert newest(connection, statement) is statement, "nothing was lost yet"
            leave_snapshot(connection)
            sql = str(newest(connection, statement).compile(dialect=DIALECTS["mysql"]))
            assert sql.endswith("FOR UPDATE") is locks
            connection.rollback()
            connection.execute(text("SELECT 1"))
            assert newest(connection, statement) is statement, "the next transaction"
        engine.dispose()


NUMBERS: Final = [(number, number in (1020, 1213, 1305)) for number in (1020, 1205, 1213, 1305)]


@pytest.mark.parametrize("kind", [PyMySqlError, AsyncMyError])
@pytest.mark.parametrize(("number", "ended"), NUMBERS)
def test_what_is_left_of_a_transaction(
    tmp_path: Path, kind: type[Exception], number: int, ended: bool
) -> None:
    """By the number of the error, as each driver gives it, on any connection."""
    engine = create_engine(sqlite_url(tmp_path))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        error = DBAPIError("", {}, kind(number, "no"))
        assert is_lost_race(error) is (number != 1305)
        with suppress(DBAPIError), EndedWith(connection):
            raise error
        assert connection.invalidated is ended
        assert is_lost_race(error) is (number == 1205)
    engine.dispose()


@pytest.mark.parametrize("kind", [PyMySqlError, AsyncMyError])
@pytest.mark.parametrize(
    ("message", "lost"),
    [
        ("Duplicate entry 'acme-EMAIL-o'neil@example.org-7' for key 'PRIMARY'", True),
        ("Duplicate entry 'a' for key 'consent_records.PRIMARY'", True),
        ("Doppelter Eintrag 'a' für Schlüssel 'uq_consent_events_sequence'", True),
        ("Duplicate entry 'a' for key 'PRIMARY' for key 'one_each'", False),
    ],
)
def test_a_duplicate_is_told_by_its_key(kind: type[Exception], message: str, lost: bool) -> None:
    """In every language and version, and never by what the message quotes of the row."""
    assert is_lost_race(IntegrityError("", {}, kind(1062, message))) is lost


def test_a_database_that_says_that_it_is_lenient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is refused, whichever it is."""
    engine = create_engine(sqlite_url(tmp_path))
    create_schema(engine)
    repository = SqlAlchemyRepository(engine)
    monkeypatch.setattr(transactions, "_IS_STRICT", {"sqlite": "SELECT 0"})
    with pytest.raises(InvalidConsent, match="STRICT_TRANS_TABLES"):
        repository.commit([creation(consent(ADA))])
    monkeypatch.setattr(transactions, "_IS_STRICT", {"sqlite": "SELECT 1"})
    repository.commit([creation(consent(ADA))])
    repository.commit([creation(consent(BOB))])
    engine.dispose()
