"""The README stays short, begins with the short calls, and leads to what exists."""

import re
from typing import Final

from tests.docs.markdown import ROOT, blocks

README: Final = ROOT / "README.md"


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
