"""Everything that a store holds moves to another store as it is, or not at all."""

import gc
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select, text

from consent_core import (
    ConsentDeleted,
    ConsentEvent,
    ConsentService,
    InvalidConsent,
    MarketingConsent,
    MemoryRepository,
    Policy,
    TombstoneKeys,
    TopicDefault,
    Unavailable,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema, metadata
from consent_core.moving import Moved, StoredConsent, export_whole, restore
from consent_core.testing.arrange import consent, creation, erasure_of, revision_of
from consent_core.testing.strategies import MOMENT, records, upsert_sequences
from tests.adapters.databases import sqlite_engine
from tests.adapters.requests import ADA, BOB, applied, confirm, person, revoke

SECRET: Final = "a secret of thirty-two characters"  # noqa: S105  # of these tests only
SITE: Final = "acme"


@pytest.fixture(scope="module")
def postgres(database: str) -> Iterator[Engine]:
    """A PostgreSQL with the schema."""
    engine = create_engine(database)
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file with the schema."""
    engine = sqlite_engine(tmp_path)
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each database."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


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


def test_there_and_back_again_is_equal(sqlite: Engine, postgres: Engine, tmp_path: Path) -> None:
    """From SQLite to PostgreSQL and back: the same rows, flags of the outbox included, and the
    same lines.
    """
    here, there = new(sqlite, SITE), new(postgres, SITE)
    live(here)
    lines = [*export_whole(here)]
    told = restore(there, lines)
    back_engine = create_engine(f"sqlite:///{tmp_path / 'back.db'}")
    create_schema(back_engine)
    back = new(back_engine, SITE)
    restore(back, export_whole(there))
    assert lines == [*export_whole(there)] == [*export_whole(back)]
    before = rows(here, sqlite)
    assert before == rows(there, postgres) == rows(back, back_engine)
    assert told == Moved(
        *(len(before[f"consent_{n}"]) for n in ("records", "events", "tombstones"))
    )
    assert min(told) >= 2
    assert there.unpublished(99) == here.unpublished(99)
    keys = TombstoneKeys([SECRET], site=SITE)
    assert there.find(keys.digests_of(person(0)))
    back_engine.dispose()


def test_a_moved_store_decides_as_the_old_one(sqlite: Engine, postgres: Engine) -> None:
    """Who was erased stays erased, who left is brought back by no old evidence, and the next change
    has the next revision.
    """
    here, there = new(sqlite, "two"), new(postgres, "two")
    live(here)
    moved(here, there)
    for repository in (here, there):
        consents = ConsentService(repository, tombstone_keys=[SECRET])
        told = [
            (outcome.result, outcome.kept, outcome.record and outcome.record.revision)
            for outcome in applied(consents.bulk_upsert(confirm(person(n), 1.5) for n in range(7)))
        ]
        if repository is here:
            expected = told
    assert told == expected
    assert len({result for result, _, _ in told}) == 3


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_stored_is_moved(sqlite: Engine, data: st.DataObject) -> None:
    """Random histories, by way of the memory store."""
    memory = MemoryRepository()
    consents = ConsentService(memory, clock=lambda: MOMENT, tombstone_keys=[SECRET])
    for upsert in data.draw(upsert_sequences()):
        outcome = consents.upsert(upsert)
        if outcome.record is not None and data.draw(st.integers(0, 5)) == 0:
            consents.delete(outcome.record.id)
    for record in data.draw(st.lists(records(), max_size=3)):
        try:
            memory.commit([creation(record)] if record.revision == 1 else [])
        except Exception:  # noqa: BLE001, S112  # the identifier or the id is there already
            continue
    target, back = new(sqlite), MemoryRepository()
    lines = moved(memory, target)
    moved(target, back)
    assert [*back.everything()] == [*memory.everything()]
    assert [*export_whole(back)] == lines


def test_more_than_one_page(engine: Engine) -> None:
    """Pages and batches lose nothing at their borders, in histories longer than a page, too."""
    source, target = new(engine), new(engine)
    source.commit([creation(consent(person(number))) for number in range(1_100)])
    long = consent(ADA)
    source.commit([creation(long)])
    source.commit([revision_of(long, 1_050)])
    moved(source, target)
    assert rows(target, engine) == rows(source, engine)


def test_ids_of_other_makers_and_cut_histories(engine: Engine) -> None:
    """Erased people whose ids carry no shard, and records whose older events were dropped."""
    source, target = new(engine), new(engine)
    gone = consent(BOB, id=uuid4())
    for each in (consent(ADA), gone):
        source.commit([creation(each)])
    source.commit([revision_of(consent(ADA), 3)])
    source.commit([erasure_of(gone)])
    with engine.begin() as connection:
        drop = "DELETE FROM consent_events WHERE sequence < 3 AND kind <> 'deleted' AND site = :s"
        connection.execute(text(drop), {"s": source.site})
    moved(source, target)
    for who in (consent(ADA), gone):
        assert target.history(who.id) == source.history(who.id) != ()
    assert target.find([ADA]) == source.find([ADA])
    forgetful = MemoryRepository(keep_history=False)
    moved(target, forgetful)
    moved(forgetful, again := new(engine))
    assert again.find([ADA]) == source.find([ADA])
    assert again.history(consent(ADA).id) == ()


HEADER: Final = '{"format": "consent_core", "version": 1, "site": ""}'
TOMBSTONE: Final = json.dumps({"digest": "0" * 64, "keyNumber": "1" * 8, "tombstone": {}})
END_OF_TOMBSTONE: Final = '{"end": {"consents": 0, "events": 0, "tombstones": 1}}'


def occupied_by_a_record(repository: Any) -> None:
    """Somebody is there."""
    repository.commit([creation(consent(person(9)))])


def occupied_by_an_erasure(repository: Any) -> None:
    """Somebody was there."""
    occupied_by_a_record(repository)
    repository.commit([erasure_of(consent(person(9)))])


def occupied_by_a_tombstone(repository: Any) -> None:
    """Somebody was there, and left."""
    restore(repository, of_site([HEADER, TOMBSTONE, END_OF_TOMBSTONE], repository.site))


@pytest.mark.parametrize(
    "occupy", [occupied_by_a_record, occupied_by_an_erasure, occupied_by_a_tombstone]
)
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
def test_a_store_that_is_not_empty_is_refused(
    request: pytest.FixtureRequest, kind: str, occupy: Callable[[Any], None]
) -> None:
    """Before anything is written or any consent is read."""
    source = MemoryRepository()
    live(source)
    target: Any = MemoryRepository() if kind == "memory" else new(request.getfixturevalue(kind))
    occupy(target)
    before = [*target.everything()]
    lines = iter(of_site([*export_whole(source)], target.site))
    with pytest.raises(InvalidConsent, match="store: must be empty"):
        restore(target, lines)
    assert [*target.everything()] == before
    assert len([*lines]) > len(before)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
def test_what_comes_twice_is_refused(request: pytest.FixtureRequest, kind: str) -> None:
    """One identifier, one history or one digest twice: nothing is stored."""
    twin = consent(ADA, id=UUID(int=5))
    tombstone = MemoryRepository()
    restore(tombstone, [HEADER, TOMBSTONE, END_OF_TOMBSTONE])
    (buried,) = tombstone.everything()
    ada = StoredConsent(consent(ADA), creation(consent(ADA)).events)
    erased = StoredConsent(None, erasure_of(consent(ADA)).events)
    for second in (
        StoredConsent(twin, creation(twin).events),
        erased,
        buried,
    ):
        target: Any = MemoryRepository() if kind == "memory" else new(request.getfixturevalue(kind))
        twice = [buried, buried] if second is buried else [ada, second]
        if second is erased:
            twice = [erased, erased]
        with pytest.raises(InvalidConsent, match="store: has one of") as refused:
            target.fill(iter(twice))
        assert refused.value.__context__ is None
        assert [*target.everything()] == []
        target.fill(twice[:1])
        assert len([*target.everything()]) == 1


def test_another_writer_meanwhile_is_noticed(postgres: Engine) -> None:
    """Whoever stores a person while the store is filled makes the whole attempt fail, not part."""
    source, target = MemoryRepository(), new(postgres)
    source.commit([creation(consent(ADA)), creation(consent(BOB))])

    def lines() -> Iterator[str]:
        for line in of_site([*export_whole(source)], target.site):
            yield line
            if "events" in line and not target.find([BOB]):
                target.commit([creation(consent(BOB))])

    with pytest.raises(InvalidConsent, match="another process writes"):
        restore(target, lines())
    assert set(target.find([ADA, BOB])) == {BOB}


def test_the_drivers_error_is_the_cause_on_request(sqlite: Engine) -> None:
    """As in ``commit``."""
    target = SqlAlchemyRepository(sqlite, chain_driver_errors=True)
    erased = StoredConsent(None, erasure_of(consent(ADA)).events)
    with pytest.raises(InvalidConsent) as refused:
        target.fill([erased, erased])
    assert "UNIQUE" in str(refused.value.__cause__)


def test_the_export_is_of_one_moment(postgres: Engine) -> None:
    """What others store while lines are read is not in them."""
    source = new(postgres)
    live(source)
    expected = [*export_whole(source)]
    lines = export_whole(source)
    read = [next(lines), next(lines)]
    later = [confirm(person(number), 9) for number in range(12)]
    list(ConsentService(source).bulk_upsert(later))
    assert [*read, *lines] == expected


def test_within_a_transaction_of_the_caller(sqlite: Engine) -> None:
    """A connection of the caller: what it sees is exported, and what is filled is rolled back with
    it.
    """
    with sqlite.connect() as connection:
        repository = SqlAlchemyRepository(connection)
        source = MemoryRepository()
        live(source)
        restore(repository, export_whole(source))
        exported = [*repository.everything()]
        assert [each[:2] for each in exported] == [each[:2] for each in source.everything()]
        connection.rollback()
    assert [*new(sqlite, "").everything()] == []


def test_a_store_that_fails_is_unavailable(tmp_path: Path) -> None:
    """Without tables, both ways."""
    engine = sqlite_engine(tmp_path)
    with pytest.raises(Unavailable):
        next(iter(new(engine).everything()))
    with pytest.raises(Unavailable):
        new(engine).fill([])
    engine.dispose()


@cache
def lived() -> list[str]:
    """The lines of a store."""
    repository = MemoryRepository()
    live(repository)
    return [*export_whole(repository)]


@given(st.data())
def test_a_broken_file_names_its_line(data: st.DataObject) -> None:
    """Cut off, a line lost, doubled or damaged anywhere: nothing is stored, and the error begins
    with the line.
    """
    lines = lived()
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["cut", "lost", "damaged", "bytes", "field", "type"]))
    damaged = lines[at].encode()
    if how == "cut":
        broken = [each.encode() for each in lines[:at]]
    else:
        if how == "damaged":
            position = data.draw(st.integers(0, len(damaged) - 2))
            damaged = damaged[:position] + b"\xff" + damaged[position + 1 :]
        elif how == "bytes":
            damaged = damaged[: data.draw(st.integers(1, len(damaged) - 2))] + b"\n"
        elif how == "field":
            value = json.loads(damaged)
            del value[data.draw(st.sampled_from(sorted(value)))]
            damaged = json.dumps(value).encode()
        elif how == "type":
            damaged = data.draw(
                st.sampled_from([b"null", b"[]", b"7", b'"x"', b"{}", b"[" * 9_999])
            )
        broken = [*(each.encode() for each in lines[:at]), damaged]
        broken += [each.encode() for each in lines[at + 1 :]]
        if how == "lost":
            del broken[at]
    target = MemoryRepository()
    with pytest.raises(InvalidConsent) as refused:
        restore(target, broken)
    assert all(each.path.startswith("line ") for each in refused.value.violations)
    assert [*target.everything()] == []


def is_revoked(line: dict[str, Any]) -> bool:
    """Whether a line has a record that is REVOKED."""
    return bool(line.get("marketingConsent", {}).get("state") == "REVOKED")


def consent_line() -> dict[str, Any]:
    """A line with a record and two events."""
    found = next(value for value in map(json.loads, lived()) if is_revoked(value))
    assert isinstance(found, dict)
    return found


def without(value: dict[str, Any], name: str) -> dict[str, Any]:
    """An object without a field."""
    return {key: each for key, each in value.items() if key != name}


def an_erasure(**changed: object) -> dict[str, Any]:
    """A line of an erased person."""
    erased = ConsentDeleted(UUID(int=1), 3, MOMENT)
    told = {
        "slug": "deleted",
        "published": True,
        "entityId": str(erased.consent_id),
        "entityEventSequence": "3",
        "eventTime": "2024-01-01T00:00:00Z",
    }
    return {"events": [told | changed]}


Change = Callable[[dict[str, Any]], object]

BROKEN: Final[dict[str, tuple[Change, str]]] = {
    "state": (
        lambda line: line | {"marketingConsent": line["marketingConsent"] | {"state": "MAYBE"}},
        "line 2.marketingConsent.state: is not a known word",
    ),
    "evidence": (
        lambda line: (
            line | {"marketingConsent": without(line["marketingConsent"], "lastRevokeActivity")}
        ),
        "line 2.marketingConsent.lastRevokeActivity: is required",
    ),
    "events": (lambda line: without(line, "events"), "line 2.events: is required: an array"),
    "no record": (
        lambda line: without(line, "marketingConsent"),
        r"line 2.events\[1\].marketingConsent: is required",
    ),
    "slug": (
        lambda line: line | {"events": [without(line["events"][0], "slug")]},
        r"line 2.events\[0\].slug: is required",
    ),
    "published": (
        lambda line: line | {"events": [line["events"][0] | {"published": "yes"}]},
        r"line 2.events\[0\].published: must be true or false",
    ),
    "order": (lambda line: line | {"events": line["events"][::-1]}, "line 2.events: must be of"),
    "another record": (
        lambda line: line | {"events": line["events"][:1]},
        "line 2.events: must be of one consent",
    ),
    "two people": (
        lambda line: line | {"events": [*an_erasure()["events"], *line["events"]]},
        "line 2.events: must be of one consent",
    ),
    "no object": (
        lambda line: line | {"marketingConsent": 7},
        "line 2.marketingConsent.* must be an object",
    ),
    "record of an event": (
        lambda line: line | {"events": [line["events"][0] | {"marketingConsent": {}}]},
        r"line 2.events\[0\].marketingConsent.id: is required",
    ),
    "nothing": (lambda _: {"events": []}, "line 2.events: must be of one consent"),
    "erased id": (
        lambda _: an_erasure(entityId=None),
        r"line 2.events\[0\].entityId: is required",
    ),
    "erased when": (
        lambda _: an_erasure(eventTime="2024-01-01T00:00:00"),
        r"line 2.events\[0\].eventTime: must end with Z",
    ),
    "digest": (
        lambda _: json.loads(TOMBSTONE) | {"digest": "0"},
        r"line 2.digest: must be of the form \[0-9a-f\]\{64\}",
    ),
    "key": (
        lambda _: without(json.loads(TOMBSTONE), "keyNumber"),
        "line 2.keyNumber: must be of the form",
    ),
    "no tombstone": (
        lambda _: json.loads(TOMBSTONE) | {"tombstone": None},
        "line 2.tombstone: is required",
    ),
    "unknown": (lambda line: line | {"more": 1}, "line 2.more: is not a known field"),
    "number": (lambda _: float("nan"), "line 2: must be a JSON object in UTF-8"),
}


@pytest.mark.parametrize(("change", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_with_a_line(change: Change, told: str) -> None:
    """The field, and what to do."""
    line = json.dumps(change(consent_line()))
    target = MemoryRepository()
    with pytest.raises(InvalidConsent, match=f"^{told}"):
        restore(target, [HEADER, line, END_OF_TOMBSTONE])
    assert [*target.everything()] == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "line 1: must be the first line of an export of format consent_core, version 1"),
        (['{"format": "consent_core", "version": 2, "site": ""}'], "line 1: must be the first"),
        (['{"format": "consent_core", "version": 1, "site": "b"}'], "line 1.site: is not the site"),
        ([HEADER], "line 1: is the last one: the file was cut off"),
        ([HEADER, END_OF_TOMBSTONE], "line 2.end: must tell what the lines before have"),
        ([HEADER, *([TOMBSTONE] * 2)], "line 3: must come behind the line before"),
        ([HEADER, *([json.dumps(an_erasure())] * 2)], "line 3: must come behind the line before"),
        ([HEADER, TOMBSTONE, END_OF_TOMBSTONE, TOMBSTONE], "line 4: must not follow the end"),
    ],
)
def test_what_is_wrong_with_a_file(lines: list[str], told: str) -> None:
    """No export, another version, another site, cut off, another number of lines, two files."""
    target = MemoryRepository()
    with pytest.raises(InvalidConsent, match=f"^{told}"):
        restore(target, lines)
    assert [*target.everything()] == []


def test_a_store_that_offers_less_is_refused() -> None:
    """An adapter of the five methods alone says so at once."""
    other: Any = object()
    for call in (export_whole, lambda each: restore(each, [])):
        with pytest.raises(InvalidConsent, match="repository: must be MemoryRepository or Sql"):
            call(other)


def test_memory_stays_flat(sqlite: Engine) -> None:
    """However many there are, a few pages of records are in memory, at both ends together."""
    people = 3_000
    source = new(sqlite)
    for start in range(0, people, 500):
        source.commit([creation(consent(person(start + n))) for n in range(500)])
    held: list[int] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(export_whole(source)):
            yield line if number else HEADER.replace('""', '"target"')
            if number % 600 == 599:
                held.append(sum(type(each) is MarketingConsent for each in gc.get_objects()))

    gc.collect()
    before = sum(type(each) is MarketingConsent for each in gc.get_objects())
    other = create_engine("sqlite://")
    create_schema(other)
    assert restore(new(other, "target"), lines()) == Moved(people, people)
    assert len(held) == 5
    assert max(held) - before <= 1_500
    other.dispose()


def ids(events: list[ConsentEvent]) -> set[UUID]:
    """What marks events."""
    return {each.id for each in events}


def test_the_outbox_moves_only_between_stores_that_have_one(sqlite: Engine) -> None:
    """From memory, everything waits for the relay; into memory, nothing does."""
    source, target = new(sqlite), new(sqlite)
    source.commit([creation(consent(ADA)), creation(consent(BOB))])
    source.mark_published(ids([*source.unpublished(1)]))
    memory = MemoryRepository()
    moved(source, memory)
    moved(memory, target)
    assert len(source.unpublished()) == 1
    assert len(target.unpublished()) == 2
    assert timedelta(0) == target.unpublished()[0].occurred_at - source.unpublished()[0].occurred_at
