"""What PostgreSQL does while a first import runs, and it knows nothing of the tables."""

from sqlalchemy import create_engine, text

from consent_core import ConsentService, Query
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
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
