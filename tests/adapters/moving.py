"""Stores that were used, and how everything in them is moved."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Engine, create_engine, select

from consent_core import ConsentService, MemoryRepository, Policy, TopicDefault
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from consent_core.moving import export_whole, restore
from tests.adapters.requests import applied, confirm, person, revoke

SECRET: Final = "a secret of thirty-two characters"  # noqa: S105  # of these tests only

HEADER: Final = '{"format": "consent_core", "version": 1, "site": ""}'
TOMBSTONE: Final = json.dumps({"digest": "0" * 64, "keyNumber": "1" * 8, "tombstone": {}})
END_OF_TOMBSTONE: Final = '{"end": {"consents": 0, "events": 0, "tombstones": 1}}'


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database with the schema."""
    engine = create_engine(url)
    create_schema(engine)
    yield engine
    engine.dispose()


def new(engine: Engine, site: str | None = None) -> SqlAlchemyRepository:
    """An empty store; in PostgreSQL, of a site of its own."""
    return SqlAlchemyRepository(engine, site=uuid4().hex if site is None else site)


def live(repository: Any, people: int = 6) -> None:
    """Let a store be used: people come, go, choose, come back and are erased; a relay passes on
    some of it.
    """
    consents = ConsentService(
        repository,
        policy=Policy(topics={"offers": TopicDefault.OPT_OUT}),
        tombstone_keys=[SECRET],
    )
    wanted = [person(number) for number in range(people)]
    asked = [confirm(who, 1, {"@app": {"n": 1}}) for who in wanted]
    first = [*applied(consents.bulk_upsert(asked))]
    list(consents.bulk_upsert(revoke(who, 2) for who in wanted[::2]))
    for who in wanted[1::2]:
        consents.choose_topics(who, {"offers": "OUT"})
    if hasattr(repository, "mark_published"):
        repository.mark_published([each.id for each in repository.unpublished(people)])
    for outcome in first[::3]:
        consents.delete(outcome.consent.id)
    consents.upsert(confirm(wanted[-1], 4))


def rows(repository: SqlAlchemyRepository, engine: Engine) -> dict[str, list[Any]]:
    """Every row of a site, without the site."""
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [each for each in table.c if each.name != "site"]
            sql = select(*columns).where(table.c.site == repository.site)
            found[table.name] = sorted(map(tuple, connection.execute(sql)), key=str)
    return found


def of_site(lines: list[str], site: str) -> list[str]:
    """Lines as if they came from another site."""
    return [json.dumps(json.loads(lines[0]) | {"site": site}), *lines[1:]]


def moved(source: Any, target: Any) -> list[str]:
    """The lines that were moved from one store to another of any site."""
    lines = [*export_whole(source)]
    restore(target, of_site(lines, target.site))
    return lines


@cache
def lived() -> list[str]:
    """The lines of a store."""
    repository = MemoryRepository()
    live(repository)
    return [*export_whole(repository)]
