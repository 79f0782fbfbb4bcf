"""Writes what this version promises that later ones read.

``python -m tests.release.write``, once for each release.

What a version wrote is never written again: only files that are missing are added.
"""

import json
import pickle
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine

import consent_core as cc
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.links import SignedLinks
from consent_core.rest import TRUSTED, Request, handle
from consent_core.wire import Names, to_wire
from tests.release.surface import demands, promises
from tests.release.values import (
    DELETED,
    ELIGIBILITIES,
    HISTORIES,
    PENDING,
    PICKLED,
    RECORDS,
    STORED,
)

WRITTEN: Final = Path(__file__).parent / "written"
"""One folder for each version."""

VERSION: Final = version("consent_core")
SITE: Final = "acme"
DATABASE: Final = "consents.sqlite"
LINKS: Final = SignedLinks(
    "https://example.org/consent", keys=["a key of these tests, and long enough"]
)
ON_THE_WIRE: Final = (PENDING, *RECORDS)
EVENTS: Final = (*(event for history in HISTORIES.values() for event in history), DELETED)


def store(repository: cc.Repository) -> None:
    """Store the records, one event after the other."""
    for history in HISTORIES.values():
        for event in history:
            assert not isinstance(event, cc.ConsentDeleted)
            repository.commit(
                [cc.Change(event.consent.details, event.sequence - 1, event.consent, (event,))]
            )


def page(query: dict[str, Any]) -> dict[str, Any]:
    """The answer to a query over HTTP."""
    repository = cc.MemoryRepository()
    store(repository)
    request = Request("POST", "/v1/marketing-consent/query", body={"query": query}, scopes=TRUSTED)
    return handle(cc.ConsentService(repository), request).body


def texts() -> dict[str, str]:
    """The text files, by name."""
    newest = {"sort": [{"fieldName": "updatedDate", "order": "DESC"}], "cursorPaging": {"limit": 2}}
    confirmed = {
        "filter": {"state": {"$in": ["CONFIRMED", "REVOKED"]}},
        "cursorPaging": {"limit": 1},
    }
    return {
        "consents.ndjson": _lines(to_wire(consent) for consent in ON_THE_WIRE),
        "consents_sdk.ndjson": _lines(to_wire(consent, names=Names.SDK) for consent in ON_THE_WIRE),
        "events.ndjson": _lines(to_wire(event) for event in EVENTS),
        "eligibilities.ndjson": _lines(to_wire(eligibility) for eligibility in ELIGIBILITIES),
        "cursor_by_date.txt": page(newest)["pagingMetadata"]["cursors"]["next"],
        "cursor_of_filter.txt": page(confirmed)["pagingMetadata"]["cursors"]["next"],
        "token_confirmation.txt": _token(cc.LinkType.CONFIRMATION),
        "token_revocation.txt": _token(cc.LinkType.REVOKE_CONFIRMATION),
        "surface.json": json.dumps({"promises": promises(), "demands": demands()}, indent=1) + "\n",
    }


def write(folder: Path) -> None:
    """Write the files that a folder lacks.

    Args:
        folder: made where it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {name: text.encode() for name, text in texts().items()}
    contents |= {
        f"{name}.pickle": pickle.dumps(value, protocol=5) for name, value in PICKLED.items()
    }
    for name, content in contents.items():
        if not (folder / name).exists():
            (folder / name).write_bytes(content)
    if not (folder / DATABASE).exists():
        engine = create_engine(f"sqlite:///{folder / DATABASE}")
        create_schema(engine)
        store(SqlAlchemyRepository(engine, site=SITE))
        engine.dispose()


def _lines(values: Iterable[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values)


def _token(link_type: cc.LinkType) -> str:
    language = "de-CH" if link_type is cc.LinkType.CONFIRMATION else None
    return LINKS.issue(link_type, PENDING, now=STORED, language=language).url.partition("token=")[2]


if __name__ == "__main__":
    write(WRITTEN / VERSION)
