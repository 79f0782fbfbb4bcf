"""The page about storage describes the tables as they are, and its statements run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from consent_core import ConsentService, ConsentState, RevokeActivity, RevokeSource, Upsert
from consent_core.adapters.sqlalchemy import (
    SqlAlchemyRepository,
    create_schema,
    extended_field_index,
    metadata,
)
from tests.adapters.requests import ADA
from tests.adapters.stores import KINDS, database_of
from tests.docs.markdown import ROOT, blocks

PAGE: Final = ROOT / "docs" / "reference" / "storage.md"
DIALECTS: Final = [sa.make_url(f"{name}://").get_dialect()() for name in KINDS[::2]]
NAMES: Final = sorted(metadata.tables)


def rows(table: str, heading: str) -> Iterator[list[str]]:
    """The rows, below a first cell, of the section about a table."""
    _, _, rest = PAGE.read_text("utf-8").partition(f": `{table}`\n")
    section, _, _ = rest.partition("\n## ")
    _, _, listed = section.partition(f"| {heading} |")
    for line in listed.split("\n\n")[0].splitlines()[2:]:
        yield [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def _called(kind: str) -> str:
    """A type; that of MariaDB without its character set, which its collation names."""
    return re.sub(r"CHARACTER SET \w+ ", "", kind)


@pytest.mark.parametrize("table", NAMES)
def test_columns_are_as_described(table: str) -> None:
    """All of them in their order, with type and nullability, each with what it holds."""
    described = list(rows(table, "column"))
    assert [cells[:5] for cells in described] == [
        [
            column.name,
            *(_called(column.type.compile(dialect=dialect)) for dialect in DIALECTS),
            "yes" if column.nullable else "no",
        ]
        for column in metadata.tables[table].columns
    ]
    assert all(cells[5] for cells in described)


@pytest.mark.parametrize("table", NAMES)
def test_keys_and_indexes_are_as_described(table: str) -> None:
    """All of them, with their columns in order."""
    keys = [
        each
        for each in (*metadata.tables[table].constraints, *metadata.tables[table].indexes)
        if isinstance(each, sa.PrimaryKeyConstraint | sa.UniqueConstraint | sa.Index)
    ]
    assert {cells[0]: cells[1] for cells in rows(table, "key or index")} == {
        str(key.name): ", ".join(column.name for column in key.columns) for key in keys
    }


INDEX, *LOOKS = blocks(PAGE, "sql")


def test_an_index_for_a_rule_is_made_as_shown() -> None:
    """By the text that PostgreSQL is sent, however it is broken into lines."""
    made = sa.schema.CreateIndex(extended_field_index("crm", "plan"))
    shown, *_ = INDEX.split(";")
    sent = str(made.compile(dialect=DIALECTS[1]))
    assert "".join(shown.split()) == "".join(sent.split())


@pytest.mark.parametrize("kind", KINDS[::2])
def test_statements_run(tmp_path: Path, request: pytest.FixtureRequest, kind: str) -> None:
    """And find who left, by whatever form."""
    engine = sa.create_engine(database_of(request, kind, tmp_path))
    create_schema(engine)
    ConsentService(SqlAlchemyRepository(engine)).upsert(
        Upsert(
            details=ADA,
            state=ConsentState.REVOKED,
            last_revoke_activity=RevokeActivity(source=RevokeSource.FORM),
        )
    )
    statement = re.sub("2026-11-01", "2020-01-01", LOOKS[KINDS[::2].index(kind)])
    with engine.connect() as connection:
        ((key, _, source),) = connection.exec_driver_sql(statement).all()
    assert (key, source) == (ADA.key, RevokeSource.FORM)
    engine.dispose()
