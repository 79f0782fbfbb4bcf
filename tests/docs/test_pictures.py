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
from tests.docs.markdown import ROOT, blocks, pages, prose
from tests.docs.pictures import IMAGES, PICTURES, lifecycle
from tests.docs.pictures.floors import drawn, read
from tests.docs.pictures.flow import FLOW
from tests.docs.pictures.race import messages_and_record
from tests.docs.pictures.sequence import Message, sequence
from tests.docs.pictures.stories import CONFIRMED, REVOKED, STORIES, Story
from tests.docs.pictures.svg import DARK, FAINT, PAPER, box


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_well_formed_and_has_a_background(name: str) -> None:
    """Any viewer reads it: it has a title and its own background."""
    image = ET.fromstring(IMAGES[name]())  # noqa: S314  # drawn by ourselves
    title, background = image[:2]
    assert title.text
    assert background.attrib["fill"] == PAPER
    assert [background.attrib[side] for side in ("width", "height")] == image.attrib[
        "viewBox"
    ].split()[2:]


@pytest.mark.parametrize("name", IMAGES)
def test_every_colour_of_an_image_has_one_for_dark_screens(name: str) -> None:
    """No colour of the light scheme is left on a dark screen."""
    drawing = IMAGES[name]().partition("</style>")[2]
    assert set(re.findall("#[0-9a-f]{6}", drawing)) <= DARK.keys()


def test_no_page_needs_the_network_for_a_picture() -> None:
    """Every picture is a file beside the pages; none is drawn by a script in the browser."""
    for page in pages():
        if page.name != "README.md":
            assert not blocks(page, "mermaid"), page
            assert not re.search(r"!\[[^\]]*\]\(https?:", prose(page)), page


def test_a_box_refuses_words_that_stand_out() -> None:
    """A picture that cannot be read is not drawn."""
    with pytest.raises(ValueError, match="too long for a box of 100"):
        box(0, 0, 100, ["much too long for it"], fill="#ffffff", frame=FAINT)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_ends_as_its_evidence_says(story: Story) -> None:
    """The latest grant against the latest revocation decides.

    The last write would decide otherwise on the way.
    """
    latest = max(story.arrivals, key=lambda each: each.happened)
    by_evidence = story.steps(cc.Ordering.BY_EVIDENCE)
    assert by_evidence[-1].state is latest.state
    granted = [step.granted for step in by_evidence]
    assert granted != [step.granted for step in story.steps(cc.Ordering.LAST_WRITE)]
    assert any(step.kept for step in by_evidence)


def test_whoever_wins_the_race_the_record_is_the_same() -> None:
    """Both orders of turns meet one conflict and end in one record."""
    (first, one), (second, other) = messages_and_record("A", "B"), messages_and_record("B", "A")
    assert _conflicts(first) == _conflicts(second) == 1
    assert one.state is other.state is REVOKED
    assert one.last_confirmation_activity == other.last_confirmation_activity
    assert one.last_revoke_activity == other.last_revoke_activity
    assert one.revision == other.revision == 2


def _conflicts(messages: list[Message]) -> int:
    return sum("Conflict" in line for message in messages for line in message.lines)


def test_the_floors_are_drawn_as_they_import() -> None:
    """What can be reached in the picture is what the package imports, and no more than its floors
    allow.
    """
    below, _ = read()
    arrows = drawn()
    imported = {(floor, other) for floor, others in below.items() for other in others}
    assert imported
    assert arrows <= imported
    assert imported <= _closed(arrows)
    assert IMAGES["floors.svg"]().count("<polygon") == len(arrows)
    assert all(other in FLOORS[floor].below for floor, others in below.items() for other in others)


def _closed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """With every arrow that follows from two others."""
    more = arrows | {(a, d) for a, b in arrows for c, d in arrows if b == c}
    return arrows if more == arrows else _closed(more)


def test_an_upsert_goes_the_way_that_is_drawn() -> None:
    """Every step of the diagram is called, in the order of the diagram."""
    wanted = {
        step.function.replace("application.ports:", "application.memory:Memory"): step.function
        for step in FLOW
    }
    called = [wanted[name] for name in _called_by_an_upsert() if name in wanted]
    assert list(dict.fromkeys(called)) == [step.function for step in FLOW]


def _called_by_an_upsert() -> Iterator[str]:
    """The functions of the package that an upsert calls, as ``module:name``."""
    names: list[str] = []

    def listen(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.append(f"{frame.f_globals.get('__name__')}:{frame.f_code.co_qualname}")

    details = {"type": "EMAIL", "email": "ada@example.org"}
    record = {
        "details": details,
        "state": CONFIRMED,
        "lastConfirmationActivity": {"source": "FORM"},
    }
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


def test_the_matrix_says_what_the_contract_says() -> None:
    """Section 4.3 of the contract has the same cells.

    Unchanged, kept, or taken, perhaps under a condition.
    """
    contract = _cells(
        (ROOT / "docs/reference/contract.md").read_text("utf-8").partition("### 4.3")[2]
    )
    cells = _cells(PICTURES["lifecycle-matrix"]())
    assert cells.keys() == contract.keys()
    for requested, row in cells.items():
        assert [_kind(cell) for cell in row] == [_kind(cell) for cell in contract[requested]], (
            requested
        )


def _cells(text: str) -> dict[str, list[str]]:
    """The rows of the first table in a text, by their first cell."""
    table = text[text.index("| requested") :].partition("\n\n")[0].replace("<wbr>", "")
    lines = table.splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


def _kind(cell: str) -> str:
    return cell.partition(":")[0] if cell.startswith(("kept", "unchanged")) else "taken"


def test_the_conditions_of_the_matrix_are_those_of_the_contract() -> None:
    """Where the contract names a condition, so does the matrix."""
    contract = _cells(
        (ROOT / "docs/reference/contract.md").read_text("utf-8").partition("### 4.3")[2]
    )
    cells = _cells(PICTURES["lifecycle-matrix"]())
    named = [
        (requested, place)
        for requested, row in contract.items()
        for place, cell in enumerate(row)
        if ":" in cell
    ]
    assert named
    assert all(" if " in cells[requested][place] for requested, place in named)


def test_the_picture_has_every_move_that_evidence_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A move of the chart without a place in the picture is an error.

    So is a place without a move.
    """
    picture = IMAGES["lifecycle.svg"]()
    assert picture.count("<polygon") == len(lifecycle.MOVES) == 8
    monkeypatch.delitem(lifecycle.MOVES, (CONFIRMED, REVOKED))
    with pytest.raises(ValueError, match="only in the chart or only in the picture"):
        IMAGES["lifecycle.svg"]()


def test_a_message_that_is_too_long_is_refused() -> None:
    """A sequence diagram that cannot be read is not drawn."""
    with pytest.raises(ValueError, match="too long for 100"):
        sequence(
            "Two.",
            {"a": ("a",), "b": ("b",)},
            [Message("a", "b", ("much too long for it",))],
            column=100,
        )
