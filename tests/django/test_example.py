"""The example of the documents is whole, and as small as its page says."""

import os
import re
import subprocess
import sys

from tests.docs.markdown import ROOT
from tests.docs.shop import EXAMPLE, FILES

IMAGES = sorted((ROOT / "docs" / "images").glob("django-*.png"))


def test_its_tables_are_current() -> None:
    """The folder can be run as it is: the checks pass, and no migration is missing."""
    done = subprocess.run(
        [sys.executable, "-B", "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "No changes detected\n"), done.stderr


def test_its_page_shows_all_of_it() -> None:
    """Except what Django makes itself."""
    made = {"shop/__init__.py", "shop/migrations/__init__.py", "shop/migrations/0001_initial.py"}
    there = {
        str(path.relative_to(EXAMPLE))
        for path in EXAMPLE.rglob("*")
        if path.suffix in {".py", ".html"} and not {".venv", "__pycache__"} & {*path.parts}
    }
    assert there == {*FILES} | made


def test_the_bridge_to_the_library_is_short() -> None:
    """A shop writes its form, its mails and its models, and no adapter."""
    files = ("shop/models.py", "shop/views.py", "urls.py")
    lines = [line for file in files for line in (EXAMPLE / file).read_text("utf-8").splitlines()]
    written = [line for line in lines if line and not re.match(r"from |import |\)|    \w+,$", line)]
    assert len(written) <= 60
    settings = (EXAMPLE / "settings.py").read_text("utf-8")
    assert len(settings.partition("CONSENT_CORE = {")[2].splitlines()) <= 8


def test_pictures_are_small_and_shown() -> None:
    """``python -m tests.django.screenshots`` makes them."""
    page = (ROOT / "docs" / "howto" / "use-in-django.md").read_text("utf-8")
    assert [f"../images/{image.name}" in page for image in IMAGES] == [True] * 4
    assert max(image.stat().st_size for image in IMAGES) < 60_000
