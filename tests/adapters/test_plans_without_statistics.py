"""What PostgreSQL does while a first import runs, and it knows nothing of the tables."""

from sqlalchemy import Text, cast, create_engine, func, insert, select, text, true

from consent_core import ConsentService, Query
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from consent_core.testing.arrange import revision_of
from tests.adapters.databases import postgres_database
from tests.adapters.explaining import indexes_of, plans_of, scanned
from tests.adapters.requests import applied, confirm, person


def test_identifiers_before_there_are_statistics(server: str) -> None:
    """While a first import runs the server knows nothing of the table.

    A chunk reads no more than what it asks for, and then replaces each by a whole unique key.
    """
    with postgres_database(server) as url:
        engine = create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
        create_schema(engine)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE consent_records SET (autovacuum_enabled = false)"))
        consents = ConsentService(SqlAlchemyRepository(engine))
        assert (
            sum(1 for _ in applied(consents.bulk_upsert(confirm(person(n)) for n in range(3_000))))
            == 3_000
        )
        (plan,) = plans_of(
            engine, lambda: consents.repository.find([person(4_000 + n) for n in range(500)])
        )
        assert scanned(plan) == []
        assert indexes_of(plan) == {"pk_consent_records"}
        for _ in ("no statistics", "statistics"):
            found = consents.page(Query(page_size=500)).consents
            changes = [revision_of(each) for each in found]
            (plan,) = plans_of(engine, lambda some=changes: consents.repository.commit(some))  # type: ignore[misc]
            assert scanned(plan) == []
            (index,) = indexes_of(plan)
            assert index in ("pk_consent_records", "uq_consent_records_id")
            with engine.begin() as connection:
                connection.execute(text("ANALYZE consent_records"))
        engine.dispose()


def test_tombstones_before_there_are_statistics(server: str) -> None:
    """A new record claims its digest for a moment, by the key, among however many others."""
    with postgres_database(server) as url:
        engine = create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
        create_schema(engine)
        consents = ConsentService(SqlAlchemyRepository(engine), tombstone_keys=["s" * 32])
        consents.delete(consents.opt_in("ada@example.org").consent.id)
        table = metadata.tables["consent_tombstones"]
        number = func.generate_series(1, 5_000).table_valued("number").render_derived()
        other = func.lpad(cast(number.c.number, Text), 64, "0")
        copies = select(*(other if c is table.c.digest else c for c in table.c))
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
            connection.execute(
                insert(table).from_select(table.c.keys(), copies.join_from(table, number, true()))
            )
        requests = [confirm(person(n)) for n in range(500)]
        plans = plans_of(engine, lambda: [*applied(consents.bulk_upsert(requests))])
        look_up, create, let_go = (plan for plan in plans if table.name in str(plan))
        assert [scanned(plan) for plan in (look_up, create, let_go)] == [[], [], []]
        assert indexes_of(look_up) == indexes_of(let_go) == {"pk_consent_tombstones"}
        engine.dispose()
