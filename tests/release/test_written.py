"""What earlier versions wrote is read by this one, and means what it meant."""

import json
import pickle
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine

import consent_core as cc
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from consent_core.wire import read_eligibility, read_event, read_record
from tests.release.surface import demands, promises
from tests.release.values import (
    CONFIRMED,
    ELIGIBILITIES,
    HISTORIES,
    NEVER,
    PENDING,
    PICKLED,
    RECORDS,
    REVOKED,
    STORED,
)
from tests.release.write import (
    DATABASE,
    EVENTS,
    LINKS,
    ON_THE_WIRE,
    SITE,
    VERSION,
    WRITTEN,
    page,
    texts,
    write,
)

FOLDERS = sorted(WRITTEN.iterdir())
PICKLES = sorted(WRITTEN.glob("*/*.pickle"))

per_version = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def parts(value: Any) -> Any:
    """A value with its types, down to the last field.

    Equality of identifiers, for one, looks at their keys only.
    """
    if attrs.has(type(value)):
        return type(value), {
            field.name: parts(getattr(value, field.name)) for field in attrs.fields(type(value))
        }
    if isinstance(value, Exception):
        return (
            type(value),
            parts(value.args),
            {name: parts(each) for name, each in vars(value).items()},
        )
    if isinstance(value, tuple):
        return type(value), [parts(each) for each in value]
    return type(value), value


def contains(now: Any, then: Any) -> bool:
    """Whether JSON of now says all that JSON of then said; objects may have gained fields."""
    if isinstance(now, Mapping) and isinstance(then, Mapping):
        return all(key in now and contains(now[key], value) for key, value in then.items())
    return bool(now == then)


def lines(folder: Path, name: str) -> list[Any]:
    """The values of an NDJSON file."""
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("file", PICKLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_pickles_are_read(file: Path) -> None:
    """A pickle is the value that is built today, part by part."""
    # written by these tests
    assert parts(pickle.loads(file.read_bytes())) == parts(PICKLED[file.stem])  # noqa: S301


@per_version
@pytest.mark.parametrize("name", ["consents.ndjson", "consents_sdk.ndjson"])
def test_records_are_read(folder: Path, name: str) -> None:
    """A record comes off the wire as it went."""
    assert [parts(read_record(each, trusted=True)) for each in lines(folder, name)] == [
        parts(c) for c in ON_THE_WIRE
    ]


@per_version
def test_events_are_read(folder: Path) -> None:
    """So does an event."""
    assert [parts(read_event(each, trusted=True)) for each in lines(folder, "events.ndjson")] == [
        parts(event) for event in EVENTS
    ]


@per_version
def test_eligibilities_are_read(folder: Path) -> None:
    """So does an eligibility."""
    assert [read_eligibility(each) for each in lines(folder, "eligibilities.ndjson")] == list(
        ELIGIBILITIES
    )


@per_version
@pytest.mark.parametrize(
    "name", ["consents.ndjson", "consents_sdk.ndjson", "events.ndjson", "eligibilities.ndjson"]
)
def test_what_was_written_is_still_written(folder: Path, name: str) -> None:
    """Whoever reads the wire finds every field where it was, with the same content."""
    now = [json.loads(line) for line in texts()[name].splitlines()]
    assert all(contains(new, old) for new, old in zip(now, lines(folder, name), strict=True))


@per_version
def test_cursors_are_honoured(folder: Path) -> None:
    """A client may go on with a page after an upgrade."""
    by_date = page({"cursorPaging": {"cursor": (folder / "cursor_by_date.txt").read_text()}})
    of_filter = page({"cursorPaging": {"cursor": (folder / "cursor_of_filter.txt").read_text()}})
    assert [each["id"] for each in by_date["marketingConsent"]] == [str(REVOKED.id)]
    assert [each["id"] for each in of_filter["marketingConsent"]] == [str(REVOKED.id)]


@per_version
def test_links_are_honoured(folder: Path) -> None:
    """Links in mails of last year still work."""
    confirm, revoke = (
        (folder / f"token_{what}.txt").read_text() for what in ("confirmation", "revocation")
    )
    assert LINKS.read(confirm) == cc.LinkToken(
        cc.LinkType.CONFIRMATION, PENDING.id, STORED, PENDING.revision, "de-CH"
    )
    assert LINKS.read(revoke) == cc.LinkToken(
        cc.LinkType.REVOKE_CONFIRMATION, PENDING.id, STORED, PENDING.revision, None
    )


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlAlchemyRepository]:
    """A copy of the database that a version wrote."""
    engine = create_engine(f"sqlite:///{shutil.copy(request.param / DATABASE, tmp_path)}")
    yield SqlAlchemyRepository(engine, site=SITE)
    engine.dispose()


def test_a_database_is_read(repository: SqlAlchemyRepository) -> None:
    """Records and histories are those that were stored."""
    stored = repository.query(cc.Query()).consents
    assert [parts(consent) for consent in stored] == [parts(consent) for consent in RECORDS]
    assert repository.find([NEVER.details]) == {NEVER.details: NEVER}
    for consent_id, history in HISTORIES.items():
        assert repository.history(consent_id) == history
    assert len(repository.unpublished()) == len(EVENTS) - 1


def test_a_database_is_written_on(repository: SqlAlchemyRepository) -> None:
    """The tables take what this version writes, and hold their unique keys."""
    consents = cc.ConsentService(repository)
    left = consents.remove(CONFIRMED.details, cc.RevokeActivity(source=cc.RevokeSource.FORM))
    assert (left.consent.id, left.consent.revision) == (CONFIRMED.id, CONFIRMED.revision + 1)
    assert consents.delete(NEVER.id).sequence == NEVER.revision + 1
    assert {consent.id for consent in consents.query()} == {CONFIRMED.id, REVOKED.id}


@per_version
def test_public_names_stay(folder: Path) -> None:
    """Within a major version nothing public goes, and nothing that was there asks for more."""
    written = json.loads((folder / "surface.json").read_text("utf-8"))
    if folder.name.partition(".")[0] != VERSION.partition(".")[0]:
        pytest.skip("another major version")
    assert set(written["promises"]) - set(promises()) == set()
    asked = demands()
    assert {name: set(asked[name]) - set(then) for name, then in written["demands"].items()} == {
        name: set() for name in written["demands"]
    }


def test_this_version_has_written(tmp_path: Path) -> None:
    """No version is released without its files, and none of them is missing."""
    write(tmp_path)
    assert {file.name for file in (WRITTEN / VERSION).iterdir()} == {
        file.name for file in tmp_path.iterdir()
    }


def test_every_public_value_is_pickled() -> None:
    """A class of values or errors that becomes public is pickled from then on."""
    public = (getattr(cc, name) for name in cc.__all__)
    kinds = [kind for kind in public if isinstance(kind, type)]
    # Identifier is what e-mail addresses and phone numbers share: no value is one and neither of
    # them.
    values = {kind for kind in kinds if attrs.has(kind) or issubclass(kind, (Exception, tuple))} - {
        cc.Identifier
    }
    assert values - {type(value) for value in PICKLED.values()} == set()
