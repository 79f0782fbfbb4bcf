"""The documents are true.

Their code runs, their generated parts are current, their links lead somewhere.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.generate import GENERATORS
from tests.docs.markdown import ROOT, WIDTH, blocks, generated, pages, printed, prose, steps, typed
from tests.docs.pictures import IMAGES

PYTHON = [
    pytest.param(code, id=f"{page.relative_to(ROOT)}-{number}")
    for page in pages()
    for number, code in enumerate(blocks(page, "python"))
]


@pytest.mark.parametrize("code", PYTHON)
def test_every_python_block_runs(code: str) -> None:
    """A block is a whole program: it imports what it uses and asserts what it claims."""
    # that is the test
    exec(compile(code, "<documentation>", "exec"), {"__name__": "__main__"})  # noqa: S102


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_no_code_is_cut_off_on_the_site(page: Path) -> None:
    """The site shows 84 columns of code. What programs print may be wider: it is shown as it is."""
    code = [
        *blocks(page, "python"),
        *blocks(page, "sh"),
        *(text for name, text in steps(page) if name and name.endswith(".py")),
    ]
    assert [line for each in code for line in each.splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize(
    ("program", "output"), [pair for page in pages() for pair in printed(page)]
)
def test_output_is_what_the_page_shows(
    program: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program followed by a block of text prints that text."""
    # as above
    exec(compile(program, "<documentation>", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert capsys.readouterr().out == output


@pytest.mark.parametrize(
    "page", [page for page in pages() if steps(page)], ids=lambda page: page.name
)
def test_what_a_page_tells_to_do_answers_as_it_shows(page: Path, tmp_path: Path) -> None:
    """Files are saved and commands typed, in order, in one new folder.

    ``...`` stands for anything within a line.
    """
    commands = 0
    for name, text in steps(page):
        if name is not None:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
            continue
        assert text.startswith("$ "), "a transcript begins with a command"
        for command, output in typed(text):
            commands += 1
            shown = re.escape(output).replace(re.escape("..."), ".*")
            answer = _answer(command, tmp_path)
            assert re.fullmatch(shown, answer), f"$ {command}\n{answer}"
    assert commands, "a file that no command uses proves nothing"


def _answer(command: str, folder: Path) -> str:
    """What a command prints, when ``python`` is this Python."""
    command = re.sub(r"\bpython\b(?= )", shlex.quote(sys.executable), command)
    # CI: hypothesis then draws the same examples every time, and sets them no deadline.
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "CI": "1",
    }
    done = subprocess.run(  # noqa: S602  # our own pages
        command,
        shell=True,
        cwd=folder,
        env=environment,
        check=False,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.stdout


@pytest.mark.parametrize(
    "page", [page for page in pages() if generated(page)], ids=lambda page: page.name
)
def test_generated_parts_are_current(page: Path) -> None:
    """What is generated equals what the code generates now."""
    for name, body in generated(page).items():
        assert body == GENERATORS[name]()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_are_whole(page: Path) -> None:
    """Every row of a table has as many cells as its head, so no cell broke into lines."""
    for table in re.findall(r"(?:^\|.*\n)+", prose(page), re.MULTILINE):
        rows = table.splitlines()
        assert re.fullmatch(r"(\|[ :]*-+[ :]*)+\|", rows[1]), table
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, table


@pytest.mark.parametrize("name", IMAGES)
def test_generated_images_are_current(name: str) -> None:
    """What is drawn from the code equals what the code draws now."""
    assert (ROOT / "docs" / "images" / name).read_text("utf-8") == IMAGES[name]()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    """A relative link names a file or folder that exists."""
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", prose(page)):
        assert (page.parent / target).exists(), target
