"""A broken file names its line, and nothing is stored."""

import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    ConsentDeleted,
    InvalidConsent,
    MemoryRepository,
)
from consent_core.moving import restore
from consent_core.testing.strategies import MOMENT
from tests.adapters.moving import (
    END_OF_TOMBSTONE,
    HEADER,
    TOMBSTONE,
    lived,
)


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
