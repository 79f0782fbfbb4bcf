"""The README stays short, begins with the short calls, and leads to what exists."""

import re
import sys
from typing import Final

from tests.cli.terminal import on_a_terminal, without_bar
from tests.docs.markdown import ROOT, blocks

README: Final = ROOT / "README.md"
EXAMPLE: Final = ROOT / "docs" / "examples" / "consents.ndjson"


def test_it_has_at_most_150_lines() -> None:
    """What is longer belongs on a page of its own."""
    assert len(README.read_text("utf-8").splitlines()) <= 150


def test_the_first_example_fits_on_a_third_of_a_screen() -> None:
    """It shows the short calls; 20 lines of at most 84 characters."""
    lines = blocks(README, "python")[0].splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 84
    for call in ("request_opt_in", "opt_in", "opt_out", "may_contact"):
        assert any(f"consents.{call}(" in line for line in lines)


def test_it_names_places_in_the_code_that_exist() -> None:
    """What stands in backticks and looks like a place in the package is one."""
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?|\w+\.py)`", README.read_text("utf-8"))
    assert named
    assert [name for name in named if not (ROOT / "consent_core" / name).exists()] == []


def test_it_shows_what_the_example_answers() -> None:
    """The table of the section "Run it" is on the terminal, and the sum is the last line."""
    command = [sys.executable, "-m", "consent_core", "apply", str(EXAMPLE)]
    shown = without_bar(on_a_terminal(command, output_too=True).terminal)
    heading, *rows = blocks(README, "text")[0].splitlines()
    assert heading in shown
    assert "\n".join(rows) in shown
    said = re.search(r"`(\d+ lines: [^`]+)`", README.read_text("utf-8"))
    assert said is not None
    assert shown.endswith(f"{said[1]}\n")
