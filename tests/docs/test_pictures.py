"""The pictures say what is true: of the imports, of the calls, and of the stories."""

import re
import sys
from collections.abc import Iterator
from types import FrameType
from xml.etree import ElementTree as ET

import pytest

import consent_core as cc
from consent_core.domain.lifecycle import REASONS
from consent_core.rest import TRUSTED, Request, handle
from tests.architecture.floors import FLOORS
from tests.docs.pictures import IMAGES, PICTURES
from tests.docs.pictures.floors import read
from tests.docs.pictures.flow import FLOW
from tests.docs.pictures.race import told
from tests.docs.pictures.stories import CONFIRMED, REVOKED, STORIES, Story
from tests.docs.pictures.svg import FAINT, box


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_well_formed_and_white_behind(name: str) -> None:
    """Any viewer reads it, in light and in dark."""
    image = ET.fromstring(IMAGES[name]())  # noqa: S314  # drawn by ourselves
    title, background = image[:2]
    assert title.text == STORIES[name.removesuffix(".svg")].title
    assert background.attrib["fill"] == "#ffffff"
    assert [background.attrib[side] for side in ("width", "height")] == image.attrib["viewBox"].split()[2:]


def test_a_box_refuses_words_that_stand_out() -> None:
    """A picture that cannot be read is not drawn."""
    with pytest.raises(ValueError, match="too long for a box of 100"):
        box(0, 0, 100, ["much too long for it"], fill="#ffffff", frame=FAINT)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_ends_as_its_evidence_says(story: Story) -> None:
    """The latest grant against the latest revocation decides; the last write would decide otherwise on the way."""
    latest = max(story.arrivals, key=lambda each: each.happened)
    told_by_evidence = story.told(cc.Ordering.BY_EVIDENCE)
    assert told_by_evidence[-1].state is latest.state
    granted = [step.granted for step in told_by_evidence]
    assert granted != [step.granted for step in story.told(cc.Ordering.LAST_WRITE)]
    assert any(step.kept for step in told_by_evidence)


def test_whoever_wins_the_race_the_record_is_the_same() -> None:
    """Both orders of turns meet one conflict and end in one record."""
    (first, one), (second, other) = told("A", "B"), told("B", "A")
    assert sum("Conflict" in line for line in first) == sum("Conflict" in line for line in second) == 1
    assert one.state is other.state is REVOKED
    assert one.last_confirmation_activity == other.last_confirmation_activity
    assert one.last_revoke_activity == other.last_revoke_activity
    assert one.revision == other.revision == 2


def test_the_floors_are_drawn_as_they_import() -> None:
    """What can be reached in the diagram is what the package imports, and no more than its floors allow."""
    below, _ = read()
    drawn = {(a, b) for a, b in re.findall(r"(\w+) --> (\w+)", PICTURES["floors"]())}
    imported = {(_node(floor), _node(other)) for floor, others in below.items() for other in others}
    assert imported
    assert drawn <= imported
    assert imported <= _closed(drawn)
    assert all(other in FLOORS[floor].below for floor, others in below.items() for other in others)


def _node(floor: str) -> str:
    return floor.replace(".", "_")


def _closed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """With every arrow that follows from two others."""
    more = arrows | {(a, d) for a, b in arrows for c, d in arrows if b == c}
    return arrows if more == arrows else _closed(more)


def test_an_upsert_goes_the_way_that_is_drawn() -> None:
    """Every step of the diagram is called, in the order of the diagram."""
    wanted = {step.function.replace("application.ports:", "application.memory:Memory"): step.function for step in FLOW}
    called = [wanted[name] for name in _called_by_an_upsert() if name in wanted]
    assert list(dict.fromkeys(called)) == [step.function for step in FLOW]


def _called_by_an_upsert() -> Iterator[str]:
    """The functions of the package that an upsert calls, as ``module:name``."""
    names: list[str] = []

    def listen(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.append(f"{frame.f_globals.get('__name__')}:{frame.f_code.co_qualname}")

    details = {"type": "EMAIL", "email": "ada@example.org"}
    record = {"details": details, "state": CONFIRMED, "lastConfirmationActivity": {"source": "FORM"}}
    body = {"marketingConsent": record}
    request = Request("POST", "/v1/marketing-consent/upsert", body=body, scopes=TRUSTED)
    service = cc.ConsentService()
    sys.setprofile(listen)
    try:
        response = handle(service, request)
    finally:
        sys.setprofile(None)
    assert response.status == 200
    return (name.removeprefix("consent_core.") for name in names)


def test_the_tables_hold_the_whole_chart() -> None:
    """Thirty pairs of stored and requested state, and every guard."""
    rows = [line.split(" | ") for line in PICTURES["chart-moves"]().splitlines()[2:]]
    assert sum(len(stored.split(", ")) for _, stored, *_ in rows) == 30
    table = PICTURES["chart-guards"]()
    assert all(f"| `{guard.__name__}` |" in table for guard in REASONS)
